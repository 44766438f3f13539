#include "tensor/views.h"

#include <algorithm>
#include <optional>

#include "tensor/map.h"

namespace babelgrad::raw {
namespace {

// Strides that show x in the new shape without copying, if there are any: old axes that follow each
// other without gaps form a chunk, and new axes must fill each chunk exactly.
std::optional<Strides> restride(const Tensor& x, const Shape& shape) {
  Strides strides;
  int axis = shape.rank() - 1;
  Index chunk = 1, step = x.strides()[x.rank() - 1];
  for (int old = x.rank() - 1; old >= 0; old--) {
    chunk *= x.shape()[old];
    bool goes_on = old > 0 && (x.shape()[old - 1] == 1 || x.strides()[old - 1] == chunk * step);
    if (goes_on) continue;
    Index used = 1;
    for (; axis >= 0 && (used < chunk || shape[axis] == 1); axis--) {
      strides[axis] = used * step;
      used *= shape[axis];
    }
    if (used != chunk) return std::nullopt;
    chunk = 1;
    if (old > 0) step = x.strides()[old - 1];
  }
  return strides;
}

}  // namespace

Tensor reshape(const Tensor& x, Shape shape) {
  check_given("reshape", x);
  shape = completed(shape, x.shape());
  if (x.contiguous()) return x.view(shape, row_major(shape), x.offset());
  if (auto strides = restride(x, shape)) return x.view(shape, *strides, x.offset());
  return reshape(contiguous(x), shape);
}

Tensor permute(const Tensor& x, const Shape& axes) {
  check_given("permute", x);
  check(axes.rank() == x.rank(), "permute: axes ", axes, " for shape ", x.shape());
  Shape shape = x.shape();
  Strides strides;
  bool seen[max_rank] = {};
  for (int i = 0; i < x.rank(); i++) {
    int axis = normalize_axis(axes[i], x.shape(), "permute");
    check(!seen[axis], "permute: axes ", axes, " name an axis twice");
    seen[axis] = true;
    shape[i] = x.shape()[axis];
    strides[i] = x.strides()[axis];
  }
  return x.view(shape, strides, x.offset());
}

Tensor transpose(const Tensor& x, int a, int b) {
  check_given("transpose", x);
  a = normalize_axis(a, x.shape(), "transpose");
  b = normalize_axis(b, x.shape(), "transpose");
  Shape shape = x.shape();
  Strides strides = x.strides();
  std::swap(shape[a], shape[b]);
  std::swap(strides[a], strides[b]);
  return x.view(shape, strides, x.offset());
}

// A step of 0 reads the same number again.
Tensor expand(const Tensor& x, const Shape& shape) {
  check_given("expand", x);
  int extra = shape.rank() - x.rank();
  check(extra >= 0, "expand: ", x.shape(), " to ", shape);
  shape.numel("expand");
  Strides strides;
  for (int axis = 0; axis < x.rank(); axis++) {
    int from = x.shape()[axis], to = shape[axis + extra];
    check(from == to || from == 1,
          "expand: ", x.shape(), " to ", shape, "; only a 1 can be repeated");
    strides[axis + extra] = from == to ? x.strides()[axis] : 0;
  }
  return x.view(shape, strides, x.offset());
}

// Begins later and steps further; as in Python, indices outside are cut off.
Tensor slice(const Tensor& x, int axis, int begin, int end, int step) {
  check_given("slice", x);
  axis = normalize_axis(axis, x.shape(), "slice");
  int dim = x.shape()[axis];
  check(step > 0, "slice: step ", step, " must be positive");
  begin = std::clamp(begin < 0 ? begin + dim : begin, 0, dim);
  end = std::clamp(end < 0 ? end + dim : end, begin, dim);
  Shape shape = x.shape();
  Strides strides = x.strides();
  shape[axis] = int((Index(end) - begin + step - 1) / step);
  Index offset = x.offset() + (shape.numel() > 0 ? begin * strides[axis] : 0);
  strides[axis] *= step;
  return x.view(shape, strides, offset);
}

Tensor select(const Tensor& x, int axis, int index) {
  check_given("select", x);
  axis = normalize_axis(axis, x.shape(), "select");
  int dim = x.shape()[axis];
  check(index >= -dim && index < dim,
        "select: index ", index, " of axis ", axis, " of shape ", x.shape());
  if (index < 0) index += dim;
  return squeeze(slice(x, axis, index, index + 1), axis);
}

Tensor unsqueeze(const Tensor& x, int axis) {
  check_given("unsqueeze", x);
  int place = axis < 0 ? axis + x.rank() + 1 : axis;
  check(place >= 0 && place <= x.rank(),
        "unsqueeze: axis ", axis, " is outside shape ", x.shape(), " and one more");
  Shape shape = x.shape();
  shape.insert(place, 1, "unsqueeze");
  Strides strides;
  for (int i = 0, old = 0; i < shape.rank(); i++) strides[i] = i == place ? 1 : x.strides()[old++];
  return x.view(shape, strides, x.offset());
}

Tensor squeeze(const Tensor& x, int axis) {
  check_given("squeeze", x);
  axis = normalize_axis(axis, x.shape(), "squeeze");
  check(x.shape()[axis] == 1, "squeeze: axis ", axis, " of shape ", x.shape(), " is not 1");
  Shape shape = x.shape();
  shape.remove(axis);
  Strides strides;
  for (int i = 0; i < shape.rank(); i++) strides[i] = x.strides()[i < axis ? i : i + 1];
  return x.view(shape, strides, x.offset());
}

// From the last element with a negative step.
Tensor flip(const Tensor& x, int axis) {
  check_given("flip", x);
  axis = normalize_axis(axis, x.shape(), "flip");
  if (x.numel() == 0) return x.view(x.shape(), x.strides(), x.offset());
  Strides strides = x.strides();
  Index last = x.offset() + (x.shape()[axis] - 1) * strides[axis];
  strides[axis] = -strides[axis];
  return x.view(x.shape(), strides, last);
}

Tensor contiguous(const Tensor& x) {
  check_given("contiguous", x);
  return x.contiguous() ? x.view(x.shape(), row_major(x.shape()), x.offset())
                        : map(x, [](Real v) { return v; });
}

}  // namespace babelgrad::raw
