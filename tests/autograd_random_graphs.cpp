// Random programs of 3 to 12 operations: what one operation's test cannot see, such as leaves used
// by several, views of views, and gradients that meet at a broadcast.
#include <cstdlib>

#include "autograd/gradcheck.h"
#include "autograd/ops.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

struct Step {
  int operation, a, b, argument;                // a and b say which of the tensors made so far
};

int axis_of(const Tensor& x, int argument) { return argument % x.rank(); }

// Smooth operations whose values stay small: the differences mean something after twelve steps.
Tensor apply(const Step& step, const Tensor& a, const Tensor& b) {
  int axis = axis_of(a, step.argument), dim = a.dim(axis);
  switch (step.operation) {
    case 0: return tanh(a) + sin(b);
    case 1: return sin(a) - tanh(b);
    case 2: return tanh(a) * cos(b);
    case 3: return tanh(a) / (square(tanh(b)) + Real(0.5));
    case 4: return sigmoid(a * Real(0.7)) - gelu(b) * Real(0.3);
    case 5: return transpose(a, 0, -1);
    case 6: return flip(a, axis);
    case 7: return slice(a, axis, dim > 1, dim, 2);
    case 8: return unsqueeze(select(a, axis, step.argument % dim), axis);
    case 9: return mean(a, {axis}, true);
    case 10: return softmax(a, axis) * Real(2);
    case 11: return reshape(cumsum(sin(a), axis), a.shape());
    case 12: return cat({a, tanh(a)}, axis);
    case 13:
      return linear(tanh(a), reshape(slice(cos(a), -1, 0, 1), {-1, 1}) *
                                 expand(Tensor({1}, 1), {a.dim(-1)})) *
             Real(0.3);
    case 14:
      return a.rank() < 2 ? unsqueeze(matmul(tanh(a), sin(a)), 0) * Real(0.5)
                          : matmul(tanh(a), transpose(sin(a))) * Real(0.5);
    case 15: return expand(mean(a, {axis}, true), a.shape()) + a;
    case 16: return logsumexp(unsqueeze(a, 0), 0) * log1p(square(tanh(a)));
    default: return index_select(a, axis, Ints{dim - 1, 0, 0});
  }
}

bool fit(const Tensor& a, const Tensor& b) {
  for (int i = 1; i <= std::min(a.rank(), b.rank()); i++) {
    if (a.dim(-i) != b.dim(-i) && a.dim(-i) != 1 && b.dim(-i) != 1) return false;
  }
  return true;
}

Tensor run(const std::vector<Step>& steps, const std::vector<Tensor>& leaves) {
  std::vector<Tensor> made = leaves;
  for (const Step& step : steps) {
    const Tensor &a = made[step.a % made.size()], &b = made[step.b % made.size()];
    if (a.numel() > 24) made.push_back(mean(a, {0}, true));              // keeps the graph small
    else made.push_back(apply(step, a, fit(a, b) ? b : a));
  }
  Tensor total = Tensor::scalar(0);             // everything that was made takes part in it
  for (const Tensor& x : made) total = total + mean(x * tanh(x));
  return total;
}

struct Worst {
  double error;
  std::uint64_t seed;
};

// The worst disagreement of `count` random graphs, and the seed of the graph where it was.
Worst worst_of(std::uint64_t first_seed, int count) {
  Worst worst{0, first_seed};
  for (std::uint64_t seed = first_seed; seed < first_seed + std::uint64_t(count); seed++) {
    Random random(seed);
    const Shape shapes[] = {{2, 3}, {3}, {1, 3}, {2, 1}, {1}, {2, 2, 3}};
    std::vector<Tensor> leaves;
    int count_of_leaves = 2 + random.below(2);
    for (int i = 0; i < count_of_leaves; i++)
      leaves.push_back(random_tensor(shapes[random.below(6)], random));
    std::vector<Step> steps(3 + random.below(10));
    for (Step& step : steps)
      step = {random.below(18), random.below(1000), random.below(1000), random.below(1000)};
    GradCheck result =
        gradcheck([&](const std::vector<Tensor>& x) { return run(steps, x); }, leaves, random);
    if (!(result.worst <= worst.error)) worst = {result.worst, seed};
  }
  return worst;
}

}  // namespace

TEST_CASE("gradients: 2,000 random graphs agree with central differences to 1e-5" *
          doctest::skip(!is_double)) {
  Worst worst = worst_of(1, 2000);
  CHECK_MESSAGE(worst.error <= 1e-5, "seed ", worst.seed, ": ", worst.error);
}

// SEED=7 build/double/tests/autograd_test -tc="*of any seed*" tries others.
TEST_CASE("gradients: so do 100 graphs of any seed that is asked for" * doctest::skip(!is_double)) {
  const char* asked = std::getenv("SEED");
  std::uint64_t seed = asked ? std::strtoull(asked, nullptr, 10) : 1;
  Worst worst = worst_of(seed << 20, 100);
  CHECK_MESSAGE(worst.error <= 1e-5, "SEED=", seed, ", graph ", worst.seed, ": ", worst.error);
}
