// The shape of a tensor: at most six dimensions, kept inline so that a view costs no allocation.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <string>

#include "tensor/check.h"

namespace babelgrad {

using Index = std::int64_t;    // counts elements; a single dimension is an int
constexpr int max_rank = 6;

class Shape {
 public:
  Shape() = default;                            // rank 0: one number
  Shape(std::initializer_list<int> dims) { for (int d : dims) append(d); }

  int rank() const { return rank_; }
  int operator[](int axis) const { return dims_[place(axis)]; }          // -1 is the last axis
  int& operator[](int axis) { return dims_[place(axis)]; }
  const int* begin() const { return dims_; }
  const int* end() const { return dims_ + rank_; }

  // Errors name the operation whose shape it is to be.
  void append(int dim, const char* operation = "shape");                 // error past max_rank
  void insert(int axis, int dim, const char* operation = "shape");
  void remove(int axis);
  Index numel(const char* operation = "shape") const;    // error: a negative dim, bytes overflow
  friend bool operator==(const Shape& a, const Shape& b);

 private:
  int place(int axis) const {                   // 0 .. rank - 1
    return unsigned(axis) < unsigned(rank_) ? axis : from_the_end(axis);
  }
  int from_the_end(int axis) const;             // error if there is no such axis

  int dims_[max_rank] = {};
  int rank_ = 0;
};

struct Strides {                                // elements to step over, per axis
  Index step[max_rank] = {};
  Index operator[](int axis) const { return step[place(axis)]; }
  Index& operator[](int axis) { return step[place(axis)]; }

 private:
  static int place(int axis) {                  // the rank, and so what -1 is, is the shape's
    check(axis >= 0 && axis < max_rank, "strides: there is no axis ", axis);
    return axis;
  }
};

Strides row_major(const Shape& shape);

// The shape both are stretched to: aligned at the right, equal or 1. Error names the operation.
Shape broadcast(const Shape& a, const Shape& b, const char* operation);

// `wanted`, in which one -1 stands for whatever size makes it hold as many numbers as `shape`.
Shape completed(const Shape& wanted, const Shape& shape);

// -1 is the last axis. Error names the operation and the shape.
int normalize_axis(int axis, const Shape& shape, const char* operation);

std::string text(const Shape& shape);           // (2, 3)
std::ostream& operator<<(std::ostream& out, const Shape& shape);

}  // namespace babelgrad
