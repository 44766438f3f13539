// Layer normalisation, alone or after a residual connection with dropout. All passes over a row but
// the first find it in the cache, and one pass backwards makes all gradients.
#include <cmath>
#include <limits>

#include "autograd/dice.h"
#include "autograd/ops.h"
#include "autograd/shared.h"
#include "tensor/parallel.h"
#include "tensor/rows.h"
#include "tensor/vector_math.h"
#include "tensor/views.h"

namespace babelgrad {
namespace {

using raw::fill_row, raw::sum_row;

// What the way back needs of s = x + dropout(y), row by row: ŝ = (s − mean) / σ and 1 / σ.
struct Kept {
  Tensor normal, inverse, weight;               // (..., n), (rows), (n)
  Dice dice;
  bool dropped;
};

struct Gradients { Tensor x, y, weight, bias; };           // each of its input's shape

struct Moments { Real mean, variance; };

// Far from 0 the mean's own rounding shows in what is left of a row: so x is taken from its first
// number on. Next to no row needs it, and plain loops will do.
[[gnu::noinline]] Moments from_the_first(Real* x, Index n) {
  Real first = x[0], sum = 0, squares = 0;
  for (Index j = 0; j < n; j++) sum += x[j] -= first;
  Real mean = sum / Real(n);
  for (Index j = 0; j < n; j++) squares += (x[j] - mean) * (x[j] - mean);
  return {mean, squares / Real(n)};
}

// Row r: s, whose vector at j is s(j, left), goes to h as ŝ and to y as ŝ w + b; returns 1 / σ with
// σ = √(var + ε).
template <class F>
Real normalise(const F& s, Index n, const Real* w, const Real* b, Real eps, Real* h, Real* y) {
  Real mean = sum_row(n, [=](Index j, Index left) {
    Vec v = s(j, left);
    store_some(h + j, v, left);
    return v;
  }) / Real(n);
  Real squares = sum_row(n, [=](Index j, Index left) {
    Vec d = load_some(h + j, left) - mean;
    return d * d;
  });
  Moments m{mean, squares / Real(n)};
  if (mean * mean > 64 * 64 * m.variance) [[unlikely]] m = from_the_first(h, n);
  Real inverse = 1 / std::sqrt(m.variance + eps);
  fill_row(y, n, [=](Index j, Index left) {
    Vec v = (load_some(h + j, left) - m.mean) * inverse;
    store_some(h + j, v, left);
    return v * load_some(w + j, left) + load_some(b + j, left);
  });
  return inverse;
}

// With g = dout w:  ds = (g − mean(g) − ŝ mean(g ŝ)) / σ,  dw += dout ŝ,  db += dout
void row_gradients(const Real* d, const Real* h, const Real* w, Real inverse, Index n, Real* ds,
                   Real* dw, Real* db) {
  Real mean_g = sum_row(n, [=](Index j, Index left) {
    Vec g = load_some(d + j, left) * load_some(w + j, left);
    store_some(ds + j, g, left);
    return g;
  }) / Real(n);
  Real mean_gh = sum_row(n, [=](Index j, Index left) {
    return load_some(ds + j, left) * load_some(h + j, left);
  }) / Real(n);
  fill_row(ds, n, [=](Index j, Index left) {
    Vec dv = load_some(d + j, left), hv = load_some(h + j, left);
    store_some(dw + j, load_some(dw + j, left) + dv * hv, left);
    store_some(db + j, load_some(db + j, left) + dv, left);
    return (load_some(ds + j, left) - mean_g - hv * mean_gh) * inverse;
  });
}

// Rows go in chunks of a fixed number, each with its own sums for w and b, which are then added in
// order: so they do not depend on the number of threads.
Gradients gradients(const Kept& kept, const Tensor& dout) {
  constexpr Index chunk = 32;
  Index n = kept.weight.numel(), rows = kept.inverse.numel(), chunks = (rows + chunk - 1) / chunk;
  Tensor d = raw::contiguous(dout), dx = Tensor::empty(d.shape());
  Tensor dy = kept.dropped ? Tensor::empty(d.shape()) : dx;
  Tensor dw({int(chunks), int(n)}), db({int(chunks), int(n)});
  auto run = [&, to_x = dx.data(), to_y = dy.data(), to_w = dw.data(),
              to_b = db.data()](Index begin, Index end) {
    std::vector<Real> factors(n);
    for (Index r = begin * chunk; r < std::min(end * chunk, rows); r++) {
      Real* ds = to_x + r * n;
      row_gradients(d.data() + r * n, kept.normal.data() + r * n, kept.weight.data(),
                    kept.inverse.data()[r], n, ds, to_w + r / chunk * n, to_b + r / chunk * n);
      if (!kept.dropped) continue;              // then dy is dx
      kept.dice.factors(r * n, n, factors.data());
      fill_row(to_y + r * n, n, [=, f = factors.data()](Index j, Index left) {
        return kept_part(load_some(f + j, left), load_some(ds + j, left));
      });
    }
  };
  parallel_for(chunks, std::max<Index>(1, 4096 / (chunk * std::max<Index>(n, 1))), run);
  return {dx, dy, raw::sum(dw, {0}), raw::sum(db, {0})};
}

// out = ŝ w + b with s = x + dropout(y), y none: s = x
Tensor norm(const char* name, const Tensor& x, const Tensor& y, Real p, const Tensor& weight,
            const Tensor& bias, Real eps) {
  check_given(name, x, weight, bias);
  check(eps > 0 && eps <= std::numeric_limits<Real>::max(),
        name, ": eps ", eps, " must be above 0, and a number");
  check(x.rank() > 0, name, ": needs an axis, not shape ", x.shape());
  Index n = x.dim(-1), rows = n > 0 ? x.numel() / n : 0;
  check(weight.shape() == Shape{int(n)} && bias.shape() == weight.shape(),
        name, ": input ", x.shape(), ", weight ", weight.shape(), ", bias ", bias.shape());
  check(!y || y.shape() == x.shape(), name, ": ", x.shape(), " and ", y.shape());

  // Row by row: add what dropout left of y, normalise, scale and shift.
  Tensor xs = raw::contiguous(x), ys = y ? raw::contiguous(y) : y, b = raw::contiguous(bias);
  Tensor out = Tensor::empty(x.shape());
  Kept kept{Tensor::empty(x.shape()), Tensor::empty({int(rows)}), raw::contiguous(weight),
            Dice(p, x.numel(), name), p > 0};
  auto run = [&, to = out.data(), h = kept.normal.data(),
              inverse = kept.inverse.data()](Index begin, Index end) {
    std::vector<Real> factors(n, 1);
    auto row = [&, w = kept.weight.data()](Index r, auto s) {
      inverse[r] = normalise(s, n, w, b.data(), eps, h + r * n, to + r * n);
    };
    for (Index r = begin; r < end; r++) {
      const Real *xr = xs.data() + r * n, *yr = y ? ys.data() + r * n : nullptr;
      const Real* f = factors.data();
      if (kept.dropped) kept.dice.factors(r * n, n, factors.data());
      if (!yr) row(r, [=](Index j, Index left) { return load_some(xr + j, left); });
      else row(r, [=](Index j, Index left) {
        return load_some(xr + j, left) + kept_part(load_some(f + j, left), load_some(yr + j, left));
      });
    }
  };
  parallel_for(rows, std::max<Index>(1, 4096 / std::max<Index>(n, 1)), run);
  auto all = shared([=](const Tensor& dout) { return gradients(kept, dout); });
  return record(name, out, {{x, [all](const Tensor& dout) { return all(dout).x; }},
                            {y, [all](const Tensor& dout) { return all(dout).y; }},
                            {weight, [all](const Tensor& dout) { return all(dout).weight; }},
                            {bias, [all](const Tensor& dout) { return all(dout).bias; }}});
}

}  // namespace

Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, Real eps) {
  return norm("layer_norm", x, Tensor(), 0, weight, bias, eps);
}

Tensor residual_layer_norm(const Tensor& x, const Tensor& y, Real p, const Tensor& weight,
                           const Tensor& bias, Real eps) {
  check_given("residual_layer_norm", y);
  return norm("residual_layer_norm", x, y, p, weight, bias, eps);
}

}  // namespace babelgrad
