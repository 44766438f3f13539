// How good a translation is: the book's sentence score, corpus BLEU as sacreBLEU computes it, and
// the share of sentences that are exactly right.
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

// --- references, for every metric
std::vector<Tokens> one_each(const std::vector<std::string>& refs);
// Those that are not empty. Error "name: ...": no sentences, other numbers of them, one without.
std::vector<Tokens> given_references(const char* name, const std::vector<std::string>& hyps,
                                     const std::vector<Tokens>& refs);
int references_each(const std::vector<Tokens>& refs);     // -1: it varies

}  // namespace babelgrad
