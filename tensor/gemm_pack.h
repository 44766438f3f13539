// Packing: copies of parts of A and B in the order in which the kernel reads them.
#pragma once

#include "tensor/gemm.h"
#include "tensor/gemm_tile.h"

namespace babelgrad::raw {

inline Index panels(Index n) { return (n + panel_width - 1) / panel_width; }

// The first n columns of B for p = 0 .. depth-1: panel, p, column within it. What is missing in the
// last panel may be anything.
void pack_panels(Matrix B, Index n, Index depth, Real* out);

// The rows of A are dealt to tiles of nearly the same height: 128 are 18 tiles of 6 and 4 of 5.
inline Index tiles_of(Index rows) { return (rows + tile_rows - 1) / tile_rows; }

// A block of A: element (r, p) of tile q, which begins with row i, is at[i * row + r * row +
// p * column], or, if each tile was packed by itself, at[q * tile + r * row + p * column].
struct Rows {
  const Real* at;
  Index row, column, tile;
};
constexpr Index tile_step = (tile_rows + lanes - 1) / lanes * lanes;    // whole vectors

// The first `rows` rows of A for p = 0 .. depth-1; `out` has room for tiles of tile_step rows.
Rows pack_rows(Matrix A, Index rows, Index depth, Real* out);

}  // namespace babelgrad::raw
