// What the harnesses share. Each is a parser with an input of any bytes: libFuzzer changes inputs
// until they reach new code. An input is refused by an Error, or read, and then what was read holds
// together; all else (a crash, a sanitizer's report, another exception) is a finding.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/utf8.h"
#include "tensor/check.h"

namespace babelgrad::fuzz {

// --- of each harness
std::vector<std::string> seeds();               // inputs to begin with
void read(std::string_view input);

// --- for them
inline void holds(bool it, const char* what) {
  if (it) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// What parse() gives, or nothing if it refuses the input: with a message that a terminal can show.
template <class Parse>
auto accepted(Parse parse) -> std::optional<decltype(parse())> {
  try {
    return parse();
  } catch (const Error& error) {
    const std::string_view message = error.what();
    holds(!message.empty() && invalid_utf8(message) < 0, "an error is text");
    for (char c : message)
      holds(c == '\n' || (std::uint8_t(c) >= 0x20 && c != 0x7F), "an error has no control codes");
    return std::nullopt;
  }
}

inline std::vector<std::string> lines_of(std::string_view input) {
  std::vector<std::string> lines(1);
  for (char c : input) {
    if (c == '\n') lines.emplace_back();
    else lines.back() += c;
  }
  return lines;
}

}  // namespace babelgrad::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  babelgrad::fuzz::read({reinterpret_cast<const char*>(bytes), size});
  return 0;
}

// The seeds go into the corpus: the first argument that is no option.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  for (int i = 1; i < *argc; i++) {
    const std::string folder = (*argv)[i];
    if (folder.starts_with("-")) continue;
    int number = 0;
    for (const std::string& seed : babelgrad::fuzz::seeds())
      std::ofstream(folder + "/seed-" + std::to_string(number++), std::ios::binary) << seed;
    break;
  }
  return 0;
}
