// The small trainings that experiments are made of: in memory, in seconds, and the same for the
// same seed on any number of threads.
#pragma once

#include "data/tasks.h"
#include "tools/app/run/train.h"
#include "tools/lab/lab.h"

namespace babelgrad::lab {

constexpr std::int64_t quick_share = 3;         // in a quick run one in this many updates

using Corpus = Splits;
// The built-in one; at most `most` pairs to validate and as many to test on.
// Tiny: a few pairs of the kind; quick: at most 150 to test on.
Corpus corpus_of(const LabOptions& options, CorpusOptions kind, int most = 400);
// What most experiments learn: the grammar's sentences of 3 to 10 words, or to 12.
inline const CorpusOptions short_sentences{.pairs = 20000, .max_length = 10};
inline const CorpusOptions sentences_to_12{.pairs = 30000, .max_length = 12};

// What suits a small model, "rnn", "attention" or "transformer", whose widths are all `width` (and
// twice that in a feed-forward network): Adam, no dropout, `steps` updates from batches of 64, the
// learning rate up to `lr` within a tenth of them, and down along a cosine to 0.
TrainSettings small_training(const std::string& model, int width, int layers, int steps, double lr);

// A model's size that makes it as large as `parameters`, to be given to `size`, of the vocabularies
// of these pairs. Error if the nearest it comes is more than 2 % away.
void match_parameters(TrainSettings& settings, int ModelConfig::*size, Index parameters,
                      const std::vector<Pair>& pairs);
Index parameters_of(const TrainSettings& settings, const std::vector<Pair>& pairs);

struct Trained {
  std::unique_ptr<Translator> model;            // ready to translate
  std::vector<double> losses, grad_norms;       // of every update, the latter before clipping
  Index parameters = 0, tokens = 0;             // tokens: target positions learnt from
  bool diverged = false;                        // ended early, at a loss that is not finite
};

// All trainings of one experiment, with progress over the lot.
class Trials {
 public:
  using OnStep = std::function<bool(Translator& model, long step)>;     // false: enough

  Trials(const LabOptions& options, int count) : options(options), count_(count) {}

  // settings.max_steps updates; quick: a part of them; tiny: a dozen, which must lower the loss.
  // Error if it diverges.
  Trained train(const std::string& name, const TrainSettings& settings,
                const std::vector<Pair>& pairs, const OnStep& on_step = nullptr);
  // The same, but diverging is a result, too.
  Trained attempt(const std::string& name, const TrainSettings& settings,
                  const std::vector<Pair>& pairs, const OnStep& on_step = nullptr);
  // Once for each of options.seeds(), from that at place `first` on.
  std::vector<Trained> train_each(const std::string& name, TrainSettings settings,
                                  const std::vector<Pair>& pairs, std::size_t first = 0);

  const LabOptions& options;

 private:
  int count_, done_ = 0;
};

// One training for each learning rate, with settings.seed; the best by its loss on validation.
struct Grid {
  std::string name;
  std::vector<double> rates, losses;
  std::size_t best = 0;
  Trained trained = {};                         // at the best rate
  double rate() const { return rates[best]; }
};
// judge: its loss in place of that on validation, and a training may diverge.
using Judge = std::function<double(const Trained& run)>;
Grid try_rates(Trials& trials, const std::string& name, TrainSettings settings,
               const std::vector<double>& rates, const Corpus& corpus,
               const Judge& judge = nullptr);

// A model at the rate that suits it, found with the first seed, which then needs no other run.
struct Contender {
  std::string name;
  TrainSettings settings;                       // at the best rate
  Grid grid;                                    // its model is runs[0]'s
  std::vector<Trained> runs = {};               // one for each seed
};
Contender contend(Trials& trials, const std::string& name, TrainSettings settings,
                  const std::vector<double>& rates, const Corpus& corpus);

PageTable table_of(const std::vector<const Grid*>& grids);      // which have the same rates
PageTable table_of(const std::vector<Contender>& contenders);   // of their grids

// Loss in training: a point for every ten updates, over the runs that came so far.
Series learning_curve(const std::string& name, const std::vector<std::vector<double>>& losses,
                      double floor);

}  // namespace babelgrad::lab
