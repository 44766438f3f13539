// Losses of numbers; the loss of classes is in softmax.cpp. Prediction and target must have the
// same shape: (n, 1) and (n) would be broadcast to (n, n), which nobody means.
#include <algorithm>
#include <cmath>

#include "autograd/ops.h"
#include "tensor/map.h"

namespace babelgrad {
namespace {

void check_alike(const char* name, const Tensor& y_hat, const Tensor& y) {
  check_given(name, y_hat, y);
  check(y_hat.shape() == y.shape(), name, ": the prediction is ", y_hat.shape(),
        " and the target ", y.shape(), "; their shapes must be equal");
}

// As in PyTorch no logarithm is below −100: one sure mistake costs much, and not everything.
Real bounded_log(Real p) { return std::max(std::log(p), Real(-100)); }

}  // namespace

Tensor mse_loss(const Tensor& y_hat, const Tensor& y) {
  check_alike("mse_loss", y_hat, y);
  return mean(square(y_hat - y));
}

Tensor binary_cross_entropy(const Tensor& p, const Tensor& y) {
  check_alike("binary_cross_entropy", p, y);
  check(!has_grad(y), "binary_cross_entropy: the targets must be constants, without a gradient");
  Tensor losses = raw::zip(p, y, [](Real yes, Real right) {
    check(!(yes < 0 || yes > 1), "binary_cross_entropy: ", yes, " is not a probability; "
          "binary_cross_entropy_with_logits takes any number");
    return -right * bounded_log(yes) - (1 - right) * bounded_log(1 - yes);
  });
  // dp = (p − y) / (p (1 − p)), and never without end.
  return mean(record("binary_cross_entropy", losses, {p}, [=](const Tensor& dy, Gradients d) {
    d[0] += dy * raw::zip(p, y, [](Real yes, Real right) {
      return (yes - right) / std::max(yes * (1 - yes), Real(1e-12));
    });
  }));
}

// −y ln σ(x) − (1 − y) ln(1 − σ(x)) = ln(1 + eˣ) − y x, in which no logarithm meets 0.
Tensor binary_cross_entropy_with_logits(const Tensor& x, const Tensor& y) {
  check_alike("binary_cross_entropy_with_logits", x, y);
  return mean(softplus(x) - y * x);
}

}  // namespace babelgrad
