#include "nn/optim.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "tensor/map.h"
#include "tensor/parallel.h"

namespace babelgrad {

void Optimizer::step() {
  steps++;
  for (std::size_t i = 0; i < params.size(); i++) {
    Tensor g = grad(params[i].tensor);
    if (!g) continue;
    update(i, params[i].tensor.data(), raw::contiguous(g).data(), g.numel());
  }
}

void Optimizer::zero_grad() {
  for (Parameter& p : params) babelgrad::zero_grad(p.tensor);
}

std::vector<Tensor> Optimizer::zeros_like_params() const {
  std::vector<Tensor> zeros;
  for (const Parameter& p : params) zeros.emplace_back(p.tensor.shape());
  return zeros;
}

SGD::SGD(std::vector<Parameter> p, Real lr, Real momentum, bool nesterov, Real weight_decay)
    : Optimizer(std::move(p), lr), momentum(momentum), weight_decay(weight_decay),
      nesterov(nesterov) {
  if (momentum != 0) velocity = zeros_like_params();
}

std::vector<Parameter> SGD::state() {
  std::vector<Parameter> all;
  for (std::size_t i = 0; i < velocity.size(); i++) {
    all.push_back({"momentum_buffer." + params[i].name, velocity[i]});
  }
  return all;
}

void SGD::update(std::size_t i, Real* w, const Real* g, Index n) {
  Real* v = velocity.empty() ? nullptr : velocity[i].data();
  parallel_for(n, raw::parallel_grain, [=, this](Index begin, Index end) {
    for (Index j = begin; j < end; j++) {
      Real d = g[j] + weight_decay * w[j];
      if (v) {
        v[j] = momentum * v[j] + d;
        d = nesterov ? d + momentum * v[j] : v[j];
      }
      w[j] -= lr * d;
    }
  });
}

Adam::Adam(std::vector<Parameter> p, Real lr, Real weight_decay, bool decoupled)
    : Optimizer(std::move(p), lr), weight_decay(weight_decay), decoupled(decoupled),
      exp_avg(zeros_like_params()), exp_avg_sq(zeros_like_params()) {}

std::vector<Parameter> Adam::state() {
  std::vector<Parameter> all;
  for (std::size_t i = 0; i < params.size(); i++) {
    all.push_back({"exp_avg." + params[i].name, exp_avg[i]});
    all.push_back({"exp_avg_sq." + params[i].name, exp_avg_sq[i]});
  }
  return all;
}

// m = β₁ m + (1 − β₁) g   v = β₂ v + (1 − β₂) g²   w −= lr m̂ / (√v̂ + ε)
// with m̂ and v̂ freed of their zero start.
void Adam::update(std::size_t i, Real* w, const Real* g, Index n) {
  Real *m = exp_avg[i].data(), *v = exp_avg_sq[i].data();
  Real l2 = decoupled ? 0 : weight_decay, shrink = decoupled ? 1 - lr * weight_decay : 1;
  Real step_size = Real(lr / (1 - std::pow(double(beta1), double(steps))));
  Real root_bias2 = Real(std::sqrt(1 - std::pow(double(beta2), double(steps))));
  parallel_for(n, raw::parallel_grain, [=, this](Index begin, Index end) {
    for (Index j = begin; j < end; j++) {
      Real d = g[j] + l2 * w[j];
      m[j] = beta1 * m[j] + (1 - beta1) * d;
      v[j] = beta2 * v[j] + (1 - beta2) * d * d;
      w[j] = shrink * w[j] - step_size * m[j] / (std::sqrt(v[j]) / root_bias2 + eps);
    }
  });
}

double Schedule::at(long step) const {
  double done = double(step + 1), start = double(std::max<long>(warmup, 1));
  double ramp = std::min(1.0, done / start);
  if (kind == constant) return peak * ramp;
  if (kind == inverse_sqrt) return done < start ? peak * ramp : peak * std::sqrt(start / done);
  check(total > warmup,
        "Schedule: cosine needs a total of steps above its warm-up of ", warmup, ", not ", total);
  if (done <= double(warmup)) return peak * ramp;
  double descent = double(std::max<long>(total - warmup, 1));
  double progress = std::min(1.0, (done - double(warmup)) / descent);
  return peak * 0.5 * (1 + std::cos(std::numbers::pi * progress));
}

namespace {

// Σ x² in chunks of a fixed size, so that the sum is the same on any number of threads.
double sum_of_squares(const Tensor& x) {
  constexpr Index chunk = 4096;
  Tensor flat = raw::contiguous(x);
  std::vector<double> sums((x.numel() + chunk - 1) / chunk);
  parallel_for(Index(sums.size()), 8, [&](Index begin, Index end) {
    for (Index c = begin; c < end; c++) {
      for (Index i = c * chunk; i < std::min((c + 1) * chunk, x.numel()); i++) {
        sums[c] += double(flat.data()[i]) * double(flat.data()[i]);
      }
    }
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

}  // namespace

double clip_grad_norm(const std::vector<Parameter>& params, double limit) {
  double squares = 0;
  for (const Parameter& p : params) {
    if (!grad(p.tensor)) continue;
    squares += sum_of_squares(grad(p.tensor));
    check(std::isfinite(squares), "clip_grad_norm: the gradient of ", p.name, " is not finite");
  }
  double norm = std::sqrt(squares);
  if (norm <= limit) return norm;
  auto scaled = [scale = Real(limit / norm)](Real v) { return v * scale; };
  for (const Parameter& p : params) {
    if (grad(p.tensor)) p.tensor.node->grad = raw::map(grad(p.tensor), scaled);
  }
  return norm;
}

}  // namespace babelgrad
