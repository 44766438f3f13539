// Fused operations against the plain ones they stand for, and what they are built on.
#include "autograd/dice.h"
#include "autograd/gradcheck.h"
#include "autograd/ops.h"
#include "autograd/shared.h"
#include "tensor/parallel.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

struct Outcome {
  Tensor y, dx, dr, dw, db;
};

// One step of x + dropout(r), then layer norm: fused or plain, from the same seed.
Outcome step(bool fused, const Shape& shape, Real p) {
  Random random(5);
  int n = shape[shape.rank() - 1];
  Tensor x = requires_grad(random_tensor(shape, random)),
         r = requires_grad(random_tensor(shape, random));
  Tensor w = requires_grad(random_tensor({n}, random, Real(0.3), 1)),
         dy = random_tensor(shape, random);
  Tensor b = requires_grad(random_tensor({n}, random));
  manual_seed(11);
  Tensor y = fused ? residual_layer_norm(x, r, p, w, b) : layer_norm(x + dropout(r, p), w, b);
  backward(y, dy);
  return {detach(y), grad(x), grad(r), grad(w), grad(b)};
}

}  // namespace

TEST_CASE("residual_layer_norm: is layer_norm(x + dropout(y, p)), forwards and backwards") {
  for (const Shape& shape : {Shape{3, 5}, {1, 1}, {40, 7}, {2, 37, 33}, {129, 256}}) {
    for (Real p : {Real(0), Real(0.3)}) {
      Outcome a = step(true, shape, p), b = step(false, shape, p);
      INFO(text(shape), ", p = ", text(p));
      CHECK(distance(a.y, b.y) < tol(1e-13, 1e-5));
      if (shape[shape.rank() - 1] == 1) continue;  // x̂ is 0, so is dx
      CHECK(distance(a.dx, b.dx) < tol(1e-12, 1e-4));
      CHECK(distance(a.dr, b.dr) < tol(1e-12, 1e-4));
      CHECK(distance(a.dw, b.dw) < tol(1e-13, 1e-5));
      CHECK(distance(a.db, b.db) < tol(1e-13, 1e-5));
    }
  }
}

TEST_CASE("residual_layer_norm: gradients agree with central differences" *
          doctest::skip(!is_double)) {
  Random random(6);
  for (Real p : {Real(0), Real(0.5)}) {
    auto f = [p](const std::vector<Tensor>& in) {
      manual_seed(3);  // the same decisions at every evaluation
      return residual_layer_norm(in[0], in[1], p, in[2], in[3]);
    };
    GradCheck result = gradcheck(f,
                                 {random_tensor({35, 4}, random), random_tensor({35, 4}, random),
                                  random_tensor({4}, random), random_tensor({4}, random)},
                                 random);
    INFO(result.where);
    CHECK(result.worst <= 1e-6);
  }
}

TEST_CASE("residual_layer_norm: the same bits for 1 to 4 threads, and what it refuses") {
  int before = threads();
  set_threads(1);
  Outcome one = step(true, {300, 65}, Real(0.2));
  for (int count : {2, 3, 4}) {
    set_threads(count);
    Outcome many = step(true, {300, 65}, Real(0.2));
    CHECK((same_bits(many.y, one.y) && same_bits(many.dx, one.dx) && same_bits(many.dr, one.dr)));
    CHECK((same_bits(many.dw, one.dw) && same_bits(many.db, one.db)));
  }
  set_threads(before);
  Tensor x({2, 3}), w({3});
  CHECK(error_of([&] {
          residual_layer_norm(x, Tensor({3, 2}), 0, w, w);
        }) == "residual_layer_norm: (2, 3) and (3, 2)");
  CHECK(error_of([&] { residual_layer_norm(x, x, 1, w, w); }) ==
        "residual_layer_norm: probability 1 is outside [0, 1)");
}

TEST_CASE("dice: a stretch of decisions from any place is that of each number, and of dropout") {
  manual_seed(21);
  Tensor ones({1000}, 1), kept = dropout(ones, Real(0.4));
  manual_seed(21);
  Dice dice(Real(0.4), 1000);
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
  CHECK(Dice(0, 1000).factor(17) == 1);  // p = 0 uses up no random numbers
  CHECK(generator().counter() == untouched.counter());
}

TEST_CASE("shared: is computed once, and its copies agree") {
  int runs = 0;
  auto twice = shared([&runs](const Tensor& dy) { return runs++, dy + dy; });
  auto copy = twice;
  Tensor dy({2}, {1, 2});
  CHECK(text(twice(dy)) == text(copy(dy)));
  CHECK(runs == 1);
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
