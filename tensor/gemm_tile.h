// The heart of the fast product: a tile of C that stays in registers while p goes from 0 to k.
#pragma once

#include <cmath>
#include <utility>

#include "tensor/gemm.h"
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
constexpr int tile_rows = vector_registers == 32 ? 14 : 6;
constexpr int panel_width = 2 * lanes;
constexpr Index tile_step = (tile_rows + lanes - 1) / lanes * lanes;    // whole vectors

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
};

// C[i, v] = Σₚ a[i, p] b[p, v], all of it in registers: everything is unrolled but the loop over p.
// If A's tile was packed, its steps are known here, and no register has to hold them.
template <int rows, int vectors, bool packed>
void tile(const Tile& t) {
  // Begin from 0 or from C.
  Vec sum[rows][vectors] = {};
#pragma GCC unroll 14
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
      if (t.accumulate) sum[i][v] = load(t.c + i * t.c_row + v * lanes);
    }
  }

  // For each p, every number of A's column times the row of the panel. Meanwhile the next tile of C
  // is fetched, a row at each of the first p: it comes from far away, and all at once would wait.
  const Real *a = t.a, *b = t.b, *next = t.next;
  const Index a_row = packed ? 1 : t.a_row, a_step = packed ? tile_step : t.a_step;
  Index depth = t.depth, b_step = t.b_step, next_row = t.c_row;
#pragma GCC unroll 4
  for (Index p = 0; p < depth; p++, a += a_step, b += b_step) {
    if (p < rows) {
      __builtin_prefetch(next, 1);
      __builtin_prefetch(next + vectors * lanes - 1, 1);
      next += next_row;
    }
    Vec row[vectors];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) row[v] = load(b + v * lanes);
#pragma GCC unroll 14
    for (int i = 0; i < rows; i++) {
      Vec ai = splat(a[i * a_row]);
#pragma GCC unroll 2
      for (int v = 0; v < vectors; v++) sum[i][v] = add_product(sum[i][v], ai, row[v]);
    }
  }

  // Finish and write.
  Real* c = t.c;
  const Real* bias = t.bias;
  Index c_row = t.c_row;
#pragma GCC unroll 14
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
      Vec x = sum[i][v];
      if (bias) x += load(bias + v * lanes);
      store(c + i * c_row + v * lanes, x);
    }
  }
}

// The kernel for a tile of 1 .. tile_rows rows and one or two vectors of columns: of a table, since
// the size of a tile must be known when it is compiled.
using Kernel = void (*)(const Tile&);

template <bool packed, int... rows>
Kernel choose_kernel(Index height, Index vectors, std::integer_sequence<int, rows...>) {
  static constexpr Kernel kernels[][2] = {
      {tile<rows + 1, 1, packed>, tile<rows + 1, 2, packed>}...};
  return kernels[height - 1][vectors - 1];
}
inline Kernel kernel(Index rows, Index vectors, bool packed) {
  constexpr auto heights = std::make_integer_sequence<int, tile_rows>();
  return packed ? choose_kernel<true>(rows, vectors, heights)
                : choose_kernel<false>(rows, vectors, heights);
}

// --- gemm_row.cpp: what is asked for, and all of it if m = 1
struct Product {
  Index m, n, k;
  Matrix A, B;
  const Panels* packed;                         // B, if it comes as panels
  Real* C;
  Index c_row;
  bool accumulate;
  const Real* bias;
};
void one_row(const Product& x);

}  // namespace babelgrad::raw
