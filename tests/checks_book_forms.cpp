// The book's own form of what departs, kept in the tests: its lines count, and are shown apart.
#include <doctest/doctest.h>

#include "tests/checks_book_small.h"
#include "tools/checks/book_maps.h"
#include "tools/checks/book_show.h"

using namespace babelgrad::checks;

namespace {

using Lines = std::vector<std::string>;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Ours multiplies the other way round, and says so.
SmallHouse departing() {
  SmallHouse house;
  house.tower = replaced(replaced(house.tower, "stones * size", "size * stones"), "  int stones;",
                         "  int stones;  // Departs from D2L: size first.");
  return house;
}

// And the tests have it as the book does.
SmallHouse with_form() {
  SmallHouse house = departing();
  house.forms =
      "// The tower as the book builds it.\n"
      "#pragma once\n"
      "\n"
      "// D2L 11.7.1 Stone upon Stone\n"
      "struct Tower {\n"
      "  int operator()(int size) const {\n"
      "    int height = stones * size;\n"
      "    return height;\n"
      "  }\n"
      "};\n";
  return house;
}

}  // namespace

TEST_CASE("book forms: a line that only the tests' form has counts for the share, not for ours") {
  CHECK(departing().breaches().size() == 1);    // 80 %
  CHECK(with_form().breaches() == Lines{});
  const Totals all = totals(with_form().built());
  CHECK(all.lines == 5);
  CHECK(all.matched == 4);
  CHECK(all.in_forms == 1);
  CHECK(all.our_count == totals(departing().built()).our_count);
}

TEST_CASE("book forms: a form excuses nothing: ours still says why it departs") {
  SmallHouse house = with_form();
  house.tower = replaced(house.tower, "  // Departs from D2L: size first.", "");
  const Lines found = house.breaches();
  REQUIRE(found.size() == 1);
  CHECK(found[0].starts_with("models/tower.h:5: the book's line "));
}

TEST_CASE("book forms: a form has the section's tag, and is no home for a definition") {
  SmallHouse untagged = with_form(), wrong = with_form(), alone = with_form();
  untagged.forms = replaced(untagged.forms, "// D2L 11.7.1 Stone upon Stone\n", "");
  CHECK(untagged.breaches().size() == 1);       // 80 %
  wrong.forms = replaced(wrong.forms, "Stone upon Stone", "Roofs");
  CHECK(wrong.breaches() ==
        Lines{"tests/models_book_tower.h:4: this is not the title of 11.7.1; would be D2L 11.7.2 "
              "Roofs"});
  alone.left_out = "";
  alone.forms += "// D2L 11.8 Bridges\nstruct Bridge {};\n";
  CHECK(alone.breaches() == Lines{"tools/book.tsv:10: we have no Bridge; would be under "
                                  "// D2L 11.8 Bridges, or in tools/left_out.tsv with a reason"});
}

TEST_CASE("book forms: other headers of the tests are none") {
  House house = with_form().built();
  CHECK(house.forms.size() == 1);
  CHECK(house.sources.size() == 3);
  const House other = make_house(read_facts(facts_path, SmallHouse().facts), {},
                                 {read_source("tests/tower.h", with_form().forms),
                                  read_source("tests/models_book_tower.cpp", with_form().forms)});
  CHECK(other.forms.empty());
  CHECK(other.sources.empty());
}

TEST_CASE("book forms: BOOK.md shows both shares, places.cpp and DEPARTURES.md ours alone") {
  const House house = with_form().built();
  const std::string text = book_text(house);
  CHECK(has(text, "[`Tower`](models/tower.h#L5) | 6 | 6 | "
                  "2 + [1](tests/models_book_tower.h#L5) of 3 | "));
  CHECK(has(text, "with 4 of their 5 statements (80.0 %), and 1 more in the tests' forms (together "
                  "100.0 %). Lines of code"));
  CHECK(places_text(house) == places_text(departing().built()));
  CHECK(departures_text(house) == departures_text(departing().built()));
  CHECK(has(book_text(departing().built()), " | 2 of 3 | "));
}

TEST_CASE("book forms: --lines marks what the form alone has") {
  const std::string text = lines_text(with_form().built().matches, "Tower");
  CHECK(text.starts_with("11.7.1 Tower: models/tower.h:5 and tests/models_book_tower.h:5, "
                         "2 + 1 of 3 lines, departs\n"));
  CHECK(has(text, "    ~ " + hash_of("height = self.stones * size") + "\n"));
  CHECK(has(text, "    = " + hash_of("return height") + "\n"));
  CHECK_FALSE(has(text, "    - "));
  CHECK(has(text, "  the tests' form without a twin\n"));
}
