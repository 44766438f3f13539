// Fused operations against the plain ones they are made of, in value and in gradient; masks and
// losses at their edges; and NaN, which nothing may swallow.
#include <cmath>

#include "tests/autograd_gradients.h"

using namespace babelgrad;

namespace {

// 1 where the key is past the row's length.
Tensor padding(const Ints& lens, int keys) {
  Tensor mask({int(lens.numel()), 1, keys});
  for (Index i = 0; i < mask.numel(); i++) mask.data()[i] = i % keys >= lens[i / keys];
  return mask;
}

bool all_zero(const Tensor& x, Index first, Index last) {
  std::vector<Real> values = x.values();
  return std::all_of(values.begin() + first, values.begin() + last, [](Real v) { return v == 0; });
}

bool all_nan(const Tensor& x) {
  std::vector<Real> values = x.values();
  return std::all_of(values.begin(), values.end(), [](Real v) { return std::isnan(v); });
}

}  // namespace

TEST_CASE("layer_norm: equals (x - mean) / sqrt(var + eps) * weight + bias") {
  for (Real eps : {Real(1e-5), Real(0.3)}) {
    same(
        {{2, 5, 7}, {7}, {7}}, [=](const Inputs& x) { return layer_norm(x[0], x[1], x[2], eps); },
        [=](const Inputs& x) {
          return (x[0] - mean(x[0], {-1}, true)) / sqrt(var(x[0], {-1}, false, true) + eps) * x[1] +
                 x[2];
        });
  }
}

TEST_CASE("linear, stack, repeat, var, logsumexp: equal their definitions") {
  same({{2, 3, 4}, {5, 4}, {5}}, [](const Inputs& x) { return linear(x[0], x[1], x[2]); },
       [](const Inputs& x) { return matmul(x[0], transpose(x[1])) + x[2]; });
  same({{3, 4}}, [](const Inputs& x) { return repeat_interleave(x[0], 2, 1); },
       [](const Inputs& x) { return reshape(stack({x[0], x[0]}, 2), {3, 8}); });
  same({{3, 4}}, [](const Inputs& x) { return var(x[0], {0}); },
       [](const Inputs& x) { return sum(square(x[0] - mean(x[0], {0})), {0}) / Real(2); });
  same(
      {{3, 4}}, [](const Inputs& x) { return logsumexp(x[0], 0); },
      [](const Inputs& x) { return log(sum(exp(x[0]), {0})); });
  same(
      {{3, 4}}, [](const Inputs& x) { return log_softmax(x[0], 0); },
      [](const Inputs& x) { return log(softmax(x[0], 0)); });
}

TEST_CASE("masked_softmax: equals masked_fill with -inf and softmax") {
  Ints lens{1, 3, 6, 0};
  same({{4, 2, 6}}, [&](const Inputs& x) { return masked_softmax(x[0], lens); },
       [&](const Inputs& x) { return softmax(masked_fill(x[0], padding(lens, 6), -INFINITY)); });
}

TEST_CASE("masked_softmax: rows of 1 .. 300 keys, whole or masked, never make a NaN") {
  Random random(3);
  for (int keys = 1; keys <= 300; keys++) {
    Ints lens{0, keys / 2, 0, keys};
    Tensor x = requires_grad(random_tensor({4, 1, keys}, random, 5)), p = masked_softmax(x, lens);
    backward(p, random_tensor(p.shape(), random));
    Tensor dx = grad(x);
    for (const Tensor& t : {p, dx}) {
      CHECK(all_zero(t, 0, keys));              // no valid key: weights and gradients are exactly 0
      CHECK(all_zero(t, keys + keys / 2, 3 * keys));
    }
    CHECK(std::abs(double(raw::sum(p).item()) - (keys > 1 ? 2 : 1)) < tol(1e-13, 1e-5));
    CHECK(std::isfinite(raw::sum(dx).item()));
  }
}

TEST_CASE(
    "softmax: numbers of any size do not overflow, and a row repeated along its axis has no "
    "gradient") {
  Tensor p = softmax(Tensor({4}, {Real(3e38), Real(3e38), -INFINITY, 0}));
  CHECK(same_bits(p, Tensor({4}, {0.5, 0.5, 0, 0})));
  CHECK(std::abs(log_softmax(Tensor({2}, {1000, 0})).data()[1] + 1000) < 1e-3);
  CHECK(logsumexp(Tensor({3}, {1000, 1000, -INFINITY})).item() == doctest::Approx(1000.6931));
  CHECK(logsumexp(Tensor({3}, -INFINITY)).item() == -INFINITY);
  Tensor x = requires_grad(Tensor::scalar(2));
  backward(softmax(expand(x, {5})), Tensor({5}, {1, 2, 3, 4, 5}));
  CHECK(std::abs(grad(x).item()) < tol(1e-15, 1e-6));
}

