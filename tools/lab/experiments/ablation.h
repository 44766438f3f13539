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
// With feed-forward networks that make it as large as `whole`; both know the words of the pairs.
Variant as_large(Variant variant, const TrainSettings& whole, const std::vector<Pair>& pairs);

struct Ablated {                                // a variant, trained with each seed
  std::string name;
  std::vector<Trained> trained = {};
  std::vector<Evaluation> scores = {};          // on the test pairs

  std::vector<double> each(double Evaluation::*number) const;            // one of each seed
  std::vector<double> exact() const { return each(&Evaluation::exact); }
  std::vector<double> percent_exact() const;
  std::vector<double> final_losses() const;     // means over the last tenth of the updates
};

struct Ablation {                               // first: the model that others are compared with
  Corpus corpus;
  std::vector<Ablated> models = {};

  // Exact match by these test pairs: shares, seed by seed.
  std::vector<double> exact(int variant, const std::vector<int>& members) const;
  std::vector<double> lost(int variant) const;  // of exact match, in points
  std::vector<double> lost(int variant, const std::vector<int>& members) const;
  // `claim`: the mean of lost(variant) is above the threshold.
  Finding finding(const std::string& claim, const std::string& text, int variant,
                  double threshold) const;
  // Exact match, BLEU and loss with their spread, and what a dictionary without grammar gets.
  PageTable table(const std::string& caption) const;
};
Ablation ablate(Trials& trials, const Corpus& corpus, const std::vector<Variant>& variants);

// Percentages: a group of bars for each name, a bar for each variant.
inline const std::string bars_note =
    "Bars: means over the seeds; whiskers: one standard deviation to each side.";
Chart bars_of(const std::string& title, const std::string& group, const Ablation& first);
void add_group(Chart& bars, const std::string& name,
               const std::vector<std::vector<double>>& shares);
void add_group(Chart& bars, const std::string& name, const Ablation& ablation);

}  // namespace babelgrad::lab
