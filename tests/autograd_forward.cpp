// Values against long double: single numbers in units of the last place, rows by their magnitudes.
// And derivatives at the edge of what an operation takes: 0 and -0, infinities, the largest and the
// smallest numbers, equal numbers. Where the value is finite, so is the derivative, unless it is
// larger than any number.
#include <functional>
#include <limits>
#include <numbers>

#include "autograd/ops.h"
#include "tests/close.h"

using namespace babelgrad;
using doctest::Approx;

namespace {

using Long = long double;
using Limits = std::numeric_limits<Real>;
constexpr Long eps = Limits::epsilon();

const Real inf = Limits::infinity(), most = Limits::max(), least = Limits::min();
const std::vector<Real> edges = {0, Real(-0.0), 1, -1, 2, Real(0.5), 20, -20, 88, -88, 1000, -1000,
                                 least, -least, least * 8, most, -most, most / 4, inf, -inf};

Real sign(Real x) { return Real(x > 0) - Real(x < 0); }

// Is `got` the derivative `exact`, as far as a Real can say it? A slope that follows from the
// result, as 1 − y² of tanh, knows no more than the result does.
bool says(Real got, Long exact) {
  if (std::abs(exact) >= Long(most)) return !std::isnan(got);
  if (!std::isfinite(got)) return false;
  return std::abs(Long(got) - exact) <= 1e-5L * std::abs(exact) + Long(Limits::epsilon());
}

Long sigma(Long x) { return 1 / (1 + std::exp(-x)); }
Long gelu_inner(Long x) {
  return std::sqrt(2 / std::numbers::pi_v<Long>) * (x + 0.044715L * x * x * x);
}

// The distance from y to the exact value, in units of the last place of that value (or of `scale`).
double ulps(Real y, Long exact, Long scale = 0) {
  Long size = std::max({std::abs(exact), scale, Long(std::numeric_limits<Real>::min())});
  return double(std::abs(y - exact) / (eps * std::exp2(std::floor(std::log2(size)))));
}

template <int numerator, int denominator = 1>
Tensor power(const Tensor& x) {
  return pow(x, Real(numerator) / denominator);
}

// Its values are checked from `low` to `high`, its slope, if one is given, where they are finite.
struct Curve {
  const char* name;
  Tensor (*f)(const Tensor&);
  Long (*exact)(Long x);
  Long (*slope)(Long x);
  double low = -8, high = 8;
  bool tail = false;                            // errors are counted in units of x / 2
};

Long slope_of_1(Long) { return 1; }
Long sqrt_slope(Long x) { return x == 0 ? 0 : 0.5L / std::sqrt(x); }

const std::vector<Curve> curves = {
    {"neg", [](const Tensor& x) { return -x; }, [](Long x) { return -x; },
     [](Long) { return -1.0L; }},
    {"abs", abs, [](Long x) { return std::abs(x); }, [](Long x) { return Long(sign(Real(x))); }},
    {"square", square, [](Long x) { return x * x; }, [](Long x) { return 2 * x; }},
    {"sqrt", sqrt, [](Long x) { return std::sqrt(x); }, sqrt_slope, 1e-3, 100},
    {"rsqrt", rsqrt, [](Long x) { return 1 / std::sqrt(x); },
     [](Long x) { return -0.5L / (x * std::sqrt(x)); }, 1e-3, 100},
    {"reciprocal", reciprocal, [](Long x) { return 1 / x; }, [](Long x) { return -1 / (x * x); },
     1e-3, 100},
    {"pow 0", power<0>, slope_of_1, [](Long) { return 0.0L; }},
    {"pow 0.5", power<1, 2>, [](Long x) { return std::sqrt(x); }, sqrt_slope, 1e-3, 30},
    {"pow 1", power<1>, [](Long x) { return x; }, slope_of_1},
    {"pow 2", power<2>, [](Long x) { return x * x; }, [](Long x) { return 2 * x; }},
    {"pow 2.5", power<5, 2>, [](Long x) { return std::pow(x, 2.5L); },
     [](Long x) { return 2.5L * std::pow(x, 1.5L); }, 1e-3, 30},
    {"pow -1", power<-1>, [](Long x) { return 1 / x; }, [](Long x) { return -1 / (x * x); }, 1e-3,
     30},
    {"exp", exp, [](Long x) { return std::exp(x); }, [](Long x) { return std::exp(x); }, -30, 30},
    {"expm1", expm1, [](Long x) { return std::expm1(x); }, [](Long x) { return std::exp(x); }},
    {"log", log, [](Long x) { return std::log(x); }, [](Long x) { return 1 / x; }, 1e-3, 100},
    {"log1p", log1p, [](Long x) { return std::log1p(x); }, [](Long x) { return 1 / (1 + x); },
     -0.99, 30},
    {"sin", sin, [](Long x) { return std::sin(x); }, [](Long x) { return std::cos(x); }, -30, 30},
    {"cos", cos, [](Long x) { return std::cos(x); }, [](Long x) { return -std::sin(x); }, -30, 30},
    {"erf", erf, [](Long x) { return std::erf(x); },
     [](Long x) { return 2 / std::sqrt(std::acos(-1.0L)) * std::exp(-x * x); }, -4, 4},
    {"tanh", tanh, [](Long x) { return std::tanh(x); },
     [](Long x) { return x * x > 1e6L ? 0 : 1 / std::cosh(x) / std::cosh(x); }},
    {"sigmoid", sigmoid, sigma, [](Long x) { return sigma(x) * sigma(-x); }, -30, 30},
    {"log_sigmoid", log_sigmoid, [](Long x) { return -std::log1p(std::exp(-x)); },
     [](Long x) { return sigma(-x); }, -30, 30},
    {"softplus", softplus, [](Long x) { return std::log1p(std::exp(x)); }, sigma, -30, 30},
    {"relu", relu, [](Long x) { return x > 0 ? x : 0; }, [](Long x) { return Long(x > 0); }},
    {"leaky_relu", [](const Tensor& x) { return leaky_relu(x, Real(0.25)); },
     [](Long x) { return x > 0 ? x : x / 4; }, [](Long x) { return x > 0 ? 1 : 0.25L; }},
    {"elu", elu, [](Long x) { return x > 0 ? x : std::expm1(x); },
     [](Long x) { return x < 0 ? std::exp(x) : 1; }},
    {"silu", silu, [](Long x) { return x * sigma(x); },
     [](Long x) { return x < -20000 ? 0 : sigma(x) * (1 + x * sigma(-x)); }, -30, 30},
    {"clamp", [](const Tensor& x) { return clamp(x, -1, 2); },
     [](Long x) { return std::clamp(x, -1.0L, 2.0L); },
     [](Long x) { return Long(x >= -1 && x <= 2); }},
    // x Φ(x) loses the small tail of Φ below x = -1.
    {"gelu", gelu, [](Long x) { return x / 2 * std::erfc(-x / std::numbers::sqrt2_v<Long>); },
     [](Long x) {
       Long phi = std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1.0L));
       return std::erfc(-x / std::sqrt(2.0L)) / 2 + (phi == 0 ? 0 : x * phi);
     }, -8, 8, true},
    {"gelu_tanh", gelu_tanh, [](Long x) { return x / 2 * (1 + std::tanh(gelu_inner(x))); }, nullptr,
     -8, 8, true}};

