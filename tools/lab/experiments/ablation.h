// Models that differ in one part, trained alike: on the same pairs, for as many updates, with the
// same seeds. What a part is worth is what is lost with it.
#pragma once

#include "tools/app/run/evaluate.h"
#include "tools/lab/trial.h"

namespace babelgrad::lab {

struct Variant {
  std::string name;
  TrainSettings settings;                       // all but the seed
};
Variant without(const std::string& part, TrainSettings settings);

struct Ablated {                                // a variant, trained with each seed
  std::string name;
  std::vector<Trained> trained = {};
  std::vector<Evaluation> scores = {};          // on the test pairs
  std::vector<std::vector<bool>> right = {};    // is the translation of test pair i exact?

  std::vector<double> exact() const;            // shares, one of each seed
  std::vector<double> exact(const std::vector<int>& members) const;      // of these test pairs
  std::vector<double> final_losses() const;     // means over the last tenth of the updates
};

std::vector<Ablated> ablate(Trials& trials, const std::vector<Variant>& variants,
                            const Corpus& corpus);

// Of shares, seed by seed, in points: percentages' differences.
std::vector<double> points_lost(const std::vector<double>& whole, const std::vector<double>& less);
double mean_lost(const Ablated& whole, const Ablated& less);             // of exact()

// Exact match, BLEU and loss with their spread, and what a dictionary without grammar gets.
PageTable table_of(const std::string& caption, const std::vector<Ablated>& variants,
                   const Corpus& corpus);

// Percentages: a group of bars for each name, a bar for each variant.
Chart bars_of(const std::string& title, const std::vector<Ablated>& variants);
void add_group(Chart& bars, const std::string& name,
               const std::vector<std::vector<double>>& shares);
void add_group(Chart& bars, const std::string& name, const std::vector<Ablated>& variants);

double largest_difference(const Tensor& a, const Tensor& b);             // |a − b|, of all numbers

}  // namespace babelgrad::lab
