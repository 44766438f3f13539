// An operation against central differences, in every layout of its inputs; and a fused operation
// against the plain ones it stands for.
#pragma once

#include "autograd/gradcheck.h"
#include "autograd/ops.h"
#include "tests/close.h"

namespace babelgrad {

using Inputs = std::vector<Tensor>;
using In = const Inputs&;

enum Layout { contiguous, transposed, sliced, broadcast_from_one, layouts };

// A leaf of another shape, and the view that makes `shape` of it.
inline Shape leaf_shape(Layout layout, Shape shape) {
  int last = shape.rank() - 1;
  if (layout == transposed && last > 0) std::swap(shape[last - 1], shape[last]);
  if (layout == sliced && last < 0) return {3};
  if (layout == sliced) shape[0] = 2 * shape[0] + 2, shape[last] += last > 0 ? 3 : 0;
  if (layout == broadcast_from_one && last >= 0 && shape[0] > 0) shape[0] = 1;
  return shape;
}

inline Tensor laid_out(Layout layout, const Tensor& x, const Shape& shape) {
  int last = shape.rank() - 1;
  if (layout == transposed && last > 0) return transpose(x);
  if (layout == transposed && last == 0) return flip(x, 0);
  if (layout == sliced && last < 0) return select(x, 0, 1);
  if (layout == sliced && last == 0) return slice(x, 0, 1, 1 + 2 * shape[0], 2);
  if (layout == sliced) return slice(slice(x, 0, 1, 1 + 2 * shape[0], 2), last, 2, 2 + shape[last]);
  return layout == broadcast_from_one ? expand(x, shape) : x;
}

// No two numbers equal (max, maximum), and none at 0 or another round number (relu, abs, clamp).
inline Inputs off_kinks(const std::vector<Shape>& shapes, double low, double high, Random& random) {
  Index count = 0, next = 0;
  for (const Shape& shape : shapes) count += shape.numel();
  std::vector<int> order = random.permutation(int(count));
  Inputs inputs;
  for (const Shape& shape : shapes) {
    Tensor x(shape);
    for (Index i = 0; i < x.numel(); i++)
      x.data()[i] = Real(low + (high - low) * (order[next++] + 0.37) / count);
    inputs.push_back(x);
  }
  return inputs;
}

struct Op {
  const char* name;
  Tensor (*f)(In);
  std::vector<std::vector<Shape>> shapes;
  double low = -1.5, high = 1.5;                // what the inputs are drawn from
  bool flat = false;                            // no gradient where axis 0 repeats one number
};

inline void check_op(const Op& op, double bar = 1e-6) {
  Random random(7);
  for (const std::vector<Shape>& shapes : op.shapes) {
    for (int layout = contiguous; layout < layouts; layout++) {
      if (op.flat && layout == broadcast_from_one) continue;
      std::vector<Shape> leaf_shapes;
      for (const Shape& shape : shapes) leaf_shapes.push_back(leaf_shape(Layout(layout), shape));
      auto f = [&](const Inputs& leaves) {
        Inputs x;
        for (std::size_t i = 0; i < shapes.size(); i++)
          x.push_back(laid_out(Layout(layout), leaves[i], shapes[i]));
        return op.f(x);
      };
      GradCheck result = gradcheck(f, off_kinks(leaf_shapes, op.low, op.high, random), random);
      CHECK_MESSAGE(result.worst <= bar, std::string(op.name), text(shapes[0]), " layout ", layout,
                    ": ", result.worst, " ", result.where);
    }
  }
}

inline void check_table(const std::vector<Op>& table) {
  for (const Op& op : table) {
    try {
      check_op(op);
    } catch (const Error& error) {
      FAIL_CHECK(join(op.name, ": ", error.what()));
    }
  }
}

using Shapes = std::vector<std::vector<Shape>>;
inline const Shapes one = {{{2, 3}}, {{4}}, {{2, 0}}, {{0}}, {{1, 1}}, {{}}, {{2, 2, 3}}};
inline const Shapes two = {{{2, 3}, {2, 3}}, {{2, 3}, {3}},       {{2, 1}, {1, 3}}, {{}, {2, 3}},
                           {{2, 3}, {1, 1}}, {{2, 1, 3}, {4, 1}}, {{2, 0}, {1}},    {{0}, {0}},
                           {{1, 0}, {3, 1}}, {{1, 1}, {1}},       {{}, {}}};
inline const Shapes some = {{{2, 3}}, {{3, 1}}, {{1, 1}}, {{2, 2, 3}}};   // at least a number

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
