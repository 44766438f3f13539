// The only place that knows how wide this machine's vectors are. Vec is a handful of Reals that add
// and multiply together; with SIMD=0 it is a single Real, and the same loops become plain ones.
#pragma once

#include <cstring>

#include "tensor/real.h"

#ifndef BABELGRAD_SIMD
#define BABELGRAD_SIMD 1
#endif

namespace babelgrad {

#if !BABELGRAD_SIMD
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

#if BABELGRAD_SIMD
typedef Real Vec __attribute__((vector_size(vector_bytes)));
inline Vec splat(Real x) { return x - Vec{}; }
#else
using Vec = Real;
inline Vec splat(Real x) { return x; }
#endif

inline Vec load(const Real* p) {
  Vec v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline void store(Real* p, Vec v) { std::memcpy(p, &v, sizeof v); }

}  // namespace babelgrad
