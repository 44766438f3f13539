// The types and functions that are found in the house, against its own indentation.
#include <doctest/doctest.h>

#include "tensor/check.h"
#include "tools/checks/source.h"

using namespace babelgrad;
using namespace babelgrad::checks;

namespace {

int indent(const std::string& line) { return int(line.find_first_not_of(' ')); }

// Those within a function are its own affair.
bool in_function(const Source& source, int line) {
  for (const Definition& it : source.definitions)
    if (it.kind == Definition::function && it.begin < line && line < it.end) return true;
  return false;
}

bool opens_type(const std::string& code) {
  std::string start = code.substr(code.find_first_not_of(' '));
  return (start.starts_with("struct ") || start.starts_with("class ")) &&
         code.find('{') != std::string::npos;
}

// By the house's indentation alone: the first line below that begins with } where `line` begins.
int end_by_indent(const Source& source, int line) {
  const std::string& code = source.line(line).plain;
  if (code.find('}') != std::string::npos) return line;
  for (int i = line + 1; i <= int(source.lines.size()); i++) {
    const std::string& below = source.line(i).plain;
    if (!below.empty() && indent(below) == indent(code) && below[indent(below)] == '}') return i;
  }
  return 0;
}

}  // namespace

TEST_CASE("source: in every file of the house braces balance, and ends stand below beginnings") {
  for (const Source& source : read_sources(".")) {
    CAPTURE(source.path);
    CHECK(source.unbalanced == 0);
    for (const Definition& it : source.definitions) {
      CAPTURE(it.begin);
      CHECK(it.begin <= it.body);
      bool enumeration = source.line(it.begin).plain.find("enum ") != std::string::npos;
      if (it.end > it.body && !enumeration)
        CHECK(indent(source.line(it.end).code) == indent(source.line(it.begin).code));
    }
  }
}

TEST_CASE("source: every struct of models/ is found, from its first line to its last") {
  int found = 0;
  for (const Source& source : read_sources(".")) {
    if (!source.path.starts_with("models/")) continue;
    for (int i = 1; i <= int(source.lines.size()); i++) {
      const std::string& line = source.line(i).plain;
      if (line.empty() || !opens_type(line) || in_function(source, i)) continue;
      CAPTURE(join(source.path, ":", i));
      bool known = false;
      for (const Definition& it : source.definitions)
        known |= it.kind == Definition::type && it.body == i && it.end == end_by_indent(source, i);
      CHECK(known);
      found++;
    }
  }
  CHECK(found >= 35);
}
