// How good a translation is: the book's sentence score, corpus BLEU and chrF as sacreBLEU computes
// them, and the share of sentences that are exactly right.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "data/pair.h"
#include "data/significance.h"
#include "tensor/shape.h"

namespace babelgrad {

// D2L 10.7.8 Evaluation of Predicted Sequences
// Eq. (10.7.4), in 0..1: exp(min(0, 1 - len_label / len_pred)) times p_n^(1/2^n) for n = 1 .. k.
// Words are parted by single spaces. Error: k < 1.
// Departs from D2L (D9): it is not called BLEU in any output; that is corpus_bleu below.
double bleu(std::string_view pred_seq, std::string_view label_seq, int k);

enum class BleuTokens { mteval_13a, none };     // none: the text is split at blanks only

std::string tokenize_13a(std::string_view line);  // mteval-v13a's, joined with spaces

struct BleuScore {
  double score = 0;                             // 0 .. 100
  std::array<double, 4> precisions = {};        // in percent, smoothed
  double bp = 1;                                // brevity penalty
  Index hyp_len = 0, ref_len = 0;
  std::array<Index, 4> counts = {}, totals = {};  // n-grams matched, n-grams there are
  int num_refs = 1;                             // -1: it varies
  BleuTokens tokens = BleuTokens::mteval_13a;
  SentenceCounts sentences = {};                // hyp_len, ref_len, counts, totals of each

  // BLEU|nrefs:1|case:mixed|eff:no|tok:13a|...; casing: lc if both sides are small letters only.
  std::string signature(const char* casing = "mixed") const;
  std::string verbose() const;                  // 75.0/50.0/... (BP = 1.000 ratio = ... )
};

// Papineni et al. 2002, exponential smoothing: the counts of all sentences make one score.
// refs[i] are one or more; an empty one counts as none. Error: no sentences, or one without any.
BleuScore corpus_bleu(const std::vector<std::string>& hyps, const std::vector<std::string>& refs,
                      BleuTokens tokens = BleuTokens::mteval_13a);
BleuScore corpus_bleu(const std::vector<std::string>& hyps, const std::vector<Tokens>& refs,
                      BleuTokens tokens = BleuTokens::mteval_13a);

// The share of sentences, 0 .. 1, that equal their reference, or any of them. Errors as above.
double exact_match(const std::vector<std::string>& hyps, const std::vector<std::string>& refs);
SentenceCounts exact_matches(const std::vector<std::string>& hyps, const std::vector<Tokens>& refs);

// chrF goes by characters rather than words. A word with another ending is then nearly right.
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
