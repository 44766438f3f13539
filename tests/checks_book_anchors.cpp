// Anchors: each is found in one line, or make book says why not; and explain's lines are theirs.
#include <map>
#include <set>

#include "nn/file.h"
#include "tests/checks_book_small.h"
#include "tests/explain_small.h"
#include "tests/folder.h"
#include "tools/checks/book_maps.h"
#include "tools/explain/way_back.h"
#include "tools/places.h"

using namespace babelgrad;
using namespace babelgrad::checks;

namespace {

using Lines = std::vector<std::string>;

// The small house with such a table, its maps written.
House with_anchors(const std::string& table, const SmallHouse& small = {}) {
  House house = make_house(
      read_facts(facts_path, small.facts), read_left_out(left_out_path, small.left_out),
      {read_source("data/traps.h", small.traps), read_source("models/tower.h", small.tower),
       read_source("nn/roof.cpp", small.roof), read_source("tests/models_tower.cpp", small.tests)},
      read_anchors(anchors_path, table));
  house.maps = maps_of(house);
  return house;
}

Lines breaches_of(const std::string& table) { return breaches(with_anchors(table)); }

const char* const good =
    "roof.area\tnn/roof.cpp\treturn tiles\n"
    "tower.height\tmodels/tower.h\tint height =\n";

// The house's own anchors by their keys, and the files they are in.
struct OwnAnchors {
  std::map<std::string, Anchor> by_key;
  std::map<std::string, Source> sources;

  OwnAnchors() {
    for (const Anchor& anchor : read_anchors(anchors_path, read_file(anchors_path))) {
      by_key[anchor.key] = anchor;
      if (!sources.count(anchor.file))
        sources[anchor.file] = read_source(anchor.file, read_file(anchor.file));
    }
  }
};

// The line that explain prints for it has the anchor's code, and opens no type.
void check_line(const OwnAnchors& own, const std::string& key) {
  CAPTURE(key);
  const Place* at = place(key);
  REQUIRE(at);
  REQUIRE(own.by_key.count(key) == 1);
  const Anchor& anchor = own.by_key.at(key);
  CHECK(at->file == anchor.file);
  const Source& source = own.sources.at(anchor.file);
  REQUIRE(at->line <= int(source.lines.size()));
  CHECK(source.line(at->line).code.find(anchor.text) != std::string::npos);
  for (const Definition& definition : source.definitions)
    if (definition.kind == Definition::type)
      CHECK((at->line < definition.begin || at->line > definition.body));
}

}  // namespace

TEST_CASE("book anchors: each has its line and the section of the tag it stands under") {
  const House house = with_anchors(good);
  CHECK(breaches(house) == Lines{});
  const std::string text = places_text(house);
  CHECK(text.find("    {\"tower.height\", {\"models/tower.h\", 9,\n"
                  "         \"11.7.1\", \"Stone upon Stone\"}},\n") != std::string::npos);
  CHECK(text.find("    {\"roof.area\", {\"nn/roof.cpp\", 4,\n"
                  "         \"11.7.2\", \"Roofs\"}},\n") != std::string::npos);
}

TEST_CASE("book anchors: a line that moved is found again") {
  SmallHouse small;
  small.tower = replaced(small.tower, "    int height", "\n\n    int height");
  const House house = with_anchors(good, small);
  CHECK(breaches(house) == Lines{});
  CHECK(places_text(house).find("{\"tower.height\", {\"models/tower.h\", 11,") !=
        std::string::npos);
}

TEST_CASE("book anchors: a text that no line has, or two lines have, is an error") {
  CHECK(breaches_of("a\tmodels/tower.h\tint depth\n") ==
        Lines{"tools/anchors.tsv:1: models/tower.h has no line with \"int depth\"; would be a "
              "piece of its code"});
  CHECK(breaches_of("a\tmodels/tower.h\tEq. (11.7.1)\n").size() == 1);   // a comment is no code
  CHECK(breaches_of("a\tmodels/tower.h\tTower\n") ==
        Lines{"tools/anchors.tsv:1: models/tower.h has \"Tower\" in lines 5 and 7; would be in "
              "one, or in one of a definition, the fourth cell"});
}

