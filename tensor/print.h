// print(a, b, ...) writes a line: text(a), text(b) and so on, of numbers, strings, tensors, Ints,
// shapes, modules, lists of these, and whatever else has a text(); so does std::cout << x. Nothing
// is put between the parts: print(a, b) leaves no gap, print(a, " ", b) does.
#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "tensor/check.h"

namespace babelgrad {

// The numbers of a column share one form: four digits after the point, or powers of ten
// where plain numbers would fill the line, or a small one that is not 0 would look like 0.
inline bool by_powers_of_ten(double largest, double smallest) {          // sizes of those not 0
  return largest >= 1e6 || (largest > 0 && largest < 1e-3) || smallest < 0.00005;
}
inline std::string in_column(double x, bool powers_of_ten) {
  if (!std::isfinite(x)) return std::isnan(x) ? "nan" : x < 0 ? "-inf" : "inf";
  if (!powers_of_ten) return fixed(x, 4);
  char buffer[64];
  auto form = std::chars_format::scientific;
  return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, x, form, 4).ptr);
}

// What print() shows of x: real numbers as tensors show them, lists as [a b c].
template <class T>
std::string shown(const T& x) {
  if constexpr (std::floating_point<T>) {
    const double size = std::isfinite(x) && x != 0 ? std::abs(double(x)) : 1;
    return in_column(double(x), by_powers_of_ten(size, size));
  } else if constexpr (requires { text(x); }) {
    return text(x);
  } else {
    std::string items;
    for (const auto& item : x) items += (items.empty() ? "" : " ") + shown(item);
    return "[" + items + "]";
  }
}

template <class... Parts>
void print(const Parts&... parts) {             // to stdout, one line, its parts without gaps
  const std::string line = (std::string() + ... + shown(parts)) + "\n";
  std::fwrite(line.data(), 1, line.size(), stdout);
}

// An exception that nobody catches ends a program by std::abort, which would throw away what was
// printed if stdout is a file or a pipe. So that is written first, and then an Error as one line
// on stderr, `error: mul: ...`; other exceptions are told as they were before.
inline std::terminate_handler told_before = nullptr;
[[noreturn]] inline void end_by_uncaught() {
  std::fflush(stdout);                          // what std::cout has written stands there, too
  try {
    if (std::current_exception()) std::rethrow_exception(std::current_exception());
  } catch (const Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    std::abort();                               // where a debugger stops, still below the throw
  } catch (...) {}
  if (told_before) told_before();
  std::abort();
}
inline const bool ends_by_one_line = [] {
  told_before = std::set_terminate(end_by_uncaught);
  return true;
}();

}  // namespace babelgrad
