#include "tensor/shape.h"

#include <algorithm>

namespace babelgrad {

int Shape::from_the_end(int axis) const { return normalize_axis(axis, *this, "shape"); }

void Shape::append(int dim, const char* operation) { insert(rank_, dim, operation); }

void Shape::insert(int axis, int dim, const char* operation) {
  check(rank_ < max_rank, operation, ": ", *this, " has the largest rank there is, ", max_rank);
  check(axis >= 0 && axis <= rank_, operation, ": axis ", axis, " cannot be put into ", *this);
  std::copy_backward(dims_ + axis, dims_ + rank_, dims_ + rank_ + 1);
  dims_[axis] = dim;
  rank_++;
}

void Shape::remove(int axis) {
  axis = place(axis);
  std::copy(dims_ + axis + 1, dims_ + rank_, dims_ + axis);
  rank_--;
}

// A product of dimensions can be larger than any memory, and wrap around to a small number: that is
// an error here, so nothing after it has to ask again.
Index Shape::numel(const char* operation) const {
  Index count = 1, bytes;
  bool empty = false, overflow = false;
  for (int dim : *this) {
    check(dim >= 0, operation, ": ", *this, " has a negative dimension");
    if (dim == 0) empty = true;
    else overflow |= __builtin_mul_overflow(count, Index(dim), &count);
  }
  overflow |= __builtin_mul_overflow(count, Index(sizeof(double)), &bytes);
  check(!overflow, operation, ": ", *this, " has more elements than memory can address");
  return empty ? 0 : count;
}

bool operator==(const Shape& a, const Shape& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

// (2, 3, 4) has strides (12, 4, 1).
Strides row_major(const Shape& shape) {
  Strides strides;
  Index step = 1;
  for (int axis = shape.rank() - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= std::max(shape[axis], 1);
  }
  return strides;
}

Shape broadcast(const Shape& a, const Shape& b, const char* operation) {
  const Shape& longer = a.rank() >= b.rank() ? a : b;
  const Shape& shorter = a.rank() >= b.rank() ? b : a;
  Shape out = longer;
  for (int axis = 0; axis < shorter.rank(); axis++) {
    int& dim = out[axis + longer.rank() - shorter.rank()];
    int other = shorter[axis];
    check(dim == other || dim == 1 || other == 1, operation, ": shapes ", a, " and ", b,
          " do not broadcast; aligned at the right, dimensions must be equal or 1");
    if (dim == 1) dim = other;
  }
  out.numel(operation);                         // both may be small, and this not
  return out;
}

Shape completed(const Shape& wanted, const Shape& shape) {
  Shape out = wanted;
  Index known = 1, numbers = shape.numel("reshape");
  int open = -1;
  for (int axis = 0; axis < out.rank(); axis++) {
    if (out[axis] == -1 && open < 0) open = axis;
    else if (__builtin_mul_overflow(known, Index(out[axis]), &known)) known = 0;
  }
  if (open >= 0 && known > 0) out[open] = int(numbers / known);
  bool same = open < 0 || known > 0;            // beside a 0, -1 could be anything
  check(same && out.numel("reshape") == numbers, "reshape: ", shape, " has ", numbers,
        " elements and does not fit ", wanted);
  return out;
}

int normalize_axis(int axis, const Shape& shape, const char* operation) {
  int normal = axis < 0 ? axis + shape.rank() : axis;
  check(normal >= 0 && normal < shape.rank(),
        operation, ": axis ", axis, " is outside shape ", shape);
  return normal;
}

std::string text(const Shape& shape) {
  std::string out = "(";
  for (int axis = 0; axis < shape.rank(); axis++) out += (axis ? ", " : "") + text(shape[axis]);
  return out + (shape.rank() == 1 ? ",)" : ")");
}

}  // namespace babelgrad
