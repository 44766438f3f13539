#include "data/bleu.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "data/text.h"
#include "tensor/check.h"
#include "tensor/random.h"

using namespace babelgrad;

namespace {

bool near(double a, double b) { return std::abs(a - b) <= 1e-12 * std::max(1.0, std::abs(b)); }

double f2(double precision, double recall) {
  return 500 * precision * recall / (4 * precision + recall);
}

// The definition, by maps and without a thought for time: counts of one sentence against one
// reference, and the score of summed counts.
using Rows = std::vector<std::array<double, 3>>;

Rows slow_counts(const std::string& hyp, const std::string& ref) {
  std::map<std::u32string, int> said, right;
  auto fill = [](std::map<std::u32string, int>& grams, std::string text) {
    std::erase(text, ' ');
    const std::u32string s = decode_utf8(text);
    for (std::size_t i = 0; i < s.size(); i++)
      for (std::size_t n = 1; n <= 6 && i + n <= s.size(); n++) grams[s.substr(i, n)]++;
  };
  fill(said, hyp), fill(right, ref);
  Rows rows(6);
  for (const auto& [gram, count] : right) rows[gram.size() - 1][1] += count;
  for (const auto& [gram, count] : said)
    if (rows[gram.size() - 1][1] > 0) rows[gram.size() - 1][0] += count;
  for (const auto& [gram, count] : said)
    if (right.count(gram)) rows[gram.size() - 1][2] += std::min(count, right[gram]);
  return rows;
}

double slow_score(const Rows& rows) {
  double precision = 0, recall = 0, n = 0;
  for (const auto& [hyp, ref, both] : rows)
    if (hyp > 0 && ref > 0) precision += both / hyp, recall += both / ref, n++;
  return precision > 0 ? f2(precision / n, recall / n) : 0;
}

double slow_chrf(const Tokens& hyps, const std::vector<Tokens>& refs) {
  Rows sums(6);
  for (std::size_t i = 0; i < hyps.size(); i++) {
    Rows best;
    for (const std::string& ref : refs[i]) {
      Rows rows = slow_counts(hyps[i], ref);
      if (best.empty() || slow_score(rows) > slow_score(best)) best = rows;
    }
    for (int n = 0; n < 6; n++)
      for (int k = 0; k < 3; k++) sums[n][k] += best[n][k];
  }
  return slow_score(sums);
}

}  // namespace

TEST_CASE("corpus_chrf: by hand") {
  struct { const char* hyp; const char* ref; double score; } table[] = {
      {"abc", "abc", 100},
      {"a", "a", 100},
      {"abc", "abd", 100 * 7 / 18.},            // (2/3 + 1/2 + 0/1) / 3, both P and R
      {"ab", "abcd", 100 * 25 / 53.},           // P (2/2 + 1/1) / 2, R (2/4 + 1/3) / 2
      {"abcd", "ab", 100 * 25 / 32.},           // the other way round: recall weighs more
      {"aaa", "aa", 87.5},                      // P (2/3 + 1/2) / 2, R 1
      {"abc", "xyz", 0},
      {"", "abc", 0},
      {"abc", " ", 0},
  };
  for (const auto& row : table) {
    CAPTURE(row.hyp);
    CAPTURE(row.ref);
    CHECK(near(corpus_chrf({row.hyp}, Tokens{row.ref}).score, row.score));
  }
}

TEST_CASE("corpus_chrf: characters are code points, blanks none") {
  auto chrf = [](const char* hyp, const char* ref) {
    return corpus_chrf({hyp}, Tokens{ref}).score;
  };
  CHECK(chrf("a b\tc", " ab\u00A0c\u3000") == 100);
  CHECK(near(chrf("né", "ne"), 25));            // one letter of two, and not their pair
  CHECK(near(chrf("e\u0301", "é"), 0));         // alike only to the eye
  CHECK(chrf("Ab", "ab") == chrf("né", "ne"));  // capitals are other letters
  CHECK(chrf("a\xFF", "a\xFF") == 100);
  CHECK(near(chrf("a\xFF", "a\xFE"), 25));
}

TEST_CASE("corpus_chrf: counts are pooled, those without a counterpart left out") {
  ChrfScore s = corpus_chrf({"abcd", "abc"}, Tokens{"ab", "abc"});
  CHECK(s.hyp_counts == std::array<Index, 6>{7, 5, 1, 0, 0, 0});   // not the triples of "abcd"
  CHECK(s.ref_counts == std::array<Index, 6>{5, 3, 1, 0, 0, 0});
  CHECK(s.matches == std::array<Index, 6>{5, 3, 1, 0, 0, 0});
  CHECK(near(s.score, 100 * 135 / 143.));       // P (5/7 + 3/5 + 1) / 3 = 27/35, R 1
  CHECK(s.sentences.sentences() == 2);
  CHECK(s.sentences.score() == s.score);
}

TEST_CASE("corpus_chrf: of several references the best, of equals the first") {
  CHECK(near(corpus_chrf({"abc"}, std::vector<Tokens>{{"xyz", "abd", ""}}).score, 100 * 7 / 18.));
  std::vector<Tokens> refs = {{"ab", "abcd"}, {"abc"}};
  const double recall = (3 / 5. + 2 / 3. + 1) / 3;        // "x" has neither; "ab" counts 2 and 1
  CHECK(near(corpus_chrf({"x", "abc"}, refs).score, f2((3 / 4. + 1 + 1) / 3, recall)));
  std::swap(refs[0][0], refs[0][1]);
  CHECK(corpus_chrf({"x", "abc"}, refs).ref_counts == std::array<Index, 6>{7, 5, 3, 1, 0, 0});
}

TEST_CASE("corpus_chrf: as by maps, on random texts") {
  Random random(3);
  const Tokens letters = {"a", "b", "é", "日", " "};
  auto text = [&](int least) {
    std::string out;
    for (int i = least + random.below(14); i > 0; i--) out += letters[random.below(5)];
    return out;
  };
  for (int round = 0; round < 200; round++) {
    Tokens hyps;
    std::vector<Tokens> refs;
    for (int i = 1 + random.below(3); i > 0; i--) {
      hyps.push_back(text(0));
      refs.push_back({text(1)});
      for (int more = random.below(3); more > 0; more--) refs.back().push_back(text(1));
    }
    REQUIRE(near(corpus_chrf(hyps, refs).score, slow_chrf(hyps, refs)));
  }
}

TEST_CASE("corpus_chrf: signature and errors") {
  Tokens none, one = {"a"}, two = {"a", "b"};
  const char* rest = "|case:mixed|eff:yes|nc:6|nw:0|space:no|version:babelgrad-0.1";
  CHECK(corpus_chrf(one, one).signature() == join("chrF2|nrefs:1", rest));
  CHECK(corpus_chrf(one, std::vector<Tokens>{two}).signature() == join("chrF2|nrefs:2", rest));
  CHECK(corpus_chrf(two, std::vector<Tokens>{two, one}).signature() ==
        join("chrF2|nrefs:var", rest));
  CHECK_THROWS_WITH_AS(corpus_chrf(none, none), "corpus_chrf: no sentences", Error);
  CHECK_THROWS_WITH_AS(corpus_chrf(one, two),
                       "corpus_chrf: 1 hypotheses and 2 references; one for each", Error);
  CHECK_THROWS_WITH_AS(corpus_chrf(two, Tokens{"a", ""}),
                       "corpus_chrf: sentence 2 has no reference; it needs one", Error);
}
