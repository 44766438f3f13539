// Two operands, broadcast to one shape. raw::sum_to sums a gradient back to the operand's shape,
// which is all that a derivative keeps of an operand whose numbers it does not need.
#include <cmath>

#include "autograd/ops.h"
#include "autograd/power_slope.h"
#include "tensor/map.h"

namespace babelgrad {
namespace {

using raw::sum_to;

Tensor times(const Tensor& a, const Tensor& b) {
  return raw::zip(a, b, [](Real x, Real z) { return x * z; }, "mul");
}

// Which part of dy goes to a where a and b compete: all, nothing, or half when they are equal.
template <class Wins>
Tensor contest(const char* name, const Tensor& a, const Tensor& b, Wins wins) {
  auto winner = [wins](Real x, Real z) { return wins(x, z) || std::isnan(x) ? x : z; };
  auto part_of_a = [wins](Real x, Real z) { return x == z ? Real(0.5) : Real(wins(x, z)); };
  Tensor y = raw::zip(a, b, winner, name), share = raw::zip(a, b, part_of_a);
  auto da = [=, to = a.shape()](const Tensor& dy) { return sum_to(times(dy, share), to); };
  auto db = [=, to = b.shape()](const Tensor& dy) { return sum_to(times(dy, 1 - share), to); };
  return record(name, y, {{a, da}, {b, db}});
}

}  // namespace

Tensor operator+(const Tensor& a, const Tensor& b) {
  Tensor y = raw::zip(a, b, [](Real x, Real z) { return x + z; }, "add");
  auto back = [](const Shape& to) { return [to](const Tensor& dy) { return sum_to(dy, to); }; };
  return record("add", y, {{a, back(a.shape())}, {b, back(b.shape())}});
}

Tensor operator-(const Tensor& a, const Tensor& b) {
  Tensor y = raw::zip(a, b, [](Real x, Real z) { return x - z; }, "sub");
  auto da = [to = a.shape()](const Tensor& dy) { return sum_to(dy, to); };
  auto db = [to = b.shape()](const Tensor& dy) { return sum_to(-dy, to); };
  return record("sub", y, {{a, da}, {b, db}});
}

Tensor operator*(const Tensor& a, const Tensor& b) {
  auto da = [=, to = a.shape()](const Tensor& dy) { return sum_to(times(dy, b), to); };
  auto db = [=, to = b.shape()](const Tensor& dy) { return sum_to(times(dy, a), to); };
  return record("mul", times(a, b), {{a, da}, {b, db}});
}

Tensor operator/(const Tensor& a, const Tensor& b) {
  Tensor y = raw::zip(a, b, [](Real x, Real z) { return x / z; }, "div");
  // db = -dy a / b² = -dy y / b
  auto da = [=, to = a.shape()](const Tensor& dy) { return sum_to(dy / b, to); };
  auto db = [=, to = b.shape()](const Tensor& dy) { return sum_to(-dy * y / b, to); };
  return record("div", y, {{a, da}, {b, db}});
}

Tensor pow(const Tensor& a, const Tensor& b) {
  Tensor y = raw::zip(a, b, [](Real x, Real n) { return std::pow(x, n); }, "pow");
  // Where ln a is infinite and aᵇ is not, as at a = 0, db is 0: the limit for aᵇ = 0, and what 0⁰
  // is given, too.
  auto slope = [](Real power, Real x) {
    Real ln = std::log(x);
    return std::isinf(ln) && std::isfinite(power) ? Real(0) : power * ln;
  };
  auto da = [=](const Tensor& dy) {
    return sum_to(times(dy, raw::zip(a, b, power_slope)), a.shape());
  };
  auto db = [=](const Tensor& dy) { return sum_to(times(dy, raw::zip(y, a, slope)), b.shape()); };
  return record("pow", y, {{a, da}, {b, db}});
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
  auto da = [=, to = a.shape()](const Tensor& dy) { return sum_to(raw::zip(m, dy, keep), to); };
  auto db = [=, to = b.shape()](const Tensor& dy) { return sum_to(raw::zip(m, dy, drop), to); };
  return record("where", y, {{a, da}, {b, db}});
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
