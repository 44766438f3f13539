// What this program was compiled with, for every place that names it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tensor/parallel.h"
#include "tensor/real.h"
#include "tensor/simd.h"

namespace babelgrad {

inline constexpr const char* compiler =
#ifdef __clang__
    "clang " __clang_version__;
#else
    "g++ " __VERSION__;
#endif

// As logs and pages name it, with the present number of threads.
inline std::vector<std::pair<std::string, std::string>> this_build() {
  return {{"compiler", compiler},
          {"precision", is_double ? "double" : "float"},
          {"vectors", join(lanes, lanes == 1 ? " number" : " numbers")},
          {"threads", text(threads())}};
}

}  // namespace babelgrad
