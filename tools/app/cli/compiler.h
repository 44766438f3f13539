// What this program was compiled with, for every place that names it.
#pragma once

namespace babelgrad {

inline constexpr const char* compiler =
#ifdef __clang__
    "clang " __clang_version__;
#else
    "g++ " __VERSION__;
#endif

}  // namespace babelgrad
