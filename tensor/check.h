// How every room reports a mistake: one exception, one line, in the form
//   name: what is wrong, with the shapes (or file:line) and what would be right.
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

namespace babelgrad {

struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// text(x): how x is written in a message. Numbers go through std::to_chars: no locale changes them.
inline std::string text(std::string_view s) { return std::string(s); }
inline std::string text(const char* s) { return s; }
inline std::string text(bool b) { return b ? "true" : "false"; }
inline std::string text(char c) { return std::string(1, c); }

template <class Number>
  requires std::integral<Number> || std::floating_point<Number>
std::string text(Number x) {
  char buffer[64];
  if (x != x) return "nan";                     // without the sign that it may have
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, x).ptr);
}

// x with the given number of digits after the point: fixed(0.5, 2) is "0.50".
inline std::string fixed(double x, int digits) {
  if (x != x) return "nan";
  digits = std::max(digits, 0);
  std::string out(std::numeric_limits<double>::max_exponent10 + 4 + std::size_t(digits), ' ');
  char* end = std::to_chars(out.data(), out.data() + out.size(), x, std::chars_format::fixed,
                            digits).ptr;
  out.resize(end - out.data());
  return out;
}

template <class... Parts>
std::string join(const Parts&... parts) {
  return (std::string() + ... + text(parts));
}

template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  throw Error(join(parts...));
}

// check(A.dim(1) == B.dim(0), "matmul: ", A.shape(), " @ ", B.shape());
template <class... Parts>
void check(bool condition, const Parts&... parts) {
  if (!condition) [[unlikely]] fail(parts...);
}

}  // namespace babelgrad
