// Every operation against central differences: element-wise ones, products, those of rows,
// reductions and views; and at 0, at kinks and of equal numbers.
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

const Ints valid_lens{0, 3}, valid_lens2(Shape{2, 2}, {1, 4, 0, 2});

Tensor loss(const Tensor& x, Reduction reduction, Real smoothing) {
  Ints targets(x.rank() == 3 ? Shape{2, 2} : Shape{x.dim(0)});
  for (Index i = 0; i < targets.numel(); i++) targets[i] = i == 1 ? -100 : int(i) % x.dim(-1);
  return cross_entropy(x, targets, {reduction, -100, smoothing});
}

const std::vector<Op> products = {
    {"matmul", [](In x) { return matmul(x[0], x[1]); },
     {{{2, 3}, {3, 4}}, {{3}, {3}}, {{3}, {3, 2}}, {{2, 3}, {3}}, {{2, 2, 3}, {3, 2}},
     {{2, 2, 3}, {2, 3, 2}}, {{2, 1, 2, 3}, {4, 3, 1}}, {{3}, {2, 3, 2}}, {{2, 2, 3}, {3}},
     {{0, 3}, {3, 2}}, {{2, 0}, {0, 3}}, {{0}, {0}}, {{1, 1}, {1, 1}}, {{1}, {1}},
     {{2, 3}, {4, 3, 2}}, {{1, 3}, {2, 3, 1}}, {{2, 2, 0}, {0, 3}}, {{9, 10}, {10, 8}}}},
    {"twice_matmul", [](In x) { return matmul(x[0], x[0]); }, {{{3, 3}}, {{2, 2, 2}}, {{3}}}},
    {"twice_gram", [](In x) { return matmul(x[0], transpose(x[0])); }, {{{2, 3}}, {{2, 2, 3}}}},
    {"linear", [](In x) { return linear(x[0], x[1]); },
     {{{2, 3}, {4, 3}}, {{3}, {2, 3}}, {{2, 2, 3}, {1, 3}}, {{0, 3}, {2, 3}}, {{2, 0}, {3, 0}},
     {{1, 1}, {1, 1}}}},
    {"linear_bias", [](In x) { return linear(x[0], x[1], x[2]); },
     {{{2, 3}, {4, 3}, {4}}, {{3}, {2, 3}, {2}}, {{2, 2, 3}, {1, 3}, {1}}, {{2, 0}, {3, 0}, {3}}}},
    {"twice_linear", [](In x) { return linear(x[0], x[0]); }, {{{3, 3}}, {{2, 3}}}}};

const std::vector<Op> losses = {
    {"mse_loss", [](In x) { return mse_loss(x[0], x[1]); },
     {{{2, 3}, {2, 3}}, {{4}, {4}}, {{1, 1}, {1, 1}}}},
    {"binary_cross_entropy",
     [](In x) { return binary_cross_entropy(x[0], Tensor(x[0].shape(), Real(0.3))); },
     {{{2, 3}}, {{4}}, {{1, 1}}}, 0.1, 0.9},
    {"binary_cross_entropy_with_logits",
     [](In x) { return binary_cross_entropy_with_logits(x[0], x[1]); },
     {{{2, 3}, {2, 3}}, {{4}, {4}}, {{1, 1}, {1, 1}}}}};

