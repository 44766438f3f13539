// What fused operations are built on: dice that need not be kept, memory reused.
#include "autograd/dropout_mask.h"
#include "autograd/ops.h"
#include "tests/close.h"

using namespace babelgrad;

TEST_CASE("dice: a stretch of decisions from any place is that of each number, and of dropout") {
  manual_seed(21);
  Tensor ones({1000}, 1), kept = dropout(ones, Real(0.4));
  manual_seed(21);
  DropoutMask dice(Real(0.4), 1000);
  for (Index begin : {0, 1, 2, 3, 5, 127, 130, 255}) {
    std::vector<Real> factors(301, -1);
    dice.factors(begin, 300, factors.data());
    for (Index i = 0; i < 300; i++) {
      CHECK(factors[i] == dice.factor(begin + i));
      CHECK(factors[i] == kept.data()[begin + i]);
    }
    CHECK(factors[300] == -1);
  }
  Random untouched = generator();
  CHECK(DropoutMask(0, 1000).factor(17) == 1);  // p = 0 uses up no random numbers
  CHECK(generator().counter() == untouched.counter());
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
