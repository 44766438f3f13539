// How parameters begin. All draw from generator(), so manual_seed() fixes them.
#pragma once

#include <cmath>

#include "autograd/node.h"
#include "tensor/random.h"

namespace babelgrad {

inline void uniform_init(Tensor& leaf, Real bound) {                     // U(−bound, bound)
  Real* w = overwrite(leaf, "uniform_init");
  for (Index i = 0; i < leaf.numel(); i++) w[i] = bound * (2 * generator().uniform() - 1);
}

// Variance 2 / (in + out), so that signals keep their size both ways (Glorot and Bengio 2010).
inline void xavier_uniform_init(Tensor& weight) {                        // weight (out, in)
  uniform_init(weight, std::sqrt(Real(6) / Real(weight.dim(0) + weight.dim(1))));
}

inline Tensor uniform_parameter(const Shape& shape, Real bound) {
  Tensor leaf = requires_grad(Tensor::empty(shape));
  uniform_init(leaf, bound);
  return leaf;
}

inline Tensor randn(const Shape& shape) {                                // mean 0, variance 1
  Tensor x = Tensor::empty(shape);
  for (Index i = 0; i < x.numel(); i++) x.data()[i] = generator().normal();
  return x;
}

}  // namespace babelgrad
