// A house of three rooms beside a book of one section: all is well, until a test breaks it.
#pragma once

#include <string>
#include <vector>

#include "tools/checks/book_house.h"
#include "tools/checks/book_lines.h"
#include "tools/checks/book_traps.h"

namespace babelgrad::checks {

inline std::string hash_of(const std::string& python) {
  return line_hash(python_lines(python).at(0).text);
}

struct SmallHouse {
  std::string facts =
      "section\t11.7\tTowers\n"
      "section\t11.7.1\tStone upon Stone\n"
      "section\t11.7.2\tRoofs\n"
      "section\t11.8\tBridges\n"
      "equation\t11.7.1\t11.7.1\n"
      "equation\t11.8.1\t11.8\n"
      "definition\t11.7.1\tTower\tclass\t6\n"
      "definition\t11.7.2\troof\tfunction\t2\n"
      "definition\t11.7.2\tTower.flag\tfunction\t2\n"
      "definition\t11.8\tBridge\tclass\t3\n"
      "line\t11.7.1\tTower.__init__\t" + hash_of("self.stones = stones") + "\n"
      "line\t11.7.1\tTower.forward\t" + hash_of("height = self.stones * size") + "\n"
      "line\t11.7.1\tTower.forward\t" + hash_of("return height") + "\n"
      "line\t11.7.2\troof\t" + hash_of("return tiles * rows") + "\n"
      "line\t11.7.2\tTower.flag\t" + hash_of("return colour") + "\n";
  std::string left_out = "11.8\tBridge\tno river\n";
  std::string tower =
      "// A tower.\n"
      "#pragma once\n"
      "\n"
      "// D2L 11.7.1 Stone upon Stone. The first is the lowest.\n"
      "struct Tower {\n"
      "  int stones;\n"
      "  explicit Tower(int stones) : stones(stones) {}\n"
      "  int operator()(int size) const {\n"
      "    int height = stones * size;                 // Eq. (11.7.1)\n"
      "    return height;\n"
      "  }\n"
      "  // D2L 11.7.2 Roofs\n"
      "  int flag(int colour) const { return colour; }\n"
      "};\n";
  std::string roof =
      "#include \"models/tower.h\"\n"
      "\n"
      "// D2L 11.7.2 Roofs\n"
      "int roof(int tiles, int rows) { return tiles * rows; }\n";
  std::string traps = "int x;\n";
  std::string tests = "TEST_CASE(\"Tower: stands\") {}\n";
  std::string forms = "int z;\n";               // the book's own form of something

  SmallHouse() {
    for (const Trap& trap : book_traps()) {
      traps += "// Departs from D2L (" + trap.id + "): better.\n\n";
      tests += "TEST_CASE(\"better (" + trap.id + ")\") {}\n";
    }
  }
  House built() const {
    House house = make_house(read_facts(facts_path, facts), read_left_out(left_out_path, left_out),
                             {read_source("data/traps.h", traps),
                              read_source("models/tower.h", tower),
                              read_source("nn/roof.cpp", roof),
                              read_source("tests/models_book_tower.h", forms),
                              read_source("tests/models_tower.cpp", tests)});
    house.maps = maps_of(house);
    return house;
  }
  std::vector<std::string> breaches() const { return checks::breaches(built()); }
};

inline std::string replaced(const std::string& text, const std::string& from,
                            const std::string& to) {
  std::size_t at = text.find(from);
  if (at == std::string::npos) return "there is no " + from;
  return text.substr(0, at) + to + text.substr(at + from.size());
}

}  // namespace babelgrad::checks
