// Element-wise operations against central differences.
#include "tests/autograd_gradients.h"

using namespace babelgrad;

namespace {

const Tensor mask = Tensor({2, 3}, {1, 0, 1, 0, 0, 1});

Tensor again_dropout(const Tensor& x) {
  manual_seed(3);
  return dropout(x, Real(0.4));
}

const std::vector<Op> arithmetic = {
    {"add", [](In x) { return x[0] + x[1]; }, two},
    {"sub", [](In x) { return x[0] - x[1]; }, two},
    {"mul", [](In x) { return x[0] * x[1]; }, two},
    {"div", [](In x) { return x[0] / x[1]; }, two, 0.4, 2},
    {"div_negative", [](In x) { return x[0] / x[1]; }, two, -2, -0.4},
    {"pow", [](In x) { return pow(x[0], x[1]); }, two, 0.4, 2},
    {"maximum", [](In x) { return maximum(x[0], x[1]); }, two},
    {"minimum", [](In x) { return minimum(x[0], x[1]); }, two},
    {"twice_add", [](In x) { return x[0] + x[0]; }, one},
    {"twice_sub", [](In x) { return x[0] - x[0] * Real(3); }, one},
    {"twice_mul", [](In x) { return x[0] * x[0]; }, one},
    {"twice_div", [](In x) { return x[0] / (x[0] * x[0]); }, one, 0.4, 2},
    {"twice_pow", [](In x) { return pow(x[0], x[0]); }, one, 0.4, 2},
    {"twice_maximum", [](In x) { return maximum(x[0], x[0]); }, one},
    {"twice_minimum", [](In x) { return minimum(x[0], x[0]); }, one},
    {"where", [](In x) { return where(mask, x[0], x[1]); },
     {{{2, 3}, {2, 3}}, {{3}, {2, 1}}, {{}, {2, 3}}, {{4, 2, 3}, {1}}}},
    {"where_mask_broadcast", [](In x) { return where(Tensor({2, 1}, {1, 0}), x[0], x[1]); },
     {{{2, 3}, {3}}, {{}, {1, 1}}, {{2, 0}, {2, 1}}}},
    {"twice_where", [](In x) { return where(mask, x[0], x[0]); }, {{{2, 3}}, {{}}}},
    {"masked_fill", [](In x) { return masked_fill(x[0], mask, 9); }, {{{2, 3}}, {{4, 2, 3}}}},
    {"masked_fill_all", [](In x) { return masked_fill(x[0], Tensor({1}, 1), 9) + x[0]; },
     {{{2, 3}}, {{1}}, {{2, 0}}}},
    {"add_real", [](In x) { return x[0] + Real(2); }, one},
    {"sub_real", [](In x) { return x[0] - Real(2); }, one},
    {"mul_real", [](In x) { return x[0] * Real(2); }, one},
    {"div_real", [](In x) { return x[0] / Real(3); }, one},
    {"real_add", [](In x) { return Real(2) + x[0]; }, one},
    {"real_sub", [](In x) { return Real(2) - x[0]; }, one},
    {"real_mul", [](In x) { return Real(2) * x[0]; }, one},
    {"real_div", [](In x) { return Real(2) / x[0]; }, one, 0.4, 2}};

const std::vector<Op> pointwise = {
    {"neg", [](In x) { return -x[0]; }, one},
    {"abs", [](In x) { return abs(x[0]); }, one},
    {"square", [](In x) { return square(x[0]); }, one},
    {"sqrt", [](In x) { return sqrt(x[0]); }, one, 0.3, 2},
    {"rsqrt", [](In x) { return rsqrt(x[0]); }, one, 0.3, 2},
    {"reciprocal", [](In x) { return reciprocal(x[0]); }, one, 0.4, 2},
    {"pow_3", [](In x) { return pow(x[0], Real(3)); }, one},
    {"pow_0.7", [](In x) { return pow(x[0], Real(0.7)); }, one, 0.3, 2},
    {"pow_0", [](In x) { return pow(x[0], Real(0)); }, one},
    {"pow_-1.5", [](In x) { return pow(x[0], Real(-1.5)); }, one, 0.4, 2},
    {"exp", [](In x) { return exp(x[0]); }, one},
    {"expm1", [](In x) { return expm1(x[0]); }, one},
    {"log", [](In x) { return log(x[0]); }, one, 0.3, 2},
    {"log1p", [](In x) { return log1p(x[0]); }, one, -0.6, 2},
    {"sin", [](In x) { return sin(x[0]); }, one},
    {"cos", [](In x) { return cos(x[0]); }, one},
    {"erf", [](In x) { return erf(x[0]); }, one},
    {"tanh", [](In x) { return tanh(x[0]); }, one},
    {"sigmoid", [](In x) { return sigmoid(x[0]); }, one, -4, 4},
    {"log_sigmoid", [](In x) { return log_sigmoid(x[0]); }, one, -4, 4},
    {"softplus", [](In x) { return softplus(x[0]); }, one, -4, 4},
    {"relu", [](In x) { return relu(x[0]); }, one},
    {"leaky_relu", [](In x) { return leaky_relu(x[0]); }, one},
    {"leaky_relu_0.3", [](In x) { return leaky_relu(x[0], Real(0.3)); }, one},
    {"elu", [](In x) { return elu(x[0]); }, one},
    {"silu", [](In x) { return silu(x[0]); }, one},
    {"gelu", [](In x) { return gelu(x[0]); }, one},
    {"gelu_tanh", [](In x) { return gelu_tanh(x[0]); }, one},
    {"clamp", [](In x) { return clamp(x[0], Real(-0.5), Real(0.75)); }, one},
    {"dropout", [](In x) { return again_dropout(x[0]); }, one}};

}  // namespace

TEST_CASE(
    "gradients: operations of two operands agree with central differences to 1e-6, in every "
    "layout" *
    doctest::skip(!is_double)) {
  check_table(arithmetic);
}

TEST_CASE(
    "gradients: operations on each number alone agree with central differences to 1e-6, in every "
    "layout" *
    doctest::skip(!is_double)) {
  check_table(pointwise);
}

TEST_CASE("gradcheck: a derivative that is off by a part in 1e5 is caught" *
          doctest::skip(!is_double)) {
  Random random(1);
  auto wrong = [](const Inputs& x) {
    return record("wrong", square(detach(x[0])), {x[0]}, [=](const Tensor& dy, Gradients d) {
      d[0] += dy * x[0] * Real(2.00002);
    });
  };
  CHECK(gradcheck(wrong, off_kinks({{2, 3}}, 1, 2, random), random).worst > 5e-6);
}
