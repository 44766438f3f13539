#include "data/significance.h"

#include <doctest/doctest.h>

#include <cmath>

#include "data/bleu.h"
#include "tensor/check.h"
#include "tensor/parallel.h"
#include "tensor/random.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

// A score that is no mean of sentence scores: 100 x / y of the sums.
double ratio(std::span<const Index> sums) { return 100 * double(sums[0]) / double(sums[1]); }

SentenceCounts counts(const std::vector<Index>& values) { return {2, values, ratio}; }

// Sentences that are right with a chance of percent / 100.
SentenceCounts coins(Random& random, int sentences, int percent) {
  std::vector<Index> values;
  for (int i = 0; i < sentences; i++)
    values.insert(values.end(), {random.below(100) < percent ? 1 : 0, 1});
  return counts(values);
}

// Four standard deviations of a share that is p among n draws.
double off(double p, double n) { return 4 * std::sqrt(p * (1 - p) / n); }

}  // namespace

TEST_CASE("SentenceCounts: the scores are those of the sums") {
  Tokens hyps = {"the cat sat on a mat .", "yes"}, refs = {"the cat sat on the mat .", "yes , sir"};
  BleuScore bleu = corpus_bleu(hyps, refs);
  CHECK(bleu.sentences.values == std::vector<Index>{7, 7, 6, 4, 2, 1, 7, 6, 5, 4,
                                                    1, 3, 1, 0, 0, 0, 1, 0, 0, 0});
  CHECK(bleu.sentences.sums() == std::vector<Index>{8, 10, 7, 4, 2, 1, 8, 6, 5, 4});
  CHECK(bleu.sentences.score() == bleu.score);
  SentenceCounts exact = exact_matches(hyps, {{"no", hyps[0]}, {"no", "Yes"}});
  CHECK(exact.values == std::vector<Index>{1, 1, 0, 1});
  CHECK(exact.score() == 0.5);
}

TEST_CASE("SentenceCounts: the score of some sentences is that of a text of them alone") {
  const std::vector<std::string> hyps{"a b c d e", "a b", "c d e f g", "x"},
      refs{"a b c d f", "a b", "c d e g", "y"};
  const SentenceCounts all = corpus_bleu(hyps, refs, BleuTokens::none).sentences;
  const double alone = corpus_bleu({hyps[2], hyps[0]}, {refs[2], refs[0]}, BleuTokens::none).score;
  CHECK(all.of({2, 0}).score() == alone);
  CHECK(all.of({0, 1, 2, 3}).score() == all.score());
  CHECK(error_of([&] { all.of({4}); }) == "SentenceCounts: no sentence 4; there are 4");
}

TEST_CASE("bootstrap_interval: sentences that are all alike leave no doubt") {
  Interval same = bootstrap_interval(counts({3, 4, 3, 4, 3, 4}));
  CHECK(same.mean == 75);
  CHECK(same.half_width == 0);
}

TEST_CASE("bootstrap_interval: two sentences, by hand") {
  // 1/1 and 0/3: the samples are 100 (1/4), 25 (1/2) and 0 (1/4), their mean 37.5.
  Interval found = bootstrap_interval(counts({1, 1, 0, 3}), {20000, 7});
  CHECK(std::abs(found.mean - 37.5) < 4 * 37.5 / std::sqrt(20000.));
  CHECK(found.half_width == 50);
  Interval one = bootstrap_interval(counts({1, 1, 0, 3}), {1, 7});
  CHECK((one.mean == 100 || one.mean == 25 || one.mean == 0));
  CHECK(one.half_width == 0);
}

TEST_CASE("bootstrap_interval: 1.96 standard deviations where a score is a mean") {
  std::vector<Index> values;
  for (int i = 0; i < 400; i++) values.insert(values.end(), {i % 4 == 0, 1});
  Interval found = bootstrap_interval(counts(values), {4000, 1});
  const double deviation = 100 * std::sqrt(0.25 * 0.75 / 400);
  CHECK(std::abs(found.mean - 25) < 4 * deviation / std::sqrt(4000.));
  CHECK(found.half_width == doctest::Approx(1.96 * deviation).epsilon(0.06));
}

TEST_CASE("bootstrap_interval: holds the truth in 95 of 100 cases") {
  Random random(11);
  int holds = 0;
  for (int round = 0; round < 300; round++) {
    Interval found = bootstrap_interval(coins(random, 100, 40), {200, std::uint64_t(round)});
    holds += std::abs(found.mean - 40) <= found.half_width;
  }
  CHECK(holds > 300 * 0.95 - 4 * std::sqrt(300 * 0.95 * 0.05) - 6);   // 2 % off: 100 are not many
  CHECK(holds < 300);
}

