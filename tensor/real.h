// The one floating point type of a build: `make REAL=double` for all that is proved by numbers.
#pragma once

namespace babelgrad {

#ifdef REAL
using Real = REAL;
#else
using Real = float;
#endif
constexpr bool is_double = sizeof(Real) == sizeof(double);

}  // namespace babelgrad
