// The book's own code where ours departs from it, line for line, as the oracle of ours: the forms
// in models_book_*.h. Here is what they take from PyTorch and the house has no need of.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "autograd/ops.h"
#include "nn/module.h"
#include "tests/close.h"

namespace babelgrad::book {

using babelgrad::cat, babelgrad::repeat, babelgrad::reshape, babelgrad::select,
    babelgrad::unsqueeze;                       // beside those of the same names below

// begin, begin + step, .. below end: arange<int> as Ints, arange<Real> as a Tensor
template <class Number>
auto arange(int begin, int end, int step = 1) {
  std::vector<Number> numbers;
  for (int i = begin; i < end; i += step) numbers.push_back(Number(i));
  using Box = std::conditional_t<std::is_same_v<Number, int>, Ints, Tensor>;
  return Box(Shape{int(numbers.size())}, numbers);
}
template <class Number>
auto arange(int end) {
  return arange<Number>(0, end);
}

// Of a number, as of a tensor.
inline Tensor pow(Real base, const Tensor& exponent) {
  return babelgrad::pow(Tensor::scalar(base), exponent);
}

// P[:, :, begin::step] = x, for P (1, m, n) and x (m, n / step)
inline void set_columns(Tensor& P, int begin, int step, const Tensor& x) {
  std::vector<Real> numbers = x.values();
  for (std::size_t i = 0; i < numbers.size(); i++) P.data()[begin + Index(i) * step] = numbers[i];
}

// ---- masks: 1 where it is so, else 0 -----------------------------------------------------------
// a row (1, n) and a column (m, 1) -> (m, n)
inline Tensor operator<(const Ints& row, const Ints& column) {
  Tensor mask({column.dim(0), row.dim(1)});
  for (int i = 0; i < column.dim(0); i++)
    for (int j = 0; j < row.dim(1); j++)
      mask.data()[Index(i) * row.dim(1) + j] = row[j] < column[i] ? 1 : 0;
  return mask;
}
inline Tensor operator~(const Tensor& mask) { return 1 - mask; }

// ---- of Ints, what babelgrad has of tensors ----------------------------------------------------
inline Ints unsqueeze(const Ints& ids, int axis) {
  Shape shape = ids.shape();
  shape.insert(axis, 1);
  return reshape(ids, shape);
}
inline Ints select(const Ints& table, int, int j) { return reshape(column(table, j), -1); }
inline int rank(const Ints& ids) { return ids.shape().rank(); }
// a row (n), `times` one under another; the second number is 1, as in repeat of a tensor
inline Ints repeat(const Ints& row, const Shape& times) {
  return repeat_interleave(unsqueeze(row, 0), times[0]);
}
struct Board {                                  // remembers what the book plots
  struct Point {
    std::string key;
    Real value;
    bool train;
  };
  std::vector<Point> points;

  void plot(const std::string& key, const Tensor& value, bool train) {
    points.push_back({key, value.item(), train});
  }
};

// The base of the book's models: Y_hat (.., classes) and Y (..), the mean loss or each one.
struct Classifier : Module, Board {
  Tensor loss(const Tensor& Y_hat, const Ints& Y, bool averaged = true) const {
    const Reduction reduction = averaged ? Reduction::mean : Reduction::none;
    return cross_entropy(reshape(Y_hat, {-1, Y_hat.dim(-1)}), reshape(Y, -1),
                         {.reduction = reduction});
  }
  std::vector<Parameter> parameters() { return named_parameters(*this); }
};

// `to` takes the parameters of `from` by their names: the same numbers, the same gradients.
inline void share(Module& from, Module& to) {
  struct Taking : Visitor {
    std::map<std::string, Tensor> given;
    int taken = 0;
    void on_parameter(const std::string& name, Tensor& parameter) override {
      REQUIRE(given.count(name));
      REQUIRE(given[name].shape() == parameter.shape());
      parameter = given[name];
      taken++;
    }
  };
  Taking taking;
  for (const Parameter& p : named_parameters(from)) taking.given[p.name] = p.tensor;
  to.fields(taking);
  REQUIRE(taking.taken == int(taking.given.size()));
}

}  // namespace babelgrad::book
