#include <doctest/doctest.h>

#include "tests/checks_book_small.h"
#include "tensor/check.h"

using namespace babelgrad;
using namespace babelgrad::checks;

namespace {

using Lines = std::vector<std::string>;

// The breaches after one replacement in a small house in which all was well.
Lines after(std::string SmallHouse::*part, const std::string& from, const std::string& to) {
  SmallHouse house;
  house.*part = replaced(house.*part, from, to);
  return house.breaches();
}

}  // namespace

TEST_CASE("book: a house in order has no breach") {
  CHECK(SmallHouse().breaches() == Lines{});
  const House house = SmallHouse().built();
  const Totals all = totals(house);
  CHECK(all.definitions == 3);
  CHECK(all.lines == 5);
  CHECK(all.matched == 5);
  CHECK(all.book_count == 10);
  CHECK(all.our_count == 8);                    // Tower without flag, roof, flag: 6 + 1 + 1
}

TEST_CASE("book: a tag has the section's number and its title") {
  CHECK(after(&SmallHouse::roof, "11.7.2 Roofs", "11.7.1 Roofs") ==
        Lines{"nn/roof.cpp:3: this is not the title of 11.7.1; would be D2L 11.7.2 Roofs",
              "nn/roof.cpp:4: roof stands under no tag of its section; would be "
              "// D2L 11.7.2 Roofs"});
  CHECK(after(&SmallHouse::roof, "11.7.2 Roofs", "11.7.2 Walls") ==
        Lines{"nn/roof.cpp:3: this is not the title of 11.7.2; would be D2L 11.7.2 Roofs"});
  CHECK(after(&SmallHouse::roof, "Roofs", "Roofs of tiles") ==
        Lines{"nn/roof.cpp:3: this is not the title of 11.7.2; would be D2L 11.7.2 Roofs"});
  CHECK(after(&SmallHouse::roof, "Roofs", "Roofs: of tiles") == Lines{});
  CHECK(after(&SmallHouse::roof, "#include", "// D2L 12.1 Far\n#include") ==
        Lines{"nn/roof.cpp:1: there is no section 12.1; tools/book.tsv has those in scope"});
}

TEST_CASE("book: a section is named in a tag or not at all") {
  CHECK(after(&SmallHouse::roof, "#include", "// As in D2L 11.7.\n#include") ==
        Lines{"nn/roof.cpp:1: a section within a comment; a tag begins its line, as "
              "// D2L 11.7.4 Encoder"});
}

TEST_CASE("book: an equation exists, under a tag of its section") {
  CHECK(after(&SmallHouse::tower, "(11.7.1)", "(11.7.2)") ==
        Lines{"models/tower.h:9: Eq. (11.7.2) does not exist; 11.7 has 1 in scope"});
  CHECK(after(&SmallHouse::tower, "(11.7.1)", "(11.8.1)") ==
        Lines{"models/tower.h:9: Eq. (11.8.1) stands under D2L 11.7.1; would be under a tag of "
              "11.8"});
  CHECK(after(&SmallHouse::traps, "int x;", "int x;  // Eq. (11.7.1)") ==
        Lines{"data/traps.h:1: Eq. (11.7.1) stands under no tag; would be under one of 11.7"});
  CHECK(after(&SmallHouse::tower, "(11.7.1)", "(first)") ==
        Lines{"models/tower.h:9: Eq. (first is no equation; would be Eq. (11.3.6)"});
}

TEST_CASE("book: of two tags in one comment, the equation's counts") {
  SmallHouse house;
  house.tower = replaced(replaced(house.tower, "11.7.1)", "11.8.1)"), "// D2L 11.7.1 Stone",
                         "// D2L 11.7.1 Stone upon Stone\n// D2L 11.8 Bridges\n//");
  CHECK(house.breaches() == Lines{"models/tower.h:14: D2L 11.7.2 comes after 11.8; a header of "
                                  "models/ is in the book's order"});
}

TEST_CASE("book: what the book defines is here or left out") {
  CHECK(after(&SmallHouse::left_out, "11.8\tBridge\tno river\n", "") ==
        Lines{"tools/book.tsv:10: we have no Bridge; would be under // D2L 11.8 Bridges, or in "
              "tools/left_out.tsv with a reason"});
  CHECK(after(&SmallHouse::roof, "// D2L 11.7.2 Roofs\n", "") ==
        Lines{"nn/roof.cpp:3: roof stands under no tag of its section; would be "
              "// D2L 11.7.2 Roofs"});
}

