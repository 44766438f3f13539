// A product in blocks that fit the caches. A block of B, packed into panels, stays in L3, and a
// block of A in L2. One panel stays in L1 while the tiles of that block of A pass by, each with a
// tile of C in registers.
#include <algorithm>

#include "tensor/gemm_pack.h"
#include "tensor/gemm_product.h"

namespace babelgrad::raw {
namespace {

constexpr Index block_k = 256;                  // a panel of this depth fills half of L1
constexpr Index block_rows = 144;               // with block_k columns of A a part of L2
constexpr Index few_rows = 2 * tile_rows;       // so few are not worth a copy of B
constexpr Index wide = 64, narrow = 4;          // panels in a block of B, for many rows and for few

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

// Some panels of B at some depth: where they are, if it was packed before or lies well enough for
// the few rows to come; else copied to `room`.
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
void edge(Tile t, Index rows, Index width) {
  Real beside[tile_rows * panel_width] = {}, bias[panel_width] = {};
  for (Index i = 0; i < rows && t.accumulate; i++) {
    std::copy_n(t.c + i * t.c_row, width, beside + i * panel_width);
  }
  if (t.bias) std::copy_n(t.bias, width, bias), t.bias = bias;
  Real* c = t.c;
  Index c_row = t.c_row;
  t.next = t.c = beside, t.c_row = panel_width;
  kernel(rows, width > lanes ? 2 : 1)(t);
  for (Index i = 0; i < rows; i++) std::copy_n(beside + i * panel_width, width, c + i * c_row);
}

// A block of A times a block of B. A flat one has room in L1 for several of its panels.
void tiles(const Product& x, Range rows, Range columns, Range depth, Rows A, Block B) {
  bool last = depth.end == x.k;
  Index count = tiles_of(rows.size()), several = std::max<Index>(1, block_k / (depth.size() + 1));
  Tile t{.depth = depth.size(), .a_row = A.row, .a_step = A.column, .b_step = B.row,
         .c_row = x.c_row, .accumulate = x.accumulate || depth.begin > 0,
         .relu = last && x.finish.relu};
  for (Index j0 = columns.begin; j0 < columns.end; j0 += several) {
    for (Index q = 0; q < count; q++) {
      Index i = rows.size() * q / count, height = rows.size() * (q + 1) / count - i;
      Kernel run = kernel(height, 2);
      t.a = A.at + (A.tile > 0 ? q * A.tile : i * A.row);
      for (Index j = j0; j < std::min(j0 + several, columns.end); j++) {
        Index first = j * panel_width, width = x.n - first;
        t.b = B.b + (j - columns.begin) * B.panel;
        t.c = x.C + (rows.begin + i) * x.c_row + first;
        t.next = t.c + (several > 1 ? panel_width : height * x.c_row);
        t.bias = last && x.finish.bias ? x.finish.bias + first : nullptr;
        if (width >= panel_width) run(t);
        else edge(t, height, width);
      }
    }
  }
}

// Parts of the range, one after another; of an empty one, once the empty part.
template <class Body>
void each(Range range, Index size, const Body& body) {
  Index i = range.begin;
  do body(Range{i, std::min(range.end, i + size)});
  while ((i += size) < range.end);
}

}  // namespace

// From the outside in: a depth of A and B, a block of B, a block of A. So each block of B is packed
// once, and one of A once for each block of B; if A is one block at that depth, only once.
void rectangle(const Product& x, Range rows, Range panels) {
  Index high = part(rows.size(), block_rows, tile_rows), deep = part(x.k, block_k);
  bool again = high < rows.size(), few = rows.size() <= few_rows;
  Index across = part(panels.size(), again || x.packed ? wide : few ? 1 : narrow);
  bool pack_A = panels.size() > narrow && (x.A.column != 1 || x.A.row > 2 * block_k);
  Storage room_A(pack_A ? tiles_of(high) * tile_step * deep : 0);
  Storage room_B(x.packed ? 0 : across * panel_width * deep);
  Rows A{};
  each({0, x.k}, deep, [&](Range depth) {
    each(panels, across, [&](Range columns) {
      Block B = block_of_B(x, columns, depth, rows.size(), room_B.data());
      each(rows, high, [&](Range down) {
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

}  // namespace babelgrad::raw
