#include "nn/optim.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "tensor/map.h"
#include "tensor/parallel.h"
#include "tensor/vector_math.h"

namespace babelgrad {
namespace {

// All parameters as one long row, in stretches of a fixed size: one parallel loop does them all,
// and what a stretch adds up does not depend on the number of threads.
struct Stretch { std::size_t tensor; Index begin, end; };

std::vector<Stretch> stretches(const std::vector<Tensor>& tensors) {
  constexpr Index size = 16384;
  std::vector<Stretch> all;
  for (std::size_t i = 0; i < tensors.size(); i++) {
    Index n = tensors[i] ? tensors[i].numel() : 0;
    for (Index j = 0; j < n; j += size) all.push_back({i, j, std::min(j + size, n)});
  }
  return all;
}

template <class Body>                           // body(number of the stretch, stretch)
void each(const std::vector<Stretch>& all, const Body& body) {
  parallel_for(Index(all.size()), 1, [&](Index begin, Index end) {
    for (Index k = begin; k < end; k++) body(k, all[k]);
  });
}

std::vector<Tensor> gradients(const std::vector<Parameter>& params) {    // row-major, or none
  std::vector<Tensor> all;
  for (const Parameter& p : params) {
    all.push_back(grad(p.tensor) ? raw::contiguous(grad(p.tensor)) : Tensor());
  }
  return all;
}

double sum_of_squares(const Real* x, Index n) { // in double: eight sums that fit vectors
  double sums[8] = {};
  Index i = 0;
  for (; i + 8 <= n; i += 8) {
    for (Index k = 0; k < 8; k++) sums[k] += double(x[i + k]) * double(x[i + k]);
  }
  for (; i < n; i++) sums[0] += double(x[i]) * double(x[i]);
  return std::accumulate(sums, sums + 8, 0.0);
}

// The 2-norm of all gradients, taken as one long vector: the squares of each stretch, added in
// order. The first that is not finite is named.
double norm_of(const std::vector<Tensor>& g, const std::vector<Parameter>& params, double limit) {
  check(limit >= 0, "clip_grad_norm: the limit ", limit, " must be 0 or more");
  std::vector<Stretch> all = stretches(g);
  std::vector<double> sums(all.size());
  each(all, [&](Index k, const Stretch& s) {
    sums[k] = sum_of_squares(g[s.tensor].data() + s.begin, s.end - s.begin);
  });
  double squares = 0;
  for (std::size_t k = 0; k < all.size(); k++) {
    squares += sums[k];
    check(std::isfinite(squares), "clip_grad_norm: the gradient of ", params[all[k].tensor].name,
          " is not finite; a smaller learning rate may help, and check-nan finds where it begins");
  }
  return std::sqrt(squares);
}

void check_setting(const char* optimizer, const char* what, Real x, Real limit = INFINITY) {
  check(x >= 0 && x < limit, optimizer, ": ", what, " ", x, " is outside [0, ", limit, ")");
}

}  // namespace

Optimizer::Optimizer(std::vector<Parameter> given, Real lr)
    : params(distinct(std::move(given))), lr(lr) {
  check(!params.empty(), "optimizer: there is no parameter to learn; a module names its layers and "
        "tensors in fields()");
  for (const Parameter& p : params) name_parameter(p.tensor, p.name);
}

void Optimizer::step() { step_along(gradients(params), 1); }

double Optimizer::step(double limit) {
  std::vector<Tensor> g = gradients(params);
  double norm = norm_of(g, params, limit);
  step_along(g, norm <= limit ? 1 : Real(limit / norm));
  return norm;
}

// Each number is updated by its own gradient alone, so threads may take any stretch. It is scaled
// in a buffer that stays in the cache, and rounded as clip_grad_norm does.
void Optimizer::step_along(const std::vector<Tensor>& g, Real scale) {
  check_settings();                             // they may have been changed since the last step
  check(std::ranges::any_of(g, [](const Tensor& x) { return bool(x); }),
        "step: no parameter has a gradient; call backward first");
  steps++;
  for (std::size_t i = 0; i < params.size(); i++) if (g[i]) overwrite(params[i].tensor, "step");
  each(stretches(g), [&](Index, const Stretch& s) {
    const Real* from = g[s.tensor].data() + s.begin;
    if (scale == 1) return update(s.tensor, from, s.begin, s.end);
    constexpr Index some = 512;
    Real scaled[some];
    for (Index begin = s.begin, end; begin < s.end; begin = end, from += some) {
      end = std::min(begin + some, s.end);
      for (Index j = 0; j < end - begin; j++) scaled[j] = from[j] * scale;
      update(s.tensor, scaled, begin, end);
    }
  });
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
  SGD::check_settings();
  if (momentum != 0) velocity = zeros_like_params();
}

void SGD::check_settings() const {
  check_setting("SGD", "learning rate", lr);
  check_setting("SGD", "momentum", momentum);
  check_setting("SGD", "weight_decay", weight_decay);
  check(!nesterov || momentum > 0, "SGD: nesterov needs a momentum");
}

std::vector<Parameter> SGD::state() {
  std::vector<Parameter> all;
  for (std::size_t i = 0; i < velocity.size(); i++) {
    all.push_back({"momentum_buffer." + params[i].name, velocity[i]});
  }
  return all;
}

// d = g + weight_decay w   v = μ v + d   w −= lr v, or lr (d + μ v) after Nesterov, or lr d without
// momentum.
void SGD::update(std::size_t i, const Real* g, Index begin, Index end) {
  Real *w = params[i].tensor.data(), *v = velocity.empty() ? nullptr : velocity[i].data();
  for (Index j = begin; j < end; j += lanes) {
    Index left = end - j;
    Vec at = load_some(w + j, left), d = load_some(g + (j - begin), left) + weight_decay * at;
    if (v) {
      Vec speed = momentum * load_some(v + j, left) + d;
      store_some(v + j, speed, left);
      d = nesterov ? d + momentum * speed : speed;
    }
    store_some(w + j, at - lr * d, left);
  }
}

Adam::Adam(std::vector<Parameter> p, Real lr, Real weight_decay, bool decoupled)
    : Optimizer(std::move(p), lr), weight_decay(weight_decay), decoupled(decoupled),
      exp_avg(zeros_like_params()), exp_avg_sq(zeros_like_params()) {
  Adam::check_settings();
}

void Adam::check_settings() const {
  check_setting("Adam", "learning rate", lr);
  check_setting("Adam", "beta1", beta1, 1);
  check_setting("Adam", "beta2", beta2, 1);
  check_setting("Adam", "weight_decay", weight_decay);
  check(eps > 0 && std::isfinite(eps), "Adam: eps ", eps, " must be above 0, and a number");
}

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
void Adam::update(std::size_t i, const Real* g, Index begin, Index end) {
  Real *w = params[i].tensor.data(), *m = exp_avg[i].data(), *v = exp_avg_sq[i].data();
  // m and v begin as 0 and so are too small by 1 − βᵗ at step t: m̂ = m / (1 − β₁ᵗ), v̂ likewise.
  Real l2 = decoupled ? 0 : weight_decay, shrink = decoupled ? 1 - lr * weight_decay : 1;
  Real step_size = Real(lr / (1 - std::pow(double(beta1), double(steps))));
  Real unbias = Real(1 / std::sqrt(1 - std::pow(double(beta2), double(steps))));
  for (Index j = begin; j < end; j += lanes) {
    Index left = end - j;
    Vec at = load_some(w + j, left), d = load_some(g + (j - begin), left) + l2 * at;
    Vec mean = beta1 * load_some(m + j, left) + (1 - beta1) * d;
    Vec square = beta2 * load_some(v + j, left) + (1 - beta2) * d * d;
    store_some(m + j, mean, left);
    store_some(v + j, square, left);
    at = shrink * at - step_size * mean / (simd::sqrt(square) * unbias + eps);
    store_some(w + j, at, left);
  }
}

// A straight ramp up to the peak; then peak, peak √(warmup / step), or half a period of a cosine.
double Schedule::at(long step) const {
  check(peak >= 0 && std::isfinite(peak) && warmup >= 0 && total >= 0 && step >= 0,
        "Schedule: a peak of ", peak, ", a warm-up of ", warmup, " and a total of ", total,
        " steps, at step ", step, "; none can be negative");
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

// D2L 9.5.3 Gradient Clipping
// g ← min(1, θ / ‖g‖) g, all gradients taken as one long vector: Eq. (9.5.3)
double clip_grad_norm(const std::vector<Parameter>& given, double limit) {
  const std::vector<Parameter> params = distinct(given);
  double norm = norm_of(gradients(params), params, limit);
  if (norm <= limit) return norm;

  // Scale in place, after a copy where somebody else holds the same numbers.
  std::vector<Tensor> scaled;
  for (const Parameter& p : params) {
    scaled.emplace_back();
    if (!grad(p.tensor)) continue;
    Tensor& own = p.tensor.node->grad;
    if (!own.sole_owner() || !own.contiguous()) own = raw::map(own, [](Real v) { return v; });
    scaled.back() = own;
  }
  each(stretches(scaled), [&, scale = Real(limit / norm)](Index, const Stretch& s) {
    Real* x = scaled[s.tensor].data();
    for (Index j = s.begin; j < s.end; j++) x[j] *= scale;
  });
  return norm;
}

}  // namespace babelgrad