// Without da and db, slopes are not checked.
struct Surface {
  const char* name;
  Tensor (*f)(const Tensor&, const Tensor&);
  Long (*exact)(Long a, Long b);
  Long (*da)(Long a, Long b);
  Long (*db)(Long a, Long b);
};

Long always_one(Long, Long) { return 1; }
Long half_of_equals(Long a, Long b) { return a == b ? 0.5L : Long(a > b); }
Long other_half(Long a, Long b) { return half_of_equals(b, a); }

const std::vector<Surface> surfaces = {
    {"add", operator+, [](Long a, Long b) { return a + b; }, always_one, always_one},
    {"sub", operator-, [](Long a, Long b) { return a - b; }, always_one,
     [](Long, Long) { return -1.0L; }},
    {"mul", operator*, [](Long a, Long b) { return a * b; }, [](Long, Long b) { return b; },
     [](Long a, Long) { return a; }},
    {"div", operator/, [](Long a, Long b) { return a / b; }, [](Long, Long b) { return 1 / b; },
     [](Long a, Long b) { return -a / b / b; }},
    {"pow", pow, [](Long a, Long b) { return std::pow(a, b); }, nullptr, nullptr},
    {"maximum", maximum, [](Long a, Long b) { return std::max(a, b); }, half_of_equals, other_half},
    {"minimum", minimum, [](Long a, Long b) { return std::min(a, b); }, other_half,
     half_of_equals}};

