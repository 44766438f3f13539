#include <cmath>

#include "autograd/ops.h"
#include "tensor/map.h"
#include "tensor/parallel.h"

namespace babelgrad {

// y = x̂ w + b with x̂ = (x − mean) / σ, σ = √(var + ε), over the last axis. In the forward pass x̂
// and 1/σ were needed; on the way back, with g = dy w:   dx = (g − mean(g) − x̂ mean(g x̂)) / σ
Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, Real eps) {
  check(x.rank() > 0, "layer_norm: needs an axis, not shape ", x.shape());
  Index n = x.dim(-1), rows = n > 0 ? x.numel() / n : 0;
  check(weight.shape() == Shape{int(n)} && bias.shape() == weight.shape(),
        "layer_norm: input ", x.shape(), ", weight ", weight.shape(), ", bias ", bias.shape());
  Tensor in = raw::contiguous(x), w = raw::contiguous(weight), b = raw::contiguous(bias);
  Tensor normal = Tensor::empty(x.shape()), y = Tensor::empty(x.shape());
  Tensor inverse = Tensor::empty({int(rows)});
  Index grain = std::max<Index>(1, 4096 / std::max<Index>(n, 1));
  auto run = [&, xh = normal.data(), out = y.data(), inv = inverse.data()](Index begin, Index end) {
    for (Index r = begin; r < end; r++) {
      const Real* row = in.data() + r * n;
      Real *h = xh + r * n, *o = out + r * n, mean = raw::pairwise_sum(row, n) / n;
      for (Index i = 0; i < n; i++) h[i] = (row[i] - mean) * (row[i] - mean);
      inv[r] = 1 / std::sqrt(raw::pairwise_sum(h, n) / n + eps);
      for (Index i = 0; i < n; i++) h[i] = (row[i] - mean) * inv[r];
      for (Index i = 0; i < n; i++) o[i] = h[i] * w.data()[i] + b.data()[i];
    }
  };
  parallel_for(rows, grain, run);
  auto dx = [=](const Tensor& dy) {
    Tensor d = raw::contiguous(dy), out = Tensor::empty(dy.shape());
    parallel_for(rows, grain, [&, to = out.data()](Index begin, Index end) {
      std::vector<Real> g(n), gx(n);
      for (Index r = begin; r < end; r++) {
        const Real *dr = d.data() + r * n, *h = normal.data() + r * n;
        for (Index i = 0; i < n; i++) g[i] = dr[i] * w.data()[i];
        for (Index i = 0; i < n; i++) gx[i] = g[i] * h[i];
        Real mean_g = raw::pairwise_sum(g.data(), n) / n;
        Real mean_gx = raw::pairwise_sum(gx.data(), n) / n;
        for (Index i = 0; i < n; i++) {
          to[r * n + i] = (g[i] - mean_g - h[i] * mean_gx) * inverse.data()[r];
        }
      }
    });
    return out;
  };
  auto dw = [=](const Tensor& dy) { return raw::sum_to(dy * normal, weight.shape()); };   // Σ dy x̂
  auto db = [=](const Tensor& dy) { return raw::sum_to(dy, bias.shape()); };              // Σ dy
  return record("layer_norm", y, {{x, dx}, {weight, dw}, {bias, db}});
}

}  // namespace babelgrad
