// Tasks small enough to be understood at a glance, in the interface of the grammar's corpus. They
// part what a translation mixes: copying asks for memory alone, reversing, sorting and swapping
// halves for order too, number words for words that depend on their neighbours.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/pair.h"

namespace babelgrad {

// --- symbols

// A source with its target; each symbol is linked to where it has gone. Tags: duplicates (some
// symbol occurs twice), reordering (links cross).
Pair copy_pair(const Tokens& src);
Pair reverse_pair(const Tokens& src);
// In order of bytes. Equal symbols stay in order; each is possibly linked to the others' places.
Pair sort_pair(const Tokens& src);
// a b c d -> c d a b; a middle one stays: a b c d e -> d e c a b.
Pair swap_pair(const Tokens& src);

// --- number words

// English and French, by rules for both languages at once, like those in data/rules.h.
// French counts as in France: soixante et onze, quatre-vingts, quatre-vingt-un. Hyphens are left
// out, so that quatre, vingt and dix are the same words wherever they stand: quatre vingt dix.
//
// Gold links. Sure: words that translate each other, all of them: ninety with quatre, vingt and
// dix; onze in soixante et onze with seventy and with one. Possible: what one language only
// implies: et with the words around it; mille and the cent of one hundred with one.
constexpr int largest_number = 999999999;
constexpr int longest_number = 14;              // in English words: 777,777,777

// Tags: et, fused (onze to seize after soixante or quatre-vingt), implied-one (cent, mille),
// plural (cents, quatre-vingts, millions), vigesimal (70 to 99). Error beyond 0 to largest_number.
Pair number_pair(int number);

// How many numbers have `length` English words, 1 to longest_number; and the one of a rank, which
// is from 0 to below their count and does not follow their size. Error for any other.
int count_numbers(int length);
int number_of(int length, int rank);

// --- the corpus of a task

struct CorpusOptions {
  std::string task = "grammar";                 // one of task_names()
  int pairs = 20000;                            // with distinct sources
  std::uint64_t seed = 0;
  int min_length = 3, max_length = 40;          // source tokens, within lengths_of(task)
  int alphabet = 26;                            // symbols of copy, reverse, sort, swap; 2 to 676
  bool ambiguous = false;                       // the grammar's; see data/grammar.h
};

struct Lengths { int low, high; };

std::vector<std::string> task_names();          // grammar, copy, reverse, sort, swap, numbers
bool has_alphabet(const std::string& task);
Lengths lengths_of(const std::string& task);    // what a task can make; error: no such task

// The same pairs for the same options, on every machine; split_of() says where each belongs. Every
// length is drawn as often as any other (of the grammar: every band) until it has no source left.
// Error for lengths or an alphabet out of range, and if there are fewer sources than asked for.
std::vector<Pair> built_in_corpus(const CorpusOptions& options);

}  // namespace babelgrad