TEST_CASE("book: what is left out is the book's, is not here, has a reason, and is listed once") {
  CHECK(after(&SmallHouse::left_out, "no river\n", "no river\n11.7.2\troof\tno rain\n") ==
        Lines{"tools/left_out.tsv:2: roof is listed as left out, but is at nn/roof.cpp:4; one of "
              "the two goes"});
  CHECK(after(&SmallHouse::left_out, "no river\n", "no river\n11.7.2\tdoor\topen\n") ==
        Lines{"tools/left_out.tsv:2: the book has no 11.7.2 door"});
  CHECK(after(&SmallHouse::left_out, "\tno river", "") ==
        Lines{"tools/left_out.tsv:1: 11.8 Bridge has no reason"});
  CHECK(after(&SmallHouse::left_out, "no river\n", "no river\n11.8\tBridge\tno river\n") ==
        Lines{"tools/left_out.tsv:2: 11.8 Bridge a second time"});
}

TEST_CASE("book: tags of one header of models/ ascend") {
  CHECK(after(&SmallHouse::tower, "#pragma once\n",
              "#pragma once\n\n// D2L 11.8 Bridges\nint y;\n") ==
        Lines{"models/tower.h:7: D2L 11.7.1 comes after 11.8; a header of models/ is in the book's "
              "order"});
}

TEST_CASE("book: a line of the book has a twin, or a departure says why") {
  const std::string line = hash_of("height = self.stones * size");
  const Lines found = after(&SmallHouse::tower, "stones * size", "size * stones");
  REQUIRE(found.size() == 2);
  CHECK(found[0] == "models/tower.h:5: the book's line " + line +
                        " of Tower.forward has no twin; would have one, or a departure says why "
                        "(checks book --lines Tower)");
  CHECK(found[1] == "tools/book.tsv:1: 4 of 5 lines of the book have a twin, 80.0 %; would be 95 % "
                    "or more");
}

TEST_CASE("book: a departure excuses a line, but not one in twenty") {
  SmallHouse house;
  house.tower = replaced(replaced(house.tower, "stones * size", "size * stones"), "  int stones;",
                         "  int stones;  // Departs from D2L: size first.");
  CHECK(house.breaches() == Lines{"tools/book.tsv:1: 4 of 5 lines of the book have a twin, 80.0 %; "
                                  "would be 95 % or more"});
}

TEST_CASE("book: one of our lines is the twin of one of the book's") {
  const std::string line = "line\t11.7.2\troof\t" + hash_of("return tiles * rows") + "\n";
  const Lines found = after(&SmallHouse::facts, line, line + line);
  REQUIRE(found.size() == 2);
  CHECK(found[0].starts_with("nn/roof.cpp:4: the book's line "));
}

TEST_CASE("book: twins are looked for in base types of the same file, and in methods elsewhere") {
  SmallHouse house;
  house.tower = replaced(house.tower, "struct Tower {", "struct Tower : Base {");
  house.tower = replaced(house.tower, "    return height;\n", "");
  CHECK(house.breaches().size() == 2);
  SmallHouse base = house, method = house;
  base.tower += "struct Base {\n  int f(int height) { return height; }\n};\n";
  CHECK(base.breaches() == Lines{});
  method.roof += "int Tower::height(int height) { return height; }\n";
  CHECK(method.breaches() == Lines{});
}

TEST_CASE("book: every trap has a note and a test") {
  CHECK(after(&SmallHouse::traps, "D2L (D7)", "D2L") ==
        Lines{"DEPARTURES.md:1: trap D7 has no note; would be // Departs from D2L (D7): .."});
  CHECK(after(&SmallHouse::tests, "(D14)", "D14") ==
        Lines{"DEPARTURES.md:1: trap D14 has no test; would be a TEST_CASE with (D14) in its "
              "name"});
  CHECK(after(&SmallHouse::traps, "int x;", "int x;  // Departs from D2L (D15): no.") ==
        Lines{"data/traps.h:1: there is no trap D15"});
}

TEST_CASE("book: a map that was not written again is stale") {
  House house = SmallHouse().built();
  house.maps["BOOK.md"] += "\n";
  house.maps.erase("tools/places.cpp");
  CHECK(breaches(house) == Lines{"BOOK.md:1: stale: run make maps",
                                 "tools/places.cpp:1: stale: run make maps"});
}
