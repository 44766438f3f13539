// Kernels of attention pooling, as the book writes what we write otherwise.
#pragma once

#include "models/attention_pooling.h"
#include "tests/models_book.h"

namespace babelgrad::book {

// D2L 11.2.1 Kernels and Data
inline Tensor boxcar(const Tensor& x) { return abs(x) < 1.0; }
inline Tensor epanechikov(const Tensor& x) { return max(1 - abs(x), zeros_like(x)); }

// D2L 11.2.3 Adapting Attention Pooling
inline auto gaussian_with_width(Real sigma) {
  return [sigma](const Tensor& x) { return exp(-square(x) / (2 * square(sigma))); };
}

}  // namespace babelgrad::book
