// A square of lanes x lanes numbers, turned in registers: row i becomes column i.
#pragma once

#include <utility>

#include "tensor/simd.h"

namespace babelgrad {

#if BABELGRAD_SIMD
template <class Lane, int... i>
Vec shuffle(Vec a, Vec b, Lane lane, std::integer_sequence<int, i...>) {
  return __builtin_shufflevector(a, b, lane(i)...);
}

// Of each 2 x 2 blocks of that size, the two off the diagonal change places; then half the size.
template <int size = lanes / 2>
void transpose(Vec (&v)[lanes]) {
  constexpr auto all = std::make_integer_sequence<int, lanes>();
#pragma GCC unroll 16
  for (int i = 0; i < lanes; i++) {
    if (i & size) continue;
    Vec a = v[i], b = v[i + size];
    v[i] = shuffle(a, b, [](int l) { return l & size ? lanes + l - size : l; }, all);
    v[i + size] = shuffle(a, b, [](int l) { return l & size ? lanes + l : l + size; }, all);
  }
  if constexpr (size > 1) transpose<size / 2>(v);
}
#else
inline void transpose(Vec (&)[1]) {}
#endif

}  // namespace babelgrad