const std::vector<Op> rows = {
    {"softmax", [](In x) { return softmax(x[0]); },
     {{{2, 3}}, {{2, 0}}, {{0, 2}}, {{1, 1}}, {{2, 2, 3}}}},
    {"softmax_vector", [](In x) { return softmax(x[0]); }, {{{4}}, {{1}}}, -1.5, 1.5, true},
    {"softmax_0", [](In x) { return softmax(x[0], 0); }, {{{2, 3}}, {{2, 2, 3}}}, -1.5, 1.5, true},
    {"log_softmax", [](In x) { return log_softmax(x[0]); },
     {{{2, 3}}, {{2, 0}}, {{0, 2}}, {{1, 1}}, {{2, 2, 3}}}},
    {"log_softmax_vector", [](In x) { return log_softmax(x[0]); }, {{{4}}, {{1}}}, -1.5, 1.5, true},
    {"log_softmax_0", [](In x) { return log_softmax(x[0], 0); },
     {{{2, 3}}, {{2, 2, 3}}}, -1.5, 1.5, true},
    {"masked_softmax", [](In x) { return masked_softmax(x[0], valid_lens); },
     {{{2, 2, 4}}, {{2, 1, 3}}, {{2, 0, 3}}}},
    {"masked_softmax_of_nothing", [](In x) { return masked_softmax(x[0], Ints{0, 0}); },
     {{{2, 2, 4}}, {{2, 1, 1}}, {{2, 3, 0}}}},
    {"masked_softmax_rows", [](In x) { return masked_softmax(x[0], valid_lens2); }, {{{2, 2, 4}}}},
    {"masked_softmax_none", [](In x) { return masked_softmax(x[0], Ints()); }, {{{2, 2, 4}}}},
    {"cross_entropy", [](In x) { return loss(x[0], Reduction::mean, 0); },
     {{{3, 4}}, {{2, 2, 3}}, {{1, 1}}, {{0, 3}}}},
    {"cross_entropy_sum", [](In x) { return loss(x[0], Reduction::sum, Real(0.2)); },
     {{{3, 4}}, {{2, 2, 3}}}},
    {"cross_entropy_none", [](In x) { return loss(x[0], Reduction::none, Real(0.1)); },
     {{{3, 4}}, {{2, 2, 3}}, {{0, 3}}}},
    {"layer_norm", [](In x) { return layer_norm(x[0], x[1], x[2]); },
     {{{2, 4}, {4}, {4}}, {{2, 2, 3}, {3}, {3}}, {{2, 0}, {0}, {0}}, {{0, 3}, {3}, {3}}}},
    {"layer_norm_vector", [](In x) { return layer_norm(x[0], x[1], x[2]); },
     {{{4}, {4}, {4}}}, -1.5, 1.5, true},
    {"layer_norm_eps", [](In x) { return layer_norm(x[0], x[1], x[1], Real(0.5)); },
     {{{2, 4}, {4}}, {{2, 1}, {1}}}},
    {"twice_layer_norm", [](In x) { return layer_norm(x[0], x[0], x[0]); }, {{{4}}}},
    {"embedding", [](In x) { return embedding(x[0], Ints(Shape{2, 2}, {1, 0, 1, 1})); },
     {{{3, 2}}, {{2, 1}}, {{2, 0}}}},
    {"embedding_none", [](In x) { return embedding(x[0], Ints(Shape{0})); }, {{{3, 2}}, {{0, 2}}}},
    {"embedding_one", [](In x) { return embedding(x[0], Ints(Shape{}, 0)); }, {{{1, 1}}, {{3, 2}}}},
    {"index_select", [](In x) { return index_select(x[0], 1, Ints{2, 0, 2}); },
     {{{2, 3}}, {{2, 3, 2}}, {{0, 3}}}},
    {"index_select_0", [](In x) { return index_select(x[0], 0, Ints{0, 0}); },
     {{{2, 3}}, {{1, 1}}, {{4}}}},
    {"gather", [](In x) { return gather(x[0], Ints(Shape{2, 3}, {0, 0, 1, 1, 0, 1})); },
     {{{2, 2}}, {{2, 3}}}},
    {"gather_none", [](In x) { return gather(x[0], Ints(Shape{2, 0})); }, {{{2, 3}}, {{2, 0}}}}};

