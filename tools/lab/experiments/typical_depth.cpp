// N4: the attention model and the Transformer with 1 to 6 layers, all equally wide, after as many
// updates. Recurrent layers have no residual connections, and deep stacks of them learn slowly.
#include <algorithm>
#include <map>

#include "tools/app/run/evaluate.h"
#include "tools/app/run/analysis.h"
#include "tools/lab/numbers.h"
#include "tools/lab/trial.h"

namespace babelgrad::lab {
namespace {

constexpr int width = 48, updates = 500;
constexpr int layer_counts[] = {1, 2, 4, 6};

struct Family {
  const char *model, *name;
  std::vector<double> rates;                    // tried for every depth
};

struct Deep {                                   // one model at one depth, over the seeds
  Grid grid;
  std::vector<double> exact = {}, loss = {};    // on test pairs

  void add(const Trained& run, const Corpus& corpus) {
    const Evaluation found = evaluate(*run.model, corpus.test);
    exact.push_back(100 * found.exact), loss.push_back(found.loss);
  }
  double mean_exact() const { return spread_of(exact).mean; }
};
using ByDepth = std::map<int, Deep>;

Deep learn_with(Trials& trials, const Family& family, int layers, const Corpus& corpus) {
  const std::string name = join(family.name, ", ", layers, layers == 1 ? " layer" : " layers");
  TrainSettings settings = small_training(family.model, width, layers, updates, 0);
  settings.seed = trials.options.seed;
  Deep deep{try_rates(trials, name, settings, family.rates, corpus)};
  deep.add(deep.grid.trained, corpus);
  settings.schedule.peak = deep.grid.rate();
  for (std::uint64_t seed : trials.seeds()) {
    if (seed == trials.options.seed) continue;  // which has tried the rates
    settings.seed = seed;
    deep.add(trials.train(name, settings, corpus.train), corpus);
  }
  return deep;
}

ByDepth learn_at_depths(Trials& trials, const Family& family, const Corpus& corpus) {
  ByDepth all;
  for (int layers : layer_counts)
    all.emplace(layers, learn_with(trials, family, layers, corpus));
  return all;
}

PageTable scores_of(const std::vector<Family>& families, const std::vector<ByDepth>& learnt,
                    const analysis::Row& floors) {
  PageTable table{"On test pairs", {{"model", "layers", "parameters", "exact match (%)",
                                     "loss (nats)"}}, "lr"};
  for (std::size_t i = 0; i < families.size(); i++)
    for (const auto& [layers, deep] : learnt[i])
      table.rows.push_back({families[i].name, text(layers), text(deep.grid.trained.parameters),
                            with_spread(deep.exact), with_spread(deep.loss)});
  table.rows.push_back({"word by word", "", "", digits(100 * floors.floor_exact), ""});
  return table;
}

PageTable rates_of(const ByDepth& learnt) {
  std::vector<const Grid*> grids;
  for (const auto& [layers, deep] : learnt) grids.push_back(&deep.grid);
  return table_of(grids);
}

std::vector<Chart> charts_of(const std::vector<Family>& families,
                             const std::vector<ByDepth>& learnt, const analysis::Row& floors) {
  const std::string note = "Lines: means over the seeds; bands: one standard deviation.";
  Chart exact{.title = "Exact match by depth", .x = {"layers"}, .y = {"exact match", "%"},
              .levels = {{"word by word", 100 * floors.floor_exact}}, .note = note};
  Chart loss{.title = "Loss by depth", .x = {"layers"}, .y = {"loss on test pairs", "nats", true},
             .note = note};
  for (std::size_t i = 0; i < families.size(); i++) {
    exact.series.push_back({families[i].name}), loss.series.push_back({families[i].name});
    for (const auto& [layers, deep] : learnt[i]) {
      add_point(exact.series[i], layers, deep.exact, 0);
      add_point(loss.series[i], layers, deep.loss, 0.001);
    }
  }
  return {exact, loss};
}

std::vector<Finding> findings_of(const ByDepth& attention, const ByDepth& transformer) {
  auto best = [&](int a, int b) {
    return std::max(attention.at(a).mean_exact(), attention.at(b).mean_exact());
  };
  const double deep = transformer.at(6).mean_exact(), shallow = transformer.at(1).mean_exact();
  return {{"N4", "attention model: best exact match with 4 or 6 layers less best with 1 or 2, in "
                 "points", best(4, 6) - best(1, 2), Bound::below, 2},
          {"N4", "Transformer: exact match with 6 layers less with 1, in points", deep - shallow,
           Bound::above, 2},
          {"N4", "Transformer of 6+6 layers: exact match", deep / 100, Bound::above, 0.5}};
}

}  // namespace

Outcome typical_depth(const LabOptions& options) {
  const Corpus corpus = corpus_of(options, {.pairs = 20000, .min_length = 3, .max_length = 8});
  const std::vector<Family> families{{"attention", "attention model", {0.005, 0.01}},
                                     {"transformer", "Transformer", {0.002, 0.004}}};
  Trials trials(options, options.quick ? 16 : 32);
  std::vector<ByDepth> learnt;
  for (const Family& family : families)
    learnt.push_back(learn_at_depths(trials, family, corpus));
  const analysis::Row floors = analysis::floors_of(corpus.train, corpus.test);
  return {{scores_of(families, learnt, floors), rates_of(learnt[0]), rates_of(learnt[1])},
          charts_of(families, learnt, floors),
          findings_of(learnt[0], learnt[1]),
          {join("Width ", width, ", GRUs in the attention model, as many layers in the decoder as "
                "in the encoder; ", corpus.train.size(), " of the grammar's pairs, sources of 3 "
                "to 8 words, ", updates, " updates of 64 sentences, ", trials.seeds().size(),
                " seeds; for every depth the better of two learning rates. After so few updates "
                "this is how fast a depth learns, not how far it comes in the end.")}};
}

}  // namespace babelgrad::lab
