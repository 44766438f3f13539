// Values against long double: single numbers in units of the last place, rows by their magnitudes.
#include <limits>
#include <numbers>

#include "autograd/ops.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

using Fine = long double;
constexpr Fine eps = std::numeric_limits<Real>::epsilon();

struct Function1 {
  const char* name;
  Tensor (*f)(const Tensor&);
  Fine (*exact)(Fine);
  double low = -8, high = 8;
};

Fine precise_sigma(Fine x) { return 1 / (1 + std::exp(-x)); }
Fine gelu_inner(Fine x) {
  return std::sqrt(2 / std::numbers::pi_v<Fine>) * (x + 0.044715L * x * x * x);
}

// The distance from y to the exact value, in units of the last place of that value (or of `scale`).
double ulps(Real y, Fine exact, Fine scale = 0) {
  Fine size = std::max({std::abs(exact), scale, Fine(std::numeric_limits<Real>::min())});
  return double(std::abs(y - exact) / (eps * std::exp2(std::floor(std::log2(size)))));
}

const std::vector<Function1> table = {
    {"neg", [](const Tensor& x) { return -x; }, [](Fine x) { return -x; }},
    {"abs", abs, [](Fine x) { return std::abs(x); }},
    {"square", square, [](Fine x) { return x * x; }},
    {"sqrt", sqrt, [](Fine x) { return std::sqrt(x); }, 1e-3, 100},
    {"rsqrt", rsqrt, [](Fine x) { return 1 / std::sqrt(x); }, 1e-3, 100},
    {"reciprocal", reciprocal, [](Fine x) { return 1 / x; }, 1e-3, 100},
    {"pow 2.5",
     [](const Tensor& x) { return pow(x, Real(2.5)); },
     [](Fine x) { return std::pow(x, 2.5L); }, 1e-3, 30},
    {"exp", exp, [](Fine x) { return std::exp(x); }, -30, 30},
    {"expm1", expm1, [](Fine x) { return std::expm1(x); }},
    {"log", log, [](Fine x) { return std::log(x); }, 1e-3, 100},
    {"log1p", log1p, [](Fine x) { return std::log1p(x); }, -0.99, 30},
    {"sin", sin, [](Fine x) { return std::sin(x); }, -30, 30},
    {"cos", cos, [](Fine x) { return std::cos(x); }, -30, 30},
    {"erf", erf, [](Fine x) { return std::erf(x); }, -4, 4},
    {"tanh", tanh, [](Fine x) { return std::tanh(x); }},
    {"sigmoid", sigmoid, precise_sigma, -30, 30},
    {"log_sigmoid", log_sigmoid, [](Fine x) { return -std::log1p(std::exp(-x)); }, -30, 30},
    {"softplus", softplus, [](Fine x) { return std::log1p(std::exp(x)); }, -30, 30},
    {"relu", relu, [](Fine x) { return x > 0 ? x : 0; }},
    {"leaky_relu",
     [](const Tensor& x) { return leaky_relu(x, Real(0.25)); },
     [](Fine x) { return x > 0 ? x : x / 4; }},
    {"elu", elu, [](Fine x) { return x > 0 ? x : std::expm1(x); }},
    {"silu", silu, [](Fine x) { return x * precise_sigma(x); }, -30, 30},
    {"clamp",
     [](const Tensor& x) { return clamp(x, -1, 2); },
     [](Fine x) { return std::clamp(x, -1.0L, 2.0L); }}};

// x Φ(x) loses the small tail of Φ below x = -1: their error is counted in units of x / 2.
const std::vector<Function1> tails = {
    {"gelu", gelu, [](Fine x) { return x / 2 * std::erfc(-x / std::numbers::sqrt2_v<Fine>); }},
    {"gelu_tanh", gelu_tanh, [](Fine x) { return x / 2 * (1 + std::tanh(gelu_inner(x))); }}};

Tensor spread_over(double low, double high, int n) {
  Random random(5);
  Tensor x({n});
  for (Index i = 0; i < n; i++) x.data()[i] = Real(low + (high - low) * random.uniform());
  return x;
}

// |y − exact| <= 4 log2(n) ε Σ|terms|
void check_row(const char* name, Real y, Fine exact, Fine magnitudes, Index n) {
  Fine bound = 4 * std::max<Fine>(1, std::log2(Fine(n))) * eps * magnitudes;
  CHECK_MESSAGE(std::abs(y - exact) <= bound, std::string(name), " of ", n, ": ", double(y - exact),
                " > ", double(bound));
}

}  // namespace

TEST_CASE("forward: functions of one number are within 4 units of the last place") {
  for (const auto* functions : {&table, &tails}) {
    for (const Function1& f : *functions) {
      Tensor x = spread_over(f.low, f.high, 5000), y = f.f(x);
      double worst = 0;
      for (Index i = 0; i < x.numel(); i++) {
        Fine scale = functions == &tails ? std::abs(Fine(x.data()[i])) / 2 : 0;
        worst = std::max(worst, ulps(y.data()[i], f.exact(x.data()[i]), scale));
      }
      CHECK_MESSAGE(worst <= 4, std::string(f.name), ": ", worst);
    }
  }
}

TEST_CASE("forward: functions of two numbers are within 4 units of the last place") {
  Tensor a = spread_over(0.01, 10, 4000), b = raw::cumsum(Tensor({4000}, Real(0.001)), 0);
  using Operator = Tensor (*)(const Tensor&, const Tensor&);
  struct { const char* name; Operator f; Fine (*exact)(Fine, Fine);
  } const two[] = {{"add", operator+, [](Fine x, Fine z) { return x + z; }},
                   {"sub", operator-, [](Fine x, Fine z) { return x - z; }},
                   {"mul", operator*, [](Fine x, Fine z) { return x * z; }},
                   {"div", operator/, [](Fine x, Fine z) { return x / z; }},
                   {"pow", pow, [](Fine x, Fine z) { return std::pow(x, z); }},
                   {"maximum", maximum, [](Fine x, Fine z) { return std::max(x, z); }},
                   {"minimum", minimum, [](Fine x, Fine z) { return std::min(x, z); }}};
  for (auto& op : two) {
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
    Fine sum = 0, magnitudes = 0, squares = 0, exps = 0, largest = x.data()[0];
    for (Index i = 0; i < n; i++) {
      sum += x.data()[i], magnitudes += std::abs(x.data()[i]);
      exps += std::exp(Fine(x.data()[i])), largest = std::max(largest, Fine(x.data()[i]));
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
      Fine exact = std::exp(Fine(x.data()[i])) / exps, deviation = std::sqrt(squares / n + 1e-5L);
      check_row("softmax", p.data()[i], exact, exact * 8,
                n);  // the exponent's rounding times up to 8
      check_row("log_softmax", l.data()[i], std::log(exact), std::abs(std::log(exps)) + 8, n);
      check_row("layer_norm", h.data()[i], (x.data()[i] - sum / n) / deviation,
                (magnitudes / n + 5) / deviation, n);
    }
  }
}
