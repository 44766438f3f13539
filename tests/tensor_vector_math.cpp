// Vector math against <cmath> in a wider type, over numbers of all sizes.
#include <functional>

#include "tensor/map.h"
#include "tensor/vector_math.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

using WideReal = std::conditional_t<is_double, long double, double>;
using Limits = std::numeric_limits<Real>;

struct Curve {
  std::string name;
  Vec (*fast)(Vec);
  WideReal (*exact)(WideReal);
  double bound;  // in units in the last place
};

const Curve curves[] = {
    {"exp", simd::exp, [](WideReal x) { return std::exp(x); }, 1.1},
    {"expm1", simd::expm1, [](WideReal x) { return std::expm1(x); }, tol(2, 1.7)},
    {"log", simd::log, [](WideReal x) { return std::log(x); }, 0.95},
    {"log1p", simd::log1p, [](WideReal x) { return std::log1p(x); }, 1.5},
    {"tanh", simd::tanh, [](WideReal x) { return std::tanh(x); }, tol(2.4, 2)},
    {"sigmoid", simd::sigmoid,
     [](WideReal x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); },
     1.9},
    {"erf", simd::erf, [](WideReal x) { return std::erf(x); }, 1.7},
    {"sqrt", simd::sqrt, [](WideReal x) { return std::sqrt(x); }, 0.51},
};

// Every 997th float, or as many doubles: of all sizes, one in two near 1.
Real sample(std::uint64_t i) {
  if (!is_double) return std::bit_cast<Real>(Word(i * 997));
  std::uint64_t word = i * 0x9E3779B97F4A7C15u, exponent = 1003 + (word >> 52) % 31;
  if (i % 2) word = (word & 0x800FFFFFFFFFFFFFu) | exponent << 52;
  return std::bit_cast<Real>(Word(word));
}
constexpr std::uint64_t samples = (std::uint64_t(1) << 32) / 997;

double ulps(Real got, WideReal wanted) {
  WideReal size = std::max<WideReal>(std::abs(wanted), Limits::min());
  return double(std::abs(got - wanted) /
                std::ldexp(WideReal(1), std::ilogb(size) + 1 - Limits::digits));
}

// AArch64 reads subnormal numbers as 0.
#ifdef __aarch64__
WideReal as_read(Real x) { return std::abs(x) < Limits::min() ? std::copysign(Real(0), x) : x; }
#else
WideReal as_read(Real x) { return x; }
#endif

double error_of(const Curve& f, Real x, Real got) {
  WideReal wanted = f.exact(as_read(x));
  if (std::isnan(wanted)) return std::isnan(got) ? 0 : 1e9;
  if (std::isinf(Real(wanted))) return got == Real(wanted) ? 0 : 1e9;
  if (std::abs(got - wanted) <= 4 * Limits::min()) return 0;  // sums of what is flushed to 0
  return std::isfinite(got) ? ulps(got, wanted) : 1e9;
}

}  // namespace

TEST_CASE("vector math: errors are within the bounds that its header states") {
  for (const Curve& f : curves) {
    double worst = 0;
    Real at = 0, in[lanes], out[lanes];
    for (std::uint64_t i = 0; i < samples; i += lanes) {
      for (int k = 0; k < lanes; k++) in[k] = sample(i + k);
      store(out, f.fast(load(in)));
      for (int k = 0; k < lanes; k++) {
        double error = error_of(f, in[k], out[k]);
        if (error > worst) worst = error, at = in[k];
      }
    }
    INFO(f.name, " of ", text(at));
    CHECK(worst <= f.bound);
    CHECK(worst > 0.3);  // something was measured
  }
}

TEST_CASE("vector math: erfc keeps its relative error where it is small") {
  for (double x = -6; x < 9; x += 0.0007) {
    Real at = Real(x), got = lane(simd::erfc(splat(at)), 0);
    WideReal wanted = std::erfc(WideReal(at));
    CHECK(ulps(got, wanted) <= tol(4, x < 1 ? 8 : 130));
  }
}

