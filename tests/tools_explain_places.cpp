// The places that explain points to: each is its anchor's line, and none is left over.
#include <map>
#include <set>
#include <sstream>

#include "data/file.h"
#include "tests/explain_small.h"
#include "tools/app/view/places.h"

using namespace babelgrad;

namespace {

struct Anchor { std::string file, text; };
using Anchors = std::map<std::string, Anchor>;

Anchors own_anchors() {                         // of tools/dev/anchors.tsv
  std::istringstream table(read_file("tools/dev/anchors.tsv"));
  Anchors anchors;
  for (std::string key, file, text; std::getline(table, key, '\t');) {
    std::getline(std::getline(table, file, '\t'), text);
    anchors[key] = {file, text.substr(0, text.find('\t'))};
  }
  return anchors;
}

// The line that explain prints for it has the anchor's code, and opens no type.
void check_line(const Anchors& own, const std::string& key) {
  CAPTURE(key);
  const Place* at = place(key);
  REQUIRE(at);
  REQUIRE(own.count(key) == 1);
  const Anchor& anchor = own.at(key);
  CHECK(at->file == anchor.file);
  std::istringstream source(read_file(anchor.file));
  std::string line;
  for (int i = 0; i < at->line; i++) REQUIRE(std::getline(source, line));
  CHECK(line.find(anchor.text) != std::string::npos);
  for (const char* type : {"struct ", "class ", "template <"}) CHECK(!line.starts_with(type));
}

}  // namespace

TEST_CASE("places: every key of every walk has its own line, and no anchor is left over") {
  const Anchors own = own_anchors();
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
  for (const auto& entry : own) CHECK_MESSAGE(used.count(entry.first) == 1, entry.first);
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
