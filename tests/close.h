// What the tests share: tolerances that know the build's precision, and tensors of random numbers,
// and what a text or an error says.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

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
