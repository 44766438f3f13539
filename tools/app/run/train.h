// A training run: corpus, settings and folder in; a trained model, a log and the way to resume out.
#pragma once

#include <functional>

#include "nn/trainer.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/run/settings.h"

namespace babelgrad {

struct TrainOutcome {
  std::unique_ptr<Translator> model;            // that of the file: see run_training
  bool complete = true;                         // false: stopped by a signal or by max_steps
  double seconds = 0;                           // of this call
  long steps = 0;                               // of the run
  long done_now = 0;                            // of this call
};

// Trains in `folder`: model.safetensors, trainer.safetensors, log.jsonl. The model is the best by
// settings.valid_by, without validation the last; if an average is asked for, it is the mean at the
// end, the best is best.safetensors, and epoch-*.safetensors stay for a resume with more epochs.
// A run that is killed, at whatever moment, is resumed from its last checkpoint as if it had not
// been. `ready` is called once nothing but the training itself can still fail, and before a file is
// touched. Errors: settings that make no model, optimiser or schedule; a checkpoint that is damaged
// or another run's; a loss not finite.
TrainOutcome run_training(const TrainSettings& settings, const TrainingCorpus& corpus,
                          const std::string& folder, bool resume, Progress& progress,
                          const std::function<void()>& ready = nullptr);

void clear_run(const std::string& folder);      // removes these files

// BLEU of the tokens, decoded greedily.
double greedy_bleu(Translator& model, const std::vector<Pair>& pairs);

// Mean per target token, without dropout.
double loss_of(Translator& model, const std::vector<Pair>& pairs);

// --- what a training is made of

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

// The learning rates of a run of `epochs` epochs. A cosine without a total ends with the last
// update, if each epoch has as many as the first. Error if a cosine ends within its warm-up.
Schedule schedule_of(const TrainSettings& settings, TrainingData& data, int epochs);

// What can be seen of a run before its first update: that little or nothing can come of it. A line
// each: words that are not in the vocabularies, updates that nothing is learnt in, batches and
// checkpoints that can never be.
std::vector<std::string> notes_on(const TrainSettings& settings, const TrainingCorpus& corpus,
                                  const Translator& model, TrainingData& data,
                                  const Schedule& schedule);

}  // namespace babelgrad
