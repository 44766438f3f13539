// A rule of the house on files in memory: what it says of bad ones, and that it is silent on good
// ones.
#pragma once

#include <doctest/doctest.h>

#include <map>

#include "tensor/check.h"
#include "tools/checks/style_rules.h"

namespace babelgrad::checks {

using Texts = std::map<std::string, std::string>;              // path -> text

inline Files house_of(const Texts& texts) {
  Files files;
  for (const auto& [path, text] : texts) files.push_back(house_file(path, text));
  return files;
}

// `path:line: what would be right`, a line for each complaint.
inline std::string told(const char* rule_name, const Texts& texts) {
  std::string lines;
  for (const Complaint& it : rule(rule_name).complaints(house_of(texts)))
    lines += join(lines.empty() ? "" : "\n", it.path, ":", it.line, ": ", it.right);
  return lines;
}

struct Fixture {
  const char* rule;
  Texts bad;
  std::string complaint;
  Texts good;                                   // the same, mended
};

inline void check_fixtures(const std::vector<Fixture>& fixtures) {
  for (const Fixture& it : fixtures) {
    CAPTURE(std::string(it.rule));
    CHECK(told(it.rule, it.bad) == it.complaint);
    CHECK(told(it.rule, it.good) == "");
  }
}

inline std::string times(int count, const std::string& line) {
  std::string text;
  for (int i = 0; i < count; i++) text += line;
  return text;
}

}  // namespace babelgrad::checks
