// Views: other shapes and strides over the same numbers. Nothing is copied, except by reshape()
// where no strides can express the new shape, and by contiguous().
#pragma once

#include "tensor/tensor.h"

namespace babelgrad::raw {

Tensor reshape(const Tensor& x, Shape shape);   // one dimension may be -1: whatever is left
Tensor permute(const Tensor& x, const Shape& axes);                      // axis i is x's axes[i]
Tensor transpose(const Tensor& x, int a = -2, int b = -1);               // exchange two axes
Tensor expand(const Tensor& x, const Shape& shape);                      // repeat by stride 0
Tensor slice(const Tensor& x, int axis, int begin, int end, int step = 1);  // Python's x[b:e:step]
Tensor select(const Tensor& x, int axis, int index);                     // the axis is dropped
Tensor unsqueeze(const Tensor& x, int axis);                             // a new axis of size 1
Tensor squeeze(const Tensor& x, int axis);                               // drop an axis of size 1
Tensor flip(const Tensor& x, int axis);                                  // backwards
Tensor contiguous(const Tensor& x);             // x itself, or a row-major copy

}  // namespace babelgrad::raw
