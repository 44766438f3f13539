// The verb that makes tensors smaller. Sums are pairwise: halves added to halves, so the rounding
// error grows with log n instead of n, and the order never depends on the number of threads.
#pragma once

#include <vector>

#include "tensor/tensor.h"

namespace babelgrad::raw {

using Axes = std::vector<int>;                  // empty: all axes

Tensor sum(const Tensor& x, const Axes& axes = {}, bool keepdim = false);
Tensor max(const Tensor& x, const Axes& axes = {}, bool keepdim = false);    // NaN if there is one
Tensor sum_to(const Tensor& x, const Shape& shape);   // undoes broadcasting: sums what was repeated
Tensor cumsum(const Tensor& x, int axis);

Ints argmax(const Tensor& x, int axis = -1);          // the first of equals; NaN counts as largest
struct TopK { Tensor values; Ints indices; };         // (..., k), largest first, ties by index
TopK topk(const Tensor& x, int k);                    // over the last axis

Real pairwise_sum(const Real* x, Index n);
// How many numbers go into one result of the operation.
Index count_of(const Tensor& x, const Axes& axes, const char* operation);

Tensor one_hot(const Ints& ids, int num_classes);          // (...) -> (..., num_classes): at the id

}  // namespace babelgrad::raw