TEST_CASE("book anchors: a definition in the fourth cell says which of several is meant") {
  SmallHouse small;
  small.tower += "struct Hut {\n  int f() { int height = 1; return height; }\n};\n";
  CHECK(breaches(with_anchors(good, small)).size() == 1);
  const std::string tower = "a\tmodels/tower.h\tint height =\tTower\n";
  const std::string hut = "b\tmodels/tower.h\tint height =\tHut::f\n";
  const House house = with_anchors(tower + hut, small);
  CHECK(breaches(house) == Lines{});
  REQUIRE(house.anchors.size() == 2);
  CHECK(house.anchors[0].line == 9);
  CHECK(house.anchors[1].line == 16);
  CHECK(house.anchors[1].section == "");                   // the tag above is the tower's
  CHECK(breaches_of("a\tmodels/tower.h\tint height =\tBarn\n") ==
        Lines{"tools/anchors.tsv:1: models/tower.h, Barn, has no line with \"int height =\"; "
              "would be a piece of its code"});
}

TEST_CASE("book anchors: keys are in order, each once, and none is the book's") {
  const std::string row = "\tmodels/tower.h\tint height =\n";
  CHECK(breaches_of("a" + row + "a" + row) ==
        Lines{"tools/anchors.tsv:2: a a second time; would be there once"});
  CHECK(breaches_of("b" + row + "a" + row) ==
        Lines{"tools/anchors.tsv:2: a after b; would be in the order of the alphabet"});
  for (const std::string taken : {"Tower", "11.7.1"})
    CHECK(breaches_of(taken + row) == Lines{"tools/anchors.tsv:1: " + taken +
                                            " is the book's; would be a name of our own"});
}

TEST_CASE("book anchors: a file that is not there, and a row that is none") {
  CHECK(breaches_of("a\tmodels/barn.h\tint x\n") ==
        Lines{"tools/anchors.tsv:1: there is no models/barn.h; would be a file of the house"});
  for (const char* row : {"a\tmodels/tower.h", "a\tmodels/tower.h\t", "a", "\tb\tc", "a\tb\tc\t",
                          "a\tb\tc\td\te"})
    CHECK_THROWS_WITH_AS(read_anchors(anchors_path, row),
                         "tools/anchors.tsv:1: would be: key, file, text, perhaps the definition "
                         "around it, parted by tabs", Error);
  CHECK(read_anchors(anchors_path, "").empty());
}

TEST_CASE("book anchors: the house is read with its table, or without one") {
  const Folder root;
  const SmallHouse small;
  const auto put = [&](const std::string& file, const std::string& text) {
    make_folder(root.path + "/" + file.substr(0, file.find('/')));
    write_file_atomically(root.path + "/" + file, text);
  };
  put(left_out_path, small.left_out);
  put("models/tower.h", small.tower);
  CHECK(read_house(root.path, read_facts(facts_path, small.facts)).anchors.empty());
  put(anchors_path, "tower.height\tmodels/tower.h\tint height =\n");
  const House house = read_house(root.path, read_facts(facts_path, small.facts));
  REQUIRE(house.anchors.size() == 1);
  CHECK(house.anchors[0].line == 9);
}

TEST_CASE("book anchors: every key of every walk has its own line, and no anchor is left over") {
  const OwnAnchors own;
  std::set<std::string> used{explain::loss_place, explain::backward_place};
  every_translator([&](Translator& model) {
    for (const explain::Step& step : quiet_walk(model, three_sentences[1]).steps) {
      if (!step.caption.place.empty()) used.insert(step.caption.place);
      for (const explain::Mention& mention : step.caption.also)
        if (mention.words.starts_with("Eq.")) CHECK_MESSAGE(place(mention.place), mention.place);
        else used.insert(mention.place);
    }
  });
  for (const std::string& key : used) check_line(own, key);
  used.insert("attention.luong");               // opens a type: it ends the one before
  for (const auto& entry : own.by_key) CHECK_MESSAGE(used.count(entry.first) == 1, entry.first);
}
