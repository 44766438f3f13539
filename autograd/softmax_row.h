// The softmax of one row, for softmax.cpp and for attention.
#pragma once

#include "tensor/rows.h"
#include "tensor/vector_math.h"

namespace babelgrad {

// p = softmax of the n numbers of x, which may lie in the same place; NaN in, NaN out.
inline void softmax_row(const Real* x, Real* p, Index n) {
  Real largest = raw::max_row(x, n);
  Real total = raw::sum_row(n, [=](Index j, Index left) {
    Vec e = simd::exp(load_some(x + j, left) - largest);
    store_some(p + j, e, left);
    return e;
  });
  raw::fill_row(p, n, [=, scale = 1 / total](Index j, Index left) {
    return load_some(p + j, left) * scale;
  });
}

}  // namespace babelgrad
