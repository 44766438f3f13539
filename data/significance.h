// How sure a score is. The test sentences are one sample of all there might be: other samples are
// drawn from themselves, and two systems are compared on the same ones.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tensor/shape.h"

namespace babelgrad {

// What a corpus score is made of: counts for each sentence, and the score of their sums. To score
// another choice of sentences is then to add other rows, and no text is looked at again.
struct SentenceCounts {
  std::size_t width = 0;                        // counts of a sentence
  std::vector<Index> values = {};               // (sentences, width)
  double (*score_of)(std::span<const Index> sums) = nullptr;

  std::size_t sentences() const { return width ? values.size() / width : 0; }
  std::vector<Index> sums() const;              // (width)
  double score() const;                         // of the whole corpus
  SentenceCounts of(const std::vector<std::size_t>& rows) const;         // error: one is not there
};

struct Resampling {
  int samples = 1000;
  std::uint64_t seed = 12345;                   // same seed, same samples, for every metric
};

struct Interval {
  double mean = 0, half_width = 0;              // 95 %, in units of the score
};

// Koehn 2004: as many sentences as there are, drawn with replacement. The mean of the scores of all
// such samples, and half the way from the 2.5 % below to the 2.5 % above: sacreBLEU's mean ± that.
// Error: no sentences, or samples < 1; here and below.
Interval bootstrap_interval(const SentenceCounts& counts, const Resampling& resampling = {});

// For b's score minus a's, both on the same samples. Errors also: scores of different kinds, or
// different numbers of sentences; so below.
Interval paired_bootstrap_interval(const SentenceCounts& a, const SentenceCounts& b,
                                   const Resampling& resampling = {});

// How likely is a difference D = |score of b - score of a|, whoever leads, if both are equally
// good? (n + 1) / (samples + 1), where n samples reach D; equal systems have 1. sacreBLEU counts
// those above D, which gives the same number but for ties.

// --paired-ar, approximate randomisation (Noreen 1989; Riezler and Maxwell 2005): in a sample every
// sentence's two translations change sides by the toss of a coin. It reaches D by its difference.
double paired_randomization_p(const SentenceCounts& a, const SentenceCounts& b,
                              const Resampling& resampling = {10000});
// --paired-bs: d is the size of the difference on a bootstrap sample; a sample reaches D if d minus
// the mean of all d does. That counts one tail of two: where this says 5 %, equally good systems
// differ so much in about 10 % of all tests. To be compared with others' numbers only.
double paired_bootstrap_p(const SentenceCounts& a, const SentenceCounts& b,
                          const Resampling& resampling = {});

}  // namespace babelgrad
