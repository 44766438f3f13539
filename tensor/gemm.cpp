#include "tensor/gemm.h"

#include <algorithm>

#include "tensor/gemm_pack.h"
#include "tensor/gemm_product.h"
#include "tensor/parallel.h"

namespace babelgrad {

// C[i, j] = Σₚ A[i, p] B[p, j]: each number of A and B is fetched from memory again and again.
void gemm_plain(Index m, Index n, Index k, Matrix A, Matrix B, Real* C, Index c_row,
                bool accumulate, Finish finish) {
  for (Index i = 0; i < m; i++) {
    Real* c = C + i * c_row;
    if (!accumulate) std::fill_n(c, n, Real(0));
    for (Index p = 0; p < k; p++) {
      Real a = A.at[i * A.row + p * A.column];
      for (Index j = 0; j < n; j++) c[j] += a * B.at[p * B.row + j * B.column];
    }
    for (Index j = 0; j < n; j++) {
      if (finish.bias) c[j] += finish.bias[j];
      if (finish.relu && c[j] < 0) c[j] = 0;
    }
  }
}

// The fast form does the same sums in the same order, p = 0, 1, ..., in other places:
//   gemm_tile    a tile of C stays in registers while p goes by: few loads for many products;
//   gemm_pack    parts of A and B are copied so that these loads follow each other;
//   gemm_blocks  parts that fit the caches: a rectangle of C, tile by tile;
//   gemm_row     a single row of A, where only reading B counts.
// What is left here is to deal C to the threads, a rectangle each.
namespace {

using namespace raw;

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

void product(const Product& x) {
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

void gemm(Index m, Index n, Index k, Matrix A, Matrix B, Real* C, Index c_row, bool accumulate,
          Finish finish) {
  product({m, n, k, A, B, nullptr, C, c_row, accumulate, finish});
}

void gemm(Index m, Matrix A, const Panels& B, Real* C, Index c_row, bool accumulate,
          Finish finish) {
  product({m, B.columns(), B.depth(), A, {}, &B, C, c_row, accumulate, finish});
}

}  // namespace babelgrad
