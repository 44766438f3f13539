// The decisions of dropout: number i of a call stays with probability 1 − p, scaled by 1 / (1 − p).
// They are not kept: in the backward pass the generator's counter gives the same again.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>

#include "tensor/random.h"
#include "tensor/simd.h"
#include "tensor/tensor.h"

namespace babelgrad {

// A number times its factor. What is dropped is 0, even if it was an Inf or a NaN.
inline Vec kept_part(Vec factor, Vec v) { return factor > 0 ? factor * v : Vec{}; }

class DropoutMask {
 public:
  // p = 0 draws nothing: all stay.
  DropoutMask(Real p, Index count, const char* operation = "dropout") : random_(generator()) {
    check(p >= 0 && p < 1, operation, ": probability ", p, " is outside [0, 1)");
    bar_ = std::uint32_t(std::lround(double(p) * 65536));
    scale_ = 65536 / Real(65536 - double(bar_));
    if (p > 0) first_ = generator().reserve(std::uint64_t(count + 3) / 4);
  }

  Real factor(Index i) const {                  // 0 if number i is dropped, else 1 / (1 − p)
    return (random_.at(first_, std::uint64_t(i) / 4) >> i % 4 * 16 & 0xFFFF) < bar_ ? 0 : scale_;
  }

  // out[j] = factor(begin + j). Fast because a draw of 64 bits decides on four numbers, and because
  // draws and decisions are plain loops, which become vectors.
  void factors(Index begin, Index n, Real* out) const {
    constexpr int stretch = 128;
    Real scale = scale_;
    std::uint32_t bar = bar_;
    std::uint64_t draws[stretch / 4];
    std::uint16_t words[stretch];
    for (Index i = begin, end = begin + n, count; i < end; i += count) {
      Index skip = i % 4;
      count = std::min(stretch - skip, end - i);
      random_.fill(draws, int(skip + count + 3) / 4, first_, std::uint64_t(i) / 4);
      std::memcpy(words, draws, sizeof draws);            // little-endian: the lowest word first
      Real* to = out + (i - begin);
      for (Index k = 0; k < count; k++) to[k] = words[skip + k] < bar ? 0 : scale;
    }
  }

 private:
  std::uint64_t first_ = 0;
  std::uint32_t bar_ = 0;
  Real scale_ = 1;
  Random random_;
};

}  // namespace babelgrad
