// The one floating point type of a build: `make REAL=double` for all that is proved by numbers.
#pragma once

#ifndef REAL
#define REAL float
#endif

namespace babelgrad {

using Real = REAL;
constexpr bool is_double = sizeof(Real) == sizeof(double);

}  // namespace babelgrad
