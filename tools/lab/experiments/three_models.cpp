#include "tools/lab/experiments/three_models.h"

#include <algorithm>

#include "tools/lab/numbers.h"

namespace babelgrad::lab {

std::vector<double> ThreeSizes::tried(const LabOptions& options) const {
  return options.quick ? std::vector<double>{rates[0]} : rates;
}

TrainSettings ThreeSizes::plain(int width, double rate) const {
  TrainSettings settings = small_training("rnn", width, 1, steps, rate);
  settings.batch_size = batch_size;
  return settings;
}

std::vector<TrainSettings> three_models(const ThreeSizes& sizes, const std::vector<Pair>& pairs) {
  std::vector<TrainSettings> all{
      sizes.plain(sizes.width, 0), small_training("attention", sizes.width, 1, sizes.steps, 0),
      small_training("transformer", sizes.transformer, 2, sizes.steps, 0)};
  for (TrainSettings& settings : all) settings.batch_size = sizes.batch_size;
  const Index parameters = parameters_of(all[0], pairs);
  match_parameters(all[1], &ModelConfig::embed, parameters, pairs);
  match_parameters(all[2], &ModelConfig::ffn, parameters, pairs);
  return all;
}

std::vector<Contender> contend_three(Trials& trials, const ThreeSizes& sizes,
                                     const Corpus& corpus) {
  std::vector<Contender> all;
  for (const TrainSettings& settings : three_models(sizes, corpus.train))
    all.push_back(contend(trials, three_names[all.size()], settings, sizes.tried(trials.options),
                          corpus));
  return all;
}

int trainings_of_three(const LabOptions& options, const ThreeSizes& sizes) {
  return 3 * int(sizes.tried(options).size() + options.seeds().size() - 1);
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

LengthFigure length_figure(const std::string& title, const std::vector<analysis::Band>& bands,
                           const std::vector<Pair>& pairs) {
  LengthFigure it{bands, {.title = title, .x = {"source length", "tokens"},
                          .y = {"exact match", "%"},
                          .note = join("Each point stands in the middle of its lengths. ",
                                       means_and_bands, " to each side.")},
                  {title + ", %", {{"source tokens"}, {"test pairs"}}}};
  for (const analysis::Band& band : bands) {
    it.table.rows[0].push_back(band.name());
    it.table.rows[1].push_back(text(std::ranges::count_if(
        pairs, [&](const Pair& pair) { return band.holds(int(pair.src.size())); })));
  }
  it.table.rows[0].push_back("all"), it.table.rows[1].push_back(text(pairs.size()));
  return it;
}

void LengthFigure::add(const std::string& name, const Said& said, const std::vector<Pair>& pairs) {
  Series& line = chart.series.emplace_back(Series{name});
  std::vector<std::string>& row = table.rows.emplace_back(std::vector{name});
  for (const analysis::Band& band : bands) {
    const std::vector<double> exact = exact_match(said, pairs, band);
    add_point(line, (band.low + band.high) / 2.0, exact, 0);
    row.push_back(with_spread(exact));
  }
  row.push_back(with_spread(exact_match(said, pairs)));
}

}  // namespace babelgrad::lab