// dL/dx with L = Σ f(x).
std::vector<Real> slopes(const std::vector<Real>& at,
                         const std::function<Tensor(const Tensor&)>& f) {
  Tensor x = requires_grad(Tensor({int(at.size())}, at));
  backward(sum(f(x)));
  return grad(x).values();
}

Tensor spread_over(double low, double high, int n) {
  Random random(5);
  Tensor x({n});
  for (Index i = 0; i < n; i++) x.data()[i] = Real(low + (high - low) * random.uniform());
  return x;
}

// |y − exact| <= 4 log2(n) ε Σ|terms|
void check_row(const char* name, Real y, Long exact, Long magnitudes, Index n) {
  Long bound = 4 * std::max<Long>(1, std::log2(Long(n))) * eps * magnitudes;
  CHECK_MESSAGE(std::abs(y - exact) <= bound, std::string(name), " of ", n, ": ", double(y - exact),
                " > ", double(bound));
}

}  // namespace

TEST_CASE("forward: functions of one number are within 4 units of the last place") {
  for (const Curve& f : curves) {
    Tensor x = spread_over(f.low, f.high, 5000), y = f.f(x);
    double worst = 0;
    for (Index i = 0; i < x.numel(); i++) {
      Long scale = f.tail ? std::abs(Long(x.data()[i])) / 2 : 0;
      worst = std::max(worst, ulps(y.data()[i], f.exact(x.data()[i]), scale));
    }
    CHECK_MESSAGE(worst <= 4, std::string(f.name), ": ", worst);
  }
}

TEST_CASE("forward: a number stands at either side of + - * /, as a tensor of it would") {
  const Tensor x({3}, {1, -2, 4}), three({3}, 3);
  const std::vector<Tensor> found{x + Real(3), x - Real(3), x * Real(3), x / Real(3),
                                  Real(3) + x, Real(3) - x, Real(3) * x, Real(3) / x};
  const std::vector<Tensor> right{x + three, x - three, x * three, x / three,
                                  three + x, three - x, three * x, three / x};
  for (std::size_t i = 0; i < found.size(); i++) CHECK(same_bits(found[i], right[i]));
}

TEST_CASE("forward: functions of two numbers are within 4 units of the last place") {
  Tensor a = spread_over(0.01, 10, 4000), b = raw::cumsum(Tensor({4000}, Real(0.001)), 0);
  for (const Surface& op : surfaces) {
    Tensor y = op.f(a, b);
    double worst = 0;
    for (Index i = 0; i < 4000; i++)
      worst = std::max(worst, ulps(y.data()[i], op.exact(a.data()[i], b.data()[i])));
    CHECK_MESSAGE(worst <= 4, std::string(op.name), ": ", worst);
  }
}

