// The chapter's three models, equally large and trained alike: the plain encoder-decoder, the one
// with attention, and the Transformer.
#pragma once

#include <array>

#include "tools/app/run/analysis.h"
#include "tools/lab/trial.h"

namespace babelgrad::lab {

inline constexpr std::array three_names{"plain", "attention", "Transformer"};

struct ThreeSizes {
  int width;                                    // of recurrent states, plain's word vectors too
  int transformer;                              // the Transformer's width; it has 2 + 2 blocks
  int steps = 1000, batch_size = 32;
  std::vector<double> rates = {0.008, 0.004, 0.016};
  std::vector<double> tried(const LabOptions& options) const;  // all of them; quick: one
  // Settings of a plain model of some width, trained as the three are.
  TrainSettings plain(int of_width, double rate) const;
  std::string told() const;                     // "Equal parameters within 2 %: states of ..."
};

// In the order of three_names. Attention gets narrower word vectors and the Transformer an ffn that
// make them as large as the plain model, give or take 2 %; pairs: whose words they know.
std::vector<TrainSettings> three_models(const ThreeSizes& sizes, const std::vector<Pair>& pairs);
std::vector<Contender> contend_three(Trials& trials, const ThreeSizes& sizes, const Corpus& corpus);
int trainings_of_three(const LabOptions& options, const ThreeSizes& sizes);

}  // namespace babelgrad::lab
