// The whole state of a training run in one file, so that stopping anywhere loses nothing: weights,
// moments, the place in the data, random numbers, and what run it is.
#pragma once

#include <cmath>

#include "nn/trainer.h"
#include "tools/model.h"

namespace babelgrad {

struct Checkpoint {
  std::string path;
  Json identity;                                // settings and corpus

  void save(Translator& model, Optimizer& optim, const Position& at, double best) const;
  // Error if the file is damaged or another run's: it names the first setting that differs.
  void load(Translator& model, Optimizer& optim, Position& at, double& best) const;
};

}  // namespace babelgrad
