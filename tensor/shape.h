// The shape of a tensor: at most six dimensions, kept inline so that a view costs no allocation.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

namespace babelgrad {

using Index = std::int64_t;    // counts elements; a single dimension is an int
constexpr int max_rank = 6;

class Shape {
 public:
  Shape() = default;                            // rank 0: one number
  Shape(std::initializer_list<int> dims) { for (int d : dims) append(d); }

  int rank() const { return rank_; }
  int operator[](int axis) const { return dims_[axis]; }
  int& operator[](int axis) { return dims_[axis]; }
  const int* begin() const { return dims_; }
  const int* end() const { return dims_ + rank_; }

  void append(int dim);                         // error past max_rank
  void insert(int axis, int dim);
  void remove(int axis);
  Index numel() const;                          // error if a dim is negative or the bytes overflow
  friend bool operator==(const Shape& a, const Shape& b);

 private:
  int dims_[max_rank] = {};
  int rank_ = 0;
};

struct Strides {                                // elements to step over, per axis
  Index step[max_rank] = {};
  Index operator[](int axis) const { return step[axis]; }
  Index& operator[](int axis) { return step[axis]; }
};

Strides row_major(const Shape& shape);

// The shape both are stretched to: aligned at the right, equal or 1. Error names the operation.
Shape broadcast(const Shape& a, const Shape& b, const char* operation);

// -1 is the last axis. Error names the operation and the shape.
int normalize_axis(int axis, const Shape& shape, const char* operation);

std::string text(const Shape& shape);           // (2, 3)

}  // namespace babelgrad
