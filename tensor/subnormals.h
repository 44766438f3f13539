// Numbers below the smallest normal one (1.2e-38 in float) are subnormal: they have fewer digits,
// and some processors take a hundred times longer over them. The gradients of a saturated softmax
// are full of them. Every thread that computes here therefore gives 0 in their place.
#pragma once

#include <cstdint>

#ifdef __SSE__
#include <xmmintrin.h>
#endif

namespace babelgrad {

// Sets the mode of this thread, and leaves it so. Tensors and parallel loops call it: nobody else
// has to. AArch64 takes subnormal operands for 0, too. Where the processor has no such mode,
// subnormal results stay.
inline void flush_subnormals() {
#if defined(__SSE__)
  constexpr unsigned flush_to_zero = 1u << 15;  // MXCSR.FTZ
  unsigned mode = _mm_getcsr();
  if (!(mode & flush_to_zero)) _mm_setcsr(mode | flush_to_zero);
#elif defined(__aarch64__)
  constexpr std::uint64_t flush_to_zero = 1u << 24;                      // FPCR.FZ
  std::uint64_t mode;
  asm volatile("mrs %0, fpcr" : "=r"(mode));
  if (!(mode & flush_to_zero)) asm volatile("msr fpcr, %0" : : "r"(mode | flush_to_zero));
#endif
}

}  // namespace babelgrad
