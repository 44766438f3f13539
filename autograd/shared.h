// Work that the gradients of several inputs have in common: their lambdas hold copies of one
// shared(f); whichever runs first computes f(dy), the others get the same value. A graph runs
// backwards once, so there is only one dy, and the value goes when the operation has been passed.
#pragma once

#include <memory>
#include <optional>

#include "tensor/tensor.h"

namespace babelgrad {

template <class F>
auto shared(F f) {
  using Value = decltype(f(Tensor()));
  return [f, value = std::make_shared<std::optional<Value>>()](const Tensor& dy) {
    if (!*value) *value = f(dy);
    return **value;
  };
}

}  // namespace babelgrad
