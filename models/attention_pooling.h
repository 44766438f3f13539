// Attention before anything is learned: the answer to a query is the mean of the values, weighted
// by how near their keys are (Nadaraya and Watson 1964).
#pragma once

#include <cmath>

#include "autograd/ops.h"

namespace babelgrad {

// What the kernels take from PyTorch: the larger of two, zeros, a square.
inline Tensor max(const Tensor& a, const Tensor& b) { return maximum(a, b); }
inline Tensor zeros_like(const Tensor& x) { return Tensor(x.shape()); }
inline Real square(Real x) { return x * x; }

// D2L 11.2.1 Kernels and Data. Distances of any shape in, weights out.
inline Tensor gaussian(const Tensor& x) { return exp(-square(x) / 2); }
inline Tensor boxcar(const Tensor& x) { return abs(x) < 1.0; }
inline Tensor constant(const Tensor& x) { return 1.0 + 0 * x; }
inline Tensor epanechikov(const Tensor& x) { return max(1 - abs(x), zeros_like(x)); }

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

// D2L 11.2.3 Adapting Attention Pooling
inline auto gaussian_with_width(Real sigma) {
  check(sigma != 0 && std::isfinite(sigma), "gaussian_with_width: a width of ", sigma);
  return [sigma](const Tensor& x) { return exp(-square(x) / (2 * square(sigma))); };
}

}  // namespace babelgrad
