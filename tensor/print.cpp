#include "tensor/print.h"

#include <algorithm>
#include <cmath>
#include <ostream>

#include "tensor/tensor.h"

namespace babelgrad {
namespace {

constexpr int shown_ends = 3;                   // how much of a long axis is shown at each end

// Every index of the axis, or only its two ends with -1 for those between.
std::vector<int> indices(int dim, bool cut) {
  std::vector<int> indices;
  for (int i = 0; i < dim; i++) {
    if (cut && dim > 2 * shown_ends && i == shown_ends) {
      indices.push_back(-1);
      i = dim - shown_ends;
    }
    indices.push_back(i);
  }
  return indices;
}

// Numbers in columns, long axes cut short, as NumPy prints them. All have one width, found by a
// first walk.
template <class Number, class Form>             // form(number): as it is to be written
struct Printer {
  const Number* numbers;
  const Shape& shape;
  Strides strides;
  Form form;
  bool cut;
  std::size_t width = 0;

  Printer(const Number* numbers, const Shape& shape, const Strides& strides, Form form)
      : numbers(numbers), shape(shape), strides(strides), form(form), cut(shape.numel() > 1000) {}

  template <class Visit>
  void each(int axis, const Number* at, const Visit& visit) const {      // every number shown
    if (axis == shape.rank()) return visit(*at);
    for (int i : indices(shape[axis], cut)) {
      if (i >= 0) each(axis + 1, at + i * strides[axis], visit);
    }
  }

  std::string box(int axis, const Number* at) const {
    if (axis == shape.rank()) {
      std::string value = form(*at);
      return std::string(width - std::min(width, value.size()), ' ') + value;
    }
    std::string out = "[";
    bool last = axis == shape.rank() - 1, first = true;
    // As many line ends as axes close, then blanks under the brackets that stay open.
    std::string gap = last ? " "
                           : std::string(shape.rank() - 1 - axis, '\n') +
                                 std::string(axis + 1, ' ');
    for (int i : indices(shape[axis], cut)) {
      if (!first) out += gap;
      out += i < 0 ? "..." : box(axis + 1, at + i * strides[axis]);
      first = false;
    }
    return out + "]";
  }

  std::string all() {
    if (shape.numel() == 0) return "[] of shape " + text(shape);
    each(0, numbers, [&](Number v) { width = std::max(width, form(v).size()); });
    return box(0, numbers);
  }
};

}  // namespace

std::string text(const Tensor& x) {
  if (!x) return "none";
  bool powers_of_ten = false;
  Printer printer(x.data(), x.shape(), x.strides(),
                  [&](Real v) { return in_column(double(v), powers_of_ten); });
  double largest = 0, smallest = INFINITY;
  printer.each(0, x.data(), [&](Real v) {
    if (!std::isfinite(v) || v == 0) return;
    largest = std::max(largest, std::abs(double(v)));
    smallest = std::min(smallest, std::abs(double(v)));
  });
  powers_of_ten = by_powers_of_ten(largest, smallest);
  return printer.all();
}

std::string text(const Ints& x) {
  if (!x) return "none";
  return Printer(x.values().data(), x.shape(), row_major(x.shape()),
                 [](int v) { return text(v); }).all();
}

std::ostream& operator<<(std::ostream& out, const Tensor& x) { return out << text(x); }
std::ostream& operator<<(std::ostream& out, const Ints& x) { return out << text(x); }
std::ostream& operator<<(std::ostream& out, const Shape& x) { return out << text(x); }

}  // namespace babelgrad
