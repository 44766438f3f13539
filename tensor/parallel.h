// Threads split outputs, never a reduction: each number is computed by one thread in a fixed order,
// so the bits of a result do not depend on how many threads there are.
#pragma once

#include "tensor/shape.h"

namespace babelgrad {

void set_threads(int count);                    // 1 .. 256, else an error
int threads();
bool inside_parallel();

using Piece = void (*)(const void* body, Index begin, Index end);
void parallel_pieces(Index n, Index grain, Piece piece, const void* body);

// Calls body(begin, end) for pieces that cover 0 .. n-1. They start at multiples of `grain`, which
// is the least work worth a thread. What the body throws leaves the loop, once all pieces
// have ended. One thread or many run the same compiled copy of the body: the compiler may fuse the
// products and sums of two copies in different ways, and so change the bits.
template <class Body>
void parallel_for(Index n, Index grain, const Body& body) {
  auto piece = [](const void* at, Index begin, Index end) {
    (*static_cast<const Body*>(at))(begin, end);
  };
  parallel_pieces(n, grain, piece, &body);
}

}  // namespace babelgrad
