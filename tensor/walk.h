// How a loop runs over strided operands: axes that follow each other without gaps in every operand
// are merged, and what is left is a set of rows with one step per operand. Fully contiguous
// operands become a single row, which is a plain loop.
#pragma once

#include <algorithm>

#include "tensor/parallel.h"
#include "tensor/shape.h"

namespace babelgrad::raw {

constexpr Index parallel_grain = 16384;         // numbers that are worth waking a thread for

template <int N>
struct Walk {
  Shape shape;                                  // merged
  Index step[N][max_rank] = {};

  Walk(const Shape& full, const Strides (&strides)[N]) {
    // Merge an axis with the one before it if each operand steps through both as through one.
    for (int axis = 0; axis < full.rank(); axis++) {
      if (full[axis] == 1) continue;
      int last = shape.rank() - 1;
      bool merge = last >= 0 && shape[last] <= INT32_MAX / std::max(full[axis], 1);
      for (int k = 0; k < N; k++) merge = merge && step[k][last] == strides[k][axis] * full[axis];
      if (merge) shape[last] *= full[axis];
      else shape.append(full[axis]);
      for (int k = 0; k < N; k++) step[k][shape.rank() - 1] = strides[k][axis];
    }
    if (shape.rank() == 0) shape.append(1);
  }

  // Calls body(at, n, steps): operand k's row of n numbers begins at at[k] and moves by steps[k].
  template <class Body>
  void rows(const Body& body) const {
    int inner = shape.rank() - 1;
    Index n = shape[inner], count = 1, steps[N];
    for (int axis = 0; axis < inner; axis++) count *= shape[axis];
    if (n == 0 || count == 0) return;
    for (int k = 0; k < N; k++) steps[k] = step[k][inner];
    if (count == 1) {                           // one row: threads share its numbers
      parallel_for(n, parallel_grain, [&](Index begin, Index end) {
        Index at[N];
        for (int k = 0; k < N; k++) at[k] = begin * steps[k];
        body(at, end - begin, steps);
      });
      return;
    }
    // Many rows: threads share them; a row's number says its index on the other axes.
    parallel_for(count, std::max<Index>(1, parallel_grain / n), [&](Index begin, Index end) {
      for (Index row = begin; row < end; row++) {
        Index at[N] = {}, rest = row;
        for (int axis = inner - 1; axis >= 0; rest /= shape[axis--]) {
          for (int k = 0; k < N; k++) at[k] += rest % shape[axis] * step[k][axis];
        }
        body(at, n, steps);
      }
    });
  }
};

}  // namespace babelgrad::raw
