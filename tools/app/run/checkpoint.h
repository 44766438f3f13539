// The whole state of a training run in one file, so that stopping anywhere loses nothing: weights,
// moments, the place in the data, random numbers, and what run it is.
#pragma once

#include <cmath>

#include "nn/moving_average.h"
#include "nn/trainer.h"
#include "tools/app/run/kept_epochs.h"

namespace babelgrad {

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