TEST_CASE("forward: rows of any length are within 4 log2(n) eps of long double") {
  for (int n : {1, 2, 3, 15, 16, 17, 100, 257, 1000, 70001}) {
    Tensor x = spread_over(-3, 5, n);
    Long sum = 0, magnitudes = 0, squares = 0, exps = 0, largest = x.data()[0];
    for (Index i = 0; i < n; i++) {
      sum += x.data()[i], magnitudes += std::abs(x.data()[i]);
      exps += std::exp(Long(x.data()[i])), largest = std::max(largest, Long(x.data()[i]));
    }
    for (Index i = 0; i < n; i++) squares += (x.data()[i] - sum / n) * (x.data()[i] - sum / n);
    check_row("sum", babelgrad::sum(x).item(), sum, magnitudes, n);
    check_row("mean", mean(x).item(), sum / n, magnitudes / n, n);
    check_row("max", max(x).item(), largest, 0, n);
    check_row("cumsum", cumsum(x, 0).data()[n - 1], sum, magnitudes, n);
    check_row("var", var(x, {}, false).item(), squares / n, squares / n + magnitudes / n, n);
    check_row("logsumexp", logsumexp(x).item(), std::log(exps), std::abs(std::log(exps)) + 1, n);
    Tensor p = softmax(x), l = log_softmax(x), h = layer_norm(x, Tensor({n}, 1), Tensor({n}));
    for (Index i : {0, n / 2, n - 1}) {
      Long exact = std::exp(Long(x.data()[i])) / exps, deviation = std::sqrt(squares / n + 1e-5L);
      check_row("softmax", p.data()[i], exact, exact * 8,
                n);  // the exponent's rounding times up to 8
      check_row("log_softmax", l.data()[i], std::log(exact), std::abs(std::log(exps)) + 8, n);
      check_row("layer_norm", h.data()[i], (x.data()[i] - sum / n) / deviation,
                (magnitudes / n + 5) / deviation, n);
    }
  }
}

TEST_CASE("edges: where a function of one number is finite, its slope is right") {
  for (const Curve& c : curves) {
    for (Real at : edges) {
      Tensor x = requires_grad(Tensor({1}, at)), y = c.f(x);
      if (!c.slope || !std::isfinite(y.item())) continue;
      backward(y);
      Real dx = grad(x).item();
      bool tiny = std::abs(at) < 16 * least && at != 0;      // 1 / x may be too large, x² too small
      CHECK_MESSAGE((says(dx, c.slope(at)) || (tiny && !std::isnan(dx))), std::string(c.name),
                    " at ", at, ": ", dx, ", and not ", double(c.slope(at)));
    }
  }
}

TEST_CASE("edges: where an operation of two numbers is finite, both slopes are right") {
  for (const Surface& s : surfaces) {
    if (!s.da) continue;                        // pow: in the case below
    for (Real a : edges) {
      for (Real b : edges) {
        Tensor x = requires_grad(Tensor({1}, a)), z = requires_grad(Tensor({1}, b)), y = s.f(x, z);
        if (!std::isfinite(y.item()) || std::isinf(a) || std::isinf(b)) continue;
        backward(y);
        CHECK_MESSAGE(says(grad(x).item(), s.da(a, b)), std::string(s.name), " of ", a, " and ", b);
        CHECK_MESSAGE(says(grad(z).item(), s.db(a, b)), std::string(s.name), " of ", a, " and ", b);
      }
    }
  }
}

TEST_CASE("pow: no slope of base or exponent is a NaN where the power is a number") {
  auto both = [](Real a, Real b) {
    Tensor x = requires_grad(Tensor({1}, a)), z = requires_grad(Tensor({1}, b));
    backward(pow(x, z));
    return std::pair(grad(x).item(), grad(z).item());
  };
  for (Real zero : {Real(0), Real(-0.0)}) {
    CHECK(both(zero, 0) == std::pair<Real, Real>(0, 0));
    CHECK(both(zero, 1) == std::pair<Real, Real>(1, 0));
    CHECK(both(zero, 2) == std::pair<Real, Real>(0, 0));
    CHECK(both(zero, Real(0.5)) == std::pair<Real, Real>(0, 0));
  }
  CHECK(both(inf, -1) == std::pair<Real, Real>(0, 0));
  CHECK(both(inf, 0) == std::pair<Real, Real>(0, 0));
  CHECK(both(1, inf).second == 0);
  CHECK(both(2, 3).first == 12);
  CHECK(both(2, 3).second == doctest::Approx(8 * std::log(2.0)));
}

TEST_CASE("std_dev, var: of equal numbers both are 0, and so are the gradients") {
  for (Real v : {Real(0), Real(0.1), Real(2), Real(-1e7), Real(1e20)}) {
    for (int n : {2, 3, 7, 49, 1000}) {
      std::vector<Real> equals(n, v), zeros(n, 0);
      CHECK(std_dev(Tensor({n}, equals)).item() == 0);
      CHECK(slopes(equals, [](const Tensor& x) { return std_dev(x); }) == zeros);
      CHECK(slopes(equals, [](const Tensor& x) { return sqrt(var(x)); }) == zeros);
      CHECK(slopes(equals, [](const Tensor& x) { return var(x); }) == zeros);
    }
  }
  CHECK(slopes({0, 0, 0}, [](const Tensor& x) { return sqrt(sum(square(x))); }) ==
        std::vector<Real>{0, 0, 0});
}

