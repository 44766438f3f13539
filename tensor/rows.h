// Rows of numbers, a vector at a time: f(j, left) gives the vector at place j of a row that has
// `left` numbers left, most often by load_some(x + j, left).
#pragma once

#include <algorithm>
#include <limits>

#include "tensor/simd.h"

namespace babelgrad::raw {

template <class F>
void fill_row(Real* y, Index n, const F& f) {   // y[j] = f(j)
  Index j = 0;
  for (; j + lanes <= n; j += lanes) store(y + j, f(j, lanes));
  if (j < n) store_some(y + j, f(j, n - j), n - j);
}

// Σ f(j): two independent sums keep the adders busy; stretches of long rows are summed apart, which
// keeps rounding errors small.
template <class F>
Real sum_row(Index n, const F& f) {
  Real total = 0;
  for (Index begin = 0, end; begin < n; begin = end) {
    Vec even{}, odd{};
    Index j = begin;
    end = std::min<Index>(begin + 1024, n);
    for (; j + 2 * lanes <= end; j += 2 * lanes) {
      even += f(j, lanes);
      odd += f(j + lanes, lanes);
    }
    for (; j < end; j += lanes) even += first(f(j, end - j), end - j);
    total += babelgrad::sum(even + odd);
  }
  return total;
}

// x[0] f x[1] f ... for an f like max, to which order and repetition mean nothing; n >= 1.
template <class F>
Real fold_row(const Real* x, Index n, const F& f) {
  if (n < lanes) {
    Real y = x[0];
    for (Index j = 1; j < n; j++) y = f(y, x[j]);
    return y;
  }
  Vec y[4] = {load(x), load(x), load(x), load(x)};
  Index j = 0;
  for (; j + 4 * lanes <= n; j += 4 * lanes) {
    for (int k = 0; k < 4; k++) y[k] = f(y[k], load(x + j + k * lanes));
  }
  for (; j < n; j += lanes) y[0] = f(y[0], load(x + std::min(j, n - lanes)));
  return fold(f(f(y[0], y[1]), f(y[2], y[3])), f);
}

inline Real max_row(const Real* x, Index n) {   // may overlook a NaN; of no numbers: -inf
  if (n == 0) return -std::numeric_limits<Real>::infinity();
  return fold_row(x, n, [](auto a, auto b) { return a < b ? b : a; });
}

}  // namespace babelgrad::raw
