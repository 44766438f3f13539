// A vocabulary: word <-> id. Special tokens are ids, not spellings: a word of a text that reads
// "<pad>" is an unknown word like any other, so that no text can inject one.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/pair.h"

namespace babelgrad {

inline constexpr std::string_view unk_token = "<unk>", pad_token = "<pad>", bos_token = "<bos>",
                                  eos_token = "<eos>";

struct VocabOptions {
  int min_freq = 1;                             // rarer words are <unk>
  int max_size = 0;                             // entries at most, special ones included; 0: all
};

// D2L 10.5.3 Loading Sequences of Fixed Length
// Departs from D2L (D7): the special tokens have fixed ids and are not counted, the others come by
// frequency, and only training sentences are counted; Vocab::book() counts and orders as the book.
class Vocab {
 public:
  Vocab() : Vocab(std::vector<Tokens>()) {}     // the special tokens alone
  // <unk> 0, <pad> 1, <bos> 2, <eos> 3, then words by falling frequency, ties in byte order.
  explicit Vocab(const std::vector<Tokens>& sentences, VocabOptions options = {});
  // As stored: word i has id i. Error: an entry twice, empty, with a blank, not UTF-8; a special
  // token missing (<bos> may: a source vocabulary of the book has none).
  static Vocab from_words(Tokens words);
  // The book's: the special tokens and every word of min_freq or more, in byte order, counted after
  // cutting to num_steps tokens with <eos>. Targets have a <bos>.
  static Vocab book(const std::vector<Tokens>& sentences, int num_steps, bool target,
                    int min_freq = 2);

  int size() const { return int(words_.size()); }
  int unk() const { return unk_; }
  int pad() const { return pad_; }
  int eos() const { return eos_; }
  int bos() const;                              // error when it has none
  std::vector<int> never_said() const;          // <pad>, <bos>: places in a batch, no words
  bool is_special(int id) const { return id == unk_ || id == pad_ || id == bos_ || id == eos_; }

  int operator[](std::string_view word) const;  // unk() for unknown words and for "<pad>"
  bool contains(std::string_view word) const;   // does this word of a text have an id of its own?
  std::vector<int> ids(const Tokens& tokens) const;

  const std::string& word(int id) const;        // error: no such id
  Tokens words(const std::vector<int>& ids) const;
  const Tokens& words() const { return words_; }
  friend bool operator==(const Vocab& a, const Vocab& b) { return a.words_ == b.words_; }

 private:
  struct Listed {};
  Vocab(Tokens words, Listed);                  // from_words
  int special(std::string_view token) const;    // -1: not here

  Tokens words_;
  std::map<std::string, int, std::less<>> index_;  // the special tokens are not in it
  int unk_ = -1, pad_ = -1, bos_ = -1, eos_ = -1;
};

}  // namespace babelgrad
