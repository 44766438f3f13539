#include "tensor/gemm.h"

#include <algorithm>
#include <vector>

#include "tensor/parallel.h"
#include "tensor/simd.h"
#include "tensor/storage.h"

namespace babelgrad {

// C[i, j] = Σₚ A[i, p] B[p, j]: each number of A and B is fetched from memory again and again.
void gemm_plain(Index m, Index n, Index k, Matrix A, Matrix B, Real* C, Index c_row,
                bool accumulate) {
  for (Index i = 0; i < m; i++) {
    Real* c = C + i * c_row;
    if (!accumulate) std::fill_n(c, n, Real(0));
    for (Index p = 0; p < k; p++) {
      Real a = A.at[i * A.row + p * A.column];
      for (Index j = 0; j < n; j++) c[j] += a * B.at[p * B.row + j * B.column];
    }
  }
}

// The fast form does the same sums in the same order, p = 0, 1, ..., for a tile of C at a time that
// lies in registers: tile_rows x tile_columns products for tile_rows + tile_columns numbers loaded.
// So that these loads are consecutive, blocks of A and B are first copied ("packed") into panels of
// exactly that height and width; a block of A then stays in the L2 cache while B streams past.
namespace {

constexpr int tile_vectors = 2;
constexpr int tile_rows = vector_registers == 32 ? 12 : 6;  // tile_rows * 2 sums + 3 <= registers
constexpr int tile_columns = tile_vectors * lanes;
constexpr Index block_k = 256;                  // panels of this depth fit the L1 cache
constexpr Index block_rows = 8 * 12;            // block_rows x block_k of A fits the L2 cache
constexpr Index block_columns = 1024;

Index panels(Index n, Index width) { return (n + width - 1) / width; }

// Rows first .. first+rows-1 of A as panels of tile_rows: panel, p, row within it. Zeros fill up.
void pack_rows(Matrix A, Index first, Index rows, Index p0, Index depth, Real* out) {
  for (Index i = 0; i < rows; i += tile_rows) {
    Index height = std::min<Index>(tile_rows, rows - i);
    const Real* from = A.at + (first + i) * A.row + p0 * A.column;
    for (Index p = 0; p < depth; p++, out += tile_rows) {
      for (Index r = 0; r < height; r++) out[r] = from[r * A.row + p * A.column];
      for (Index r = height; r < tile_rows; r++) out[r] = 0;
    }
  }
}

void pack_columns(Matrix B, Index first, Index columns, Index p0, Index depth, Real* out) {
  for (Index j = 0; j < columns; j += tile_columns) {
    Index width = std::min<Index>(tile_columns, columns - j);
    const Real* from = B.at + (first + j) * B.column + p0 * B.row;
    if (B.column == 1 && width == tile_columns) {
      for (Index p = 0; p < depth; p++, out += tile_columns) {
        std::copy_n(from + p * B.row, tile_columns, out);
      }
      continue;
    }
    for (Index p = 0; p < depth; p++, out += tile_columns) {
      for (Index c = 0; c < width; c++) out[c] = from[p * B.row + c * B.column];
      for (Index c = width; c < tile_columns; c++) out[c] = 0;
    }
  }
}

// One tile: C (height x width, at most tile_rows x tile_columns) = or += a panel of A by one of B.
void tile(Index depth, const Real* a, const Real* b, Real* C, Index c_row, Index height,
          Index width, bool accumulate) {
  Vec sum[tile_rows][tile_vectors] = {};
  bool whole = height == tile_rows && width == tile_columns;
  Real edge[tile_rows * tile_columns];
  if (accumulate) {
    if (!whole) {
      for (Index r = 0; r < height; r++) std::copy_n(C + r * c_row, width, edge + r * tile_columns);
    }
    const Real* from = whole ? C : edge;
    Index row = whole ? c_row : tile_columns;
#pragma GCC unroll 12
    for (int r = 0; r < tile_rows; r++) {
#pragma GCC unroll 2
      for (int v = 0; v < tile_vectors; v++) sum[r][v] = load(from + r * row + v * lanes);
    }
  }
  for (Index p = 0; p < depth; p++, a += tile_rows, b += tile_columns) {
    Vec b0 = load(b), b1 = load(b + lanes);
#pragma GCC unroll 12
    for (int r = 0; r < tile_rows; r++) {
      Vec ar = splat(a[r]);
      sum[r][0] += ar * b0;
      sum[r][1] += ar * b1;
    }
  }
  Real* to = whole ? C : edge;
  Index row = whole ? c_row : tile_columns;
#pragma GCC unroll 12
  for (int r = 0; r < tile_rows; r++) {
#pragma GCC unroll 2
    for (int v = 0; v < tile_vectors; v++) store(to + r * row + v * lanes, sum[r][v]);
  }
  if (!whole) {
    for (Index r = 0; r < height; r++) std::copy_n(edge + r * tile_columns, width, C + r * c_row);
  }
}

// All of C's rows first .. last-1 against one packed block of B.
void rows_times_block(Matrix A, const Real* packed_B, Real* C, Index c_row, Index first, Index last,
                      Index columns, Index p0, Index depth, bool accumulate) {
  thread_local std::vector<Real> packed_A;
  packed_A.resize(panels(block_rows, tile_rows) * tile_rows * block_k);
  for (Index i = first; i < last; i += block_rows) {
    Index rows = std::min(block_rows, last - i);
    pack_rows(A, i, rows, p0, depth, packed_A.data());
    for (Index j = 0; j < columns; j += tile_columns) {
      Index width = std::min<Index>(tile_columns, columns - j);
      for (Index r = 0; r < rows; r += tile_rows) {
        tile(depth, packed_A.data() + r * depth, packed_B + j * depth, C + (i + r) * c_row + j,
             c_row, std::min<Index>(tile_rows, rows - r), width, accumulate);
      }
    }
  }
}

}  // namespace

void gemm(Index m, Index n, Index k, Matrix A, Matrix B, Real* C, Index c_row, bool accumulate) {
  if (k == 0 || m * n * k < 512) return gemm_plain(m, n, k, A, B, C, c_row, accumulate);
  Index widest = std::min(n, block_columns), deepest = std::min(k, block_k);
  Storage packed(panels(widest, tile_columns) * tile_columns * deepest);
  Real* packed_B = packed.data();
  Index worth = 400000 / (widest * deepest) / tile_rows * tile_rows;     // rows worth a thread
  Index grain = std::max<Index>(tile_rows, worth);
  for (Index j = 0; j < n; j += block_columns) {
    Index columns = std::min(block_columns, n - j);
    for (Index p = 0; p < k; p += block_k) {
      Index depth = std::min(block_k, k - p);
      parallel_for(panels(columns, tile_columns), 16, [&](Index begin, Index end) {
        Index first = begin * tile_columns;
        pack_columns(B, j + first, std::min(columns, end * tile_columns) - first, p, depth,
                     packed_B + first * depth);
      });
      parallel_for(m, grain, [&](Index begin, Index end) {
        bool add = accumulate || p > 0;
        rows_times_block(A, packed_B, C + j, c_row, begin, end, columns, p, depth, add);
      });
    }
  }
}

}  // namespace babelgrad
