#include "tensor/gemm.h"

#include <algorithm>

#include "tensor/gemm_bf16.h"
#include "tensor/gemm_tile.h"
#include "tensor/parallel.h"

namespace babelgrad {

// C[i, j] = Σₚ A[i, p] B[p, j]: each number of A and B is fetched from memory again and again.
void gemm_plain(Index m, Index n, Index k, Matrix A, Matrix B, Real* C, Index c_row,
                bool accumulate, const Real* bias) {
  for (Index i = 0; i < m; i++) {
    Real* c = C + i * c_row;
    if (!accumulate) std::fill_n(c, n, Real(0));
    for (Index p = 0; p < k; p++) {
      Real a = A.at[i * A.row + p * A.column];
      for (Index j = 0; j < n; j++) c[j] += a * B.at[p * B.row + j * B.column];
    }
    for (Index j = 0; j < n && bias; j++) c[j] += bias[j];
  }
}

// The fast form does the same sums in the same order, p = 0, 1, ..., in other places:
//
//                   panels, two vectors wide
//                  ┌────┬────┬────┬────┐
//                  │    │    │    │    │ depth     1. a tile of C stays in registers while p
//                B │    │    │    │    │              goes by: gemm_tile.h
//         depth    └────┴────┴────┴────┘           2. a panel of B, which fills half of L1, stays
//        ┌──────┐  ┌────┬────┬────┬────┐              there while the tiles below it pass
//        │      │  │tile│    │    │    │ tile_rows 3. a block of A, some tiles high, stays in
//    A   ├──────┤  ├────┼────┼────┼────┤              L2; one of B, some panels wide, in L3
//        │      │  │    │    │    │    │           4. threads take a rectangle of C each
//        └──────┘  └────┴────┴────┴────┘
//                C
//
// So that loads follow each other, the parts of A and B are first copied in the order in which the
// tiles read them ("packed"). A single row of A is gemm_row.cpp: there only reading B counts.
namespace raw {
namespace {

struct Range {
  Index begin, end;
  Index size() const { return end - begin; }
};

// ---- 2. Packing; on a first reading it is enough to know the result -----------------------------

Index panels(Index n) { return (n + panel_width - 1) / panel_width; }

// The rows of A are dealt to tiles of nearly the same height: 128 are 18 tiles of 6 and 4 of 5.
Index tiles_of(Index rows) { return (rows + tile_rows - 1) / tile_rows; }

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
      babelgrad::transpose(block);
#pragma GCC unroll 16
      for (int i = 0; i < lanes; i++) store(out + (p + i) * panel_width + j, block[i]);
    }
  }
  copy_each({B.at + whole, 1, B.column}, width, depth - whole, out + whole * panel_width);
}

// The first n columns of B for p = 0 .. depth-1: panel, p, column within it. What is missing in the
// last panel may be anything.
void pack_panels(Matrix B, Index n, Index depth, Real* out) {
  Index j = 0;
  if (B.column == 1) cut_rows(B, j = n / panel_width * panel_width, depth, out);
  for (; j < n; j += panel_width) {
    Index width = std::min<Index>(panel_width, n - j);
    Matrix panel{B.at + j * B.column, B.row, B.column};
    (B.row == 1 ? turn_columns : copy_each)(panel, width, depth, out + j * depth);
  }
}

// A block of A: element (r, p) of tile q, which begins with row i, is at[i * row + r * row +
// p * column], or, if each tile was packed by itself, at[q * tile + r * row + p * column].
struct Rows {
  const Real* at;
  Index row, column, tile;
};

