// A fused operation against the plain ones it stands for.
#pragma once

#include "autograd/ops.h"
#include "tests/close.h"

namespace babelgrad {

using Inputs = std::vector<Tensor>;

// Two functions of the same inputs give the same values and, for a random dL/dy, gradients.
template <class F, class G>
void same(const std::vector<Shape>& shapes, F f, G g, double bound = tol(1e-13, 2e-5)) {
  Random random(11);
  Inputs x, z;
  for (const Shape& shape : shapes) {
    Tensor values = random_tensor(shape, random);
    x.push_back(requires_grad(values));
    z.push_back(requires_grad(values));
  }
  Tensor y = f(x), other = g(z), dy = random_tensor(y.shape(), random);
  CHECK(distance(y, other) <= bound);
  backward(y, dy);
  backward(other, dy);
  for (std::size_t i = 0; i < x.size(); i++) CHECK(distance(grad(x[i]), grad(z[i])) <= bound);
}

}  // namespace babelgrad
