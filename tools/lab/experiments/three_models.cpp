#include "tools/lab/experiments/three_models.h"

namespace babelgrad::lab {

std::vector<double> ThreeSizes::tried(const LabOptions& options) const {
  return options.brief() ? std::vector<double>{rates[0]} : rates;
}

TrainSettings ThreeSizes::plain(int of_width, double rate) const {
  TrainSettings settings = small_training("rnn", of_width, 1, steps, rate);
  settings.batch_size = batch_size;
  return settings;
}

std::string ThreeSizes::told() const {
  return join("Equal parameters within 2 %: states of width ", width, " in the recurrent models, "
              "one GRU layer; width ", transformer, " in the Transformer of 2 + 2 blocks.");
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

}  // namespace babelgrad::lab
