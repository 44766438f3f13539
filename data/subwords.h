// Subwords (Sennrich, Haddow and Birch 2016): rare words become pieces that are frequent, so that
// hardly a word is unknown. Byte-pair encoding begins with single letters and merges the most
// frequent pair of neighbours, again and again; the files are subword-nmt's.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/pair.h"
#include "tensor/random.h"

namespace babelgrad {

inline constexpr std::string_view piece_mark = "@@";           // the word goes on: lo@@ wer

class Subwords {
 public:
  Subwords() = default;                         // without merges: words stay whole
  // So many merges, fewer if no pair is left that occurs min_freq times. Ties go to the pair that
  // is last in byte order, as subword-nmt has them. Error: merges < 1.
  static Subwords learn(const std::vector<Tokens>& sentences, int merges, int min_freq = 2);
  // `#version: 0.2`, then a merge a line, its symbols between spaces; blank lines may end it. Error
  // `NAME:LINE: ...`: another version, a line that is not two symbols, or no UTF-8.
  static Subwords read(std::string_view file, const std::string& name);
  std::string file() const;

  int merges() const { return int(merges_.size()); }
  bool empty() const { return merges_.empty(); }

  using Known = std::function<bool(const std::string& piece)>;
  // {"lower"} -> {"lo@@", "wer"}. Pieces that are not known come apart again, merge by merge, as
  // far as letters: what is left of a frequent word when its forms were merged on, may stand
  // nowhere in the text learnt from. Without `known` all are.
  Tokens encode(const Tokens& words, const Known& known = {}) const;
  // BPE dropout (Provilkov, Emelianenko and Voita 2020): each possible merge is passed over with
  // chance p each time it is looked at, so that a word is seen in many ways.
  Tokens encode(const Tokens& words, double p, Random& random, const Known& known = {}) const;

  friend bool operator==(const Subwords& a, const Subwords& b) { return a.merges_ == b.merges_; }

 private:
  struct Merge {
    std::string left, right;                    // a word's last letter carries </w>
    friend bool operator==(const Merge&, const Merge&) = default;
  };
  struct Found { int rank, symbol; };           // of a pair: when it is merged, and into what

  void add(const Merge& merge);
  int symbol(const std::string& letters);       // its number, a new one if need be
  Tokens symbols_of(const std::string& word, double p, Random* random) const;
  std::vector<std::size_t> first_learnt(const std::vector<int>& symbols, double p, Random* random,
                                        int& joined) const;
  void spell(const std::string& symbol, bool last, const Known& known, Tokens& pieces) const;
  Tokens spell(const Tokens& words, double p, Random* random, const Known& known) const;

  std::vector<Merge> merges_;
  std::vector<std::string> symbols_;
  std::unordered_map<std::string, int> numbers_, made_by_;     // made_by_: which merge
  std::unordered_map<std::uint64_t, Found> pairs_;
};

// {"lo@@", "wer"} -> {"lower"}. A mark at the end of the sentence is dropped.
Tokens join_pieces(const Tokens& pieces);

}  // namespace babelgrad
