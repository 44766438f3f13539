// Operations on each number alone: value and slope, one under the other.
#include <cmath>
#include <numbers>

#include "autograd/ops.h"
#include "tensor/map.h"

namespace babelgrad {
namespace {

// y = f(x), dx = dy slope(x)
template <class F, class Slope>
Tensor by_input(const char* name, const Tensor& x, F f, Slope slope) {
  return record(name, raw::map(x, f), {{x, [x, slope](const Tensor& dy) {
    return raw::zip(dy, x, [slope](Real d, Real v) { return d * slope(v); });
  }}});
}

// y = f(x), dx = dy slope(y): where the slope follows from the result, x need not be kept.
template <class F, class Slope>
Tensor by_result(const char* name, const Tensor& x, F f, Slope slope) {
  Tensor y = raw::map(x, f);
  return record(name, y, {{x, [y, slope](const Tensor& dy) {
    return raw::zip(dy, y, [slope](Real d, Real v) { return d * slope(v); });
  }}});
}

constexpr Real one = 1, half = Real(0.5);
constexpr Real root_half = Real(std::numbers::sqrt2 / 2);
constexpr Real root_2_over_pi = Real(std::numbers::sqrt2 * std::numbers::inv_sqrtpi);
constexpr Real two_over_root_pi = Real(2 * std::numbers::inv_sqrtpi);

Real sigma(Real x) {                            // no overflow at either end
  Real e = std::exp(-std::abs(x));
  return (x < 0 ? e : one) / (one + e);
}
Real fade(Real x) { return std::log1p(std::exp(-std::abs(x))); }         // ln(1 + exp(−|x|))
Real phi(Real x) { return std::exp(-half * x * x) * root_half * Real(std::numbers::inv_sqrtpi); }
Real Phi(Real x) { return half * std::erfc(-x * root_half); }
Real gelu_inner(Real x) { return root_2_over_pi * (x + Real(0.044715) * x * x * x); }

}  // namespace

Tensor operator-(const Tensor& x) {
  return by_input("neg", x, [](Real v) { return -v; },
                            [](Real) { return -one; });
}

Tensor abs(const Tensor& x) {
  return by_input("abs", x, [](Real v) { return std::abs(v); },
                            [](Real v) { return Real((v > 0) - (v < 0)); });
}

Tensor square(const Tensor& x) {
  return by_input("square", x, [](Real v) { return v * v; },
                               [](Real v) { return 2 * v; });
}

Tensor sqrt(const Tensor& x) {
  return by_result("sqrt", x, [](Real v) { return std::sqrt(v); },
                              [](Real y) { return half / y; });
}

Tensor rsqrt(const Tensor& x) {
  return by_result("rsqrt", x, [](Real v) { return one / std::sqrt(v); },
                               [](Real y) { return -half * y * y * y; });
}

Tensor reciprocal(const Tensor& x) {
  return by_result("reciprocal", x, [](Real v) { return one / v; },
                                    [](Real y) { return -y * y; });
}

Tensor pow(const Tensor& x, Real n) {
  return by_input("pow", x, [n](Real v) { return std::pow(v, n); },
                            [n](Real v) { return n == 0 ? Real(0) : n * std::pow(v, n - 1); });
}

Tensor exp(const Tensor& x) {
  return by_result("exp", x, [](Real v) { return std::exp(v); },
                             [](Real y) { return y; });
}

Tensor expm1(const Tensor& x) {
  return by_result("expm1", x, [](Real v) { return std::expm1(v); },
                               [](Real y) { return y + one; });
}

Tensor log(const Tensor& x) {
  return by_input("log", x, [](Real v) { return std::log(v); },
                            [](Real v) { return one / v; });
}

Tensor log1p(const Tensor& x) {
  return by_input("log1p", x, [](Real v) { return std::log1p(v); },
                              [](Real v) { return one / (one + v); });
}

Tensor sin(const Tensor& x) {
  return by_input("sin", x, [](Real v) { return std::sin(v); },
                            [](Real v) { return std::cos(v); });
}

Tensor cos(const Tensor& x) {
  return by_input("cos", x, [](Real v) { return std::cos(v); },
                            [](Real v) { return -std::sin(v); });
}

Tensor erf(const Tensor& x) {
  return by_input("erf", x, [](Real v) { return std::erf(v); },
                            [](Real v) { return two_over_root_pi * std::exp(-v * v); });
}

Tensor tanh(const Tensor& x) {
  return by_result("tanh", x, [](Real v) { return std::tanh(v); },
                              [](Real y) { return one - y * y; });
}

Tensor sigmoid(const Tensor& x) {
  return by_result("sigmoid", x, sigma,
                                 [](Real y) { return y * (one - y); });
}

Tensor log_sigmoid(const Tensor& x) {
  return by_input("log_sigmoid", x, [](Real v) { return (v < 0 ? v : 0) - fade(v); },
                                    [](Real v) { return sigma(-v); });
}

Tensor softplus(const Tensor& x) {
  return by_input("softplus", x, [](Real v) { return (v > 0 ? v : 0) + fade(v); },
                                 sigma);
}

Tensor relu(const Tensor& x) {                  // written so that a NaN stays one
  return by_result("relu", x, [](Real v) { return v < 0 ? Real(0) : v; },
                              [](Real y) { return y > 0 ? one : y * 0; });
}

Tensor leaky_relu(const Tensor& x, Real a) {
  return by_input("leaky_relu", x, [a](Real v) { return v < 0 ? a * v : v; },
                                   [a](Real v) { return v > 0 ? one : a; });
}

Tensor elu(const Tensor& x) {
  return by_result("elu", x, [](Real v) { return v < 0 ? std::expm1(v) : v; },
                             [](Real y) { return y < 0 ? y + one : one; });
}

Tensor silu(const Tensor& x) {
  return by_input("silu", x, [](Real v) { return v * sigma(v); },
                             [](Real v) { return sigma(v) * (one + v * (one - sigma(v))); });
}

Tensor gelu(const Tensor& x) {
  return by_input("gelu", x, [](Real v) { return v * Phi(v); },
                             [](Real v) { return Phi(v) + v * phi(v); });
}

Tensor gelu_tanh(const Tensor& x) {
  return by_input("gelu_tanh", x,
                  [](Real v) { return half * v * (one + std::tanh(gelu_inner(v))); },
                  [](Real v) {
                    Real t = std::tanh(gelu_inner(v)), s = one - t * t;
                    Real inner = root_2_over_pi * (one + 3 * Real(0.044715) * v * v);
                    return half * (one + t) + (s > 0 ? half * v * s * inner : 0);
                  });
}

Tensor clamp(const Tensor& x, Real low, Real high) {
  return by_input("clamp", x, [=](Real v) { return v < low ? low : v > high ? high : v; },
                              [=](Real v) { return v < low || v > high ? Real(0) : one; });
}

}  // namespace babelgrad
