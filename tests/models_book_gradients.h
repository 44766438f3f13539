// For models_book_*.cpp: what a function of a module's parameters gives, and its gradients.
#pragma once

#include "tests/models_book.h"
#include "tests/models_small.h"

namespace babelgrad {

// The value Y itself stands for the loss; the gradients are those of the sum of its squares.
inline LossAndGradients squares(Module& module, const Tensor& Y) {
  auto params = named_parameters(module);
  for (Parameter& p : params) zero_grad(p.tensor);
  backward(sum(square(Y)));
  LossAndGradients out{detach(Y), {}};
  for (Parameter& p : params) out.gradients.push_back(grad(p.tensor));
  return out;
}

}  // namespace babelgrad
