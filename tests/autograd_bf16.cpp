// Gradients through products of bf16: those of full numbers, but for the rounding of operands.
#include "autograd/ops.h"
#include "tensor/gemm_bf16.h"
#include "tensor/packed.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

// Of a linear layer, six steps of a GRU and a product; the last one is the loss.
std::vector<Tensor> gradients_with(Precision precision) {
  const WithPrecision chosen(precision);
  constexpr int steps = 6, batch = 5, in = 24, width = 16;
  Random random(9);
  std::vector<Tensor> leaves;
  const auto leaf = [&](const Shape& shape, Real scale) {
    return leaves.emplace_back(requires_grad(random_tensor(shape, random, scale)));
  };
  Tensor X = leaf({steps * batch, in}, 1), W = leaf({3 * width, in}, Real(0.2));
  Tensor b = leaf({3 * width}, Real(0.2)), W_hh = leaf({3 * width, width}, Real(0.2));
  Tensor b_hh = leaf({3 * width}, Real(0.2)), H = leaf({batch, width}, 1), V = leaf({width, 7}, 1);
  Tensor Y = recurrence(Cell::gru, linear(X, W, b), W_hh, b_hh, H, {},
                        padded_sequence({}, steps, batch)).outputs;
  Tensor loss = mean(square(matmul(Y, V)));
  backward(loss);
  for (Tensor& x : leaves) x = grad(x);
  leaves.push_back(loss);
  return leaves;
}

}  // namespace

TEST_CASE("bf16: gradients and loss are near those of full numbers, and not equal to them") {
  const std::vector<Tensor> rounded = gradients_with(Precision::bf16);
  const std::vector<Tensor> full = gradients_with(Precision::full);
  for (std::size_t i = 0; i < full.size(); i++) {
    CAPTURE(i);
    CHECK(distance(rounded[i], full[i]) > 1e-5);
    CHECK(distance(rounded[i], full[i]) < 4 * 0x1p-8);         // some products one after another
    CHECK(same_bits(rounded[i], gradients_with(Precision::bf16)[i]));
  }
  same_for_all_threads("gradients", [] { return gradients_with(Precision::bf16); });
}
