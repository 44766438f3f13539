// A running mean of weights: steadier than the last of them, as good as a smaller learning rate.
#pragma once

#include "nn/module.h"

namespace babelgrad {

// Polyak and Juditsky 1992, exponential as in Kingma and Ba 2015, section 7.2: after every update
// mean = d mean + (1 - d) w, with d = min(decay, (1 + n) / (10 + n)) after n updates, so that the
// first weights are soon forgotten.
struct MovingAverage {
  double decay;
  std::vector<Parameter> params, means;         // means: of the same names

  // Error: decay outside 0 .. 1.
  MovingAverage(std::vector<Parameter> params, double decay);
  void update(long n);                          // n: updates before this one
  void swap();                                  // weights and means change places; twice: as before
};

}  // namespace babelgrad
