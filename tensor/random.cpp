// Compiled without fusing products and sums (see the Makefile): each operation below then rounds
// as IEEE 754 says, and the numbers are the same with every compiler on every machine.
#include "tensor/random.h"

#include <cmath>
#include <numeric>

#include "tensor/check.h"

namespace babelgrad {
namespace {

// splitmix64 (Steele, Lea, Flood 2014): a bijection of 64-bit words whose output looks random.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// ln x = e ln 2 + 2 (s + s³/3 + s⁵/5 + ...), s = (m-1)/(m+1): C libraries differ in the last bit.
double log_by_series(double x) {
  int e;
  double m = std::frexp(x, &e);
  if (m < 0.70710678118654752) { m *= 2; e--; }
  double s = (m - 1) / (m + 1), s2 = s * s, sum = 0;
  for (int k = 21; k >= 1; k -= 2) sum = sum * s2 + 1.0 / k;
  return e * 0.69314718055994531 + 2 * s * sum;
}

double unit(std::uint64_t bits) { return double(bits >> 11) * 0x1p-53; }

}  // namespace

void Random::fill(std::uint64_t* out, int n, std::uint64_t first, std::uint64_t i) const {
  std::uint64_t x = mix(seed_ + 0x9E3779B97F4A7C15u) + (first + i + 1) * 0x9E3779B97F4A7C15u;
  for (int k = 0; k < n; k++, x += 0x9E3779B97F4A7C15u) out[k] = mix(x);
}

std::uint64_t Random::at(std::uint64_t first, std::uint64_t i) const {
  std::uint64_t x;
  fill(&x, 1, first, i);
  return x;
}

std::uint64_t Random::reserve(std::uint64_t count) {
  std::uint64_t first = counter_;
  counter_ += count;
  return first;
}

std::uint64_t Random::bits() { return at(reserve(1), 0); }

int Random::below(int n) {
  check(n > 0, "below: needs a positive bound, got ", n);
  std::uint64_t bound = std::uint64_t(n), skewed = (0 - bound) % bound;   // 2^64 mod n
  std::uint64_t draw = bits();
  while (draw < skewed) draw = bits();          // without these, small values are drawn more often
  return int(draw % bound);
}

Real Random::uniform() {
  return is_double ? Real(unit(bits())) : Real(float(bits() >> 40) * float(0x1p-24));
}

// Marsaglia's polar method: a point in the unit disc gives a normal number by log and sqrt alone.
Real Random::normal() {
  double x, y, s;
  do {
    x = 2 * unit(bits()) - 1;
    y = 2 * unit(bits()) - 1;
    s = x * x + y * y;
  } while (s >= 1 || s == 0);
  return Real(x * std::sqrt(-2 * log_by_series(s) / s));
}

std::vector<int> Random::permutation(int n) {
  check(n >= 0, "permutation: of ", n, " numbers");
  std::vector<int> order(n);
  std::iota(order.begin(), order.end(), 0);
  for (int i = n - 1; i > 0; i--) std::swap(order[i], order[below(i + 1)]);
  return order;
}

Random& generator() {
  thread_local constinit Random random;
  return random;
}

void manual_seed(std::uint64_t seed) { generator() = Random(seed); }

}  // namespace babelgrad