const std::vector<Op> reductions = {
    {"sum", [](In x) { return sum(x[0]); }, one},
    {"sum_last", [](In x) { return sum(x[0], {-1}); },
     {{{2, 3}}, {{0}}, {{2, 0}}, {{2, 2, 3}}, {{1}}}},
    {"sum_first_keep", [](In x) { return sum(x[0], {0}, true); }, {{{2, 3}}, {{2, 0}}, {{70, 2}}}},
    {"sum_0_2", [](In x) { return sum(x[0], {2, 0}); }, {{{2, 2, 3}}, {{2, 0, 3}}}},
    {"mean", [](In x) { return mean(x[0]); }, some},
    {"mean_0", [](In x) { return mean(x[0], {0}, true); }, some},
    {"mean_rank0", [](In x) { return mean(x[0]); }, {{{}}}},
    {"max", [](In x) { return max(x[0]); }, some},
    {"max_last", [](In x) { return max(x[0], {-1}); }, some},
    {"max_0_keep", [](In x) { return max(x[0], {0}, true); }, some},
    {"min", [](In x) { return min(x[0]); }, some},
    {"min_last", [](In x) { return min(x[0], {-1}); }, some},
    {"max_rank0", [](In x) { return max(x[0]) + min(x[0]); }, {{{}}}},
    {"var", [](In x) { return var(x[0]); }, {{{2, 3}}, {{3, 1}}, {{2, 2, 3}}}},
    {"var_last_biased", [](In x) { return var(x[0], {-1}, false, true); }, {{{2, 3}}, {{2, 2, 3}}}},
    {"var_of_one", [](In x) { return var(x[0], {}, false); }, {{{1, 1}}, {{}}}},
    {"std_dev", [](In x) { return std_dev(x[0], {-1}); }, {{{2, 3}}, {{2, 2, 3}}}},
    {"std_dev_biased", [](In x) { return std_dev(x[0], {-1}, false, true); }, {{{2, 3}}}},
    {"logsumexp", [](In x) { return logsumexp(x[0]); }, {{{2, 3}}, {{1}}, {{0, 2}}, {{2, 2, 3}}}},
    {"logsumexp_0", [](In x) { return logsumexp(x[0], 0); }, some},
    {"cumsum", [](In x) { return cumsum(x[0], 0); }, {{{2, 3}}, {{4}}, {{2, 0}}, {{1, 1}}}},
    {"cumsum_last", [](In x) { return cumsum(x[0], -1); }, {{{2, 3}}, {{2, 2, 3}}}}};

const std::vector<Op> views = {
    {"reshape", [](In x) { return reshape(x[0], {3, -1}); }, {{{2, 3}}, {{3}}, {{6, 2}}}},
    {"reshape_flat", [](In x) { return reshape(x[0], {-1}); }, one},
    {"permute", [](In x) { return permute(x[0], {2, 0, 1}); },
     {{{2, 2, 3}}, {{2, 0, 3}}, {{1, 1, 1}}}},
    {"transpose", [](In x) { return transpose(x[0], 0, -1); },
     {{{2, 3}}, {{2, 2, 3}}, {{2, 0}}, {{4}}}},
    {"expand", [](In x) { return expand(x[0], {2, 2, 3}); }, {{{2, 3}}, {{1, 3}}, {{1}}, {{}}}},
    {"expand_to_0", [](In x) { return expand(x[0], {0, 3}); }, {{{1, 3}}, {{3}}, {{}}}},
    {"slice", [](In x) { return slice(x[0], 0, 1, 9, 2) * slice(x[0], 0, 0, 1); },
     {{{4}}, {{2, 3}}, {{4, 0}}}},
    {"slice_empty", [](In x) { return slice(x[0], -1, 1, 1); }, {{{2, 3}}, {{0, 3}}}},
    {"slice_overlap", [](In x) { return slice(x[0], 0, 0, 3) * slice(x[0], 0, 1, 4); },
     {{{4}}, {{4, 2}}}},
    {"select", [](In x) { return select(x[0], 0, -1) * select(x[0], 0, 0); },
     {{{2, 3}}, {{1, 1}}, {{3}}, {{2, 0}}}},
    {"select_last", [](In x) { return select(x[0], -1, 1); }, {{{2, 3}}, {{0, 3}}}},
    {"unsqueeze", [](In x) { return unsqueeze(x[0], 1); }, {{{2, 3}}, {{0}}, {{2}}}},
    {"unsqueeze_end", [](In x) { return unsqueeze(x[0], -1); }, one},
    {"squeeze", [](In x) { return squeeze(x[0], 1); }, {{{2, 1, 3}}, {{0, 1}}, {{1, 1}}}},
    {"flip", [](In x) { return flip(x[0], 0); }, {{{2, 3}}, {{4}}, {{2, 0}}, {{0}}, {{1, 1}}}},
    {"cat", [](In x) { return cat({x[0], x[1], x[0]}, 1); },
     {{{2, 3}, {2, 2}}, {{2, 0}, {2, 1}}, {{0, 1}, {0, 2}}, {{1, 1}, {1, 1}}}},
    {"stack", [](In x) { return stack({x[0], x[1], x[0]}, 1); },
     {{{2, 3}, {2, 3}}, {{2}, {2}}, {{2, 0}, {2, 0}}}},
    {"unbind", [](In x) { return unbind(x[0], 1)[0] * unbind(x[0], 1)[2]; }, {{{2, 3}}, {{0, 3}}}},
    {"stack_rank0", [](In x) { return stack({x[0], x[1]}); }, {{{}, {}}}},
    {"repeat", [](In x) { return repeat(x[0], {2, 3}); }, {{{2, 3}}, {{1, 1}}, {{2, 0}}}},
    {"repeat along a new axis", [](In x) { return repeat(x[0], {4, 1, 2}); }, {{{2, 3}}}},
    {"repeat_interleave", [](In x) { return repeat_interleave(x[0], 2, 0); },
     {{{2, 3}}, {{4}}, {{2, 0}}, {{1, 1}}}}};

