// What a chapter's program has beside the house: print(), and a mark before each example's output.
#pragma once

#include <concepts>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "tensor/check.h"

namespace babelgrad::examples {

// Real numbers with four digits, as tensors are printed: alike in float and in double.
template <std::floating_point Number>
std::string shown(const Number& x) { return fixed(double(x), 4); }

template <class T>
std::string shown(const T& x) { return text(x); }

template <class T>
std::string shown(const std::vector<T>& items) {
  std::string out;
  for (const T& item : items) out += (out.empty() ? "" : " ") + shown(item);
  return "[" + out + "]";
}

template <class... Parts>
void print(const Parts&... parts) {             // one line, its parts without gaps
  std::puts((std::string() + ... + shown(parts)).c_str());
}

constexpr char mark = '\f';                     // then the example's line in the README

inline int current = 0;

inline void begin_example(int line) { std::printf("%c%d\n", mark, current = line); }

inline int run(void (*chapter)(), const char* path) {
  try {
    chapter();
    return 0;
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "%s:%d: %s\n", path, current, error.what());
  }
  return 1;
}

}  // namespace babelgrad::examples
