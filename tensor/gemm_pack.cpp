#include "tensor/gemm_pack.h"

#include <algorithm>

#include "tensor/gemm_transpose.h"
#include "tensor/parallel.h"

namespace babelgrad {
namespace raw {
namespace {

// Whole panels of a row-major B: each of its rows is cut in pieces. A few rows at a time, so that
// both sides are read and written in runs.
void cut_rows(Matrix B, Index n, Index depth, Real* out) {
  constexpr Index few = 8;
  for (Index p0 = 0; p0 < depth; p0 += few) {
    for (Index j = 0; j < n; j += panel_width) {
      for (Index p = p0; p < std::min(depth, p0 + few); p++) {
        const Real* from = B.at + p * B.row + j;
        Real* to = out + j * depth + p * panel_width;
        store(to, load(from));
        store(to + lanes, load(from + lanes));
      }
    }
  }
}

// A panel of any B, number by number, with zeros in the columns that are missing.
void copy_each(Matrix B, Index width, Index depth, Real* out) {
  for (Index p = 0; p < depth; p++, out += panel_width) {
    for (Index j = 0; j < width; j++) out[j] = B.at[p * B.row + j * B.column];
    std::fill(out + width, out + panel_width, Real(0));
  }
}

// A panel of a column-major B: lanes x lanes numbers are turned at a time, in registers.
void turn_columns(Matrix B, Index width, Index depth, Real* out) {
  Index whole = depth / lanes * lanes;
  for (int j = 0; j < panel_width; j += lanes) {
    const Real* from[lanes];
    for (int i = 0; i < lanes; i++) from[i] = B.at + std::min<Index>(j + i, width - 1) * B.column;
    for (Index p = 0; p < whole; p += lanes) {
      Vec block[lanes];
#pragma GCC unroll 16
      for (int i = 0; i < lanes; i++) block[i] = load(from[i] + p);
      transpose(block);
#pragma GCC unroll 16
      for (int i = 0; i < lanes; i++) store(out + (p + i) * panel_width + j, block[i]);
    }
  }
  copy_each({B.at + whole, 1, B.column}, width, depth - whole, out + whole * panel_width);
}

}  // namespace

void pack_panels(Matrix B, Index n, Index depth, Real* out) {
  Index j = 0;
  if (B.column == 1) cut_rows(B, j = n / panel_width * panel_width, depth, out);
  for (; j < n; j += panel_width) {
    Index width = std::min<Index>(panel_width, n - j);
    Matrix panel{B.at + j * B.column, B.row, B.column};
    (B.row == 1 ? turn_columns : copy_each)(panel, width, depth, out + j * depth);
  }
}

Rows pack_rows(Matrix A, Index rows, Index depth, Real* out) {
  if (A.column == 1) {
    for (Index i = 0; i < rows; i++) std::copy_n(A.at + i * A.row, depth, out + i * depth);
    return {out, depth, 1, 0};
  }
  constexpr Index few = 16;                     // lines of a column-major A that stay in L1
  Index count = tiles_of(rows);
  for (Index p0 = 0; p0 < depth; p0 += few) {
    for (Index q = 0; q < count; q++) {
      Index i = rows * q / count, height = rows * (q + 1) / count - i;
      bool vectors = A.row == 1 && i + tile_step <= rows;
      for (Index p = p0; p < std::min(depth, p0 + few); p++) {
        const Real* from = A.at + i * A.row + p * A.column;
        Real* to = out + (q * depth + p) * tile_step;
        if (vectors) {
#pragma GCC unroll 12
          for (int r = 0; r < tile_step; r += lanes) store(to + r, load(from + r));
        } else {
          for (Index r = 0; r < height; r++) to[r] = from[r * A.row];
        }
      }
    }
  }
  return {out, 1, tile_step, tile_step * depth};
}

}  // namespace raw

// Threads pack stretches of whole panels.
Panels::Panels(Index n, Index k, Matrix B)
    : packed_(raw::panels(n) * raw::panel_width * k), columns_(n), depth_(k) {
  constexpr Index some = 8 * raw::panel_width;
  Index grain = (100000 / (some * k + 1) + 1) * some;
  parallel_for(n, grain, [&, out = packed_.data()](Index begin, Index end) {
    for (Index j = begin; j < end; j += some) {
      Matrix from{B.at + j * B.column, B.row, B.column};
      raw::pack_panels(from, std::min(some, end - j), k, out + j * k);
    }
  });
}

const Real* Panels::panel(Index j) const {
  return packed_.data() + j * raw::panel_width * depth_;
}

}  // namespace babelgrad
