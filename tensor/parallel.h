// Threads split outputs, never a reduction: every number is computed by one thread in a fixed order,
// so the bits of a result do not depend on how many threads there are.
#pragma once

#include <algorithm>

#include "tensor/shape.h"

namespace babelgrad {

void set_threads(int count);                    // 1 .. 256, else an error
int threads();
bool inside_parallel();

// Calls body(begin, end) for pieces that cover 0 .. n-1. Pieces start at multiples of `grain`, which
// is the least work worth a thread.
template <class Body>
void parallel_for(Index n, Index grain, const Body& body) {
  Index grains = (n + grain - 1) / grain, pieces = std::min<Index>(threads(), grains);
  if (pieces <= 1 || inside_parallel()) {
    if (n > 0) body(Index(0), n);
    return;
  }
#pragma omp parallel for schedule(static) num_threads(int(pieces))
  for (Index piece = 0; piece < pieces; piece++) {
    Index begin = piece * grains / pieces * grain;
    body(begin, std::min(n, (piece + 1) * grains / pieces * grain));
  }
}

}  // namespace babelgrad
