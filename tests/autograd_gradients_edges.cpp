// Differences where the other tables do not go: at 0, at kinks, of equal numbers.
#include "tests/autograd_gradients.h"

using namespace babelgrad;

namespace {

// The worst of gradcheck at these numbers, moved to one side or both.
double worst(const Function& f, const std::vector<Tensor>& inputs, Side side) {
  Random random(5);
  return gradcheck(f, inputs, random, 1e-5, side).worst;
}

}  // namespace

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
