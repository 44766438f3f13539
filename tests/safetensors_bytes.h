// Weight files made byte by byte, for the tests of what reads them.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "data/file.h"
#include "data/json.h"
#include "data/safetensors.h"
#include "tensor/check.h"
#include "tensor/random.h"

namespace babelgrad {

inline std::string refusal(auto action) {
  try { action(); } catch (const Error& e) { return e.what(); }
  return "accepted";
}

inline std::string why(const std::string& bytes, Checksum checksum = Checksum::optional) {
  return refusal([&] { parse_safetensors(bytes, "m.st", checksum); });
}

inline std::string with_length(std::uint64_t length, std::string_view rest) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes.append(rest);
}

inline std::string file_of(std::string_view header, int data_bytes) {
  return with_length(header.size(), header) + std::string(data_bytes, '\1');
}

// A file whose only tensor "w" has this entry.
inline std::string entry(std::string_view json, int data_bytes) {
  return file_of(join("{\"w\":", json, "}"), data_bytes);
}

const float floats[] = {1.5, -2, 3, 4, 5, std::numeric_limits<float>::quiet_NaN()};
const double doubles[] = {0.1, -1e300};
const std::int64_t longs[] = {INT64_MIN, 7};
const std::int32_t ints[] = {-5};

inline std::string small_file() {
  return to_safetensors_bytes({stored("i", {1}, ints), stored("w", {2, 3}, floats),
                               stored("n", {2}, longs), stored("d", {2}, doubles),
                               stored("none", {0, 4}, floats), stored("one", {}, doubles)},
                              {{"config", R"({"hidden":8})"}, {"é\n", "\x1b"}});
}

}  // namespace babelgrad
