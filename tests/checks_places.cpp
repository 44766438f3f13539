// The places that explain points to: each is its anchor's line, and none is left over.
#include <map>
#include <set>
#include <sstream>

#include "data/file.h"
#include "tests/explain_small.h"
#include "tools/app/view/places.h"
#include "tools/checks/source.h"

using namespace babelgrad;
using namespace babelgrad::checks;

namespace {

struct Anchor { std::string file, text; };

// tools/dev/anchors.tsv by its keys, and the files they are in.
struct OwnAnchors {
  std::map<std::string, Anchor> by_key;
  std::map<std::string, Source> sources;

  OwnAnchors() {
    std::istringstream table(read_file("tools/dev/anchors.tsv"));
    for (std::string row; std::getline(table, row);) {
      std::istringstream cells(row);
      std::string key;
      Anchor anchor;
      std::getline(std::getline(std::getline(cells, key, '\t'), anchor.file, '\t'), anchor.text,
                   '\t');
      by_key[key] = anchor;
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

TEST_CASE("places: every key of every walk has its own line, and no anchor is left over") {
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
