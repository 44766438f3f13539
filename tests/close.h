// What the tests share: tolerances that know the build's precision, and tensors of random numbers,
// and what a text or an error says.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tensor/parallel.h"
#include "tensor/random.h"
#include "tensor/tensor.h"

namespace babelgrad {

inline double tol(double in_double, double in_float) { return is_double ? in_double : in_float; }
inline const double near_bar = tol(1e-12, 1e-5);           // for what only rounding keeps apart

inline Tensor random_tensor(const Shape& shape, Random& random, Real scale = 1, Real shift = 0) {
  Tensor x(shape);
  for (Index i = 0; i < x.numel(); i++) x.data()[i] = scale * random.normal() + shift;
  return x;
}

inline Tensor counted(const Shape& shape) {     // 0, 1, 2, ...
  Tensor x(shape);
  for (Index i = 0; i < x.numel(); i++) x.data()[i] = Real(i);
  return x;
}

// The largest |a − b|, relative to the largest number of b (or to 1 if b is all zeros).
inline double distance(const Tensor& a, const Tensor& b) {
  REQUIRE(a.shape() == b.shape());
  auto x = a.values(), y = b.values();
  double worst = 0, scale = 0;
  for (std::size_t i = 0; i < x.size(); i++) {
    double off = std::abs(double(x[i]) - double(y[i]));
    if (!(off <= worst)) worst = off;
    scale = std::max(scale, std::abs(double(y[i])));
  }
  return scale > 0 ? worst / scale : worst;
}

inline bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && a.values() == b.values();
}

inline bool finite(const Tensor& x) {
  std::vector<Real> values = x.values();
  return std::all_of(values.begin(), values.end(), [](Real v) { return std::isfinite(v); });
}

// What f() gives has the same bits on 1 to 4 threads: a list of tensors.
template <class F>
void same_for_all_threads(const std::string& name, F f) {
  std::vector<Tensor> first;
  const int before = threads();
  for (int count : {1, 2, 3, 4}) {
    set_threads(count);
    std::vector<Tensor> results = f();
    if (count == 1) first = results;
    for (std::size_t i = 0; i < results.size(); i++)
      CHECK_MESSAGE(same_bits(results[i], first[i]), name, " ", i, " with ", count, " threads");
  }
  set_threads(before);
}

inline bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// The message of the Error that f throws; empty if it throws none.
template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace babelgrad
