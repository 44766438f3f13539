// Settings, grids and seeds of the three models, and their exact match by source length.
#include "tools/lab/experiments/three_models.h"

#include <algorithm>

#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

std::vector<double> tried(const LabOptions& options, const std::vector<double>& rates) {
  return options.quick ? std::vector<double>{rates.at(0)} : rates;
}

}  // namespace

std::vector<TrainSettings> three_models(const ThreeSizes& sizes, const std::vector<Pair>& pairs) {
  std::vector<TrainSettings> all{
      small_training("rnn", sizes.width, 1, sizes.steps, 0),
      small_training("attention", sizes.width, 1, sizes.steps, 0),
      small_training("transformer", sizes.transformer, 2, sizes.steps, 0)};
  for (TrainSettings& settings : all) settings.batch_size = sizes.batch_size;
  const Index parameters = parameters_of(all[0], pairs);
  match_parameters(all[1], &ModelConfig::embed, parameters, pairs);
  match_parameters(all[2], &ModelConfig::ffn, parameters, pairs);
  return all;
}

Contender contend(Trials& trials, const std::string& name, const TrainSettings& settings,
                  const std::vector<double>& rates, const Corpus& corpus) {
  const std::vector<std::uint64_t> seeds = trials.seeds();
  Contender it{name, settings, {}};
  it.settings.seed = seeds[0];
  it.grid = try_rates(trials, name, it.settings, tried(trials.options, rates), corpus);
  it.settings.schedule.peak = it.grid.rate();
  it.runs.push_back(std::move(it.grid.trained));
  for (std::size_t i = 1; i < seeds.size(); i++) {
    TrainSettings again = it.settings;
    again.seed = seeds[i];
    it.runs.push_back(trials.train(name, again, corpus.train));
  }
  return it;
}

int trainings(const LabOptions& options, const std::vector<double>& rates) {
  return int(tried(options, rates).size() + Trials(options, 1).seeds().size()) - 1;
}

PageTable rates_table(const std::vector<Contender>& contenders) {
  std::vector<const Grid*> grids;
  for (const Contender& it : contenders) grids.push_back(&it.grid);
  return table_of(grids);
}

Said translations(const std::vector<Trained>& runs, const std::vector<Pair>& pairs) {
  std::vector<Tokens> sources;
  for (const Pair& pair : pairs) sources.push_back(pair.src);
  Said said;
  for (const Trained& run : runs) said.push_back(run.model->translate(sources));
  return said;
}

std::vector<double> exact_match(const Said& said, const std::vector<Pair>& pairs,
                                const analysis::Band& band) {
  std::vector<double> percent;
  for (const std::vector<Tokens>& of_seed : said) {
    int count = 0, right = 0;
    for (std::size_t i = 0; i < pairs.size(); i++) {
      if (!band.holds(int(pairs[i].src.size()))) continue;
      count++;
      right += of_seed[i] == pairs[i].tgt;
    }
    percent.push_back(100.0 * right / std::max(1, count));
  }
  return percent;
}

double mean_exact(const Said& said, const std::vector<Pair>& pairs, const analysis::Band& band) {
  return spread_of(exact_match(said, pairs, band)).mean;
}

LengthFigure length_figure(const std::string& title, const std::vector<analysis::Band>& bands,
                           const std::vector<Pair>& pairs) {
  LengthFigure it{bands, {.title = title, .x = {"source length", "tokens"},
                          .y = {"exact match", "%"},
                          .note = "Each point stands in the middle of its lengths. Lines: means "
                                  "over the seeds; bands: one standard deviation to each side."},
                  {title + ", %", {{"source tokens"}, {"test pairs"}}}};
  auto count = [&](const analysis::Band& band) {
    return text(std::ranges::count_if(pairs, [&](const Pair& pair) {
      return band.holds(int(pair.src.size()));
    }));
  };
  for (const analysis::Band& band : bands) {
    it.table.rows[0].push_back(band.name());
    it.table.rows[1].push_back(count(band));
  }
  it.table.rows[0].push_back("all"), it.table.rows[1].push_back(text(pairs.size()));
  return it;
}

void add_to(LengthFigure& figure, const std::string& name, const Said& said,
            const std::vector<Pair>& pairs) {
  Series line{name};
  std::vector<std::string> row{name};
  for (const analysis::Band& band : figure.bands) {
    const std::vector<double> exact = exact_match(said, pairs, band);
    add_point(line, (band.low + band.high) / 2.0, exact, 0);
    row.push_back(with_spread(exact));
  }
  row.push_back(with_spread(exact_match(said, pairs)));
  figure.chart.series.push_back(line);
  figure.table.rows.push_back(row);
}

}  // namespace babelgrad::lab
