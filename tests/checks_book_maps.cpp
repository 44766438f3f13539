#include <doctest/doctest.h>

#include "tests/checks_book_small.h"
#include "tests/folder.h"
#include "tools/checks/book_maps.h"
#include "tools/checks/book_show.h"
#include "tools/places.h"

using namespace babelgrad;
using namespace babelgrad::checks;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("book maps: BOOK.md has a row for each definition, equation and omission") {
  SmallHouse small;
  small.tests += "TEST_CASE(\"D2L 11.7.2 flag: \"\n          \"a|b\") {}\nTEST_CASE(\"roof\") {}\n";
  const std::string text = book_text(small.built());
  CHECK(has(text, "\n## 11 Attention Mechanisms and Transformers\n"));
  CHECK_FALSE(has(text, "\n## 10 "));
  CHECK(has(text, "| 11.7.1 Stone upon Stone | [`Tower`](models/tower.h#L5) | 6 | 6 | 3 of 3 | "
                  "[Tower: stands](tests/models_tower.cpp#L1) |\n"));
  CHECK(has(text, "| 11.7.2 Roofs | [`Tower.flag`](models/tower.h#L13) | 2 | 1 | 1 of 1 | "
                  "[D2L 11.7.2 flag: a\\|b](tests/models_tower.cpp#L16) |\n"));
  CHECK(has(text, "| 11.7.2 Roofs | [`roof`](nn/roof.cpp#L4) | 2 | 1 | 1 of 1 |  |\n"));
  CHECK(has(text, "3 of the book's 4 definitions, with 5 of their 5 statements (100.0 %). Lines of "
                  "code: the book's 10, ours 8, 0.80 times as many; in models/ 8 and 7, "
                  "0.88 times."));
  CHECK(has(text, "| (11.7.1) | 11.7.1 Stone upon Stone | "
                  "[models/tower.h:9](models/tower.h#L9) |\n"));
  CHECK(has(text, "| 11.8 Bridges | `Bridge` | no river |\n"));
}

TEST_CASE("book maps: DEPARTURES.md has every note in the book's order, and every trap") {
  SmallHouse small;
  small.tower = replaced(small.tower, "    return height;",
                         "    // Departs from D2L: a <script>, *not* `a*b`.\n    return height;");
  small.roof = replaced(small.roof, "int roof", "// Departs from D2L (D4): flat.\nint roof");
  const std::string text = departures_text(small.built());
  CHECK(has(text, "| D4 |"));
  CHECK(has(text, "| [data/traps.h:8](data/traps.h#L8), [nn/roof.cpp:4](nn/roof.cpp#L4) | "
                  "[better (D4)](tests/models_tower.cpp#L5) |\n"));
  const std::size_t tower = text.find("\n## 11.7.1 Stone upon Stone\n\n- [`Tower::operator()`]"
                                      "(models/tower.h#L10): a \\<script>, \\*not\\* `a*b`.\n");
  const std::size_t roof = text.find("\n## 11.7.2 Roofs\n\n- [`roof`](nn/roof.cpp#L4): "
                                     "(D4) flat.\n");
  const std::size_t none = text.find("\n## Of no one section\n\n- [`data/traps.h`]");
  CHECK(tower < roof);
  CHECK(roof < none);
  CHECK(none < text.size());
}

TEST_CASE("book maps: places.cpp is a table of definitions and equations") {
  const std::string text = places_text(SmallHouse().built());
  CHECK(has(text, "std::array<Entry, 4> entries = {{\n"
                  "    {\"Tower\", {\"models/tower.h\", 5,\n"
                  "         \"11.7.1\", \"Stone upon Stone\"}},\n"));
  CHECK(has(text, "    {\"11.7.1\", {\"models/tower.h\", 9,\n"
                  "         \"11.7.1\", \"Stone upon Stone\"}},\n}};\n"));
}

TEST_CASE("book maps: the same house gives the same bytes, none too") {
  CHECK(maps_of(SmallHouse().built()) == maps_of(SmallHouse().built()));
  CHECK(has(places_text(make_house({}, {}, {})), "std::array<Entry, 0> entries = {{\n}};"));
  CHECK(has(book_text(make_house({}, {}, {})), "0 of the book's 0 definitions"));
}

TEST_CASE("book maps: words of a comment stay words in Markdown") {
  CHECK(escaped("a_b [c](d) <e> *f* g|h \\") == "a_b \\[c\\](d) \\<e> \\*f\\* g\\|h \\\\");
  CHECK(escaped("`a*b|c` d*e") == "`a*b\\|c` d\\*e");
  CHECK(escaped("a ` b") == "a \\` b");
}

TEST_CASE("book maps: --lines shows the book's lines beside ours") {
  SmallHouse small;
  small.tower = replaced(small.tower, "stones * size", "size * stones");
  const House house = small.built();
  const std::string text = lines_text(house.matches, "Tower");
  CHECK(text.starts_with("11.7.1 Tower: models/tower.h:5, 2 of 3 lines\n  Tower.__init__\n    = "));
  CHECK(has(text, "    - " + hash_of("height = self.stones * size") + "\n"));
  CHECK(has(text, "    models/tower.h:9\n"));
  CHECK(lines_text(house.matches, "Bridge") == "11.8 Bridge: not found\n");
  CHECK(has(lines_text(house.matches, "all"), "roof"));
  CHECK_THROWS_WITH_AS(lines_text(house.matches, "Castle"),
                       "book: there is no definition Castle", Error);
}

TEST_CASE("places: known names and equations have a place, others none") {
  const Place* found = place("AddNorm");
  REQUIRE(found);
  CHECK(found->file == "models/transformer.h");
  CHECK(found->section == "11.7.3");
  CHECK(found->title == "Residual Connection and Layer Normalization");
  REQUIRE(place("11.3.2"));
  CHECK(place("11.3.2")->section == "11.3.3");
  CHECK_FALSE(place("Nobody"));
  CHECK_FALSE(place(""));
}
