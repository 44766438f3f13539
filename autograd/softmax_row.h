// The softmax of one row, for softmax.cpp and for attention.
#pragma once

#include "tensor/rows.h"
#include "tensor/vector_math.h"

namespace babelgrad {

// What is taken from all numbers of a row before eˣ: the largest, or a finite number if that is −∞,
// so that e to the power of −∞ stays 0.
inline Real shift_of(const Real* x, Index n) {
  return std::max(raw::max_row(x, n), std::numeric_limits<Real>::lowest());
}

// p = softmax of the n numbers of x, which may lie in the same place; NaN in, NaN out. If all are
// −∞, none weighs anything.
inline void softmax_row(const Real* x, Real* p, Index n) {
  Real largest = shift_of(x, n);
  Real total = raw::sum_row(n, [=](Index j, Index left) {
    Vec e = simd::exp(load_some(x + j, left) - largest);
    store_some(p + j, e, left);
    return e;
  });
  raw::fill_row(p, n, [=, scale = total == 0 ? 0 : 1 / total](Index j, Index left) {
    return load_some(p + j, left) * scale;
  });
}

}  // namespace babelgrad
