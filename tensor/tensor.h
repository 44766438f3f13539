// A strided array of numbers. A Tensor is a handle: copies and views share one storage, and nothing
// that takes a Tensor by const reference ever writes to it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tensor/check.h"
#include "tensor/ints.h"
#include "tensor/print.h"
#include "tensor/real.h"
#include "tensor/shape.h"
#include "tensor/storage.h"

namespace babelgrad {

struct Node;                                    // what autograd/ knows of a tensor; unknown here

class Tensor {
 public:
  Tensor() = default;                           // none: an absent bias, a state not yet begun
  explicit Tensor(const Shape& shape, Real fill = 0);
  Tensor(const Shape& shape, const std::vector<Real>& values);           // in row-major order
  static Tensor empty(const Shape& shape);      // not initialised
  static Tensor scalar(Real value) { return Tensor(Shape{}, value); }

  const Shape& shape() const { return shape_; }
  const Strides& strides() const { return strides_; }
  int rank() const { return shape_.rank(); }
  int dim(int axis) const { return shape_[normalize_axis(axis, shape_, "dim")]; }
  Index numel() const { return numel_; }
  bool contiguous() const;                      // row-major without gaps
  explicit operator bool() const { return bool(storage_); }

  const Real* data() const { return storage_.data() + offset_; }
  // For leaves and fresh results only. A graph that has read them notices overwrite(), not this.
  Real* data() { return storage_.data() + offset_; }
  bool sole_owner() const { return storage_.unique(); }
  // Counts the writes to a leaf's numbers, in all views of them; 0: they are no leaf's.
  int version() const { return storage_.version(); }
  void mark_written() { storage_.mark_written(); }
  Index offset() const { return offset_; }

  Real item() const;                            // the number of a tensor that has only one
  Real at(std::initializer_list<int> index) const;
  std::vector<Real> values() const;             // in row-major order

  // Another view of the same storage. Error unless every element lies inside it.
  Tensor view(const Shape& shape, const Strides& strides, Index offset) const;

  std::shared_ptr<Node> node;                   // null: a plain number

 private:
  Storage storage_;
  Shape shape_;
  Strides strides_;
  Index offset_ = 0, numel_ = 0;
};

// Operations begin with this. A default-constructed Tensor has no numbers, not even none.
template <class... Tensors>
void check_given(const char* operation, const Tensors&... operands) {
  check((bool(operands) && ...), operation, ": there is no tensor where one is needed; grad() "
        "gives none for a leaf that no loss depended on");
}

std::string text(const Tensor& x);              // as NumPy prints; three at each end of long axes
std::ostream& operator<<(std::ostream& out, const Tensor& x);

// begin, begin + step, ... before end: Ints of whole numbers, as ids and places are; a Tensor if
// one of the three is a real number: arange(0, 1, 0.25). Error if no such steps lead to end.
Ints arange(int begin, int end, int step = 1);
inline Ints arange(int end) { return arange(0, end); }
namespace raw { Tensor arange(double begin, double end, double step); }
template <class Begin, class End, class Step = int>
  requires (std::floating_point<Begin> || std::floating_point<End> || std::floating_point<Step>)
Tensor arange(Begin begin, End end, Step step = 1) {
  return raw::arange(double(begin), double(end), double(step));
}
Tensor arange(std::floating_point auto end) { return raw::arange(0, double(end), 1); }

// A row, or rows of equal length: again Ints of whole numbers, tensor({{1, 2}, {3, 4}}), and a
// Tensor of real ones, tensor({{1., 2.}, {3., 4.}}); not of both.
template <std::same_as<int> Whole>
Ints tensor(std::initializer_list<Whole> row) { return Ints(row); }
template <std::same_as<int> Whole>
Ints tensor(std::initializer_list<std::initializer_list<Whole>> rows) {
  return tensor(std::vector<std::vector<int>>(rows.begin(), rows.end()));
}
template <std::floating_point Number>
Tensor tensor(std::initializer_list<Number> row) {
  return Tensor({int(row.size())}, std::vector<Real>(row.begin(), row.end()));
}
template <std::floating_point Number>
Tensor tensor(std::initializer_list<std::initializer_list<Number>> rows) {
  const int columns = rows.size() ? int(rows.begin()->size()) : 0;
  std::vector<Real> values;
  for (const auto& row : rows) {
    check(int(row.size()) == columns, "tensor: a row of ", row.size(), " below one of ", columns);
    values.insert(values.end(), row.begin(), row.end());
  }
  return Tensor({int(rows.size()), columns}, values);
}

}  // namespace babelgrad
