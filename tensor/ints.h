// Whole numbers are another type: token ids, lengths, targets. Nothing here ever has a gradient.
#pragma once

#include <concepts>
#include <utility>
#include <vector>

#include "tensor/check.h"
#include "tensor/shape.h"

namespace babelgrad {

class Ints {
 public:
  Ints() = default;                             // none given: `if (valid_lens)` is false
  explicit Ints(Shape shape, int fill = 0)
      : shape_(shape), data_(shape.numel("Ints"), fill), given_(true) {}
  Ints(Shape shape, std::vector<int> values)
      : shape_(shape), data_(std::move(values)), given_(true) {
    check(shape_.numel("Ints") == numel(), "Ints: ", numel(), " values for shape ", shape_);
  }
  Ints(std::initializer_list<int> values)
      : Ints(Shape{int(values.size())}, std::vector<int>(values)) {}

  const Shape& shape() const { return shape_; }
  int rank() const { return shape_.rank(); }
  int dim(int axis) const { return shape_[normalize_axis(axis, shape_, "Ints")]; }
  Index numel() const { return Index(data_.size()); }
  explicit operator bool() const { return given_; }

  int operator[](Index i) const { return data_[place(i)]; }              // row-major, from 0
  int& operator[](Index i) { return data_[place(i)]; }
  int at(int row, int column) const { return data_[place(row, column)]; }
  int& at(int row, int column) { return data_[place(row, column)]; }

  const std::vector<int>& values() const& { return data_; }
  std::vector<int> values() && { return std::move(data_); }              // of argmax(x), say
  int item() const;                             // of one number
  friend bool operator==(const Ints&, const Ints&) = default;

 private:
  Index place(Index i) const {
    check(i >= 0 && i < numel(), "Ints: index ", i, " is outside shape ", shape_);
    return i;
  }
  Index place(int row, int column) const {
    check(shape_.rank() == 2 && row >= 0 && row < shape_[0] && column >= 0 && column < shape_[1],
          "at: index (", row, ", ", column, ") is outside shape ", shape_);
    return Index(row) * shape_[1] + column;
  }

  Shape shape_;
  std::vector<int> data_;
  bool given_ = false;
};

Ints tensor(const std::vector<std::vector<int>>& rows);    // of equal length: a table
Ints column(const Ints& table, int j);          // (B, T) -> (B, 1): the tokens of step j
Ints transpose(const Ints& table);              // (B, T) -> (T, B); a row stays
Ints repeat_interleave(const Ints& x, int times);                        // each row, along axis 0
Ints take(const Ints& x, const Ints& rows);     // the rows asked for, in that order; none of none
Ints reshape(const Ints& ids, const Shape& shape);        // the same values; one axis may be -1
Ints reshape(const Ints& ids, int size);        // in one row; -1: whatever their number
template <std::same_as<Ints> Part>              // cat({}, 0) is that of tensors
Ints cat(const std::vector<Part>& parts, int axis);        // tables, (B, T) each, along axis 1
std::string text(const Ints& x);                // as of a tensor
std::ostream& operator<<(std::ostream& out, const Ints& x);
// From each row of ids (B, T) the ids before the first `end`, or all of them.
std::vector<std::vector<int>> before(const Ints& ids, int end);

}  // namespace babelgrad