// The first `rows` rows of A for p = 0 .. depth-1; `out` has room for tiles of tile_step rows.
Rows pack_rows(Matrix A, Index rows, Index depth, Real* out) {
  if (A.column == 1) {
    for (Index i = 0; i < rows; i++) std::copy_n(A.at + i * A.row, depth, out + i * depth);
    return {out, depth, 1, 0};
  }
  constexpr Index few = 16;                     // lines of a column-major A that stay in L1
  constexpr Index line = 64 / Index(sizeof(Real));
  Index count = tiles_of(rows);
  for (Index p0 = 0; p0 < depth; p0 += few) {
    // The next few lines are fetched meanwhile: they are short and lie far apart.
    for (Index p = p0 + few; A.row == 1 && p < std::min(depth, p0 + 2 * few); p++) {
      for (Index i = 0; i < rows; i += line) __builtin_prefetch(A.at + i + p * A.column, 0, 2);
    }
    for (Index q = 0; q < count; q++) {
      Index i = rows * q / count, height = rows * (q + 1) / count - i;
      bool vectors = A.row == 1 && i + tile_step <= rows;
      for (Index p = p0; p < std::min(depth, p0 + few); p++) {
        const Real* from = A.at + i * A.row + p * A.column;
        Real* to = out + (q * depth + p) * tile_step;
        if (vectors) {
#pragma GCC unroll 14
          for (int r = 0; r < tile_step; r += lanes) store(to + r, load(from + r));
        } else {
          for (Index r = 0; r < height; r++) to[r] = from[r * A.row];
        }
      }
    }
  }
  return {out, 1, tile_step, tile_step * depth};
}

// ---- 3. Blocks ----------------------------------------------------------------------------------

constexpr Index block_k = 256;                  // a panel of this depth fills half of L1
constexpr Index block_rows = 168;               // with block_k columns of A a part of L2
constexpr Index few_rows = 2 * tile_rows;       // so few are not worth a copy of B
constexpr Index wide_block = 64, narrow_block = 4;         // panels of B, for many rows and for few

// The size of equal parts of n, at most `limit` each: 1152 in parts of at most 256 are 5 of 231.
Index part(Index n, Index limit, Index unit = 1) {
  Index parts = std::max<Index>(1, (n + limit - 1) / limit), size = (n + parts - 1) / parts;
  return std::max(unit, (size + unit - 1) / unit * unit);
}

// X from element (i, j) on.
Matrix at(Matrix X, Index i, Index j) { return {X.at + i * X.row + j * X.column, X.row, X.column}; }

// Panels of a block of B: b[q * panel + p * row + j] is row p, column j of panel q.
struct Block {
  const Real* b;
  Index panel, row;
};

// Some panels of B at some depth: B itself, if it was packed before, or if its layout is good
// enough for so few rows; otherwise a copy in `room`.
Block block_of_B(const Product& x, Range columns, Range depth, Index rows, Real* room) {
  if (x.packed) {
    const Real* b = x.packed->panel(columns.begin) + depth.begin * panel_width;
    return {b, x.k * panel_width, panel_width};
  }
  Index first = columns.begin * panel_width, last = std::min(x.n, columns.end * panel_width);
  Matrix B = at(x.B, depth.begin, first);
  bool whole = last == columns.end * panel_width;
  if (rows <= few_rows && B.column == 1 && whole) return {B.at, panel_width, B.row};    // in place
  pack_panels(B, last - first, depth.size(), room);
  return {room, depth.size() * panel_width, panel_width};
}

// A tile at the right edge of C is computed beside it, because the kernel writes whole vectors.
void edge_tile(Tile t, Index rows, Index width, bool packed) {
  Real beside[tile_rows * panel_width] = {}, bias[panel_width] = {};
  for (Index i = 0; i < rows && t.accumulate; i++) {
    std::copy_n(t.c + i * t.c_row, width, beside + i * panel_width);
  }
  if (t.bias) std::copy_n(t.bias, width, bias), t.bias = bias;
  Real* c = t.c;
  Index c_row = t.c_row;
  t.next = t.c = beside, t.c_row = panel_width;
  kernel(rows, width > lanes ? 2 : 1, packed)(t);
  for (Index i = 0; i < rows; i++) std::copy_n(beside + i * panel_width, width, c + i * c_row);
}

// A block of A times a block of B: panel by panel of B, tile by tile down the panel.
void tiles(const Product& x, Range rows, Range columns, Range depth, Rows A, Block B) {
  const bool last = depth.end == x.k, packed = A.tile > 0;
  const Index count = tiles_of(rows.size());
  for (Index j = columns.begin; j < columns.end; j++) {
    const Index first = j * panel_width, width = x.n - first;
    for (Index q = 0; q < count; q++) {
      Index i = rows.size() * q / count, height = rows.size() * (q + 1) / count - i;
      Real* c = x.C + (rows.begin + i) * x.c_row + first;
      Tile t{.depth = depth.size(),
             .a = A.at + (packed ? q * A.tile : i * A.row), .a_row = A.row, .a_step = A.column,
             .b = B.b + (j - columns.begin) * B.panel, .b_step = B.row,
             .c = c, .c_row = x.c_row, .next = c + height * x.c_row,
             .accumulate = x.accumulate || depth.begin > 0,
             .bias = last && x.bias ? x.bias + first : nullptr};
      if (width >= panel_width) kernel(height, 2, packed)(t);
      else edge_tile(t, height, width, packed);
    }
  }
}

