// A square of lanes x lanes numbers, turned in registers: row i becomes column i.
#pragma once

#include <utility>

#include "tensor/simd.h"

namespace babelgrad {

// Lane l of the result is lane(l) of a and b end to end.
template <class V, class Lane, int... l>
V shuffle(V a, V b, Lane lane, std::integer_sequence<int, l...>) {
  return __builtin_shufflevector(a, b, lane(l)...);
}

// Of each 2 x 2 blocks of that size, the two off the diagonal change places; then half the size. A
// single number (SIMD=0) is its own transpose.
template <int size = lanes / 2>
void transpose(Vec (&v)[lanes]) {
  if constexpr (size > 0) {
    constexpr auto all = std::make_integer_sequence<int, lanes>();
#pragma GCC unroll 16
    for (int i = 0; i < lanes; i++) {
      if (i & size) continue;
      Vec a = v[i], b = v[i + size];
      v[i] = shuffle(a, b, [](int l) { return l & size ? lanes + l - size : l; }, all);
      v[i + size] = shuffle(a, b, [](int l) { return l & size ? lanes + l : l + size; }, all);
    }
    transpose<size / 2>(v);
  }
}

}  // namespace babelgrad
