// text(Tensor): numbers in columns, long axes cut short, as NumPy prints them.
#include <algorithm>
#include <cmath>

#include "tensor/tensor.h"

namespace babelgrad {
namespace {

constexpr int shown_ends = 3;                   // how much of a long axis is shown at each end

std::string number(Real value, bool scientific) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf";
  if (!scientific) return fixed(double(value), 4);
  char buffer[64];
  auto form = std::chars_format::scientific;
  auto end = std::to_chars(buffer, buffer + sizeof buffer, value, form, 4).ptr;
  return std::string(buffer, end);
}

// Every index of the axis, or only its two ends with -1 for what lies between.
std::vector<int> shown(int dim, bool cut) {
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

// All numbers in one form and one width, found by a first walk, so that columns line up.
struct Printer {
  const Tensor& x;
  bool cut, scientific = false;
  std::size_t width = 0;

  template <class Visit>
  void each(int axis, const Real* at, const Visit& visit) const {        // every number shown
    if (axis == x.rank()) return visit(*at);
    for (int i : shown(x.shape()[axis], cut)) {
      if (i >= 0) each(axis + 1, at + i * x.strides()[axis], visit);
    }
  }

  std::string box(int axis, const Real* at) const {
    if (axis == x.rank()) {
      std::string value = number(*at, scientific);
      return std::string(width - std::min(width, value.size()), ' ') + value;
    }
    std::string out = "[";
    bool last = axis == x.rank() - 1, first = true;
    // As many line ends as axes close, then blanks under the brackets that stay open.
    std::string gap = last ? " "
                           : std::string(x.rank() - 1 - axis, '\n') + std::string(axis + 1, ' ');
    for (int i : shown(x.shape()[axis], cut)) {
      if (!first) out += gap;
      out += i < 0 ? "..." : box(axis + 1, at + i * x.strides()[axis]);
      first = false;
    }
    return out + "]";
  }
};

}  // namespace

std::string text(const Tensor& x) {
  if (!x) return "none";
  Printer printer{x, x.numel() > 1000};
  if (x.numel() == 0) return "[] of shape " + text(x.shape());
  Real largest = 0, smallest = INFINITY;
  printer.each(0, x.data(), [&](Real v) {
    if (!std::isfinite(v) || v == 0) return;
    largest = std::max(largest, std::abs(v));
    smallest = std::min(smallest, std::abs(v));
  });
  // As plain numbers, large ones would fill the line, and small ones would look like 0.
  printer.scientific = largest >= Real(1e6) || (largest > 0 && largest < Real(1e-3)) ||
                       double(smallest) < 0.00005;
  printer.each(0, x.data(), [&](Real v) {
    printer.width = std::max(printer.width, number(v, printer.scientific).size());
  });
  return printer.box(0, x.data());
}

}  // namespace babelgrad
