// Number words, English and French, by rules of both languages at once like those of data/rules.h.
// French counts as in France: soixante et onze, quatre-vingts, quatre-vingt-un. Hyphens are left
// out, so that quatre, vingt and dix are the same words wherever they stand: quatre vingt dix.
//
// Gold links. Sure: words that translate each other, all of them: ninety with quatre, vingt and
// dix; onze in soixante et onze with seventy and with one. Possible: what one language only
// implies: et with the words around it; mille and the cent of one hundred with one.
#pragma once

#include "data/pair.h"

namespace babelgrad {

constexpr int largest_number = 999999999;
constexpr int longest_number = 14;              // in English words: 777,777,777

// Tags: et, fused (onze to seize after soixante or quatre-vingt), implied-one (cent, mille),
// plural (cents, quatre-vingts, millions), vigesimal (70 to 99). Error beyond 0 to largest_number.
Pair number_pair(int number);

// How many numbers have `length` English words, 1 to longest_number; and the one of a rank, which
// is from 0 to below their count and does not follow their size. Error for any other.
int count_numbers(int length);
int number_of(int length, int rank);

}  // namespace babelgrad
