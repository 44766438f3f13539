// Two operands, broadcast to one shape; `+=` sums a gradient back to the operand's shape. An
// operand is kept for the backward pass only where its numbers are needed there.
#include <cmath>

#include "autograd/ops.h"
#include "tensor/map.h"

namespace babelgrad {
namespace {

Tensor times(const Tensor& a, const Tensor& b) {
  return raw::zip(a, b, [](Real x, Real z) { return x * z; }, "mul");
}

// x, or nothing if no gradient will need it.
Tensor kept(const Tensor& x, const Tensor& for_gradient_of) {
  return has_grad(for_gradient_of) ? x : Tensor();
}

// Which part of dy goes to a where a and b compete: all, nothing, or half when they are equal.
template <class Wins>
Tensor contest(const char* name, const Tensor& a, const Tensor& b, Wins wins) {
  auto winner = [wins](Real x, Real z) { return wins(x, z) || std::isnan(x) ? x : z; };
  auto part_of_a = [wins](Real x, Real z) { return x == z ? Real(0.5) : Real(wins(x, z)); };
  Tensor y = raw::zip(a, b, winner, name), share = raw::zip(a, b, part_of_a);
  return record(name, y, {a, b}, [=](const Tensor& dy, Gradients d) {
    if (d[0]) d[0] += times(dy, share);
    if (d[1]) d[1] += times(dy, 1 - share);
  });
}

// n xⁿ⁻¹, and 0 where that is no number or too steep for one: at x = 0 if n = 0, where it is 0 · ∞,
// and if 0 < n < 1, where the tangent is vertical.
Real power_slope(Real x, Real n) {
  if (n == 0 || (x == 0 && n > 0 && n < 1)) return 0;
  return n * std::pow(x, n - 1);
}

}  // namespace

Tensor operator+(const Tensor& a, const Tensor& b) {
  Tensor y = raw::zip(a, b, [](Real x, Real z) { return x + z; }, "add");
  return record("add", y, {a, b}, [](const Tensor& dy, Gradients d) {
    d[0] += dy;
    d[1] += dy;
  });
}

Tensor operator-(const Tensor& a, const Tensor& b) {
  Tensor y = raw::zip(a, b, [](Real x, Real z) { return x - z; }, "sub");
  return record("sub", y, {a, b}, [](const Tensor& dy, Gradients d) {
    d[0] += dy;
    if (d[1]) d[1] += -dy;
  });
}

Tensor operator*(const Tensor& a, const Tensor& b) {
  return record("mul", times(a, b), {a, b},
                [a = kept(a, b), b = kept(b, a)](const Tensor& dy, Gradients d) {
    if (d[0]) d[0] += times(dy, b);
    if (d[1]) d[1] += times(dy, a);
  });
}

Tensor operator/(const Tensor& a, const Tensor& b) {
  Tensor y = raw::zip(a, b, [](Real x, Real z) { return x / z; }, "div");
  return record("div", y, {a, b}, [y = kept(y, b), b](const Tensor& dy, Gradients d) {
    if (d[0]) d[0] += dy / b;
    if (d[1]) d[1] += -dy * y / b;              // = -dy a / b²
  });
}

Tensor pow(const Tensor& a, const Tensor& b) {
  Tensor y = raw::zip(a, b, [](Real x, Real n) { return std::pow(x, n); }, "pow");
  // Where ln a is infinite and aᵇ is not, as at a = 0, db is 0: the limit for aᵇ = 0, and what 0⁰
  // is given, too.
  auto slope = [](Real power, Real x) {
    Real ln = std::log(x);
    return std::isinf(ln) && std::isfinite(power) ? Real(0) : power * ln;
  };
  return record("pow", y, {a, b}, [=](const Tensor& dy, Gradients d) {
    if (d[0]) d[0] += times(dy, raw::zip(a, b, power_slope));
    if (d[1]) d[1] += times(dy, raw::zip(y, a, slope));
  });
}

Tensor pow(const Tensor& x, Real n) {
  Tensor y = raw::map(x, [n](Real v) { return std::pow(v, n); }, "pow");
  return record("pow", y, {x}, [=](const Tensor& dy, Gradients d) {
    d[0] += raw::zip(dy, x, [n](Real g, Real v) { return g * power_slope(v, n); });
  });
}

Tensor maximum(const Tensor& a, const Tensor& b) {
  return contest("maximum", a, b, [](Real x, Real z) { return x > z; });
}

Tensor minimum(const Tensor& a, const Tensor& b) {
  return contest("minimum", a, b, [](Real x, Real z) { return x < z; });
}

// y = m a + (1 − m) b, but chosen and not multiplied: an Inf or NaN on the other side stays there.
Tensor where(const Tensor& mask, const Tensor& a, const Tensor& b) {
  check_given("where", mask, a, b);
  Shape shape = broadcast(mask.shape(), broadcast(a.shape(), b.shape(), "where"), "where");
  auto keep = [](Real m, Real v) { return m != 0 ? v : Real(0); };
  auto drop = [](Real m, Real v) { return m == 0 ? v : Real(0); };
  Tensor m = raw::expand(mask, shape);
  Tensor y = raw::zip(m, a, keep);
  raw::add_into(y, raw::zip(m, b, drop));       // one of the two is exactly 0
  return record("where", y, {a, b}, [=](const Tensor& dy, Gradients d) {
    if (d[0]) d[0] += raw::zip(m, dy, keep);
    if (d[1]) d[1] += raw::zip(m, dy, drop);
  });
}

Tensor masked_fill(const Tensor& x, const Tensor& mask, Real value) {
  check_given("masked_fill", x, mask);
  check(broadcast(x.shape(), mask.shape(), "masked_fill") == x.shape(),
        "masked_fill: mask ", mask.shape(), " is larger than ", x.shape());
  return where(mask, Tensor::scalar(value), x);
}

Tensor operator+(const Tensor& a, Real b) { return a + Tensor::scalar(b); }
Tensor operator-(const Tensor& a, Real b) { return a - Tensor::scalar(b); }
Tensor operator*(const Tensor& a, Real b) { return a * Tensor::scalar(b); }
Tensor operator/(const Tensor& a, Real b) { return a / Tensor::scalar(b); }
Tensor operator+(Real a, const Tensor& b) { return Tensor::scalar(a) + b; }
Tensor operator-(Real a, const Tensor& b) { return Tensor::scalar(a) - b; }
Tensor operator*(Real a, const Tensor& b) { return Tensor::scalar(a) * b; }
Tensor operator/(Real a, const Tensor& b) { return Tensor::scalar(a) / b; }

}  // namespace babelgrad
