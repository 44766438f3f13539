#include "tensor/gemm_tile.h"

#include <utility>

namespace babelgrad::raw {
namespace {

// C[i, v] = Σₚ a[i, p] b[p, v], all of it in registers: everything is unrolled but the loop over p.
template <int rows, int vectors>
void tile(const Tile& t) {
  // Begin from 0 or from C, and ask for the tile that comes next.
  Vec sum[rows][vectors] = {};
#pragma GCC unroll 12
  for (int i = 0; i < rows; i++) {
    __builtin_prefetch(t.next + i * t.c_row, 1);
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
      if (t.accumulate) sum[i][v] = load(t.c + i * t.c_row + v * lanes);
    }
  }

  // For each p, every number of A's column times the row of the panel.
  const Real *a = t.a, *b = t.b;
  Index a_row = t.a_row, a_step = t.a_step, b_step = t.b_step;
#pragma GCC unroll 4
  for (Index p = 0; p < t.depth; p++, a += a_step, b += b_step) {
    Vec row[vectors];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) row[v] = load(b + v * lanes);
#pragma GCC unroll 12
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
  bool relu = t.relu;
#pragma GCC unroll 12
  for (int i = 0; i < rows; i++) {
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
      Vec x = sum[i][v];
      if (bias) x += load(bias + v * lanes);
      if (relu) x = x < 0 ? Vec{} : x;
      store(c + i * c_row + v * lanes, x);
    }
  }
}

// A table of all heights, one or two vectors wide; the size of a tile is known when it is compiled.
template <int... rows>
Kernel choose(Index height, Index vectors, std::integer_sequence<int, rows...>) {
  static constexpr Kernel kernels[][2] = {{tile<rows + 1, 1>, tile<rows + 1, 2>}...};
  return kernels[height - 1][vectors - 1];
}

}  // namespace

Kernel kernel(Index rows, Index vectors) {
  return choose(rows, vectors, std::make_integer_sequence<int, tile_rows>());
}

}  // namespace babelgrad::raw
