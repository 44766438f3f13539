// General matrix multiplication, C = A B or C += A B, for matrices with any strides.
#pragma once

#include "tensor/real.h"
#include "tensor/shape.h"

namespace babelgrad {

struct Matrix {                                 // element (i, j) is at[i * row + j * column]
  const Real* at;
  Index row, column;
};

// A is (m, k), B is (k, n), C is (m, n), row-major with c_row numbers from row to row.
void gemm(Index m, Index n, Index k, Matrix A, Matrix B, Real* C, Index c_row,
          bool accumulate = false);

// The definition, three loops; what gemm is tested against.
void gemm_plain(Index m, Index n, Index k, Matrix A, Matrix B, Real* C, Index c_row,
                bool accumulate = false);

}  // namespace babelgrad
