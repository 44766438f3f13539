// Products with weights of eight bits: a quarter of the bytes, for searches, whose time goes into
// reading weights.
#pragma once

#include <cstdint>

#include "tensor/gemm.h"

namespace babelgrad {

// The same sums in three ways. A build has the first ones, up to the fastest.
enum class Int8 { plain, avx2, vnni };
#if (defined(BABELGRAD_SIMD) && !BABELGRAD_SIMD) || !defined(__AVX2__)
constexpr Int8 fastest_int8 = Int8::plain;
#elif defined(__AVX512VNNI__)
constexpr Int8 fastest_int8 = Int8::vnni;
#else
constexpr Int8 fastest_int8 = Int8::avx2;
#endif

// A row x of k numbers as integers q = round(x / scale), scale = max |x| / 127, halves to even.
// Returns the scale. Of a row of zeros, or nearly, all are 0; of one with a NaN or an infinity they
// are 0, and the scale is NaN. x[p] is at[p * step].
Real quantize(const Real* at, Index step, Index k, std::int8_t* q);

// A right side B (k, n), each column quantised by itself, as panels of 16 columns. Copies share
// their memory. Error if k > 65536: a sum may not fit in 32 bits.
class Int8Panels {
 public:
  Int8Panels() = default;                       // none
  Int8Panels(Index n, Index k, Matrix B);
  explicit operator bool() const { return bool(bytes_); }
  Index columns() const { return columns_; }
  Index depth() const { return depth_; }
  const std::uint8_t* panel(Index j) const;     // see gemm_int8.cpp
  const Real* scales(Index j) const;            // of its columns

 private:
  Storage bytes_, scales_;
  Index columns_ = 0, depth_ = 0;
};

// C = A B or C += A B, plus `bias`, as gemm; each row of A (m, depth) is quantised when it comes:
//   C[i, j] = scale of row i * scale of column j * Σₚ a[i, p] b[p, j] + bias[j]
// The sum is of integers and exact. So an element's bits depend on nothing but its row, its column
// and its bias: not on the form, not on m or n, not on the number of threads.
void gemm_int8(Index m, Matrix A, const Int8Panels& B, Real* C, Index c_row,
               bool accumulate = false, const Real* bias = nullptr, Int8 form = fastest_int8);

}  // namespace babelgrad
