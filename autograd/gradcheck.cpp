#include "autograd/gradcheck.h"

#include <algorithm>
#include <cmath>

#include "autograd/ops.h"

namespace babelgrad {
namespace {

// One number L = Σ weights y, whose gradient is dL/dy = weights.
double weighted(const Tensor& y, const Tensor& weights) { return double(sum(y * weights).item()); }

}  // namespace

GradCheck gradcheck(const Function& f, const std::vector<Tensor>& inputs, Random& random,
                    double h, Side side) {
  // What backward() says, of copies of the inputs.
  std::vector<Tensor> x;
  for (const Tensor& input : inputs) {
    x.push_back(requires_grad(Tensor(input.shape(), input.values())));
  }
  Tensor y = f(x), weights(y.shape());
  for (Index i = 0; i < y.numel(); i++) weights.data()[i] = random.normal();
  if (has_grad(y)) backward(y, weights);

  // Move each number of each input by h, up and down: dL/dx ≈ (L(x + h) − L(x − h)) / 2h, or, with
  // h < 0 to go below, (4 L(x + h) − 3 L(x) − L(x + 2h)) / 2h. Both are off by some h².
  if (side == Side::below) h = -h;
  GradCheck result;
  NoGrad guard;
  for (std::size_t k = 0; k < x.size(); k++) {
    Tensor analytic = grad(x[k]) ? grad(x[k]) : Tensor(x[k].shape());
    std::vector<Real> a = analytic.values();
    double scale = 0;
    for (Real v : a) scale = std::max(scale, std::abs(double(v)));
    for (Index i = 0; i < x[k].numel(); i++) {
      Real& value = x[k].data()[i];
      Real saved = value;
      auto loss_at = [&](double place) {
        value = Real(place);
        double loss = weighted(f(x), weights);
        value = saved;
        return loss;
      };
      double rise = side == Side::both ? loss_at(saved + h) - loss_at(saved - h)
                                       : 4 * loss_at(saved + h) - 3 * loss_at(saved) -
                                             loss_at(saved + 2 * h);
      double n = rise / (2 * h);
      // Relative, but not to a number that is itself no more than rounding beside the largest.
      double size = std::max({std::abs(double(a[i])), std::abs(n), 1e-3 * scale});
      double error = size > 0 ? std::abs(a[i] - n) / size : 0;
      if (!(error <= result.worst)) {
        result = {error, join("input ", k, " element ", i, ": backward ", double(a[i]),
                              ", differences ", n)};
      }
    }
  }
  return result;
}

}  // namespace babelgrad