TEST_CASE("paired_randomization_p: all swaps of four sentences, by hand") {
  // a has 3 + 1 + 2 + 0 of 12, b 0 + 0 + 0 + 1: a leads by 5. Of the 16 ways to swap, those with
  // |±3 ±1 ±2 ±1| >= 5 have 7 (no 1 turned, 2 ways) or 5 (one of the 1s, 4 ways): 6 of 16, however
  // twelfths are rounded.
  SentenceCounts a = counts({3, 3, 1, 3, 2, 3, 0, 3}), b = counts({0, 3, 0, 3, 0, 3, 1, 3});
  CHECK(std::abs(paired_randomization_p(a, b, {20000, 5}) - 6 / 16.) < off(6 / 16., 20000));
  CHECK(paired_randomization_p(a, b, {20000, 5}) == paired_randomization_p(b, a, {20000, 5}));
}

TEST_CASE("paired_randomization_p: each of many sentences has a coin of its own") {
  std::vector<Index> of_a, of_b;                // a is right in the last six of 100, b in none
  for (int i = 0; i < 100; i++) {
    of_a.insert(of_a.end(), {i >= 94, 1});
    of_b.insert(of_b.end(), {0, 1});
  }
  const double p = paired_randomization_p(counts(of_a), counts(of_b), {20000, 5});
  CHECK(std::abs(p - 2 / 64.) < off(2 / 64., 20000));     // all six on one side
}

TEST_CASE("paired_bootstrap: all samples of two sentences, by hand") {
  // a leads by 40 in the first sentence and 10 in the second. The samples' differences are 40, 25,
  // 25, 10 with mean 25, and D is 25: none is so far above the mean. From b they are 60, 0, 0, 60
  // with mean 30, and D is 0: two of four are above.
  SentenceCounts a = counts({9, 10, 7, 10}), near = counts({5, 10, 6, 10});
  CHECK(paired_bootstrap_p(a, near, {999, 5}) == doctest::Approx(1 / 1000.));
  SentenceCounts b = counts({3, 10, 13, 10});   // leads by 60, trails by 60
  CHECK(std::abs(paired_bootstrap_p(a, b, {20000, 5}) - 0.5) < off(0.5, 20000));
  Interval lead = paired_bootstrap_interval(near, a, {20000, 5});
  CHECK(std::abs(lead.mean - 25) < 4 * 11 / std::sqrt(20000.));
  CHECK(lead.half_width == 15);
}

TEST_CASE("p-values: equal systems 1, far better ones the least there is") {
  Random random(2);
  SentenceCounts a = coins(random, 300, 50), good = coins(random, 300, 90);
  CHECK(paired_bootstrap_p(a, a) == 1);
  CHECK(paired_randomization_p(a, a) == 1);
  CHECK(paired_bootstrap_p(a, good) == doctest::Approx(1 / 1001.));
  CHECK(paired_randomization_p(a, good) == doctest::Approx(1 / 10001.));
}

TEST_CASE("p-values: between equally good systems, each is as likely as another") {
  Random random(4);
  int below_5 = 0, below_50 = 0, bootstrap_below_5 = 0;
  for (int round = 0; round < 400; round++) {
    SentenceCounts a = coins(random, 200, 50), b = coins(random, 200, 50);
    const double p = paired_randomization_p(a, b, {199, std::uint64_t(round)});
    below_5 += p <= 0.05, below_50 += p <= 0.5;
    bootstrap_below_5 += paired_bootstrap_p(a, b, {199, std::uint64_t(round)}) <= 0.05;
  }
  CHECK(std::abs(below_5 / 400. - 0.05) < off(0.05, 400));
  CHECK(std::abs(below_50 / 400. - 0.5) < off(0.5, 400));
  CHECK(std::abs(bootstrap_below_5 / 400. - 0.1) < off(0.1, 400));  // one tail: twice as many
}

TEST_CASE("resampling: the seed decides, not the number of threads") {
  Random random(6);
  SentenceCounts a = coins(random, 150, 50), b = coins(random, 150, 54);
  const int before = threads();
  std::vector<double> seen;
  for (int count : {1, 2}) {
    set_threads(count);
    seen.insert(seen.end(), {bootstrap_interval(a, {500, 1}).mean, paired_bootstrap_p(a, b),
                             paired_randomization_p(a, b)});
  }
  set_threads(before);
  CHECK(std::vector(seen.begin(), seen.begin() + 3) == std::vector(seen.begin() + 3, seen.end()));
  CHECK(bootstrap_interval(a, {500, 2}).mean != seen[0]);
  CHECK(paired_randomization_p(a, b, {10000, 2}) != seen[2]);
}

TEST_CASE("resampling: refuses what cannot be compared") {
  SentenceCounts a = counts({1, 2}), b = counts({1, 2, 3, 4});
  CHECK_THROWS_WITH(bootstrap_interval(SentenceCounts()), "bootstrap_interval: no sentences");
  CHECK_THROWS_WITH(bootstrap_interval(a, {0, 1}),
                    "bootstrap_interval: needs 1 sample or more, got 0");
  CHECK_THROWS_WITH(paired_bootstrap_p(a, b),
                    "paired_bootstrap_p: 1 and 2 sentences; both systems must have translated "
                    "the same");
  Tokens one = {"a"};
  CHECK_THROWS_WITH(
      paired_randomization_p(corpus_bleu(one, one).sentences, corpus_chrf(one, one).sentences),
      "paired_randomization_p: the scores are of different kinds");
}
