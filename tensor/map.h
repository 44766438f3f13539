// Two of the verbs everything element-wise is made of:
//   map(x, f)     y[i] = f(x[i])
//   zip(a, b, f)  y[i] = f(a[i], b[i]), after both are broadcast to one shape
// f takes Reals or, to be fast where the compiler cannot make vectors of it, Vecs.
#pragma once

#include "tensor/rows.h"
#include "tensor/tensor.h"
#include "tensor/views.h"
#include "tensor/walk.h"

namespace babelgrad::raw {

template <class F>                              // a result of its own, row-major, of x's shape
Tensor map(const Tensor& x, F f, const char* operation = "map") {
  check_given(operation, x);
  Tensor y = Tensor::empty(x.shape());
  Walk<2> walk(x.shape(), {y.strides(), x.strides()});
  walk.rows([out = y.data(), in = x.data(), f](const Index* at, Index n, const Index* step) {
    Real* __restrict o = out + at[0];
    const Real* i = in + at[1];
    Index s = step[1];
    if constexpr (std::is_invocable_v<F, Vec>) {
      fill_row(o, n, [=](Index j, Index left) { return f(load_some(i + j * s, left, s)); });
    } else if (s == 1) {
      for (Index j = 0; j < n; j++) o[j] = f(i[j]);
    } else {
      for (Index j = 0; j < n; j++) o[j] = f(i[j * s]);
    }
  });
  return y;
}

template <class F>
Tensor zip(const Tensor& a, const Tensor& b, F f, const char* operation = "zip") {
  check_given(operation, a, b);
  Shape shape = broadcast(a.shape(), b.shape(), operation);
  Tensor y = Tensor::empty(shape), A = raw::expand(a, shape), B = raw::expand(b, shape);
  Walk<3> walk(shape, {y.strides(), A.strides(), B.strides()});
  walk.rows([out = y.data(), pa = A.data(), pb = B.data(), f](
                const Index* at, Index n, const Index* step) {
    Real* __restrict o = out + at[0];
    const Real *x = pa + at[1], *z = pb + at[2];
    Index sx = step[1], sz = step[2];           // 0: one number for the whole row
    if constexpr (std::is_invocable_v<F, Vec, Vec>) {
      fill_row(o, n, [=](Index j, Index left) {
        return f(load_some(x + j * sx, left, sx), load_some(z + j * sz, left, sz));
      });
    } else if (sx == 1 && sz == 1) {
      for (Index j = 0; j < n; j++) o[j] = f(x[j], z[j]);
    } else if (sx == 1 && sz == 0) {
      for (Index j = 0; j < n; j++) o[j] = f(x[j], *z);
    } else if (sx == 0 && sz == 1) {
      for (Index j = 0; j < n; j++) o[j] = f(*x, z[j]);
    } else {
      for (Index j = 0; j < n; j++) o[j] = f(x[j * sx], z[j * sz]);
    }
  });
  return y;
}

// y[place] += x: how a gradient goes back into the view it came from. y's elements are distinct.
void add_into(Tensor& y, const Tensor& x);
void copy_into(Tensor& y, const Tensor& x);     // y[place] = x, for fresh results only

}  // namespace babelgrad::raw
