// Word alignments: the Pharaoh text format, the error rate of one against a gold standard, and the
// floors that a learned alignment or translation must beat.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/pair.h"
#include "tensor/shape.h"

namespace babelgrad {

// "0-0 1-2 3?4": source-target, counted from 0; `-` a sure link, `?` a possible one.
std::string pharaoh(const std::vector<Link>& links);
// Sorted, each once (sure if said so once). Error for anything else or a word beyond the lengths.
std::vector<Link> parse_pharaoh(std::string_view line, int src_len, int tgt_len);

// Alignment error rate of proposed links A against sure S and possible P, which contains S:
//   AER = 1 - (|A ∩ S| + |A ∩ P|) / (|A| + |S|) over a corpus; 0 is perfect (Och & Ney 2003)
struct AerCount {
  Index in_sure = 0, in_possible = 0, proposed = 0, sure = 0;
  void add(const std::vector<Link>& candidate, const std::vector<Link>& gold);
  double aer() const;                           // 0 when there was nothing to align
};

double aer(const std::vector<Link>& candidate, const std::vector<Link>& gold);

// One link per target word, to the source word at the same relative place: the floor for AER.
std::vector<Link> diagonal(int src_len, int tgt_len);

// One link per target word, to the source word of largest weight (the first of equals).
// weights: target x source. Error unless every row has the same, positive, number of sources.
std::vector<Link> links_from_attention(const std::vector<std::vector<double>>& weights);

// Translates word by word in source order, each source word by the target words that its sure gold
// links most often gave it: what a dictionary alone achieves. Words never seen are copied.
class LexiconFloor {
 public:
  void learn(const Pair& pair);
  Tokens translate(const Tokens& src) const;

 private:
  std::map<std::string, std::map<Tokens, Index>> seen_;
};

}  // namespace babelgrad
