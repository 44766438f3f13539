// The heart of the product: a tile of C that stays in registers while p goes from 0 to k.
#pragma once

#include <cmath>

#include "tensor/shape.h"
#include "tensor/simd.h"

namespace babelgrad::raw {

// c + a b. Compilers round the product and sum of vectors once, if the machine can and they
// optimise at all; of single numbers only in some loops, and the bits would depend on the loop.
inline Vec add_product(Vec c, Vec a, Vec b) {
#if defined(BABELGRAD_SIMD) && !BABELGRAD_SIMD && (defined(__FMA__) || defined(__aarch64__))
  return std::fma(a, b, c);
#else
  return c + a * b;
#endif
}

// A panel of B is two vectors wide. tile_rows * 2 sums, a row of the panel and one number of A fill
// the registers: per p, tile_rows * 2 multiply-adds for tile_rows + 2 loads.
constexpr int tile_rows = vector_registers == 32 ? 12 : 6;
constexpr int panel_width = 2 * lanes;

struct Tile {                                   // one call of the kernel
  Index depth = 0;                              // p = 0 .. depth-1
  const Real* a = nullptr;                      // a[i * a_row + p * a_step]
  Index a_row = 0, a_step = 0;
  const Real* b = nullptr;                      // b[p * b_step + j]
  Index b_step = 0;
  Real* c = nullptr;                            // c[i * c_row + j]
  Index c_row = 0;
  const Real* next = nullptr;                   // C's next tile, to be fetched meanwhile
  bool accumulate = false;                      // start from c, else from 0
  const Real* bias = nullptr;                   // added at the end if given, one number per column
  bool relu = false;
};

// The kernel for a tile of 1 .. tile_rows rows and one or two vectors of columns.
using Kernel = void (*)(const Tile&);
Kernel kernel(Index rows, Index vectors);

}  // namespace babelgrad::raw
