// Products of stacks of matrices.
#pragma once

#include "tensor/gemm.h"
#include "tensor/gemm_int8.h"
#include "tensor/tensor.h"

namespace babelgrad::raw {

// A (..., m, k) times B (..., k, n) is (..., m, n); leading axes broadcast, any strides. A rank-1
// operand is a row at the left, a column at the right, and its axis of 1 is dropped, as in NumPy.
Tensor matmul(const Tensor& A, const Tensor& B);

// C += A B, for matrices; of no C: C = A B. For sums of gradients, which nobody else holds.
void add_matmul(Tensor& C, const Tensor& A, const Tensor& B);

// C (m, n) = or += X W, or X Wᵀ with the other side; X is (m, k).
enum class Side { W, W_transposed };
void multiply(const Tensor& X, const Tensor& W, Side side, Tensor& C, bool accumulate = false,
              const Real* bias = nullptr);

// A weight that every step of a recurrence, or of a search, multiplies with: prepacked for products
// of more rows than a few, which are best multiplied with W as it lies.
class Prepacked {
 public:
  Prepacked(const Tensor& W, Side side, Index most_rows);
  static Prepacked in_int8(const Tensor& W, Side side);      // rounded, for any number of rows
  void multiply(const Tensor& X, Tensor& C, bool accumulate = false,
                const Real* bias = nullptr) const;

 private:
  Tensor W_;
  Side side_;
  Panels panels_;
  Int8Panels int8_;
};

}  // namespace babelgrad::raw
