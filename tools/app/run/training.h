// A training run: corpus, settings and folder in; a trained model, a log and the way to resume out.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "nn/trainer.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/run/model.h"

namespace babelgrad {

struct TrainSettings {
  ModelConfig model;
  std::string batching = "bucketed";            // fixed (the book's), bucketed, tokens
  int batch_size = 64;                          // sentences; with `tokens`, padded positions
  int epochs = 10;
  std::int64_t max_steps = 0;                   // stop, resumable, after so many in all; 0: none
  std::string optimizer = "adam";               // sgd, adam, adamw
  double weight_decay = 0, momentum = 0;
  Schedule schedule = {};
  double clip = 1;
  int accumulate = 1;                           // batches to an update
  std::string valid_by = "loss";                // what makes a model the best: loss, bleu (greedy)
  int patience = 0;                             // end after so many epochs without a better one
  int average = 0;                              // keep the mean of so many epochs' weights; 0: one
  std::string average_of = "last";              // last, or best by validation
  double ema = 0;                               // share kept of the moving mean of weights; 0: none
  int min_freq = 1, vocab_size = 0;
  double bpe_dropout = 0;                       // of subwords, if the model reads them
  Subwords src_codes = {}, tgt_codes = {};      // model.merges given; empty: learnt
  std::uint64_t seed = 0;
  bool check_nan = false;
  int save_every = 0;                           // steps between checkpoints in an epoch; 0: none
  // What else the model's file tells of its training: data, preset, ... as train has them.
  std::vector<std::pair<std::string, std::string>> options = {};
};
Json to_json(const TrainSettings& settings);    // all that makes it another run: not how long it is
// The above, "epochs", and "options" if there are any: Translator::training.
Json training_of(const TrainSettings& settings);

struct TrainingCorpus {
  std::vector<Pair> train, validation;          // validation may be empty
};
std::uint32_t corpus_checksum(const TrainingCorpus& corpus);   // by which a run knows its pairs

struct TrainOutcome {
  std::unique_ptr<Translator> model;            // that of the file: see run_training
  bool complete = true;                         // false: stopped by a signal or by max_steps
  double seconds = 0;                           // of this call
  long steps = 0;
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

}  // namespace babelgrad
