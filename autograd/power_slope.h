// The slope of xⁿ, for pow with an exponent and for pow with a tensor of them.
#pragma once

#include <cmath>

#include "tensor/real.h"

namespace babelgrad {

// n xⁿ⁻¹, and 0 where that is no number or too steep for one: at x = 0 if n = 0, where it is 0 · ∞,
// and if 0 < n < 1, where the curve stands upright.
inline Real power_slope(Real x, Real n) {
  if (n == 0 || (x == 0 && n > 0 && n < 1)) return 0;
  return n * std::pow(x, n - 1);
}

}  // namespace babelgrad
