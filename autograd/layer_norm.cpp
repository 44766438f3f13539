// Layer normalisation: x̂ = (x − mean) / σ over a row, then x̂ w + b. All passes over a row but the
// first find it in the cache, and one pass backwards makes all gradients.
#include <cmath>
#include <limits>

#include "autograd/ops.h"
#include "tensor/parallel.h"
#include "tensor/rows.h"
#include "tensor/vector_math.h"
#include "tensor/views.h"

namespace babelgrad {
namespace {

using raw::fill_row, raw::sum_row;

// What the backward pass needs of x, row by row: x̂ and 1 / σ; and the weight.
struct Kept {
  Tensor normal, inverse, weight;               // (..., n), (rows), (n)
};

struct Sums { Tensor x, weight, bias; };        // gradients, each of its input's shape

struct Moments { Real mean, variance; };

// Far from 0 the rounding of the mean itself shows in x − mean. So the first number of the row is
// subtracted before. Hardly any row needs this, and plain loops are fast enough.
[[gnu::noinline]] Moments from_the_first(const Real* x, Index n, Real* h) {
  Real sum = 0, squares = 0;
  for (Index j = 0; j < n; j++) sum += h[j] = x[j] - x[0];
  Real mean = sum / Real(n);
  for (Index j = 0; j < n; j++) squares += (h[j] - mean) * (h[j] - mean);
  return {mean, squares / Real(n)};
}

// A row x of n numbers: h becomes x̂, y becomes x̂ w + b; returns 1 / σ with σ = √(var + ε).
Real normalise(const Real* x, Index n, const Real* w, const Real* b, Real eps, Real* h, Real* y) {
  Real mean = sum_row(n, [=](Index j, Index left) { return load_some(x + j, left); }) / Real(n);
  Real squares = sum_row(n, [=](Index j, Index left) {
    Vec d = load_some(x + j, left) - mean;
    return d * d;
  });
  Moments m{mean, squares / Real(n)};
  if (mean * mean > 64 * 64 * m.variance) [[unlikely]] {
    m = from_the_first(x, n, h);
    x = h;
  }
  Real inverse = 1 / std::sqrt(m.variance + eps);
  fill_row(y, n, [=](Index j, Index left) {
    Vec v = (load_some(x + j, left) - m.mean) * inverse;
    store_some(h + j, v, left);
    return v * load_some(w + j, left) + load_some(b + j, left);
  });
  return inverse;
}

// With g = dy w:  dx = (g − mean(g) − x̂ mean(g x̂)) / σ,  dw += dy x̂,  db += dy
void row_gradients(const Real* d, const Real* h, const Real* w, Real inverse, Index n, Real* dx,
                   Real* dw, Real* db) {
  Real mean_g = sum_row(n, [=](Index j, Index left) {
    Vec g = load_some(d + j, left) * load_some(w + j, left);
    store_some(dx + j, g, left);
    return g;
  }) / Real(n);
  Real mean_gh = sum_row(n, [=](Index j, Index left) {
    return load_some(dx + j, left) * load_some(h + j, left);
  }) / Real(n);
  fill_row(dx, n, [=](Index j, Index left) {
    Vec dv = load_some(d + j, left), hv = load_some(h + j, left);
    store_some(dw + j, load_some(dw + j, left) + dv * hv, left);
    store_some(db + j, load_some(db + j, left) + dv, left);
    return (load_some(dx + j, left) - mean_g - hv * mean_gh) * inverse;
  });
}

// Rows go in chunks of a fixed number, each with its own sums for w and b, which are then added in
// order: so they do not depend on the number of threads.
Sums gradients(const Kept& kept, const Tensor& dy) {
  constexpr Index chunk = 32;
  Index n = kept.weight.numel(), rows = kept.inverse.numel(), chunks = (rows + chunk - 1) / chunk;
  Tensor d = raw::contiguous(dy), dx = Tensor::empty(d.shape());
  Tensor dw({int(chunks), int(n)}), db({int(chunks), int(n)});
  auto run = [&, to_x = dx.data(), to_w = dw.data(), to_b = db.data()](Index begin, Index end) {
    for (Index r = begin * chunk; r < std::min(end * chunk, rows); r++) {
      row_gradients(d.data() + r * n, kept.normal.data() + r * n, kept.weight.data(),
                    kept.inverse.data()[r], n, to_x + r * n, to_w + r / chunk * n,
                    to_b + r / chunk * n);
    }
  };
  parallel_for(chunks, std::max<Index>(1, 4096 / (chunk * std::max<Index>(n, 1))), run);
  return {dx, raw::sum(dw, {0}), raw::sum(db, {0})};
}

}  // namespace

Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, Real eps) {
  check_given("layer_norm", x, weight, bias);
  check(eps > 0 && eps <= std::numeric_limits<Real>::max(),
        "layer_norm: eps ", eps, " must be above 0, and a number");
  check(x.rank() > 0, "layer_norm: needs an axis, not shape ", x.shape());
  Index n = x.dim(-1), rows = n > 0 ? x.numel() / n : 0;
  check(weight.shape() == Shape{int(n)} && bias.shape() == weight.shape(),
        "layer_norm: input ", x.shape(), ", weight ", weight.shape(), ", bias ", bias.shape());
  Tensor xs = raw::contiguous(x), b = raw::contiguous(bias), y = Tensor::empty(x.shape());
  Kept kept{Tensor::empty(x.shape()), Tensor::empty({int(rows)}), raw::contiguous(weight)};
  auto run = [&, from = xs.data(), to = y.data(), h = kept.normal.data(), w = kept.weight.data(),
              inverse = kept.inverse.data()](Index begin, Index end) {
    for (Index r = begin; r < end; r++) {
      inverse[r] = normalise(from + r * n, n, w, b.data(), eps, h + r * n, to + r * n);
    }
  };
  parallel_for(rows, std::max<Index>(1, 4096 / std::max<Index>(n, 1)), run);
  return record("layer_norm", y, {x, weight, bias}, [kept](const Tensor& dy, Gradients d) {
    auto [dx, dweight, dbias] = gradients(kept, dy);
    d[0] += dx;
    d[1] += dweight;
    d[2] += dbias;
  });
}

}  // namespace babelgrad
