// A single row of A times B: every number of B is used once, so all that counts is to read it fast.
// All three ways below compute the same `lanes` sums for each column: number l has every p with
// p % lanes == l, in order. Which way it is depends on how B lies in memory.
#include <algorithm>

#include "tensor/gemm_pack.h"
#include "tensor/gemm_product.h"
#include "tensor/gemm_transpose.h"
#include "tensor/parallel.h"

namespace babelgrad::raw {
namespace {

constexpr Index group = 10240;                  // columns whose sums are kept together, in L2
struct Sums {                                   // sums[l][j]: number l of column j
  Real* at;
  Index width;
  Real* operator[](Index l) const { return at + l * width; }
};

// B's columns lie in one piece: a dot product each, lane l of a vector being sum l. Eight at a time
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
    transpose(block);
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

// B comes as panels, two vectors wide: four of their sums at a time stay in registers.
constexpr int together = std::min(lanes, 4);

void panel(const Real* a, Index a_step, const Real* b, Index k, Sums sums, Index at) {
  for (int first = 0; first < lanes; first += together) {
    Vec sum[together][2] = {};
    auto add = [&](Index p, int l) {
      Vec ap = splat(a[p * a_step]);
      sum[l][0] = add_product(sum[l][0], ap, load(b + p * panel_width));
      sum[l][1] = add_product(sum[l][1], ap, load(b + p * panel_width + lanes));
    };
    Index p = first;
    for (; p + together <= k; p += lanes) {
#pragma GCC unroll 4
      for (int l = 0; l < together; l++) add(p + l, l);
    }
#pragma GCC unroll 4
    for (int l = 0; l < together; l++) {
      if (p + l < k) add(p + l, l);
      store(sums[first + l] + at, sum[l][0]);
      store(sums[first + l] + at + lanes, sum[l][1]);
    }
  }
}

void by_panels(const Product& x, Index first, Index width, Sums sums) {
  for (Index j = 0; j < width; j += panel_width) {
    panel(x.A.at, x.A.column, x.packed->panel((first + j) / panel_width), x.k, sums, j);
  }
}

// B's rows do: C takes them as they come. `count` rows of the same sum at once, so that it is
// loaded and stored less often.
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

void by_rows(const Product& x, Index first, Index width, Sums sums) {
  const Real *a = x.A.at, *b = x.B.at + first;
  Index a_step = x.A.column, b_step = x.B.row, p = 0;
  Index whole = width / lanes * lanes;
  for (int l = 0; l < lanes; l++) std::fill_n(sums[l], whole, Real(0));
  for (; p + 8 * lanes <= x.k; p += 8 * lanes) {
    for (Index q = p; q < p + lanes; q++) {
      add_rows<8>(a + q * a_step, lanes * a_step, b + q * b_step, lanes * b_step, whole,
                  sums[q - p]);
    }
  }
  for (; p < x.k; p++) add_rows<1>(a + p * a_step, 0, b + p * b_step, 0, whole, sums[p % lanes]);
  if (whole < width) {                          // what is left of a vector: a panel
    Panels last(width - whole, x.k, {b + whole, b_step, 1});
    panel(a, a_step, last.panel(0), x.k, sums, whole);
  }
}

// Adds the sums in halves, 0 and lanes / 2 first, and does what is asked of C.
void add_up(const Product& x, Index first, Index width, Sums sums) {
  for (int half = lanes / 2; half > 0; half /= 2) {
    for (int l = 0; l < half; l++) {
      for (Index j = 0; j < width; j++) sums[l][j] += sums[l + half][j];
    }
  }
  for (Index j = 0; j < width; j++) {
    Real& c = x.C[first + j];
    Real sum = x.accumulate ? c + sums[0][j] : sums[0][j];
    if (x.finish.bias) sum += x.finish.bias[first + j];
    c = x.finish.relu && sum < 0 ? Real(0) : sum;
  }
}

}  // namespace

void one_row(const Product& x) {
  bool columns = x.B.row == 1 && x.A.column == 1, rows = x.B.column == 1;
  if (!x.packed && !columns && !rows) {
    return gemm(1, x.A, Panels(x.n, x.k, x.B), x.C, x.c_row, x.accumulate, x.finish);
  }
  constexpr Index widest = std::max(dots, panel_width);  // columns written at a time
  auto way = x.packed ? by_panels : columns ? by_columns : by_rows;
  Index worth = 100000 / (x.k * Index(sizeof(Real)) + 1), grain = (worth / 64 + 1) * 64;
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
