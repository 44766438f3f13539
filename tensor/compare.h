// Comparisons make masks: 1 where it is so, else 0, both sides broadcast to one shape. A mask is a
// tensor without a gradient: where(x > 0, a, b), masked_fill(x, ids == pad, 0), sum(x == y).
#pragma once

#include "tensor/tensor.h"

namespace babelgrad {

struct Mask : Tensor {
  explicit Mask(Tensor x) : Tensor(std::move(x)) {}
  // `if (a == b)` would only ask whether there is a mask; sum(a == b) counts where it is so.
  explicit operator bool() const = delete;
};

Mask operator<(const Tensor& a, const Tensor& b);
Mask operator>(const Tensor& a, const Tensor& b);
Mask operator<=(const Tensor& a, const Tensor& b);
Mask operator>=(const Tensor& a, const Tensor& b);
Mask operator==(const Tensor& a, const Tensor& b);
Mask operator!=(const Tensor& a, const Tensor& b);

Mask operator<(const Tensor& x, Real bound);
Mask operator>(const Tensor& x, Real bound);
Mask operator<=(const Tensor& x, Real bound);
Mask operator>=(const Tensor& x, Real bound);
Mask operator==(const Tensor& x, Real number);
Mask operator!=(const Tensor& x, Real number);

// Each of the ids with one. Two Ints are equal or not as a whole, which is a bool.
Mask operator<(const Ints& ids, int bound);
Mask operator>(const Ints& ids, int bound);
Mask operator<=(const Ints& ids, int bound);
Mask operator>=(const Ints& ids, int bound);
Mask operator==(const Ints& ids, int id);
Mask operator!=(const Ints& ids, int id);

}  // namespace babelgrad
