// Attention before anything is learned: the answer to a query is the mean of the values, weighted
// by how near their keys are (Nadaraya and Watson 1964).
#pragma once

#include <cmath>

#include "autograd/ops.h"

namespace babelgrad {

// D2L 11.2.1 Kernels and Data. Distances of any shape in, weights out.
inline Tensor gaussian(const Tensor& x) { return exp(-square(x) / 2); }
// Departs from D2L: there is no comparison of a tensor with a number.
inline Tensor boxcar(const Tensor& x) {
  std::vector<Real> near = x.values();
  for (Real& distance : near) distance = std::abs(distance) < 1 ? 1 : 0;
  return Tensor(x.shape(), near);
}
inline Tensor constant(const Tensor& x) { return 1.0 + 0 * x; }
// Departs from D2L: zeros are made by their shape.
inline Tensor epanechikov(const Tensor& x) { return maximum(1 - abs(x), Tensor(x.shape())); }

// D2L 11.2.2 Attention Pooling via Nadaraya–Watson Regression
// x_train and y_train (n), x_val (m), a kernel -> y_hat (m) and the weights (n, m), of which each
// column, a query, sums to 1.
template <class Kernel>
std::pair<Tensor, Tensor> nadaraya_watson(const Tensor& x_train, const Tensor& y_train,
                                          const Tensor& x_val, const Kernel& kernel) {
  Tensor dists = reshape(x_train, {-1, 1}) - reshape(x_val, {1, -1});
  Tensor k = kernel(dists);
  Tensor attention_w = k / sum(k, {0});         // Eq. (11.2.2)
  Tensor y_hat = matmul(y_train, attention_w);
  return {y_hat, attention_w};
}

// D2L 11.2.3 Adapting Attention Pooling. Departs from D2L: σ² is a product of numbers.
inline auto gaussian_with_width(Real sigma) {
  check(sigma != 0 && std::isfinite(sigma), "gaussian_with_width: a width of ", sigma);
  return [sigma](const Tensor& x) { return exp(-square(x) / (2 * sigma * sigma)); };
}

}  // namespace babelgrad
