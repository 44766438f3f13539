#include <doctest/doctest.h>

#include "tools/checks/book_marks.h"

using namespace babelgrad::checks;

namespace {

using Lines = std::vector<std::string>;

Marks marks(const std::string& text) { return read_marks({read_source("nn/a.h", text)}); }

}  // namespace

TEST_CASE("book marks: a tag is a number and words, first in a comment, one a line") {
  const Marks found = marks("// D2L 11.7.4 Encoder. Prose.\n// D2L 9.5 Two\nint x;  // D2L 9.6, x\n"
                            "const char* s = \"// D2L 9.7 No\";\n// As D2L does.\n");
  REQUIRE(found.tags.size() == 3);
  CHECK(found.tags[0].section == "11.7.4");
  CHECK(found.tags[0].rest == "Encoder. Prose.");
  CHECK(found.tags[1].line == 2);
  CHECK(found.tags[2].section == "9.6");
  CHECK(found.tags[2].rest == ", x");
  CHECK(found.malformed == Lines{});
  CHECK(marks("// See D2L 9.5.\n").malformed ==
        Lines{"nn/a.h:1: a section within a comment; a tag begins its line, as "
              "// D2L 11.7.4 Encoder"});
}

TEST_CASE("book marks: equations stand anywhere in a comment, several of them, too") {
  const Marks found = marks("int y;  // Eq. (9.1.1)\n// D2L 10.1 A\nint x;  // z: Eq. (10.1.1), "
                            "Eq. (10.1.2)\n");
  REQUIRE(found.equations.size() == 3);
  CHECK(found.equations[0].section == "");
  CHECK(found.equations[1].number == "10.1.1");
  CHECK(found.equations[2].number == "10.1.2");
  CHECK(found.equations[2].section == "10.1");
  CHECK(found.equations[2].line == 3);
  CHECK(marks("// Eq. (10.1\n").malformed.size() == 1);
  CHECK(marks("// By Eq.\n// (10.1.1)\n").malformed ==
        Lines{"nn/a.h:1: \"Eq.\" and what follows it go in one line"});
}

TEST_CASE("book marks: a departure goes to the end of its comment") {
  const Marks found = marks(
      "// D2L 10.1 A\n"
      "// Shapes. Departs from D2L: one\n"
      "// two.\n"
      "struct A {\n"
      "  int x;                                        // Departs from D2L (D4): three\n"
      "                                                // four.\n"
      "  // Another comment.\n"
      "  int y;  // Departs from D2L (D1, D10): five; (D2) six (Dn), (D), (D7x). "
      "Departs from D2L:\n"
      "          // seven.\n"
      "\n"
      "  // eight\n"
      "};\n");
  CHECK(found.malformed == Lines{});
  REQUIRE(found.departures.size() == 4);
  CHECK(found.departures[0].text == "one two.");
  CHECK(found.departures[0].section == "10.1");
  CHECK(found.departures[0].line == 2);
  CHECK(found.departures[0].end == 3);
  CHECK(found.departures[0].traps == Lines{});
  CHECK(found.departures[1].text == "(D4) three four.");
  CHECK(found.departures[1].traps == Lines{"D4"});
  CHECK(found.departures[2].text == "(D1, D10) five; (D2) six (Dn), (D), (D7x).");
  CHECK(found.departures[2].traps == Lines{"D1", "D10", "D2"});
  CHECK(found.departures[3].text == "seven.");
}

TEST_CASE("book marks: a departure ends before the next tag") {
  const Marks found = marks("// Departs from D2L: one.\n// D2L 10.1 A\nint x;\n");
  REQUIRE(found.departures.size() == 1);
  CHECK(found.departures[0].text == "one.");
}

TEST_CASE("book marks: a departure without words, or of a form of its own, is refused") {
  const Lines wrong = {"nn/a.h:1: a departure says what differs: // Departs from D2L: .., or "
                       "Departs from D2L (D4): .."};
  for (const char* comment : {"// Departs from D2L\n", "// Departs from D2L.\n",
                              "// Departs from D2L:\n", "// Departs from D2L (here): it does\n",
                              "// Departs from D2L in this: it does\n",
                              "// Departs from D2L (D4) here: it does\n"})
    CHECK(marks(comment).malformed == wrong);
  CHECK(marks("// This Departs\n// from D2L: no\n").malformed.size() == 1);
  CHECK(marks("// It Departs from\n// D2L: no\n").malformed.size() == 1);
}

TEST_CASE("book marks: any bytes are read") {
  for (const char* text : {"", "//", "// D2L ", "// D2L 1", "// D2L 11.", "// Eq. (", "// Eq. ()",
                           "// Departs from D2L", "// Departs from D2L (", "// Departs from D2L ()",
                           "// Departs from D2L (D", "// \xFF D2L 9\xC0", "/* D2L 9.4 A", "\0"})
    CHECK(marks(text).tags.size() < 2);
}
