// The only place that knows how wide this machine's vectors are. Vec is a handful of Reals that add
// and multiply together; with SIMD=0 it is a single Real, and the same loops become plain ones.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "tensor/real.h"
#include "tensor/shape.h"

namespace babelgrad {

#if defined(BABELGRAD_SIMD) && !BABELGRAD_SIMD
constexpr int vector_bytes = sizeof(Real);
#elif defined(__AVX512F__)
constexpr int vector_bytes = 64;
#elif defined(__AVX__)
constexpr int vector_bytes = 32;
#else
constexpr int vector_bytes = 16;                // SSE, NEON
#endif
constexpr int lanes = vector_bytes / int(sizeof(Real));

// How many registers of that width there are: it decides how large a tile of C can be kept in them.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int vector_registers = 32;
#else
constexpr int vector_registers = 16;
#endif

using Word = std::conditional_t<is_double, std::uint64_t, std::uint32_t>;    // the bits of a Real
#if !defined(BABELGRAD_SIMD) || BABELGRAD_SIMD
typedef Real Vec __attribute__((vector_size(vector_bytes)));
typedef Word Bits __attribute__((vector_size(vector_bytes)));
inline Real lane(Vec v, int i) { return v[i]; }
inline void set_lane(Vec& v, int i, Real x) { v[i] = x; }
#else
using Vec = Real;
using Bits = Word;
inline Real lane(Vec v, int) { return v; }
inline void set_lane(Vec& v, int, Real x) { v = x; }
#endif

inline Bits bits(Vec v) { return std::bit_cast<Bits>(v); }
inline Vec real(Bits b) { return std::bit_cast<Vec>(b); }

// What makes a Vec has its type as an argument, and so in its name: a program of other options than
// its library's, with vectors of another width, has functions of its own.
template <class V = Vec>
V splat(Real x) { return x - V{}; }

template <class V = Vec>
V load(const Real* p) {
  V v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline void store(Real* p, Vec v) { std::memcpy(p, &v, sizeof v); }

// The last vector of a row may be incomplete: n numbers, and zeros in the lanes behind them. Where
// n >= lanes it is a whole one, so `for (j = 0; j < n; j += lanes)` does a row with n - j left.
template <class V = Vec>
V load_some(const Real* p, Index n) {
  if (n >= lanes) return load(p);
  V v{};
  for (int i = 0; i < lanes; i++) if (i < int(n)) set_lane(v, i, p[i]);
  return v;
}
template <class V = Vec>
V load_some(const Real* p, Index n, Index step) {
  if (step == 1) return load_some(p, n);
  if (step == 0) return splat(*p);
  V v{};
  for (int i = 0; i < lanes; i++) if (i < n) set_lane(v, i, p[i * step]);
  return v;
}
inline void store_some(Real* p, Vec v, Index n) {
  if (n >= lanes) return store(p, v);
  Real numbers[lanes];                          // a loop over memory becomes one masked store
  store(numbers, v);
  for (int i = 0; i < lanes; i++) if (i < int(n)) p[i] = numbers[i];
}
inline Vec first(Vec v, Index n) {              // zeros in the other lanes
  if (n >= lanes) return v;
  for (int i = 0; i < lanes; i++) if (i >= int(n)) set_lane(v, i, 0);
  return v;
}

// Lane l of the result is lane(l) of a and b end to end.
template <class V, class Lane, int... l>
V shuffle(V a, V b, Lane lane, std::integer_sequence<int, l...>) {
  return __builtin_shufflevector(a, b, lane(l)...);
}

// All lanes into one, by halves: of each size, the upper half comes onto the lower one.
template <int half = lanes / 2, class V, class F>
Real fold(V v, F f) {
  if constexpr (half > 0) {
    constexpr auto all = std::make_integer_sequence<int, lanes>();
    return fold<half / 2>(f(v, shuffle(v, v, [](int l) { return (l + half) % lanes; }, all)), f);
  } else {
    return lane(v, 0);
  }
}
inline Real sum(Vec v) { return fold(v, [](auto a, auto b) { return a + b; }); }
inline Real max(Vec v) { return fold(v, [](auto a, auto b) { return a < b ? b : a; }); }

// ---- A square of lanes x lanes numbers, turned in registers: row i becomes column i -------------

// Of each 2 x 2 blocks of that size, the two off the diagonal change places; then half the size. A
// single number (SIMD=0) is its own transpose.
template <int size, class V, int n>
void transpose_blocks(V (&v)[n]) {
  if constexpr (size > 0) {
    constexpr auto all = std::make_integer_sequence<int, n>();
#pragma GCC unroll 16
    for (int i = 0; i < n; i++) {
      if (i & size) continue;
      V a = v[i], b = v[i + size];
      v[i] = shuffle(a, b, [](int l) { return l & size ? n + l - size : l; }, all);
      v[i + size] = shuffle(a, b, [](int l) { return l & size ? n + l : l + size; }, all);
    }
    transpose_blocks<size / 2>(v);
  }
}
template <class V, int n>
void transpose(V (&v)[n]) { transpose_blocks<n / 2>(v); }

}  // namespace babelgrad
