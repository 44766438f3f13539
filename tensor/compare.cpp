#include "tensor/compare.h"

#include <functional>

#include "tensor/map.h"

namespace babelgrad {
namespace {

template <class Holds>
Mask compare(const char* sign, const Tensor& a, const Tensor& b, Holds holds) {
  return Mask(raw::zip(a, b, [holds](Real x, Real y) { return Real(holds(x, y)); }, sign));
}

template <class Holds>
Mask compare(const Ints& ids, int id, Holds holds) {
  Tensor mask(ids.shape());
  for (Index i = 0; i < ids.numel(); i++) mask.data()[i] = Real(holds(ids[i], id));
  return Mask(mask);
}

}  // namespace

Mask operator<(const Tensor& a, const Tensor& b) {
  return compare("<", a, b, std::less());
}
Mask operator>(const Tensor& a, const Tensor& b) {
  return compare(">", a, b, std::greater());
}
Mask operator<=(const Tensor& a, const Tensor& b) {
  return compare("<=", a, b, std::less_equal());
}
Mask operator>=(const Tensor& a, const Tensor& b) {
  return compare(">=", a, b, std::greater_equal());
}
Mask operator==(const Tensor& a, const Tensor& b) {
  return compare("==", a, b, std::equal_to());
}
Mask operator!=(const Tensor& a, const Tensor& b) {
  return compare("!=", a, b, std::not_equal_to());
}

Mask operator<(const Tensor& x, Real y) { return x < Tensor::scalar(y); }
Mask operator>(const Tensor& x, Real y) { return x > Tensor::scalar(y); }
Mask operator<=(const Tensor& x, Real y) { return x <= Tensor::scalar(y); }
Mask operator>=(const Tensor& x, Real y) { return x >= Tensor::scalar(y); }
Mask operator==(const Tensor& x, Real y) { return x == Tensor::scalar(y); }
Mask operator!=(const Tensor& x, Real y) { return x != Tensor::scalar(y); }

Mask operator<(const Ints& ids, int id) { return compare(ids, id, std::less()); }
Mask operator>(const Ints& ids, int id) { return compare(ids, id, std::greater()); }
Mask operator<=(const Ints& ids, int id) { return compare(ids, id, std::less_equal()); }
Mask operator>=(const Ints& ids, int id) { return compare(ids, id, std::greater_equal()); }
Mask operator==(const Ints& ids, int id) { return compare(ids, id, std::equal_to()); }
Mask operator!=(const Ints& ids, int id) { return compare(ids, id, std::not_equal_to()); }

}  // namespace babelgrad
