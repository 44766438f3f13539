#include "data/chrf.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "data/bleu.h"
#include "data/text.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

constexpr std::size_t orders = ChrfScore::orders;
using GramCounts = std::array<Index, 3 * orders>;   // hyp, ref, matches for n = 1, 2, ...

// A malformed byte is a character of its own, one that no text can spell (a low surrogate).
std::u32string without_blanks(std::string_view text) {
  std::u32string out;
  each_code_point(text, [&](int c, std::string_view bytes) {
    if (c < 0) out += char32_t(0xDC00 + static_cast<unsigned char>(bytes[0]));
    else if (!is_blank(char32_t(c))) out += char32_t(c);
  });
  return out;
}

// The n-grams of each order, sorted, each as often as it occurs.
struct CharGrams {
  std::u32string text;
  std::array<std::vector<std::u32string_view>, orders> of;

  explicit CharGrams(std::string_view sentence) : text(without_blanks(sentence)) {
    for (std::size_t n = 1; n <= orders; n++) {
      for (std::size_t i = 0; i + n <= text.size(); i++)
        of[n - 1].push_back(std::u32string_view(text).substr(i, n));
      std::ranges::sort(of[n - 1]);
    }
  }
  CharGrams(const CharGrams&) = delete;                 // the views look at this text
};

// Of two sorted lists, what is in both, as often as in both.
Index common_grams(const std::vector<std::u32string_view>& a, const std::vector<std::u32string_view>& b) {
  Index count = 0;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    const auto order = *x <=> *y;
    if (order == 0) count++;
    if (order <= 0) x++;
    if (order >= 0) y++;
  }
  return count;
}

// Where the reference has no n-grams of an order, those of the hypothesis do not count either.
GramCounts compare(const CharGrams& hyp, const CharGrams& ref) {
  GramCounts counts = {};
  for (std::size_t n = 0; n < orders; n++) {
    counts[3 * n] = ref.of[n].empty() ? 0 : Index(hyp.of[n].size());
    counts[3 * n + 1] = Index(ref.of[n].size());
    counts[3 * n + 2] = common_grams(hyp.of[n], ref.of[n]);
  }
  return counts;
}

double f_score(std::span<const Index> counts) {
  constexpr double beta = 2, weight = beta * beta;
  double precision = 0, recall = 0;
  int effective = 0;                            // orders
  for (std::size_t i = 0; i < counts.size(); i += 3) {
    if (counts[i] == 0 || counts[i + 1] == 0) continue;
    precision += double(counts[i + 2]) / double(counts[i]);
    recall += double(counts[i + 2]) / double(counts[i + 1]);
    effective++;
  }
  if (precision == 0) return 0;                 // then nothing matches, and recall is 0, too
  precision /= effective, recall /= effective;
  return 100 * (1 + weight) * precision * recall / (weight * precision + recall);
}

GramCounts best_counts(const std::string& hyp, const Tokens& refs) {
  const CharGrams grams(hyp);
  GramCounts best = {};
  double best_score = -1;
  for (const std::string& ref : refs) {
    const GramCounts counts = compare(grams, CharGrams(ref));
    if (double score = f_score(counts); score > best_score) best_score = score, best = counts;
  }
  return best;
}

}  // namespace

std::string ChrfScore::signature(const char* casing) const {
  return join("chrF2|nrefs:", num_refs < 0 ? "var" : text(num_refs), "|case:", casing,
              "|eff:yes|nc:", orders, "|nw:0|space:no|version:babelgrad-0.1");
}

ChrfScore corpus_chrf(const std::vector<std::string>& hyps, const std::vector<std::string>& refs) {
  return corpus_chrf(hyps, one_each(refs));
}

ChrfScore corpus_chrf(const std::vector<std::string>& hyps, const std::vector<Tokens>& refs) {
  const std::vector<Tokens> given = given_references("corpus_chrf", hyps, refs);
  ChrfScore out;
  out.num_refs = references_each(given);
  out.sentences = {3 * orders, {}, f_score};
  for (std::size_t i = 0; i < hyps.size(); i++)
    std::ranges::copy(best_counts(hyps[i], given[i]),
                      std::back_inserter(out.sentences.values));
  const std::vector<Index> sums = out.sentences.sums();
  for (std::size_t n = 0; n < orders; n++) {
    out.hyp_counts[n] = sums[3 * n], out.ref_counts[n] = sums[3 * n + 1];
    out.matches[n] = sums[3 * n + 2];
  }
  out.score = f_score(sums);
  return out;
}

}  // namespace babelgrad
