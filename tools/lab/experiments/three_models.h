// The chapter's three models, equally large and trained alike: the plain encoder-decoder, the one
// with attention, and the Transformer; and how often each is wholly right, by source length.
#pragma once

#include <array>

#include "tools/app/run/analysis.h"
#include "tools/lab/trial.h"

namespace babelgrad::lab {

inline constexpr std::array three_names{"plain", "attention", "Transformer"};

struct ThreeSizes {
  int width;                                    // of recurrent states, plain's word vectors too
  int transformer;                              // the Transformer's width; it has 2 + 2 blocks
  int steps, batch_size = 32;
};

// In the order of three_names. Attention gets narrower word vectors and the Transformer an ffn that
// make them as large as the plain model, give or take 2 %; pairs: whose words they know.
std::vector<TrainSettings> three_models(const ThreeSizes& sizes, const std::vector<Pair>& pairs);

struct Contender {
  std::string name;
  TrainSettings settings;                       // at the best rate
  Grid grid;                                    // its model is runs[0]'s
  std::vector<Trained> runs = {};               // one for each seed
};

// The rates are tried with the first seed, which then needs no other run; quick: one rate.
Contender contend(Trials& trials, const std::string& name, const TrainSettings& settings,
                  const std::vector<double>& rates, const Corpus& corpus);
int trainings(const LabOptions& options, const std::vector<double>& rates);    // of a contender
PageTable rates_table(const std::vector<Contender>& contenders);

using Said = std::vector<std::vector<Tokens>>;  // by seed, then by pair
Said translations(const std::vector<Trained>& runs, const std::vector<Pair>& pairs);

// Percent of the pairs with such sources that are wholly right, by seed; 0 if there are no pairs.
std::vector<double> exact_match(const Said& said, const std::vector<Pair>& pairs,
                                const analysis::Band& band = {1, 0});
double mean_exact(const Said& said, const std::vector<Pair>& pairs, const analysis::Band& band);

// Exact match by band of lengths: the lines of a chart, and the rows of a table.
struct LengthFigure {
  std::vector<analysis::Band> bands;
  Chart chart;
  PageTable table;
};
LengthFigure length_figure(const std::string& title, const std::vector<analysis::Band>& bands,
                           const std::vector<Pair>& pairs);
void add_to(LengthFigure& figure, const std::string& name, const Said& said,
            const std::vector<Pair>& pairs);

}  // namespace babelgrad::lab
