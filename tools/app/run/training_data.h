// What a training begins with, and the batches that it learns from.
#pragma once

#include "tools/app/run/training.h"

namespace babelgrad {

struct Beginning {
  std::unique_ptr<Translator> model;
  std::unique_ptr<Optimizer> optim;
};
// Vocabularies of the pairs, new parameters and their optimiser, all from settings.seed.
Beginning begin_training(const TrainSettings& settings, const TrainingCorpus& corpus);

// What Trainer asks of data: an epoch's order, drawn from (seed, epoch) alone, and its batches.
class TrainingData {
 public:
  TrainingData(const TrainSettings& settings, const std::vector<Pair>& pairs,
               const Translator& model);
  Epoch epoch(int number);                      // with BPE dropout, other pieces in each
  Batch batch(const std::vector<int>& rows) const;

 private:
  const TrainSettings& settings_;
  const std::vector<Pair>& words_;
  const Translator& model_;
  std::vector<Pair> pieces_;
};

// The learning rates of a run of so many epochs. A cosine without a total ends with the last
// update, if each epoch has as many as the first. Error if a cosine ends within its warm-up.
Schedule schedule_of(const TrainSettings& settings, TrainingData& data, int epochs);

}  // namespace babelgrad