// The worst of gradcheck at these numbers, moved to one side or both.
double worst(const Function& f, const std::vector<Tensor>& inputs, Side side) {
  Random random(5);
  return gradcheck(f, inputs, random, 1e-5, side).worst;
}

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

TEST_CASE("gradients: products agree with central differences to 1e-6, in every layout" *
          doctest::skip(!is_double)) {
  check_table(products);
}

TEST_CASE(
    "gradients: softmax, losses, norms and lookups agree with central differences to 1e-6, "
    "in every layout" *
    doctest::skip(!is_double)) {
  check_table(rows);
}

TEST_CASE("gradients: losses agree with central differences to 1e-6, in every layout" *
          doctest::skip(!is_double)) {
  check_table(losses);
}

TEST_CASE("gradients: reductions agree with central differences to 1e-6, in every layout" *
          doctest::skip(!is_double)) {
  check_table(reductions);
}

TEST_CASE("gradients: views agree with central differences to 1e-6, in every layout" *
          doctest::skip(!is_double)) {
  check_table(views);
}

TEST_CASE("gradients: at 0, at kinks and of equals they agree with differences to the sides there "
          "are" * doctest::skip(!is_double)) {
  const Tensor zeros({2, 2}), ones({2, 2}, 1), pair({2, 2}, {0, 1, 2, 0});
  auto of = [](Tensor (*f)(const Tensor&)) { return [f](In x) { return f(x[0]); }; };
  CHECK(worst(of(abs), {zeros}, Side::both) < 1e-6);
  CHECK(worst(of(relu), {zeros}, Side::below) < 1e-6);
  CHECK(worst(of(elu), {zeros}, Side::both) < 1e-4);
  CHECK(worst(of(elu), {zeros}, Side::above) < 1e-6);
  CHECK(worst([](In x) { return clamp(x[0], 0, 1); }, {zeros}, Side::above) < 1e-6);
  CHECK(worst([](In x) { return clamp(x[0], 0, 1); }, {ones}, Side::below) < 1e-6);
  CHECK(worst([](In x) { return maximum(x[0], x[1]); }, {ones, ones}, Side::both) < 1e-6);
  CHECK(worst([](In x) { return minimum(x[0], x[1]); }, {zeros, zeros}, Side::both) < 1e-6);
  CHECK(worst([](In x) { return max(x[0], {0}); }, {ones}, Side::both) < 1e-6);
  // Where the derivative is 0, x is added: an error is taken relative to something.
  CHECK(worst([](In x) { return std_dev(x[0]) + sum(x[0]); }, {ones}, Side::both) < 1e-4);
  CHECK(worst([](In x) { return var(x[0]) + sum(x[0]); }, {ones}, Side::both) < 1e-4);
  CHECK(worst([](In x) { return layer_norm(x[0], x[1], x[1]); }, {ones, Tensor({2}, 1)},
              Side::both) < 1e-4);
  for (Real n : {0, 1, 2, 3}) {
    CHECK(worst([n](In x) { return pow(x[0], n); }, {pair}, Side::both) < 1e-5);
    CHECK(worst([](In x) { return pow(x[0], x[1]) + x[0] + x[1]; }, {zeros, Tensor({2, 2}, n + 1)},
                Side::above) < 1e-4);
  }
  for (auto f : {softplus, log_sigmoid, silu, gelu, gelu_tanh, tanh, sigmoid, expm1, log1p, erf}) {
    CHECK(worst(of(f), {zeros}, Side::both) < 1e-6);
  }
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
