// Products whose operands are rounded to bf16, the upper half of a float: its sign, its exponent,
// and 8 binary digits. All else stays what it is: sums, weights, gradients, all other operations.
#pragma once

#include "tensor/gemm.h"

namespace babelgrad {

// How gemm takes the numbers that it multiplies: as they are, or as bf16, which is several times
// faster where the processor multiplies tiles of them (Intel's AMX), and slow elsewhere. One choice
// for all threads, as their number is. `full` until somebody says otherwise.
enum class Precision { full, bf16 };
Precision precision();

class WithPrecision {                           // the choice for as long as this lives
 public:
  explicit WithPrecision(Precision now);
  ~WithPrecision();
  WithPrecision(const WithPrecision&) = delete;

 private:
  Precision before_;
};

// To nearest, ties to even. Subnormal numbers become 0, and NaN stays one.
float to_bf16(float x);

bool has_amx();                                 // there, allowed by the system, and compiled for

// What gemm does with Precision::bf16; for shapes and strides see there. Each element of C starts
// from 0 or from C; for p = 0 .. 31, 32 .. 63, ... the sum of the products with even p, plus that
// of those with odd p, is added to it. So the tdpbf16ps of AMX does it, each step rounded to float,
// to 0 if it would be subnormal. Bits depend on nothing else: not on m, n, strides or threads, nor
// on whether there is AMX; those of NaN are the machine's.
void gemm_bf16(Index m, Index n, Index k, Matrix A, Matrix B, Real* C, Index c_row,
               bool accumulate = false, const Real* bias = nullptr);

// The definition, which serves where there is no AMX.
void gemm_bf16_plain(Index m, Index n, Index k, Matrix A, Matrix B, Real* C, Index c_row,
                     bool accumulate = false, const Real* bias = nullptr);

}  // namespace babelgrad
