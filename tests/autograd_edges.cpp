// Derivatives at the edge of what an operation takes: 0 and -0, infinities, the largest and the
// smallest numbers, equal numbers. Where the value is finite, so is the derivative, unless it is
// larger than any number.
#include <functional>
#include <limits>

#include "autograd/ops.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {


using Long = long double;
using Limits = std::numeric_limits<Real>;

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

struct Curve {
  const char* name;
  Tensor (*f)(const Tensor&);
  Long (*slope)(Long x);                        // where the value is finite
};

Long sigma(Long x) { return 1 / (1 + std::exp(-x)); }

const std::vector<Curve> curves = {
    {"neg", [](const Tensor& x) { return -x; }, [](Long) { return -1.0L; }},
    {"abs", abs, [](Long x) { return Long(sign(Real(x))); }},
    {"square", square, [](Long x) { return 2 * x; }},
    {"sqrt", sqrt, [](Long x) { return x == 0 ? 0 : 0.5L / std::sqrt(x); }},
    {"rsqrt", rsqrt, [](Long x) { return -0.5L / (x * std::sqrt(x)); }},
    {"reciprocal", reciprocal, [](Long x) { return -1 / (x * x); }},
    {"pow 0", [](const Tensor& x) { return pow(x, Real(0)); }, [](Long) { return 0.0L; }},
    {"pow 0.5", [](const Tensor& x) { return pow(x, Real(0.5)); },
     [](Long x) { return x == 0 ? 0 : 0.5L / std::sqrt(x); }},
    {"pow 1", [](const Tensor& x) { return pow(x, Real(1)); }, [](Long) { return 1.0L; }},
    {"pow 2", [](const Tensor& x) { return pow(x, Real(2)); }, [](Long x) { return 2 * x; }},
    {"pow -1", [](const Tensor& x) { return pow(x, Real(-1)); },
     [](Long x) { return -1 / (x * x); }},
    {"exp", exp, [](Long x) { return std::exp(x); }},
    {"expm1", expm1, [](Long x) { return std::exp(x); }},
    {"log", log, [](Long x) { return 1 / x; }},
    {"log1p", log1p, [](Long x) { return 1 / (1 + x); }},
    {"sin", sin, [](Long x) { return std::cos(x); }},
    {"cos", cos, [](Long x) { return -std::sin(x); }},
    {"erf", erf, [](Long x) { return 2 / std::sqrt(std::acos(-1.0L)) * std::exp(-x * x); }},
    {"tanh", tanh, [](Long x) { return x * x > 1e6L ? 0 : 1 / std::cosh(x) / std::cosh(x); }},
    {"sigmoid", sigmoid, [](Long x) { return sigma(x) * sigma(-x); }},
    {"log_sigmoid", log_sigmoid, [](Long x) { return sigma(-x); }},
    {"softplus", softplus, sigma},
    {"relu", relu, [](Long x) { return Long(x > 0); }},
    {"leaky_relu", [](const Tensor& x) { return leaky_relu(x, Real(0.25)); },
     [](Long x) { return x > 0 ? 1 : 0.25L; }},
    {"elu", elu, [](Long x) { return x < 0 ? std::exp(x) : 1; }},
    {"silu", silu, [](Long x) { return x < -20000 ? 0 : sigma(x) * (1 + x * sigma(-x)); }},
    {"gelu", gelu,
     [](Long x) {
       Long phi = std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1.0L));
       return std::erfc(-x / std::sqrt(2.0L)) / 2 + (phi == 0 ? 0 : x * phi);
     }},
    {"clamp", [](const Tensor& x) { return clamp(x, -1, 2); },
     [](Long x) { return Long(x >= -1 && x <= 2); }}};

struct Surface {
  const char* name;
  Tensor (*f)(const Tensor&, const Tensor&);
  Long (*da)(Long a, Long b);
  Long (*db)(Long a, Long b);
};

Long half_of_equals(Long a, Long b) { return a == b ? 0.5L : Long(a > b); }

const std::vector<Surface> surfaces = {
    {"add", [](const Tensor& a, const Tensor& b) { return a + b; }, [](Long, Long) { return 1.0L; },
     [](Long, Long) { return 1.0L; }},
    {"sub", [](const Tensor& a, const Tensor& b) { return a - b; }, [](Long, Long) { return 1.0L; },
     [](Long, Long) { return -1.0L; }},
    {"mul", [](const Tensor& a, const Tensor& b) { return a * b; }, [](Long, Long b) { return b; },
     [](Long a, Long) { return a; }},
    {"div", [](const Tensor& a, const Tensor& b) { return a / b; },
     [](Long, Long b) { return 1 / b; }, [](Long a, Long b) { return -a / b / b; }},
    {"maximum", maximum, half_of_equals, [](Long a, Long b) { return half_of_equals(b, a); }},
    {"minimum", minimum, [](Long a, Long b) { return half_of_equals(b, a); }, half_of_equals}};

// dL/dx with L = Σ f(x).
std::vector<Real> slopes(const std::vector<Real>& at,
                         const std::function<Tensor(const Tensor&)>& f) {
  Tensor x = requires_grad(Tensor({int(at.size())}, at));
  backward(sum(f(x)));
  return grad(x).values();
}

}  // namespace

TEST_CASE("edges: where a function of one number is finite, its slope is right") {
  for (const Curve& c : curves) {
    for (Real at : edges) {
      Tensor x = requires_grad(Tensor({1}, at)), y = c.f(x);
      if (!std::isfinite(y.item())) continue;
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
