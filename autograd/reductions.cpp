// Many numbers to one. The gradient of a sum is dy, repeated where the numbers were.
#include <cmath>

#include "autograd/ops.h"
#include "tensor/map.h"

namespace babelgrad {
namespace {

// x's shape with the reduced axes as 1.
Shape with_ones(const Tensor& x, const Axes& axes) {
  Shape ones = x.shape();
  for (int axis = 0; axis < x.rank() && axes.empty(); axis++) ones[axis] = 1;
  for (int axis : axes) ones[axis] = 1;
  return ones;
}

// dy so that it broadcasts against x.
Tensor spread(const Tensor& dy, const Tensor& x, const Axes& axes) {
  return raw::reshape(dy, with_ones(x, axes));
}

// The largest of sign x, times sign: with −1 the smallest of x.
Tensor extreme(const char* name, const Tensor& x, const Axes& axes, bool keepdim, Real sign) {
  check(raw::count_of(x, axes, name) > 0,
        name, ": shape ", x.shape(), " has no numbers to choose from");
  auto turned = [sign](Real v) { return sign * v; };
  Tensor y = raw::map(raw::max(raw::map(x, turned), axes, keepdim), turned);
  return record(name, y, {x}, [=](const Tensor& dy, Gradients d) {        // shared evenly by equals
    auto is_best = [](Real v, Real best) { return Real(v == best); };
    Tensor chosen = raw::zip(x, spread(y, x, axes), is_best);
    d[0] += spread(dy, x, axes) * chosen / raw::sum(chosen, axes, true);
  });
}

// x − x̄ and its squares' mean Σ (x − x̄)² / n, or / (n − 1) if unbiased. All numbers are first
// taken from one of them on: far from 0, x̄ may be rounded by as much as they differ.
struct Deviation { Tensor centred, squares; Real n; };

Deviation deviation(const char* name, const Tensor& x, const Axes& axes, bool unbiased,
                    bool keepdim) {
  Real n = Real(raw::count_of(x, axes, name)) - Real(unbiased);
  check(n > 0, name, ": too few numbers, shape ", x.shape());
  Tensor first = x.view(with_ones(x, axes), x.strides(), x.offset()), moved = detach(x) - first;
  Tensor centred = moved - mean(moved, axes, true);
  return {centred, raw::sum(square(centred), axes, keepdim) / n, n};
}

}  // namespace

Tensor sum(const Tensor& x, const Axes& axes, bool keepdim) {
  Tensor y = raw::sum(x, axes, keepdim);
  return record("sum", y, {x}, [ones = with_ones(x, axes), whole = x.shape()](const Tensor& dy,
                                                                              Gradients d) {
    d[0] += raw::expand(raw::reshape(dy, ones), whole);
  });
}

Tensor mean(const Tensor& x, const Axes& axes, bool keepdim) {
  Index n = raw::count_of(x, axes, "mean");
  check(n > 0, "mean: of no numbers, shape ", x.shape());
  return sum(x, axes, keepdim) / Real(n);
}

Tensor max(const Tensor& x, const Axes& axes, bool keepdim) {
  return extreme("max", x, axes, keepdim, 1);
}

Tensor min(const Tensor& x, const Axes& axes, bool keepdim) {
  return extreme("min", x, axes, keepdim, -1);
}

// That x̄ depends on x adds nothing: Σ (x − x̄) is 0.
Tensor var(const Tensor& x, const Axes& axes, bool unbiased, bool keepdim) {
  auto [centred, squares, n] = deviation("var", x, axes, unbiased, keepdim);
  return record("var", squares, {x}, [=, centred = centred, n = n](const Tensor& dy, Gradients d) {
    d[0] += spread(dy, x, axes) * centred * (2 / n);                     // dx = dy 2 (x − x̄) / n
  });
}

// σ = √var: of equal numbers it is 0, its least, and so is the slope.
Tensor std_dev(const Tensor& x, const Axes& axes, bool unbiased, bool keepdim) {
  auto [centred, squares, n] = deviation("std_dev", x, axes, unbiased, keepdim);
  Tensor sigma = sqrt(squares);
  return record("std_dev", sigma, {x}, [=, centred = centred, n = n](const Tensor& dy,
                                                                     Gradients d) {
    auto per_sigma = [](Real g, Real s) { return s == 0 ? Real(0) : g / s; };
    d[0] += spread(raw::zip(dy, sigma, per_sigma), x, axes) * centred / n;  // dx = dy (x − x̄) / nσ
  });
}

// m + ln Σ eˣ⁻ᵐ, m the largest: nothing overflows. Of nothing but −∞ no number has a share in it.
Tensor logsumexp(const Tensor& x, int axis) {
  check(raw::count_of(x, {axis}, "logsumexp") > 0, "logsumexp: axis ", axis, " of shape ",
        x.shape(), " is empty");
  Tensor m = raw::max(x, {axis}, true);
  m = raw::map(m, [](Real v) { return std::isinf(v) ? Real(0) : v; });
  Tensor powers = exp(detach(x) - m), total = raw::sum(powers, {axis}, true);
  return record("logsumexp", raw::squeeze(log(total) + m, axis), {x}, [=](const Tensor& dy,
                                                                          Gradients d) {
    auto share = [](Real power, Real all) { return all == 0 ? Real(0) : power / all; };
    d[0] += spread(dy, x, {axis}) * raw::zip(powers, total, share);      // dx = dy softmax(x)
  });
}

// x_i is part of y_i and all that follow: dx_i = Σ_{j ≥ i} dy_j, a cumsum from the other end.
Tensor cumsum(const Tensor& x, int axis) {
  return record("cumsum", raw::cumsum(x, axis), {x}, [=](const Tensor& dy, Gradients d) {
    d[0] += raw::flip(raw::cumsum(raw::flip(dy, axis), axis), axis);
  });
}

}  // namespace babelgrad
