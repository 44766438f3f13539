// Random numbers from a counter: number i of a seed is a mix of the bits of (seed, i), so the whole
// state is two integers, any stretch can be filled by any thread, and all platforms draw the same.
#pragma once

#include <cstdint>
#include <vector>

#include "tensor/real.h"

namespace babelgrad {

class Random {
 public:
  constexpr explicit Random(std::uint64_t seed = 0, std::uint64_t counter = 0)
      : seed_(seed), counter_(counter) {}

  std::uint64_t bits();                         // 64 random bits
  int below(int n);                             // 0 .. n-1, all equally likely
  Real uniform();                               // in [0, 1)
  Real normal();                                // mean 0, variance 1
  std::vector<int> permutation(int n);          // 0 .. n-1, shuffled

  // `count` numbers at once: the i-th is at(first, i), first being this call's place in the stream.
  std::uint64_t reserve(std::uint64_t count);
  std::uint64_t at(std::uint64_t first, std::uint64_t i) const;
  void fill(std::uint64_t* out, int n, std::uint64_t first, std::uint64_t i) const;   // i .. i+n-1

  std::uint64_t seed() const { return seed_; }
  std::uint64_t counter() const { return counter_; }

 private:
  std::uint64_t seed_, counter_;
};

// The one that initialisers and dropout draw from. Each thread has its own, which begins with seed
// 0: what one thread draws never depends on what another does.
Random& generator();
void manual_seed(std::uint64_t seed);           // of this thread's generator

}  // namespace babelgrad
