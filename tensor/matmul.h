// Products of stacks of matrices.
#pragma once

#include "tensor/tensor.h"

namespace babelgrad::raw {

// A (..., m, k) times B (..., k, n) is (..., m, n); leading axes broadcast, any strides. A rank-1
// operand is a row at the left, a column at the right, and its axis of 1 is dropped, as in NumPy.
Tensor matmul(const Tensor& A, const Tensor& B);

// C += A B, for matrices; of no C: C = A B. For sums of gradients, which nobody else holds.
void add_matmul(Tensor& C, const Tensor& A, const Tensor& B);

}  // namespace babelgrad::raw
