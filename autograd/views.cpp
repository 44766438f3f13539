// Other shapes of the same numbers. Where a view shows only a part of x, its gradient is added to
// that part of dx; everywhere else dx is dy, moved back. Nothing holds x: a shape is enough.
#include <algorithm>

#include "autograd/ops.h"
#include "tensor/map.h"
#include "tensor/views.h"

namespace babelgrad {
namespace {

// y = part(x): dy is added to the same part of dx.
template <class Part>
Tensor show(const char* name, const Tensor& x, Part part) {
  return record(name, part(x), {x}, [part, shape = x.shape()](const Tensor& dy, Gradients d) {
    d[0].in_place([&](Tensor& dx) {
      if (!dx) dx = Tensor(shape);
      Tensor place = part(dx);
      raw::add_into(place, dy);
    });
  });
}

// y is x, moved: dx is dy, moved back.
template <class Back>
Tensor moved(const char* name, const Tensor& x, const Tensor& y, Back back) {
  return record(name, y, {x}, [back](const Tensor& dy, Gradients d) { d[0] += back(dy); });
}

// Each element along the axis `times` over, side by side, or all of them again and again.
Tensor copies(const char* name, const Tensor& x, int axis, int times, bool side_by_side) {
  Shape flat = x.shape();
  check(times >= 0 && Index(flat[axis]) * times <= INT32_MAX,
        name, ": ", times, " times axis ", axis, " of shape ", x.shape());
  flat[axis] *= times;
  flat.numel(name);
  // What lies before the axis and behind it counts as one axis each: there is room for a new one.
  Index before = 1, behind = 1;
  for (int i = 0; i < x.rank(); i++) (i < axis ? before : behind) *= i == axis ? 1 : flat[i];
  check(before <= INT32_MAX && behind <= INT32_MAX, name, ": shape ", x.shape(), " is too large");
  int place = side_by_side ? 2 : 1;
  Shape wide{int(before), x.shape()[axis], int(behind)};
  Tensor rows = unsqueeze(reshape(x, wide), place);
  wide.insert(place, times);
  return reshape(expand(rows, wide), flat);
}

}  // namespace

Tensor reshape(const Tensor& x, const Shape& shape) {
  return moved("reshape", x, raw::reshape(x, shape),
               [back = x.shape()](const Tensor& dy) { return raw::reshape(dy, back); });
}

Tensor permute(const Tensor& x, const Shape& axes, Site at) {
  here = at;
  Tensor y = raw::permute(x, axes);
  Shape back = axes;
  for (int i = 0; i < axes.rank(); i++) back[normalize_axis(axes[i], axes, "permute")] = i;
  return moved("permute", x, y, [=](const Tensor& dy) { return raw::permute(dy, back); });
}

Tensor transpose(const Tensor& x, int a, int b) {
  return moved("transpose", x, raw::transpose(x, a, b),
               [=](const Tensor& dy) { return raw::transpose(dy, a, b); });
}

Tensor expand(const Tensor& x, const Shape& shape) {
  return moved("expand", x, raw::expand(x, shape), [](const Tensor& dy) { return dy; });
}

Tensor slice(const Tensor& x, int axis, int begin, int end, int step) {
  return show("slice", x, [=](const Tensor& v) { return raw::slice(v, axis, begin, end, step); });
}

Tensor select(const Tensor& x, int axis, int index) {
  return show("select", x, [=](const Tensor& v) { return raw::select(v, axis, index); });
}

Tensor unsqueeze(const Tensor& x, int axis, Site at) {
  here = at;
  return moved("unsqueeze", x, raw::unsqueeze(x, axis),
               [=](const Tensor& dy) { return raw::squeeze(dy, axis); });
}

Tensor squeeze(const Tensor& x, int axis) {
  return moved("squeeze", x, raw::squeeze(x, axis),
               [=](const Tensor& dy) { return raw::unsqueeze(dy, axis); });
}

Tensor flip(const Tensor& x, int axis) {
  return moved("flip", x, raw::flip(x, axis),
               [=](const Tensor& dy) { return raw::flip(dy, axis); });
}

Tensor cat(const std::vector<Tensor>& parts, int axis) {
  check(!parts.empty(), "cat: no tensors");
  for (const Tensor& part : parts) check_given("cat", part);
  axis = normalize_axis(axis, parts[0].shape(), "cat");
  Shape shape = parts[0].shape();
  Index length = 0;
  for (const Tensor& part : parts) {
    Shape rest = part.shape(), own = parts[0].shape();
    check(rest.rank() == own.rank() && (rest[axis] = own[axis], rest == own),
          "cat: ", part.shape(), " beside ", parts[0].shape(), " along axis ", axis);
    length += part.shape()[axis];
  }
  check(length <= INT32_MAX, "cat: parts of ", length, " in all along axis ", axis);
  shape[axis] = int(length);
  shape.numel("cat");
  Tensor y = Tensor::empty(shape);
  std::vector<int> begins{0};                   // of the parts, and the end
  for (const Tensor& part : parts) {
    begins.push_back(begins.back() + part.shape()[axis]);
    Tensor place = raw::slice(y, axis, begins.end()[-2], begins.back());
    raw::copy_into(place, part);
  }
  return record("cat", y, parts, [=](const Tensor& dy, Gradients d) {
    for (int i = 0; i + 1 < int(begins.size()); i++)
      d[i] += raw::slice(dy, axis, begins[i], begins[i + 1]);
  });
}

Tensor stack(const std::vector<Tensor>& parts, int axis) {
  check(!parts.empty(), "stack: no tensors");
  std::vector<Tensor> rows;
  for (const Tensor& part : parts) {
    check_given("stack", part);
    check(part.shape() == parts[0].shape(), "stack: ", part.shape(), " beside ", parts[0].shape());
    check(axis >= -part.rank() - 1 && axis <= part.rank() && part.rank() < max_rank,
          "stack: a new axis ", axis, " for parts of shape ", part.shape());
    rows.push_back(unsqueeze(part, axis));
  }
  check(INT32_MAX >= parts.size(), "stack: ", parts.size(), " parts");
  return cat(rows, axis);
}

Tensor repeat(const Tensor& x, const Shape& times) {
  check_given("repeat", x);
  check(times.rank() >= x.rank() && std::ranges::all_of(times, [](int n) { return n >= 0; }),
        "repeat: ", times, " times for shape ", x.shape());
  Shape shape = x.shape();
  while (shape.rank() < times.rank()) shape.insert(0, 1);
  Tensor y = reshape(x, shape);
  for (int axis = 0; axis < times.rank(); axis++) {
    if (times[axis] != 1) y = copies("repeat", y, axis, times[axis], false);
  }
  return y;
}

std::vector<Tensor> unbind(const Tensor& x, int axis) {
  check_given("unbind", x);
  axis = normalize_axis(axis, x.shape(), "unbind");
  std::vector<Tensor> slices;
  for (int i = 0; i < x.dim(axis); i++) slices.push_back(select(x, axis, i));
  return slices;
}

Tensor repeat_interleave(const Tensor& x, int times, int axis) {
  check_given("repeat_interleave", x);
  axis = normalize_axis(axis, x.shape(), "repeat_interleave");
  return copies("repeat_interleave", x, axis, times, true);
}

}  // namespace babelgrad
