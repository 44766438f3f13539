// Fixtures of tools/checks/style_size.cpp.
#include "tests/checks_style.h"

using namespace babelgrad;
using namespace babelgrad::checks;

namespace {

std::string function(int lines) { return "int f() {\n" + times(lines - 2, "  g();\n") + "}\n"; }

std::string ratio(int comments, int code) {
  return times(comments, "// why\n") + times(code, "int x;\n");
}

}  // namespace

TEST_CASE("style: files, functions and lines are small") {
  check_fixtures({
      {"file length", {{"nn/a.h", times(501, "x\n")}}, "nn/a.h:501: 501 lines, at most 500",
       {{"nn/a.h", times(500, "x\n")}, {"BOOK.md", times(500, "x\n")}}},
      {"file length", {{"Makefile", times(502, "\n") + "x"}},
       "Makefile:503: 503 lines, at most 500", {{"Makefile", times(499, "\n") + "x"}}},
      {"function length", {{"tests/a.cpp", "\n" + function(51)}},
       "tests/a.cpp:2: f has 51 lines, at most 50", {{"tests/a.cpp", "\n" + function(50)}}},
      {"columns", {{"nn/a.h", "\n" + times(101, "x") + "\n"}, {"Makefile", times(102, "é")}},
       "Makefile:1: 102, at most 100\nnn/a.h:2: 101, at most 100",
       {{"nn/a.h", times(100, "é")}, {"a.md", times(101, "x")}, {"Makefile", times(100, "x")}}}});
}

TEST_CASE("style: the core is small, and made of small pieces") {
  Texts many;
  for (int i = 0; i < 24; i++) many[join("nn/a", i, ".h")] = times(100, "int x;\n\n") + "int x;\n";
  many["data/b.h"] = times(280, "int x;\n");
  for (int i = 0; i < 47; i++) many[join("tensor/a", i, ".h")] = times(97, "int x;\n// y\n");
  Texts fewer = many;
  fewer.erase("nn/a1.h");
  CHECK(24 * 101 + 47 * 97 == 6983);
  CHECK(told("core size", fewer) ==
        "core:0: the median file has 194 lines, below 150");
  many["tensor/b.h"] = times(518, "int x;\n");
  CHECK(told("core size", many) == "core:0: 7501 lines of code, at most 7500\n"
                                   "core:0: the median file has 194 lines, below 150");
  many["tensor/c.h"] = "auto table = R\"(\n" + times(90, "x\n") + ")\";\n";     // data, not code
  CHECK(told("core size", many).starts_with("core:0: 7503 lines of code, at most 7500\n"));
  Texts pieces = {{"nn/a.h", function(12)}, {"nn/b.h", function(13)}, {"nn/c.h", function(2)}};
  CHECK(told("core size", pieces) == "core:0: the median function has 12 lines, below 12");
  pieces["nn/a.h"] = function(11);
  CHECK(told("core size", pieces) == "");
  pieces["nn/a.h"] = pieces["nn/b.h"] = times(150, "\n");
  CHECK(told("core size", pieces) == "core:0: the median file has 150 lines, below 150");
}

TEST_CASE("style: comments are neither few nor many") {
  check_fixtures({
      {"comments", {{"nn/a.h", ratio(14, 100)}},
       "core:0: 0.14 per line of code, at least 0.15", {{"nn/a.h", ratio(15, 100)}}},
      {"comments", {{"nn/a.h", ratio(36, 100)}},
       "core:0: 0.36 per line of code, at most 0.35", {{"nn/a.h", ratio(35, 100)}}},
      {"comments", {{"data/a.h", ratio(9, 100)}, {"tests/a.h", ratio(90, 100)}},
       "data/:0: 0.09 per line of code, at least 0.10", {{"data/a.h", ratio(10, 100)}}},
      {"comments", {{"tools/checks/a.h", ratio(41, 100)}, {"nn/a.h", ratio(0, 100)}},
       "core:0: 0.00 per line of code, at least 0.15\n"
       "nn/:0: 0.00 per line of code, at least 0.10\n"
       "tools/:0: 0.41 per line of code, at most 0.40",
       {{"tools/checks/a.h", times(5, "int x;  // both\n") + ratio(0, 10)}}}});
}

TEST_CASE("style: the figures of the summary") {
  Figures it = figures(house_of({{"nn/a.h", "// why\n" + function(4)}, {"nn/b.h", function(5)},
                                 {"data/c.h", "// one\nint x;\nint y;\n"}, {"README.md", "x\n"}}));
  CHECK(it.files == 3);
  CHECK(it.core_code == 9);
  CHECK(it.median_file == 5);
  CHECK(it.median_function == 5);
  CHECK(it.core_comments == doctest::Approx(1 / 9.0).epsilon(1e-12));
  CHECK(it.comments == std::vector<std::pair<std::string, double>>{{"nn", 1 / 9.0}, {"data", 0.5}});
}
