#include "tensor/tensor.h"

#include <algorithm>
#include <cmath>

namespace babelgrad {

void library_built_with(Real) {}

Tensor Tensor::empty(const Shape& shape) {
  Tensor out;
  out.numel_ = shape.numel();
  out.shape_ = shape;
  out.strides_ = row_major(shape);
  out.storage_ = Storage(out.numel_);
  return out;
}

Tensor::Tensor(const Shape& shape, Real fill) {
  *this = empty(shape);
  std::fill_n(data(), numel_, fill);
}

Tensor::Tensor(const Shape& shape, const std::vector<Real>& values) {
  check(shape.numel() == Index(values.size()),
        "Tensor: ", values.size(), " values for shape ", shape);
  *this = empty(shape);
  std::copy(values.begin(), values.end(), data());
}

bool Tensor::contiguous() const {               // the stride of an axis of 1 is never used
  Index step = 1;
  for (int axis = rank() - 1; axis >= 0; axis--) {
    if (shape_[axis] != 1 && strides_[axis] != step) return numel_ == 0;
    step *= shape_[axis];
  }
  return true;
}

Real Tensor::item() const {
  check_given("item", *this);
  check(numel_ == 1, "item: needs exactly one number, not shape ", shape_);
  return *data();
}

Real Tensor::at(std::initializer_list<int> index) const {
  check_given("at", *this);
  check(int(index.size()) == rank(), "at: ", index.size(), " indices for shape ", shape_);
  Index place = 0;
  int axis = 0;
  for (int i : index) {
    check(i >= 0 && i < shape_[axis],
          "at: index ", i, " of axis ", axis, " is outside shape ", shape_);
    place += i * strides_[axis++];
  }
  return data()[place];
}

// `index` counts like an odometer, the last axis fastest.
std::vector<Real> Tensor::values() const {
  std::vector<Real> out(numel_);
  int index[max_rank] = {};
  for (Real& value : out) {
    Index place = 0;
    for (int axis = 0; axis < rank(); axis++) place += index[axis] * strides_[axis];
    value = data()[place];
    for (int axis = rank() - 1; axis >= 0 && ++index[axis] == shape_[axis]; axis--) index[axis] = 0;
  }
  return out;
}

Tensor Tensor::view(const Shape& shape, const Strides& strides, Index offset) const {
  check_given("view", *this);
  Index count = shape.numel("view");
  Index lowest = offset, highest = offset;      // the first and last element the view can reach
  bool overflow = false;
  for (int axis = 0; axis < shape.rank() && count > 0; axis++) {
    Index reach;
    overflow |= __builtin_mul_overflow(Index(shape[axis] - 1), strides[axis], &reach);
    Index& end = reach < 0 ? lowest : highest;
    overflow |= __builtin_add_overflow(end, reach, &end);
  }
  bool inside = count == 0 ? offset >= 0 && offset <= storage_.size()
                           : lowest >= 0 && highest < storage_.size();
  if (overflow || !inside) {
    std::string steps;
    for (int axis = 0; axis < shape.rank(); axis++) {
      steps += (axis ? ", " : "") + text(strides[axis]);
    }
    fail("view: shape ", shape, " with strides (", steps, ") from ", offset,
         " reaches outside a storage of ", storage_.size(), " numbers");
  }

  // The same block, seen in another way; without the node, which is autograd's to give.
  Tensor out;
  out.storage_ = storage_;
  out.shape_ = shape;
  out.strides_ = strides;
  out.offset_ = offset;
  out.numel_ = count;
  return out;
}

namespace {

int count_between(double begin, double end, double step) {
  const double count = std::ceil((end - begin) / step);
  check(step != 0 && count >= 0 && count <= INT32_MAX, "arange: no steps of ", step, " lead from ",
        begin, " to ", end);
  return int(count);
}

}  // namespace

Ints arange(int begin, int end, int step) {
  Ints out(Shape{count_between(begin, end, step)});
  for (Index i = 0; i < out.numel(); i++) out[i] = int(begin + i * step);
  return out;
}

Tensor raw::arange(double begin, double end, double step) {
  Tensor out = Tensor::empty({count_between(begin, end, step)});
  for (Index i = 0; i < out.numel(); i++) out.data()[i] = Real(begin + double(i) * step);
  return out;
}

}  // namespace babelgrad
