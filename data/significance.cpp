#include "data/significance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tensor/check.h"
#include "tensor/random.h"

namespace babelgrad {
namespace {

void add_row(std::vector<Index>& sums, const std::vector<Index>& values, std::size_t row) {
  const Index* counts = &values[row * sums.size()];
  for (std::size_t j = 0; j < sums.size(); j++) sums[j] += counts[j];
}

void check_samples(const char* name, const SentenceCounts& counts, const Resampling& resampling) {
  check(counts.sentences() > 0, name, ": no sentences");
  check(resampling.samples > 0, name, ": needs 1 sample or more, got ", resampling.samples);
}

void check_paired(const char* name, const SentenceCounts& a, const SentenceCounts& b,
                  const Resampling& resampling) {
  check_samples(name, a, resampling);
  check(a.width == b.width && a.score_of == b.score_of, name,
        ": the scores are of different kinds");
  check(a.sentences() == b.sentences(), name, ": ", a.sentences(), " and ", b.sentences(),
        " sentences; both systems must have translated the same");
}

// The k-th score belongs to the same sentences whatever is counted, as only the seed decides.
std::vector<double> bootstrap_scores(const SentenceCounts& counts, const Resampling& resampling) {
  Random random(resampling.seed);
  const int sentences = int(counts.sentences());
  std::vector<double> scores;
  std::vector<Index> sums(counts.width);
  for (int k = 0; k < resampling.samples; k++) {
    std::ranges::fill(sums, 0);
    for (int i = 0; i < sentences; i++) add_row(sums, counts.values, random.below(sentences));
    scores.push_back(counts.score_of(sums));
  }
  return scores;
}

double mean(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / double(x.size());
}

std::vector<double> bootstrap_differences(const SentenceCounts& a, const SentenceCounts& b,
                                          const Resampling& resampling) {
  std::vector<double> differences = bootstrap_scores(b, resampling);
  const std::vector<double> of_a = bootstrap_scores(a, resampling);
  for (std::size_t k = 0; k < of_a.size(); k++) differences[k] -= of_a[k];
  return differences;
}

Interval interval_of(std::vector<double> scores) {
  const double middle = mean(scores);
  std::ranges::sort(scores);
  const std::size_t outside = scores.size() / 40;         // on either side
  return {middle, (scores[scores.size() - 1 - outside] - scores[outside]) / 2};
}

// The two systems as they are count as a sample, too: a p-value of 0 is never earned.
double share_reaching(double difference, const std::vector<double>& samples) {
  auto reach = std::ranges::count_if(samples, [&](double x) { return x >= difference; });
  return double(reach + 1) / double(samples.size() + 1);
}

}  // namespace

std::vector<Index> SentenceCounts::sums() const {
  std::vector<Index> all(width);
  for (std::size_t i = 0; i < sentences(); i++) add_row(all, values, i);
  return all;
}

double SentenceCounts::score() const { return score_of(sums()); }

SentenceCounts SentenceCounts::of(const std::vector<std::size_t>& rows) const {
  SentenceCounts part{width, {}, score_of};
  for (std::size_t row : rows) {
    check(row < sentences(), "SentenceCounts: no sentence ", row, "; there are ", sentences());
    part.values.insert(part.values.end(), &values[row * width], &values[row * width] + width);
  }
  return part;
}

Interval bootstrap_interval(const SentenceCounts& counts, const Resampling& resampling) {
  check_samples("bootstrap_interval", counts, resampling);
  return interval_of(bootstrap_scores(counts, resampling));
}

Interval paired_bootstrap_interval(const SentenceCounts& a, const SentenceCounts& b,
                                   const Resampling& resampling) {
  check_paired("paired_bootstrap_interval", a, b, resampling);
  return interval_of(bootstrap_differences(a, b, resampling));
}

double paired_bootstrap_p(const SentenceCounts& a, const SentenceCounts& b,
                          const Resampling& resampling) {
  check_paired("paired_bootstrap_p", a, b, resampling);
  std::vector<double> sizes = bootstrap_differences(a, b, resampling);
  for (double& d : sizes) d = std::abs(d);
  const double centre = mean(sizes);
  for (double& d : sizes) d -= centre;
  return share_reaching(std::abs(a.score() - b.score()), sizes);
}

double paired_randomization_p(const SentenceCounts& a, const SentenceCounts& b,
                              const Resampling& resampling) {
  check_paired("paired_randomization_p", a, b, resampling);
  Random random(resampling.seed);
  const std::vector<Index> sums_a = a.sums(), sums_b = b.sums();
  std::vector<double> differences;
  std::vector<Index> one(a.width), rest(a.width);
  for (int k = 0; k < resampling.samples; k++) {
    std::ranges::fill(one, 0);
    std::uint64_t coins = 0;
    for (std::size_t i = 0; i < a.sentences(); i++, coins >>= 1) {
      if (i % 64 == 0) coins = random.bits();
      add_row(one, coins & 1 ? b.values : a.values, i);
    }
    for (std::size_t j = 0; j < a.width; j++) rest[j] = sums_a[j] + sums_b[j] - one[j];
    differences.push_back(std::abs(a.score_of(one) - a.score_of(rest)));
  }
  return share_reaching(std::abs(a.score() - b.score()), differences);
}

}  // namespace babelgrad
