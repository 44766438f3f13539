// tools/places.cpp: for the program, where each definition and equation of the book is computed,
// and each line that an anchor names.
#include <set>

#include "tensor/check.h"
#include "tools/checks/book_maps.h"

namespace babelgrad::checks {
namespace {

class Table {
 public:
  explicit Table(const Facts& facts) : facts_(facts) {}

  void add(const std::string& key, const std::string& file, int line, const std::string& section) {
    const Section* found = facts_.section(section);
    if (found) add_row(key, file, line, section, found->title);
  }
  void add(const Anchor& anchor) {
    const Section* found = facts_.section(anchor.section);
    add_row(anchor.key, anchor.file, anchor.line, found ? anchor.section : "",
            found ? found->title : "");
  }
  std::string text() const {
    return join(
        R"(// Written by make maps; make book fails if it is stale.
#include "tools/places.h"

#include <array>

namespace babelgrad {
namespace {

struct Entry {
  std::string_view key;
  Place place;
};

constexpr std::array<Entry, )", keys_.size(), R"(> entries = {{
)", rows_, R"(}};

}  // namespace

const Place* place(std::string_view key) {
  for (const Entry& entry : entries)
    if (entry.key == key) return &entry.place;
  return nullptr;
}

}  // namespace babelgrad
)");
  }

 private:
  void add_row(const std::string& key, const std::string& file, int line,
               const std::string& section, const std::string& title) {
    if (!keys_.insert(key).second) return;              // the first of a name counts
    rows_ += join("    {\"", key, "\", {\"", file, "\", ", line, ",\n         \"", section,
                  "\", \"", title, "\"}},\n");
  }

  const Facts& facts_;
  std::set<std::string> keys_;
  std::string rows_;
};

}  // namespace

std::string places_text(const House& house) {
  Table table(house.facts);
  for (const Match& match : house.matches)
    if (match.ours)
      table.add(match.book->name, match.source->path, match.ours->begin, match.section);
  for (bool in_models : {true, false})          // models/ is what a reader is looking for
    for (const EquationMark& mark : house.marks.equations)
      if (mark.file.starts_with("models/") == in_models)
        table.add(mark.number, mark.file, mark.line, mark.section);
  for (const Anchor& anchor : house.anchors) table.add(anchor);
  return table.text();
}

}  // namespace babelgrad::checks