TEST_CASE("var, std_dev, layer_norm: far from 0 they are what they are near it") {
  const Real far = is_double ? Real(4e15) : Real(8e6);       // the next number is 1 or 0.5 further
  for (int n : {4, 7, 33}) {
    std::vector<Real> near(n), moved(n);
    for (int i = 0; i < n; i++) near[i] = Real(i * i % 11), moved[i] = near[i] + far;
    Tensor a = requires_grad(Tensor({1, n}, near)), b = requires_grad(Tensor({1, n}, moved));
    Tensor weight({n}, 1), bias({n}), d({1, n});
    d.data()[n / 2] = 1;
    const std::vector<std::function<Tensor(const Tensor&)>> same = {
        [](const Tensor& x) { return var(x, {1}); },
        [](const Tensor& x) { return std_dev(x, {1}); },
        [](const Tensor& x) { return var(transpose(x), {0}, false); },
        [&](const Tensor& x) { return layer_norm(x, weight, bias) * d; }};
    for (const auto& f : same) {
      zero_grad(a), zero_grad(b);
      Tensor y = f(a), z = f(b);
      CHECK(distance(z, y) < 1e-5);
      backward(sum(y)), backward(sum(z));
      CHECK(distance(grad(b), grad(a)) < 1e-4);
    }
  }
  Tensor equals({2, 5}, Real(0.1) + far);
  CHECK(raw::max(abs(layer_norm(equals, Tensor({5}, 1), Tensor({5})))).item() == 0);
}

TEST_CASE("softmax, log_softmax, logsumexp: of nothing but -inf, nothing weighs anything") {
  auto row = [](const std::vector<Real>& values) {
    return requires_grad(Tensor({1, int(values.size())}, values));
  };
  for (int n : {1, 3, 40}) {
    const std::vector<Real> none(n, -inf), zeros(n, 0);
    Tensor x = row(none), p = softmax(x);
    backward(p, Tensor({1, n}, 1));
    CHECK(p.values() == zeros);
    CHECK(grad(x).values() == zeros);
    x = row(none);
    Tensor y = logsumexp(x);
    backward(sum(y));
    CHECK(y.item() == -inf);
    CHECK(grad(x).values() == zeros);
    x = row(none);
    y = log_softmax(x);
    backward(sum(y));
    CHECK(y.values() == none);
    for (Real v : grad(x).values()) CHECK(std::isfinite(v));
  }
  Tensor x = row({-inf, 0, -inf, 0}), p = softmax(x);
  CHECK(p.values() == std::vector<Real>{0, Real(0.5), 0, Real(0.5)});
  backward(select(log_softmax(x), 1, 1));
  CHECK(grad(x).values() == std::vector<Real>{0, Real(0.5), 0, Real(-0.5)});
  x = row({-inf, 1, -inf});
  backward(logsumexp(x));
  CHECK(grad(x).values() == std::vector<Real>{0, 1, 0});
  CHECK(std::isnan(softmax(row({NAN, -inf, -inf})).values()[1]));        // a NaN stays one
  CHECK(std::isnan(logsumexp(row({-inf, NAN})).item()));
}

TEST_CASE("cross_entropy: nothing to learn from, or a class that cannot be, leaves no NaN") {
  Tensor x = requires_grad(Tensor({2, 3}, {1, 2, 3, -inf, 0, -inf}));
  Tensor loss = cross_entropy(x, {-100, -100});
  backward(loss);
  CHECK(loss.item() == 0);
  CHECK(grad(x).values() == std::vector<Real>(6, 0));
  zero_grad(x);
  loss = cross_entropy(x, {2, 1}, {.reduction = Reduction::sum});        // -inf beside the target
  backward(loss);
  CHECK(loss.item() == doctest::Approx(0.407606));
  CHECK(grad(x).values()[3] == 0);
  zero_grad(x);
  backward(cross_entropy(x, {2, 0}));           // the loss is inf, and says where to go
  for (Real v : grad(x).values()) CHECK(std::isfinite(v));
}

