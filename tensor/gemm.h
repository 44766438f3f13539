// General matrix multiplication, C = A B or C += A B, for matrices with any strides.
#pragma once

#include "tensor/storage.h"

namespace babelgrad {

struct Matrix {                                 // element (i, j) is at[i * row + j * column]
  const Real* at;
  Index row, column;
};

// A is (m, k), B is (k, n), C is (m, n), row-major with c_row numbers from row to row; `bias`, n
// numbers or none, is added to each row in the end.
//
// Which bits come out: if m > 1, each element is the sum over p = 0, 1, ..., k-1 in this order,
// from 0 or from C, of fused multiply-adds where the machine has them. A single row, m = 1, has
// `lanes` such sums, each of every lanes-th p, added up at the end. Nothing else matters: not n,
// not the other rows, not the strides, not the number of threads, not whether B comes as Panels.
void gemm(Index m, Index n, Index k, Matrix A, Matrix B, Real* C, Index c_row,
          bool accumulate = false, const Real* bias = nullptr);

// The definition, three loops; what gemm is tested against.
void gemm_plain(Index m, Index n, Index k, Matrix A, Matrix B, Real* C, Index c_row,
                bool accumulate = false, const Real* bias = nullptr);

// A right side, B (k, n), that is multiplied many times: copied once into the order in which gemm
// reads it. Copies of a Panels share their memory.
class Panels {
 public:
  Panels() = default;                           // none
  Panels(Index n, Index k, Matrix B);
  explicit operator bool() const { return bool(packed_); }
  Index columns() const { return columns_; }
  Index depth() const { return depth_; }
  const Real* panel(Index j) const;             // number j: a few columns side by side, p by p

 private:
  Storage packed_;
  Index columns_ = 0, depth_ = 0;
};

// A is (m, depth), C is (m, columns).
void gemm(Index m, Matrix A, const Panels& B, Real* C, Index c_row, bool accumulate = false,
          const Real* bias = nullptr);

}  // namespace babelgrad
