// Operations on each number alone: value and slope, one under the other, both of a whole vector.
#include <cmath>
#include <numbers>

#include "autograd/ops.h"
#include "tensor/map.h"
#include "tensor/vector_math.h"

namespace babelgrad {
namespace {

// y = f(x), dx = dy slope(x)
template <class F, class Slope>
Tensor by_input(const char* name, const Tensor& x, F f, Slope slope) {
  return record(name, raw::map(x, f, name), {x}, [x, slope](const Tensor& dy, Gradients d) {
    d[0] += raw::zip(dy, x, [slope](Vec g, Vec v) { return g * slope(v); });
  });
}

// y = f(x), dx = dy slope(y): where the slope follows from the result, x need not be kept.
template <class F, class Slope>
Tensor by_result(const char* name, const Tensor& x, F f, Slope slope) {
  Tensor y = raw::map(x, f, name);
  return record(name, y, {x}, [y, slope](const Tensor& dy, Gradients d) {
    d[0] += raw::zip(dy, y, [slope](Vec g, Vec v) { return g * slope(v); });
  });
}

template <class F>
auto each(F f) {                                // a function of one number, for the rarer ones
  return [f](Vec v) { return simd::each_lane(v, f); };
}

constexpr Real half = Real(0.5);
constexpr Real root_half = Real(std::numbers::sqrt2 / 2);
constexpr Real root_2_over_pi = Real(std::numbers::sqrt2 * std::numbers::inv_sqrtpi);
constexpr Real two_over_root_pi = Real(2 * std::numbers::inv_sqrtpi);
constexpr Vec zero = Vec{}, one = Vec{} + Real(1);

// The density φ of the normal distribution, and Φ, the share below x.
Vec fade(Vec x) { return simd::log1p(simd::exp(-simd::abs(x))); }        // ln(1 + exp(−|x|))
Vec phi(Vec x) { return simd::exp(-half * x * x) * (root_half * Real(std::numbers::inv_sqrtpi)); }
Vec Phi(Vec x) { return half * simd::erfc(-x * root_half); }
Vec gelu_inner(Vec x) { return root_2_over_pi * (x + Real(0.044715) * x * x * x); }

}  // namespace

Tensor operator-(const Tensor& x) {
  return by_input("neg", x, [](Vec v) { return -v; },
                            [](Vec) { return -one; });
}

Tensor abs(const Tensor& x) {
  return by_input("abs", x, [](Vec v) { return simd::abs(v); },
                            [](Vec v) { return v > 0 ? one : v < 0 ? -one : zero; });
}

Tensor square(const Tensor& x) {
  return by_input("square", x, [](Vec v) { return v * v; },
                               [](Vec v) { return 2 * v; });
}

Tensor sqrt(const Tensor& x) {                  // upright at 0, where it is given the slope 0
  return by_result("sqrt", x, [](Vec v) { return simd::sqrt(v); },
                              [](Vec y) { return y == 0 ? zero : half / y; });
}

Tensor rsqrt(const Tensor& x) {
  return by_result("rsqrt", x, [](Vec v) { return 1 / simd::sqrt(v); },
                               [](Vec y) { return -half * y * y * y; });
}

Tensor reciprocal(const Tensor& x) {
  return by_result("reciprocal", x, [](Vec v) { return 1 / v; },
                                    [](Vec y) { return -y * y; });
}

Tensor exp(const Tensor& x) {
  return by_result("exp", x, [](Vec v) { return simd::exp(v); },
                             [](Vec y) { return y; });
}

Tensor expm1(const Tensor& x) {
  return by_result("expm1", x, [](Vec v) { return simd::expm1(v); },
                               [](Vec y) { return y + 1; });
}

Tensor log(const Tensor& x) {
  return by_input("log", x, [](Vec v) { return simd::log(v); },
                            [](Vec v) { return 1 / v; });
}

Tensor log1p(const Tensor& x) {
  return by_input("log1p", x, [](Vec v) { return simd::log1p(v); },
                              [](Vec v) { return 1 / (1 + v); });
}

Tensor sin(const Tensor& x) {
  return by_input("sin", x, each([](Real v) { return std::sin(v); }),
                            each([](Real v) { return std::cos(v); }));
}

Tensor cos(const Tensor& x) {
  return by_input("cos", x, each([](Real v) { return std::cos(v); }),
                            each([](Real v) { return -std::sin(v); }));
}

Tensor erf(const Tensor& x) {
  return by_input("erf", x, [](Vec v) { return simd::erf(v); },
                            [](Vec v) { return two_over_root_pi * simd::exp(-v * v); });
}

Tensor tanh(const Tensor& x) {
  return by_result("tanh", x, [](Vec v) { return simd::tanh(v); },
                              [](Vec y) { return 1 - y * y; });
}

Tensor sigmoid(const Tensor& x) {
  return by_result("sigmoid", x, [](Vec v) { return simd::sigmoid(v); },
                                 [](Vec y) { return y * (1 - y); });
}

// ln σ(x) = min(x, 0) − ln(1 + exp(−|x|)): no exponential can overflow.
Tensor log_sigmoid(const Tensor& x) {
  return by_input("log_sigmoid", x, [](Vec v) { return (v < 0 ? v : zero) - fade(v); },
                                    [](Vec v) { return simd::sigmoid(-v); });
}

// ln(1 + eˣ) = max(x, 0) + ln(1 + exp(−|x|)), likewise.
Tensor softplus(const Tensor& x) {
  return by_input("softplus", x, [](Vec v) { return (v > 0 ? v : zero) + fade(v); },
                                 [](Vec v) { return simd::sigmoid(v); });
}

Tensor relu(const Tensor& x) {                  // written so that a NaN stays one
  return by_result("relu", x, [](Vec v) { return v < 0 ? zero : v; },
                              [](Vec y) { return y > 0 ? one : y * 0; });
}

Tensor leaky_relu(const Tensor& x, Real a) {
  check(std::isfinite(a), "leaky_relu: a slope of ", a, " is no number");
  return by_input("leaky_relu", x, [a](Vec v) { return v < 0 ? a * v : v; },
                                   [a](Vec v) { return v > 0 ? one : splat(a); });
}

// x, or eˣ − 1 below 0, whose slope is eˣ = y + 1.
Tensor elu(const Tensor& x) {
  return by_result("elu", x, [](Vec v) { return v < 0 ? simd::expm1(v) : v; },
                             [](Vec y) { return y < 0 ? y + 1 : one; });
}

// y = x σ   y' = σ + x σ (1 − σ)
Tensor silu(const Tensor& x) {
  return by_input("silu", x, [](Vec v) { return v * simd::sigmoid(v); },
                             [](Vec v) {
                               Vec s = simd::sigmoid(v);
                               return s * (1 + v * (1 - s));
                             });
}

// y = x Φ   y' = Φ + x φ
Tensor gelu(const Tensor& x) {
  return by_input("gelu", x, [](Vec v) { return v * Phi(v); },
                             [](Vec v) { return Phi(v) + v * phi(v); });
}

// y = ½ x (1 + t), t = tanh(√(2/π) (x + 0.044715 x³)). Where t has reached 1 its slope is 0,
// whatever the polynomial is, which may have overflowed.
Tensor gelu_tanh(const Tensor& x) {
  return by_input("gelu_tanh", x,
                  [](Vec v) { return half * v * (1 + simd::tanh(gelu_inner(v))); },
                  [](Vec v) {
                    Vec t = simd::tanh(gelu_inner(v)), s = 1 - t * t;
                    Vec inner = root_2_over_pi * (1 + 3 * Real(0.044715) * v * v);
                    return half * (1 + t) + (s > 0 ? half * v * s * inner : zero);
                  });
}

Tensor clamp(const Tensor& x, Real low, Real high) {
  check(low <= high, "clamp: between ", low, " and ", high, " there is no number");
  Vec l = splat(low), h = splat(high);
  return by_input("clamp", x, [=](Vec v) { return v < l ? l : v > h ? h : v; },
                              [=](Vec v) { return v < l ? zero : v > h ? zero : one; });
}

}  // namespace babelgrad
