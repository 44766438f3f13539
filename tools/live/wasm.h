// Read before every other file when the library is compiled for a browser: what libc++ of WASI, a
// system of one thread and without files, spells otherwise or lacks. The sources need no condition.
#pragma once

#include <charconv>
#include <cstdlib>
#include <mutex>
#include <string>

namespace std {

// One thread has nobody to wait for.
struct mutex {
  void lock() {}
  void unlock() {}
};
template <class Mutex>
struct lock_guard {
  explicit lock_guard(Mutex&) {}
};

// Of libc++ 20 on. strtod follows the locale, which under WASI is always "C".
inline from_chars_result from_chars(const char* first, const char* last, double& value) {
  const string text(first, last);
  char* end = nullptr;
  const double read = strtod(text.c_str(), &end);
  if (end == text.c_str()) return {first, errc::invalid_argument};
  value = read;
  return {first + (end - text.c_str()), errc()};
}

}  // namespace std

extern "C" int madvise(void*, size_t, int);     // advice that nobody here takes: stand_ins.cpp