// Parts of the range, one after another; of an empty one, once the empty part.
template <class Body>
void each_part(Range range, Index size, const Body& body) {
  Index i = range.begin;
  do body(Range{i, std::min(range.end, i + size)});
  while ((i += size) < range.end);
}

// A rectangle of C, from the outside in: a depth of A and B, a block of B, a block of A. So each
// block of B is packed once, and one of A once for each block of B; if A is one block at that
// depth, only once.
void rectangle(const Product& x, Range rows, Range panels) {
  Index high = part(rows.size(), block_rows, tile_rows), deep = part(x.k, block_k);
  bool again = high < rows.size(), few = rows.size() <= few_rows;
  Index across = part(panels.size(), again || x.packed ? wide_block : few ? 1 : narrow_block);
  bool pack_A = panels.size() > narrow_block && (x.A.column != 1 || x.A.row > 2 * block_k);
  Storage room_A(pack_A ? tiles_of(high) * tile_step * deep : 0);
  Storage room_B(x.packed ? 0 : across * panel_width * deep);
  Rows A{};
  each_part({0, x.k}, deep, [&](Range depth) {
    each_part(panels, across, [&](Range columns) {
      Block B = block_of_B(x, columns, depth, rows.size(), room_B.data());
      each_part(rows, high, [&](Range down) {
        Matrix X = at(x.A, down.begin, depth.begin);
        if (!pack_A) A = {X.at, X.row, X.column, 0};
        else if (again || columns.begin == panels.begin) {
          A = pack_rows(X, down.size(), depth.size(), room_A.data());
        }
        tiles(x, down, columns, depth, A, B);
      });
    });
  });
}

// ---- 4. Threads ---------------------------------------------------------------------------------

constexpr Index worth = 500000;                 // products that a thread is woken for, about 10 µs

struct Grid {
  Index down, across;
};

// How many rows and columns of rectangles: what leaves the least to the thread that has the most.
// All rows of a panel of B are multiplied tile by tile, and packing it takes as long as half one.
Grid best_grid(Index tiles, Index panels, Index pieces) {
  Grid best{1, 1};
  Index least = INT64_MAX;
  for (Index down = 1; down <= pieces; down++) {
    Index across = pieces / down, high = (tiles + down - 1) / down;
    Index cost = (2 * high + 1) * ((panels + across - 1) / across);
    if (cost < least) best = {down, across}, least = cost;
  }
  return best;
}

void multiply(const Product& x) {
  if (x.m <= 0 || x.n <= 0) return;
  if (x.m == 1) return one_row(x);
  Index tiles = tiles_of(x.m), wide = panels(x.n), enough = x.m * x.n * x.k / worth;
  Index pieces = inside_parallel() ? 1 : std::clamp<Index>(enough, 1, threads());
  auto [down, across] = best_grid(tiles, wide, pieces);
  parallel_for(down * across, 1, [&, down = down, across = across](Index begin, Index end) {
    for (Index piece = begin; piece < end; piece++) {
      Index i = piece / across, j = piece % across, last = tiles * (i + 1) / down * tile_rows;
      rectangle(x, {tiles * i / down * tile_rows, std::min(x.m, last)},
                {wide * j / across, wide * (j + 1) / across});
    }
  });
}

}  // namespace
}  // namespace raw

void gemm(Index m, Index n, Index k, Matrix A, Matrix B, Real* C, Index c_row, bool accumulate,
          const Real* bias) {
  if (precision() == Precision::bf16) {
    return gemm_bf16(m, n, k, A, B, C, c_row, accumulate, bias);
  }
  raw::multiply({m, n, k, A, B, nullptr, C, c_row, accumulate, bias});
}

void gemm(Index m, Matrix A, const Panels& B, Real* C, Index c_row, bool accumulate,
          const Real* bias) {
  raw::multiply({m, B.columns(), B.depth(), A, {}, &B, C, c_row, accumulate, bias});
}

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
