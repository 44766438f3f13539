// How parameters begin. All draw from generator(), so manual_seed() fixes them.
#pragma once

#include <algorithm>
#include <cmath>

#include "autograd/node.h"
#include "tensor/random.h"

namespace babelgrad {

inline void uniform_init(Tensor& leaf, Real bound) {                     // U(−bound, bound)
  check(bound >= 0 && std::isfinite(bound), "uniform_init: a bound of ", bound);
  Real* w = overwrite(leaf, "uniform_init");
  for (Index i = 0; i < leaf.numel(); i++) w[i] = bound * (2 * generator().uniform() - 1);
}

// Variance 2 / (in + out), so that signals keep their size both ways (Glorot and Bengio 2010).
inline void xavier_uniform_init(Tensor& weight) {                        // weight (out, in)
  check(weight.rank() == 2, "xavier_uniform_init: a weight is (out, in), not ", weight.shape());
  uniform_init(weight, std::sqrt(6 / std::max(Real(weight.dim(0)) + Real(weight.dim(1)), Real(1))));
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
