// chrF: how good a translation is, by its characters rather than its words. A word with another
// ending is then nearly right.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "data/pair.h"
#include "data/significance.h"

namespace babelgrad {

struct ChrfScore {
  static constexpr int orders = 6;              // character n-grams of n = 1 .. 6
  double score = 0;                             // 0 .. 100
  std::array<Index, orders> hyp_counts = {}, ref_counts = {}, matches = {};
  int num_refs = 1;                             // -1: it varies
  SentenceCounts sentences = {};                // hyp, ref and matches of each order in turn

  // chrF2|nrefs:1|case:mixed|eff:yes|nc:6|...
  std::string signature(const char* casing = "mixed") const;
};

// Popović 2015, 2016, as sacreBLEU computes chrF2: with P and R the means of precision and recall
// over the orders of which both sides have n-grams, 100 (1 + β²) P R / (β² P + R), β = 2. Blanks do
// not count, characters are code points. The counts of all sentences make one score; of several
// references, a sentence counts the one with its best chrF, the first of equals.
// refs[i] are one or more; an empty one counts as none. Error: no sentences, or one without any.
ChrfScore corpus_chrf(const std::vector<std::string>& hyps, const std::vector<std::string>& refs);
ChrfScore corpus_chrf(const std::vector<std::string>& hyps, const std::vector<Tokens>& refs);

}  // namespace babelgrad
