// Many numbers to one. The gradient of a sum is dy, repeated where the numbers were.
#include <cmath>

#include "autograd/ops.h"
#include "tensor/map.h"

namespace babelgrad {
namespace {

// dy with the reduced axes back as 1, so that it broadcasts against x.
Tensor spread(const Tensor& dy, const Tensor& x, const Axes& axes) {
  Shape ones = x.shape();
  for (int axis = 0; axis < x.rank() && axes.empty(); axis++) ones[axis] = 1;
  for (int axis : axes) ones[normalize_axis(axis, x.shape(), "reduce")] = 1;
  return raw::reshape(dy, ones);
}

// How many numbers go into one result; an error names the operation.
Index count(const char* name, const Tensor& x, const Axes& axes) {
  for (int axis : axes) normalize_axis(axis, x.shape(), name);
  return raw::count_of(x.shape(), axes);
}

// The largest of sign x, times sign: with −1 the smallest of x.
Tensor extreme(const char* name, const Tensor& x, const Axes& axes, bool keepdim, Real sign) {
  check(count(name, x, axes) > 0, name, ": shape ", x.shape(), " has no numbers to choose from");
  auto turned = [sign](Real v) { return sign * v; };
  Tensor y = raw::map(raw::max(raw::map(x, turned), axes, keepdim), turned);
  return record(name, y, {{x, [=](const Tensor& dy) {                     // shared evenly by equals
    auto is_best = [](Real v, Real best) { return Real(v == best); };
    Tensor chosen = raw::zip(x, spread(y, x, axes), is_best);
    return spread(dy, x, axes) * chosen / raw::sum(chosen, axes, true);
  }}});
}

}  // namespace

Tensor sum(const Tensor& x, const Axes& axes, bool keepdim) {
  return record("sum", raw::sum(x, axes, keepdim), {{x, [=](const Tensor& dy) {
    return raw::expand(spread(dy, x, axes), x.shape());
  }}});
}

Tensor mean(const Tensor& x, const Axes& axes, bool keepdim) {
  Index n = count("mean", x, axes);
  check(n > 0, "mean: of no numbers, shape ", x.shape());
  return sum(x, axes, keepdim) / Real(n);
}

Tensor max(const Tensor& x, const Axes& axes, bool keepdim) {
  return extreme("max", x, axes, keepdim, 1);
}

Tensor min(const Tensor& x, const Axes& axes, bool keepdim) {
  return extreme("min", x, axes, keepdim, -1);
}

// Σ (x − x̄)² / n, or / (n − 1) if unbiased. That x̄ depends on x adds nothing: Σ (x − x̄) is 0.
Tensor var(const Tensor& x, const Axes& axes, bool unbiased, bool keepdim) {
  Real n = Real(count("var", x, axes)) - Real(unbiased);
  check(n > 0, "var: too few numbers, shape ", x.shape());
  Tensor centred = detach(x) - mean(detach(x), axes, true);
  return record("var", raw::sum(square(centred), axes, keepdim) / n, {{x, [=](const Tensor& dy) {
    return spread(dy, x, axes) * centred * (2 / n);                      // dx = dy 2 (x − x̄) / n
  }}});
}

Tensor std_dev(const Tensor& x, const Axes& axes, bool unbiased, bool keepdim) {
  return sqrt(var(x, axes, unbiased, keepdim));
}

Tensor logsumexp(const Tensor& x, int axis) {   // m + ln Σ eˣ⁻ᵐ, m the largest: nothing overflows
  check(count("logsumexp", x, {axis}) > 0, "logsumexp: axis ", axis, " of shape ", x.shape(),
        " is empty");
  Tensor m = raw::max(x, {axis}, true);
  m = raw::map(m, [](Real v) { return std::isinf(v) ? Real(0) : v; });
  return squeeze(log(sum(exp(x - m), {axis}, true)) + m, axis);
}

// x_i is part of y_i and all that follow: dx_i = Σ_{j ≥ i} dy_j, a cumsum from the other end.
Tensor cumsum(const Tensor& x, int axis) {
  return record("cumsum", raw::cumsum(x, axis), {{x, [=](const Tensor& dy) {
    return raw::flip(raw::cumsum(raw::flip(dy, axis), axis), axis);
  }}});
}

}  // namespace babelgrad
