// A single row of A times B: every number of B is used once, so all that counts is to read it fast.
// Both ways below compute the same `lanes` sums for each column: number l has every p with
// p % lanes == l, in order. Which one depends on the layout of B. On a first reading
// this file may be skipped.
#include <algorithm>

#include "tensor/gemm_tile.h"
#include "tensor/parallel.h"

namespace babelgrad::raw {
namespace {

constexpr Index group = 10240;                  // columns whose sums are kept together, in L2
struct Sums {                                   // sums[l][j]: number l of column j
  Real* at;
  Index width;
  Real* operator[](Index l) const { return at + l * width; }
};

// B's columns are contiguous: a dot product each, lane l of a vector being sum l. Eight at a time
// share the loads of A.
constexpr int dots = std::max(lanes, 8);

void dot(const Real* a, const Real* const (&b)[dots], Index k, Sums sums, Index at) {
  Vec sum[dots] = {};
  Index p = 0;
  for (; p + lanes <= k; p += lanes) {
    Vec ap = load(a + p);
#pragma GCC unroll 16
    for (int j = 0; j < dots; j++) sum[j] = add_product(sum[j], ap, load(b[j] + p));
  }
  if (p < k) {                                  // the last, incomplete vectors: zeros fill up
    Real last[dots + 1][lanes] = {};
    for (int j = 0; j < dots; j++) std::copy_n(b[j] + p, k - p, last[j]);
    std::copy_n(a + p, k - p, last[dots]);
    for (int j = 0; j < dots; j++) sum[j] = add_product(sum[j], load(last[dots]), load(last[j]));
  }
  for (int j = 0; j < dots; j += lanes) {
    Vec block[lanes];
#pragma GCC unroll 16
    for (int l = 0; l < lanes; l++) block[l] = sum[j + l];
    babelgrad::transpose(block);
#pragma GCC unroll 16
    for (int l = 0; l < lanes; l++) store(sums[l] + at + j, block[l]);
  }
}

void by_columns(const Product& x, Index first, Index width, Sums sums) {
  for (Index j = 0; j < width; j += dots) {
    const Real* b[dots];
    for (int d = 0; d < dots; d++) b[d] = x.B.at + std::min(first + j + d, x.n - 1) * x.B.column;
    dot(x.A.at, b, x.k, sums, j);
  }
}

// B's rows are contiguous, b_step numbers apart: the sums take them as they come. `count` rows of
// the same sum at once, so that it is loaded and stored less often; whole vectors of columns.
template <int count>
void add_rows(const Real* a, Index a_step, const Real* b, Index b_step, Index width, Real* sum) {
  Vec factor[count];
  for (int r = 0; r < count; r++) factor[r] = splat(a[r * a_step]);
  for (Index j = 0; j < width; j += lanes) {
    Vec x = load(sum + j);
#pragma GCC unroll 8
    for (int r = 0; r < count; r++) x = add_product(x, factor[r], load(b + r * b_step + j));
    store(sum + j, x);
  }
}

void sum_rows(const Real* a, Index a_step, const Real* b, Index b_step, Index k, Index width,
              Sums sums, Index at) {
  Index p = 0;
  for (int l = 0; l < lanes; l++) std::fill_n(sums[l] + at, width, Real(0));
  for (; p + 8 * lanes <= k; p += 8 * lanes) {
    for (Index q = p; q < p + lanes; q++) {
      add_rows<8>(a + q * a_step, lanes * a_step, b + q * b_step, lanes * b_step, width,
                  sums[q - p] + at);
    }
  }
  for (; p < k; p++) add_rows<1>(a + p * a_step, 0, b + p * b_step, 0, width, sums[p % lanes] + at);
}

void by_rows(const Product& x, Index first, Index width, Sums sums) {
  const Real* b = x.B.at + first;
  const Index whole = width / lanes * lanes;
  sum_rows(x.A.at, x.A.column, b, x.B.row, x.k, whole, sums, 0);
  if (whole == width) return;
  Panels last(width - whole, x.k, {b + whole, x.B.row, 1});              // filled up with zeros
  sum_rows(x.A.at, x.A.column, last.panel(0), panel_width, x.k, panel_width, sums, whole);
}

void by_panels(const Product& x, Index first, Index width, Sums sums) {
  for (Index j = 0; j < width; j += panel_width) {
    sum_rows(x.A.at, x.A.column, x.packed->panel((first + j) / panel_width), panel_width, x.k,
             panel_width, sums, j);
  }
}

// Adds the sums in halves, 0 and lanes / 2 first, and writes or adds the result to C.
void add_up(const Product& x, Index first, Index width, Sums sums) {
  for (int half = lanes / 2; half > 0; half /= 2) {
    for (int l = 0; l < half; l++) {
      for (Index j = 0; j < width; j++) sums[l][j] += sums[l + half][j];
    }
  }
  for (Index j = 0; j < width; j++) {
    Real& c = x.C[first + j];
    c = x.accumulate ? c + sums[0][j] : sums[0][j];
    if (x.bias) c += x.bias[first + j];
  }
}

}  // namespace

void one_row(const Product& x) {
  bool columns = x.B.row == 1 && x.A.column == 1, rows = x.B.column == 1;
  if (!x.packed && !columns && !rows) {
    return gemm(1, x.A, Panels(x.n, x.k, x.B), x.C, x.c_row, x.accumulate, x.bias);
  }
  constexpr Index widest = std::max(dots, panel_width);  // columns written at a time
  auto way = x.packed ? by_panels : columns ? by_columns : by_rows;
  Index enough = 100000 / (x.k * Index(sizeof(Real)) + 1), grain = (enough / 64 + 1) * 64;
  parallel_for(x.n, grain, [&](Index begin, Index end) {
    Storage room(lanes * (std::min(group, end - begin) + widest + lanes));
    for (Index j = begin; j < end; j += group) {
      Index width = std::min(group, end - j);
      Sums sums{room.data(), (width + widest - 1) / widest * widest + lanes};
      way(x, j, width, sums);
      add_up(x, j, width, sums);
    }
  });
}

}  // namespace babelgrad::raw
