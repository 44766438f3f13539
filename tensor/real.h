// The one floating point type of a build: `make REAL=double` for all that is proved by numbers.
#pragma once

#ifdef __FAST_MATH__
#error "babelgrad: leave out -ffast-math (-Ofast), which takes away NaN; -O2 or -O3 is right"
#endif

namespace babelgrad {

#ifdef REAL
using Real = REAL;
#else
using Real = float;
#endif
constexpr bool is_double = sizeof(Real) == sizeof(double);

// A program and its library must agree on that type, and on no other option. The library has this
// function for its own Real, and every program asks for it, so that the linker misses it by name.
// (babelgrad.h knows its library's type, and says so before; so it does if -fopenmp is missing.)
void library_built_with(Real);
[[gnu::used]] inline void (*const library_asked_for)(Real) = library_built_with;

}  // namespace babelgrad
