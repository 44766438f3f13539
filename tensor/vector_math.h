// exp, log, tanh and their kin of a whole vector at once and without a branch, so that a number's
// value never depends on its neighbours. Largest error, in units in the last place, over all floats
// and 4 million doubles, with or without fused multiply-add:
//           exp   expm1  log   log1p  tanh  sigmoid  erf   erfc
//   float   1.06  1.7    0.90  1.44   1.9   1.8      1.6   see there
//   double  1.0   1.9    0.94  1.44   2.3   1.8      <cmath>
// NaN stays NaN; infinities and signed zeros are as in <cmath>. Beside these errors a result may be
// off by four times the smallest normal number, since smaller intermediate results become 0
// (tensor/subnormals.h).
#pragma once

#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "tensor/simd.h"

namespace babelgrad::simd {

constexpr int mantissa = std::numeric_limits<Real>::digits - 1;              // bits: 23 or 52
constexpr Word sign_bit = Word(1) << (8 * sizeof(Real) - 1);
constexpr Word bits_of_one = std::bit_cast<Word>(Real(1));
constexpr Word bias = bits_of_one >> mantissa;                               // exponent field of 1
constexpr Real infinity = std::numeric_limits<Real>::infinity();
constexpr Real not_a_number = std::numeric_limits<Real>::quiet_NaN();

// x + shifter has no room for a fraction: its last bits are x, rounded, as an integer.
constexpr Real shifter = Real(3) * Real(Word(1) << (mantissa - 1));
constexpr Word bits_of_shifter = std::bit_cast<Word>(shifter);

// ln 2 in two parts; the first has so few digits that an exponent times it is exact.
constexpr Real ln2_high = Real(is_double ? 0x1.62e42feep-1 : 0x1.63p-1);
constexpr Real ln2_low = Real(is_double ? 0x1.a39ef35793c76p-33 : -0x1.bd0105c610ca8p-13);

inline Vec abs(Vec x) { return real(bits(x) & ~sign_bit); }
inline Vec with_sign(Vec size, Vec x) { return real(bits(size) | (bits(x) & sign_bit)); }

// c[0] + c[1] x + c[2] x² + ..., by Horner's rule
template <std::size_t n>
Vec polynomial(const std::array<Real, n>& c, Vec x) {
  Vec y = splat(c[n - 1]);
  for (std::size_t k = n - 1; k-- > 0;) y = y * x + c[k];
  return y;
}

template <int n, class F>
constexpr std::array<Real, n> series(F coefficient) {
  std::array<Real, n> c{};
  for (int k = 0; k < n; k++) c[k] = Real(coefficient(k));
  return c;
}

constexpr double factorial(int n) { return n > 1 ? n * factorial(n - 1) : 1; }

// eˣ = 2ⁿ eʳ with n = round(x / ln 2), |r| <= ½ ln 2; eʳ − 1 by Taylor to degree 7 (float) or 13.
struct PowerOfE {
  Vec rest;                                     // eʳ − 1
  Bits n;                                       // in its last bits; the others are shifted out
};

inline PowerOfE power_of_e(Vec x) {
  constexpr auto c = series<is_double ? 12 : 6>([](int k) { return 1 / factorial(k + 2); });
  Vec shifted = x * std::numbers::log2e_v<Real> + shifter, n = shifted - shifter;
  Vec r = (x - n * ln2_high) - n * ln2_low;
  return {r + r * r * polynomial(c, r), bits(shifted)};
}

constexpr Real largest_power = Real(is_double ? 0x1.62e42fefa39efp+9 : 0x1.62e42ep+6);
constexpr Real smallest_power = Real(is_double ? -0x1.6232bdd7abcd2p+9 : -0x1.5d589ep+6);

inline Vec exp(Vec x) {                         // 2ⁿ by adding n to the exponent field
  PowerOfE e = power_of_e(x);
  Vec y = real(bits(1 + e.rest) + (e.n << mantissa));
  y = x < smallest_power ? splat(0) : y;
  return x <= largest_power ? y : x + infinity;
}

// ½ (eˣ − 1) = 2ⁿ⁻¹ (eʳ − 1) + (2ⁿ⁻¹ − ½): half of it, because 2ⁿ may overflow
inline Vec half_expm1(Vec x) {
  PowerOfE e = power_of_e(x);
  Vec half = real((e.n + (bias - 1)) << mantissa);
  return half * e.rest + (half - Real(0.5));
}

inline Vec expm1(Vec x) {
  Vec y = 2 * half_expm1(x);
  y = x < -40 ? splat(-1) : y;
  return x <= largest_power ? with_sign(abs(y), x) : x + infinity;
}

// tanh |x| = h / (1 + h), h = ½ (exp(2 |x|) − 1). What 1 + h rounds away matters most where h is
// small; there h − h tanh |x| is nearer.
inline Vec tanh(Vec x) {
  Vec a = abs(x), h = half_expm1(2 * a), y = h / (1 + h);
  y = h < Real(0.5) ? h - h * y : y;
  return with_sign(a > 20 ? splat(1) : y, x);
}

// σ(x) = 1 / (1 + e⁻ˣ) = eˣ / (1 + eˣ): the side where the power is at most 1, and as above
inline Vec sigmoid(Vec x) {
  Vec e = exp(-abs(x)), y = (x < 0 ? e : splat(1)) / (1 + e);
  return x < 0 ? e - e * y : y;
}

// x = 2ᵏ (1 + f), √½ <= 1 + f < √2, and with s = f / (2 + f)
// ln(1 + f) = 2 (s + s³/3 + s⁵/5 + ...) = f − s (f − 2s²/3 − 2s⁴/5 − ...), where f is exact
inline Vec log(Vec x) {
  constexpr Real smallest = std::numeric_limits<Real>::min(), lift = Real(Word(1) << mantissa);
  constexpr Word root_half = std::bit_cast<Word>(Real(std::numbers::sqrt2 / 2));
  constexpr auto c = series<is_double ? 10 : 4>([](int k) { return 2.0 / (2 * k + 3); });
  auto subnormal = x < smallest;
  Bits b = bits(subnormal ? x * lift : x), field = (b + (bits_of_one - root_half)) >> mantissa;
  Vec k = real(field + bits_of_shifter) - (shifter + Real(bias));
  k = subnormal ? k - Real(mantissa) : k;
  Vec f = real(b - (field << mantissa) + bits_of_one) - 1;
  Vec s = f / (2 + f), s2 = s * s;
  Vec y = k * ln2_high + (f - (s * (f - s2 * polynomial(c, s2)) - k * ln2_low));
  Vec special = x == 0 ? splat(-infinity) : x < infinity ? splat(not_a_number) : x;
  return ((x > 0) & (x < infinity)) ? y : special;
}

// ln(1 + x): what is lost in rounding u = 1 + x is brought back to first order
inline Vec log1p(Vec x) {
  Vec u = 1 + x, y = log(u);
  Vec mended = y + (x - (u - 1)) / u;
  return with_sign(abs(((u > 0) & (u < infinity)) ? mended : y), x);
}

template <class F>
Vec each_lane(Vec x, F f) {                     // for what <cmath> does number by number
  for (int i = 0; i < lanes; i++) set_lane(x, i, f(lane(x, i)));
  return x;
}

inline Vec sqrt(Vec x) {                        // a loop over memory becomes vector instructions
  Real numbers[lanes];
  store(numbers, x);
  for (Real& v : numbers) v = std::sqrt(v);
  return load(numbers);
}

// 1 − erf(x) = t exp(−x² + P(t)) for x >= 0, t = 2 / (2 + x), after Numerical Recipes' erfc; P is
// interpolated at the Chebyshev points of 0 <= x <= 10. Where x² is large its rounding shows: the
// error grows to 8e-6 of a result near 1e-38. In double, <cmath>'s, number by number.
inline Vec erfc(Vec x) {
  if constexpr (is_double) return each_lane(x, [](Real v) { return std::erfc(v); });
  constexpr std::array<Real, 10> P = {
      Real(-1.26545292), Real(0.998732965),  Real(0.385779274),  Real(0.0387195127),
      Real(-0.0108340807), Real(-0.0575148808), Real(-0.723754114), Real(1.1773763),
      Real(-0.689589178), Real(0.146537169)};
  Vec a = abs(x), t = 2 / (2 + a), y = t * exp(polynomial(P, t) - a * a);
  return x < 0 ? 2 - y : y;
}

// erf(x) = 2/√π (x − x³/3 + x⁵/(5 2!) − ...) for |x| < 1, beyond that from erfc
inline Vec erf(Vec x) {
  if constexpr (is_double) return each_lane(x, [](Real v) { return std::erf(v); });
  constexpr auto c = series<11>([](int k) {
    return (k % 2 ? -2 : 2) * std::numbers::inv_sqrtpi / (factorial(k) * (2 * k + 1)) - (k == 0);
  });
  Vec a = abs(x), near = a + a * polynomial(c, a * a), far = 1 - erfc(a);
  return with_sign(a < 1 ? near : far, x);
}

}  // namespace babelgrad::simd