TEST_CASE("max, min: infinities are numbers like others, and equals share") {
  CHECK(slopes({1, inf, inf}, [](const Tensor& x) { return max(x); }) ==
        std::vector<Real>{0, Real(0.5), Real(0.5)});
  CHECK(slopes({-inf, -inf}, [](const Tensor& x) { return max(x); }) ==
        std::vector<Real>{Real(0.5), Real(0.5)});
  CHECK(slopes({3, -inf, 2}, [](const Tensor& x) { return min(x); }) ==
        std::vector<Real>{0, 1, 0});
}

TEST_CASE("attention: a query that sees no key gets zeros, and gives none a gradient") {
  Random random(2);
  auto leaf = [&](const Shape& shape) { return requires_grad(random_tensor(shape, random)); };
  Tensor Q = leaf({2, 3, 4}), K = leaf({2, 3, 4}), V = leaf({2, 3, 5});
  Segments segments{Ints{0, 0, 0}, Ints{0, 2, 0}, 3};
  Tensor y = dot_attention(Q, K, V, segments, 1, 0).output;
  CHECK(slice(y, 1, 0, 1).values() == std::vector<Real>(10, 0));
  backward(sum(y));
  CHECK(slice(grad(Q), 1, 2, 3).values() == std::vector<Real>(8, 0));
  CHECK(slice(grad(V), 1, 2, 3).values() == std::vector<Real>(10, 0));
  for (const Tensor& x : {Q, K, V}) CHECK(std::isfinite(sum(grad(x)).item()));
}

TEST_CASE("dropout: what is dropped is 0, whatever it was, in attention, too") {
  Tensor bad({1, 64}, inf);
  auto finite = [](const Tensor& y) {
    for (Real v : y.values()) if (std::isnan(v)) return false;
    return true;
  };
  manual_seed(1);
  CHECK(finite(dropout(bad, Real(0.5))));
  // Weights of attention: a NaN among the scores of dropped keys alone.
  Tensor Q({1, 1, 1}, 1), K({1, 64, 1}, Real(NAN)), V({1, 64, 1}, 1);
  Segments all{Ints{0}, Ints{64}, 64};
  CHECK(dot_attention(Q, K, V, all, 1, Real(0.99999)).output.item() == 0);
}

TEST_CASE("losses: means by hand, of probabilities and of the numbers they come of") {
  const Tensor p = tensor({0.5, 0.25, 1.}), y = tensor({1., 0., 1.});
  const double two = std::log(2.0) + std::log(4.0 / 3);
  CHECK(double(mse_loss(p, y).item()) == Approx((0.25 + 0.0625) / 3));
  CHECK(double(binary_cross_entropy(p, y).item()) == Approx(two / 3));
  const Tensor x = tensor({-2., 0., 3.});
  CHECK(double(binary_cross_entropy_with_logits(x, y).item()) ==
        Approx(double(binary_cross_entropy(sigmoid(x), y).item())));
}

TEST_CASE("binary_cross_entropy: a sure mistake costs 100, as in PyTorch, and has a way back") {
  Tensor p = requires_grad(tensor({0., 1., 1.}));
  const Tensor loss = binary_cross_entropy(p, tensor({1., 0., 1.}));
  CHECK(double(loss.item()) == Approx(200.0 / 3));
  backward(loss);
  CHECK(double(grad(p).at({0})) == Approx(-1e12 / 3));
  CHECK(double(grad(p).at({1})) == Approx(1e12 / 3));
  CHECK(grad(p).at({2}) == 0);
  CHECK(std::isnan(binary_cross_entropy(Tensor({1}, NAN), Tensor({1})).item()));
  Tensor sure = requires_grad(tensor({-1e30, 1e30}));
  backward(binary_cross_entropy_with_logits(sure, tensor({0., 1.})));
  CHECK(grad(sure).values() == std::vector<Real>{0, 0});
}
