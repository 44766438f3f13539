// Fixtures of tools/checks/style_text.cpp and style_words.cpp.
#include "tests/checks_style.h"

using namespace babelgrad;
using namespace babelgrad::checks;

TEST_CASE("style: blanks and line ends") {
  check_fixtures({
      {"blanks", {{"nn/a.h", "int x; \n\tint y;\n"}, {"README.md", "x  \ny"}},
       "README.md:1: blanks at the end, the line ends with its text\n"
       "README.md:2: a file ends with one newline after its last line\n"
       "nn/a.h:1: blanks at the end, the line ends with its text\n"
       "nn/a.h:2: a tab, indent by spaces and write \\t",
       {{"nn/a.h", "int x;\n  int y;\n"}, {"README.md", "x\ny\n"}, {"Makefile", "x:\n\ty\n"}}},
      {"blanks", {{"nn/a.h", "int x;  // one \r\n\n"}},
       "nn/a.h:1: blanks at the end, the line ends with its text\n"
       "nn/a.h:2: a file ends with one newline after its last line",
       {{"nn/a.h", "int x;  // one\n"}}},
      {"blanks", {{"nn/a.h", ""}},
       "nn/a.h:0: a file ends with one newline after its last line", {{"nn/a.h", "int x;\n"}}}});
}

TEST_CASE("style: how a file opens") {
  check_fixtures({
      {"opening comment", {{"nn/a.h", "#pragma once\n"}, {"nn/b.cpp", "#include <map>\n"}},
       "nn/a.h:1: open with a comment saying what this is\n"
       "nn/b.cpp:1: open with a comment saying what this is",
       {{"nn/a.h", "// What.\n#pragma once\n"}, {"nn/b.cpp", "// What.\n#include <map>\n"},
        {"tests/nn_a.cpp", "#include <map>\n"}}},
      {"opening comment", {{"nn/b.cpp", "#include \"nn/a.h\"\n"}, {"nn/b.h", "// B.\n"},
                           {"tests/a.cpp", "int x;\n"}, {"tests/b.h", "#pragma once\n"}},
       "nn/b.cpp:1: open with a comment saying what this is, or with its header nn/b.h\n"
       "tests/a.cpp:1: open with a comment saying what this is\n"
       "tests/b.h:1: open with a comment saying what this is",
       {{"nn/b.cpp", "#include \"nn/b.h\"\n"}}},
      {"pragma once", {{"nn/a.h", "// What.\n#include <map>\n#pragma once\n"}, {"nn/b.h", "//\n"}},
       "nn/a.h:2: #pragma once comes before any code\n"
       "nn/b.h:1: #pragma once comes before any code",
       {{"nn/a.h", "// What.\n\n# pragma once\n#include <map>\n"}, {"nn/b.cpp", "int x;\n"}}}});
}

TEST_CASE("style: no macros, and braces that balance") {
  check_fixtures({
      {"macros", {{"nn/a.h", "int x;\n  # define X 1\n"}}, "nn/a.h:2: a #define, write a function "
       "or a constant", {{"nn/a.h", "#ifdef BABELGRAD_X\n#endif  // no #define\n"},
                         {"nn/b.h", "auto x = R\"(\n#define X\n)\";\n"},
                         {"tests/main.cpp", "#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN\n"}}},
      {"braces", {{"nn/a.h", "int f() {\n  if (x) {\n}\n"}},
       "nn/a.h:1: a brace without its partner", {{"nn/a.h", "int f() {\n  if (x) {}\n}\n"}}}});
}

TEST_CASE("style: words of unfinished work, but not what is quoted") {
  check_fixtures({
      {"unfinished work", {{"nn/a.h", "int x;  // TODO: y\nint FIXME;\n"}, {"Makefile", "# XXX\n"}},
       "Makefile:1: XXX, do it, or say how it is\nnn/a.h:1: TODO, do it, or say how it is\n"
       "nn/a.h:2: FIXME, do it, or say how it is",
       {{"nn/a.h", "auto x = \"TODO\";  // TODOS\n"}, {"README.md", "no TODO\n"}}},
      {"unfinished work", {{"tools/a.py", "# HACK\n"}},
       "tools/a.py:1: HACK, do it, or say how it is",
       {{"tools/a.py", "# hack\n"}}}});
}

TEST_CASE("style: names, paths, numbers, chance and flags that are not ours") {
  check_fixtures({
      {"using namespace", {{"nn/a.h", "\nusing namespace std;\n"}},
       "nn/a.h:2: in a header, name what is used",
       {{"nn/a.h", "using std::map;\n"}, {"nn/a.cpp", "using namespace std;\n"}}},
      {"machine paths", {{"nn/a.h", "auto x = \"/home/me\";\n"}, {"Makefile", "x: # /tmp/x\n"}},
       "Makefile:1: /tmp/, a path comes from the user or the system\n"
       "nn/a.h:1: /home/, a path comes from the user or the system",
       {{"nn/a.h", "auto x = home;\n"}, {"tests/a.cpp", "auto x = \"/work/a\";\n"}}},
      {"float suffix", {{"nn/a.h", "int x;\nReal y = 1.5f;\nReal z = x ? .1F : 1e-3f;\n"}},
       "nn/a.h:2: 1.5f, write Real(1.5) or float(1.5)\n"
       "nn/a.h:3: .1F, write Real(.1) or float(.1)",
       {{"nn/a.h", "Real y = 1.5 + 0xFf + y1f + 1e-3 + Real(2);  // 2.5f\nauto z = \"1.5f\";\n"}}},
      {"float suffix", {{"nn/a.h", "Real y = 0x1p-24f;\n"}},
       "nn/a.h:1: 0x1p-24f, write Real(0x1p-24) or float(0x1p-24)",
       {{"nn/a.h", "int y = 0x1f;\n"}}},
      {"chance and time", {{"nn/a.h", "int x = std::rand();\nlong y = time(nullptr);\n"
                                      "std::random_device z;\n"}},
       "nn/a.h:1: a number nobody can have again, draw it from Random\n"
       "nn/a.h:2: a number nobody can have again, draw it from Random\n"
       "nn/a.h:3: a number nobody can have again, draw it from Random",
       {{"nn/a.h", "int x = grand();  // rand()\nlong y = step_time(nullptr);\n"}}},
      {"compiler flags", {{"Makefile", "FLAGS := -O3 -ffast-math\nX := -Ofast\n"}},
       "Makefile:1: -ffast-math, which makes isnan() false and reorders sums\n"
       "Makefile:2: -Ofast, which makes isnan() false and reorders sums",
       {{"Makefile", "# No -ffast-math\nFLAGS := -O3\n"}}}});
}
