// The whole state of a training run in one file, so that stopping anywhere loses nothing: weights,
// moments, the place in the data, random numbers, and what run it is.
#pragma once

#include <cmath>
#include <functional>

#include "nn/moving_average.h"
#include "nn/trainer.h"
#include "tools/app/run/model.h"

namespace babelgrad {

struct KeptEpoch {
  int epoch;                                    // from 1
  double score;                                 // on validation; lower is better
};

// The weights of some epochs, as model files beside the run's, and their mean: a model that lies
// in the middle of the last ones is often better than each (Vaswani et al. 2017, section 6.1).
// The files stay when the mean is made: if the run is resumed, the next mean needs some of them.
struct KeptEpochs {
  std::string folder;
  int most = 0;                                 // 0: none is kept
  bool best = false;                            // those of lowest score, not the last
  std::vector<KeptEpoch> all = {};              // by epoch

  // Saves it; one too many leaves the list. Its file stays: until a checkpoint with this list is on
  // the disk, a resume from the one before wants it.
  void add(Translator& model, KeptEpoch epoch);
  void remove_others() const;                   // files of epochs that are not in the list
  // An epoch whose file is gone leaves the list, and `say` is told.
  void leave_out_gone(const std::function<void(const std::string&)>& say);
  std::unique_ptr<Translator> mean() const;     // of the weights of all there are; Error: none
};

struct Learning {                               // all that a step of training changes
  std::unique_ptr<Translator> model;
  std::unique_ptr<Optimizer> optim;
  std::unique_ptr<MovingAverage> ema;           // or none
  Position at = {};
  double best = INFINITY;                       // score on validation
  int best_epoch = 0;                           // from 1
  KeptEpochs kept = {};
  int epochs = 0;                               // that the run is to have; 0: of older programs
};

struct Checkpoint {
  std::string path;
  Json identity;                                // settings and corpus

  void check_storable(Learning& state) const;   // as that of a model, in tools/app/run/model.h
  void save(Learning& state) const;
  // Error if the file is damaged or another run's: it names the first setting that differs.
  void load(Learning& state) const;
};

}  // namespace babelgrad