TEST_CASE("vector math: zeros, infinities and NaN") {
  const Real inf = Limits::infinity(), nan = Limits::quiet_NaN(), small = Limits::denorm_min();
  for (const Curve& f : curves) {
    for (Real x : {Real(0), -Real(0), small, -small, Limits::min(), Real(1), Real(-1),
                   Limits::max(), Limits::lowest(), inf, -inf, nan}) {
      Real got = lane(f.fast(splat(x)), 0), wanted = Real(f.exact(as_read(x)));
      INFO(f.name, " of ", text(x), ": ", text(got), ", wanted ", text(wanted));
      CHECK(error_of(f, x, got) <= f.bound);
      if (wanted == 0 && got == 0) CHECK(std::signbit(got) == std::signbit(wanted));
    }
  }
  CHECK(lane(simd::exp(splat(0)), 0) == 1);
  CHECK(lane(simd::sigmoid(splat(0)), 0) == Real(0.5));
  CHECK(lane(simd::log(splat(1)), 0) == 0);
  CHECK(lane(simd::tanh(splat(30)), 0) == 1);
  CHECK(lane(simd::erf(splat(-30)), 0) == -1);
}

TEST_CASE("vector math: e to the largest power is finite, and to the smallest a normal number") {
  const Real inf = Limits::infinity(), high = simd::largest_power, low = simd::smallest_power;
  CHECK(std::isfinite(lane(simd::exp(splat(high)), 0)));
  CHECK(lane(simd::exp(splat(std::nextafter(high, inf))), 0) == inf);
  CHECK(lane(simd::exp(splat(low)), 0) >= Limits::min());
  CHECK(lane(simd::exp(splat(std::nextafter(low, -inf))), 0) == 0);
}

TEST_CASE("vector math: a number's value does not depend on where it stands") {
  Random random(3);
  for (const Curve& f : curves) {
    auto of = [&](const Tensor& x) { return raw::map(x, [&](Vec v) { return f.fast(v); }); };
    Tensor x = random_tensor({4 * lanes + 3}, random, 2), y = of(x);
    auto whole = y.values();
    for (int n = 1; n <= x.dim(0); n++) {
      auto part = of(raw::slice(x, 0, x.dim(0) - n, x.dim(0))).values();
      for (int i = 0; i < n; i++) {
        CHECK(std::bit_cast<Word>(part[i]) == std::bit_cast<Word>(whole[x.dim(0) - n + i]));
      }
    }
    CHECK(text(of(raw::flip(x, 0))) == text(raw::flip(y, 0)));  // by steps of -1
  }
}

TEST_CASE("map and zip: functions of vectors, over every layout") {
  Random random(4);
  Tensor a = random_tensor({5, 7, 3 * lanes + 1}, random),
         b = random_tensor({3 * lanes + 1}, random);
  auto plane = [](auto x, auto z) { return x - 2 * z; };
  auto by_vector = [=](Vec x, Vec z) { return plane(x, z); };
  auto by_number = [=](Real x, Real z) { return plane(x, z); };
  for (const Tensor& x :
       {a, raw::transpose(a, 0, 2), raw::flip(a, -1), raw::slice(a, 1, 1, 6, 2)}) {
    for (const Tensor& z : {x, raw::select(raw::select(x, 0, 1), 0, 1), raw::select(b, 0, 2)}) {
      CHECK(same_bits(raw::zip(x, z, by_vector), raw::zip(x, z, by_number)));
      CHECK(same_bits(raw::zip(z, x, by_vector), raw::zip(z, x, by_number)));
    }
    CHECK(same_bits(raw::map(x, [](Vec v) { return -v; }), raw::map(x, [](Real v) { return -v; })));
  }
}

TEST_CASE("rows: incomplete vectors are padded with zeros and never overrun") {
  for (int n = 1; n <= 2 * lanes + 1; n++) {
    std::vector<Real> x(n, 3), y(n + 1, 7);
    raw::fill_row(y.data(), n, [&](Index j, Index left) { return load_some(&x[j], left) + 1; });
    for (int i = 0; i < n; i++) CHECK(y[i] == 4);
    CHECK(y[n] == 7);
    CHECK(raw::sum_row(n, [](Index, Index) { return splat(1); }) ==
          n);  // what is padding is left out
    x[n - 1] = 5;
    CHECK(raw::max_row(x.data(), n) == 5);
    x[0] = -1;
    CHECK(raw::max_row(x.data(), n) == (n == 1 ? -1 : 5));
  }
  CHECK(raw::max_row(nullptr, 0) == -Limits::infinity());
}
