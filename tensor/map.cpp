#include "tensor/map.h"

namespace babelgrad::raw {
namespace {

// f(y[i], x[i]) for every place, both of any strides.
template <class F>
void update(Tensor& y, const Tensor& x, const char* name, F f) {
  check_given(name, y, x);
  check(y.shape() == x.shape(), name, ": ", x.shape(), " into ", y.shape());
  Walk<2> walk(y.shape(), {y.strides(), x.strides()});
  walk.rows([to = y.data(), from = x.data(), f](const Index* at, Index n, const Index* step) {
    Real* o = to + at[0];
    const Real* i = from + at[1];
    if (step[0] == 1 && step[1] == 1) for (Index j = 0; j < n; j++) f(o[j], i[j]);
    else for (Index j = 0; j < n; j++) f(o[j * step[0]], i[j * step[1]]);
  });
}

}  // namespace

void add_into(Tensor& y, const Tensor& x) {
  update(y, x, "add_into", [](Real& o, Real v) { o += v; });
}

void copy_into(Tensor& y, const Tensor& x) {
  update(y, x, "copy_into", [](Real& o, Real v) { o = v; });
}

}  // namespace babelgrad::raw