TEST_CASE(
    "cross_entropy: equals log_softmax at the targets, with ignored ones, smoothing and each "
    "reduction") {
  Ints targets{2, 0, 7, 3, 7};                  // 7 is ignored
  Tensor smooth({5, 4}), counts({5}, {1, 1, 0, 1, 0});
  for (Real e : {Real(0), Real(0.1), Real(1)}) {
    for (Index i = 0; i < 20; i++) {
      smooth.data()[i] = counts.data()[i / 4] * (e / 4 + (targets[i / 4] == i % 4 ? 1 - e : 0));
    }
    auto rows = [&](const Inputs& x) { return sum(log_softmax(x[0]) * -smooth, {-1}); };
    auto loss = [&](Reduction r) {
      return [=](const Inputs& x) { return cross_entropy(x[0], targets, {r, 7, e}); };
    };
    same({{5, 4}}, loss(Reduction::none), rows);
    same({{5, 4}}, loss(Reduction::sum), [&](const Inputs& x) { return sum(rows(x)); });
    same({{5, 4}}, loss(Reduction::mean), [&](const Inputs& x) { return sum(rows(x)) / Real(3); });
  }
}

TEST_CASE("cross_entropy: if every target is ignored, or there is none, loss and gradient are 0") {
  for (int classes : {0, 4}) {
    Tensor x = requires_grad(Tensor({3, classes}, 1)), y = cross_entropy(x, Ints(Shape{3}, -100));
    backward(y);
    CHECK(y.item() == 0);
    CHECK(all_zero(grad(x), 0, 3 * classes));
  }
  CHECK(cross_entropy(Tensor({0, 4}), Ints(Shape{0})).item() == 0);
}

TEST_CASE("cross_entropy: the gradient takes the place of logits only if nobody holds them") {
  Random random(8);
  Tensor values = random_tensor({4, 6}, random), results[2];
  Ints targets{1, 0, 5, 2};
  for (int held : {0, 1}) {
    Tensor leaf = requires_grad(values), logits = leaf * 1;
    std::vector<Real> before = logits.values();
    Tensor loss = cross_entropy(logits, targets);
    if (!held) logits = Tensor();
    backward(loss);
    if (held) CHECK(logits.values() == before);
    CHECK(leaf.values() == values.values());
    results[held] = grad(leaf);
  }
  CHECK(same_bits(results[0], results[1]));
}

TEST_CASE("NaN: at any place of any operation it reaches the result") {
  struct Named {
    const char* name;
    Tensor (*f)(const Tensor&);
  };
  const std::vector<Named> keep = {
      {"relu", relu},
      {"leaky_relu", [](const Tensor& x) { return leaky_relu(x); }},
      {"elu", elu},
      {"gelu", gelu},
      {"gelu_tanh", gelu_tanh},
      {"silu", silu},
      {"sigmoid", sigmoid},
      {"log_sigmoid", log_sigmoid},
      {"softplus", softplus},
      {"tanh", tanh},
      {"abs", abs},
      {"clamp", [](const Tensor& x) { return clamp(x, 0, 1); }},
      {"maximum", [](const Tensor& x) { return maximum(x, Tensor::scalar(9)); }},
      {"maximum right", [](const Tensor& x) { return maximum(Tensor::scalar(9), x); }},
      {"minimum", [](const Tensor& x) { return minimum(x, Tensor::scalar(-9)); }},
      {"minimum right", [](const Tensor& x) { return minimum(Tensor::scalar(-9), x); }}};
  const std::vector<Named> spread = {
      {"max", [](const Tensor& x) { return max(x); }},
      {"min", [](const Tensor& x) { return min(x); }},
      {"sum", [](const Tensor& x) { return sum(x); }},
      {"mean", [](const Tensor& x) { return mean(x); }},
      {"var", [](const Tensor& x) { return var(x); }},
      {"logsumexp", [](const Tensor& x) { return logsumexp(x); }},
      {"softmax", [](const Tensor& x) { return softmax(x); }},
      {"log_softmax", [](const Tensor& x) { return log_softmax(x); }},
      {"layer_norm", [](const Tensor& x) { return layer_norm(x, Tensor({5}, 1), Tensor({5})); }},
      {"masked_softmax",
       [](const Tensor& x) {
         return slice(masked_softmax(reshape(x, {1, 1, 5}), Ints{5}), 2, 0, 5);
       }},
      {"cross_entropy", [](const Tensor& x) {
         return cross_entropy(reshape(x, {1, 5}), Ints{2});
       }}};
  for (int place = 0; place < 5; place++) {
    Tensor x({5}, {1, -2, 3, 0, Real(0.5)});
    x.data()[place] = NAN;
    for (const Named& op : keep) {
      CHECK_MESSAGE(all_nan(select(op.f(x), 0, place)), std::string(op.name), " at ", place);
    }
    for (const Named& op : spread) {
      CHECK_MESSAGE(all_nan(op.f(x)), std::string(op.name), " at ", place);
    }
  }
}

TEST_CASE("NaN: what a mask covers does not leak through it") {
  Tensor x = requires_grad(Tensor({1, 1, 3}, {1, 2, NAN})), p = masked_softmax(x, Ints{2});
  backward(p, Tensor({1, 1, 3}, {1, 2, 3}));
  CHECK(std::isfinite(sum(p).item() + sum(grad(x)).item()));
  CHECK(same_bits(masked_fill(Tensor({2}, {NAN, 1}), Tensor({2}, {1, 0}), 5), Tensor({2}, {5, 1})));
}
