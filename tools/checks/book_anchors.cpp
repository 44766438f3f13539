#include "tools/checks/book_anchors.h"

#include <algorithm>

#include "tensor/check.h"
#include "tools/checks/book_match.h"

namespace babelgrad::checks {
namespace {

bool around(const Definition& definition, int line) {
  return definition.begin <= line && line <= definition.end;
}

// Of a definition around the line that has a tag in its comment, the innermost one's; "" if none
// has. A tag farther above is of something else.
std::string section_at(const Marks& marks, const Source& source, int line) {
  std::string section;
  for (const Definition& definition : source.definitions) {
    if (!definition.comment || !around(definition, line)) continue;
    const Tag* tag = tag_above(marks, source.path, definition.begin);
    if (tag && tag->line >= definition.comment) section = tag->section;
  }
  return section;
}

class Finder {
 public:
  Finder(const Facts& facts, const std::vector<Source>& sources, Marks& marks)
      : facts_(facts), sources_(sources), marks_(marks) {}

  bool ordered(const Anchor& anchor, const std::string& before) {
    const std::string& key = anchor.key;
    const bool taken = facts_.equation(key) ||
                       std::ranges::find(facts_.definitions, key, &BookDefinition::name) !=
                           facts_.definitions.end();
    if (taken) return wrong(anchor, key, " is the book's; would be a name of our own");
    if (key == before) return wrong(anchor, key, " a second time; would be there once");
    return key > before ||
           wrong(anchor, key, " after ", before, "; would be in the order of the alphabet");
  }

  bool find(Anchor& anchor) {
    const auto source = std::ranges::find(sources_, anchor.file, &Source::path);
    if (source == sources_.end())
      return wrong(anchor, "there is no ", anchor.file, "; would be a file of the house");
    const std::string where =
        anchor.within.empty() ? anchor.file : join(anchor.file, ", ", anchor.within, ",");
    const std::vector<int> lines = lines_with(anchor, *source);
    if (lines.empty())
      return wrong(anchor, where, " has no line with \"", anchor.text,
                   "\"; would be a piece of its code");
    if (lines.size() > 1)
      return wrong(anchor, where, " has \"", anchor.text, "\" in lines ", lines[0], " and ",
                   lines[1], "; would be in one, or in one of a definition, the fourth cell");
    anchor.line = lines[0];
    anchor.section = section_at(marks_, *source, anchor.line);
    return true;
  }

 private:
  template <class... Parts>
  bool wrong(const Anchor& anchor, const Parts&... parts) {
    marks_.malformed.push_back(join(anchors_path, ":", anchor.row, ": ", parts...));
    return false;
  }

  static std::vector<int> lines_with(const Anchor& anchor, const Source& source) {
    std::vector<int> out;
    for (int n = 1; n <= int(source.lines.size()); n++) {
      const auto meant = [&](const Definition& definition) {
        return path_of(definition) == anchor.within && around(definition, n);
      };
      const bool here = anchor.within.empty() || std::ranges::any_of(source.definitions, meant);
      if (here && source.line(n).code.find(anchor.text) != std::string::npos) out.push_back(n);
    }
    return out;
  }

  const Facts& facts_;
  const std::vector<Source>& sources_;
  Marks& marks_;
};

}  // namespace

std::vector<Anchor> read_anchors(const std::string& path, const std::string& text) {
  std::vector<Anchor> out;
  int row = 0;
  for (const std::string& line : split(text, '\n')) {
    row++;
    if (line.empty()) continue;
    const auto cells = split(line, '\t');
    const bool whole = std::ranges::none_of(cells, &std::string::empty);
    check(whole && (cells.size() == 3 || cells.size() == 4), path, ":", row,
          ": would be: key, file, text, perhaps the definition around it, parted by tabs");
    out.push_back({row, cells[0], cells[1], cells[2], cells.size() == 4 ? cells[3] : ""});
  }
  return out;
}

std::vector<Anchor> find_anchors(const std::vector<Anchor>& anchors, const Facts& facts,
                                 const std::vector<Source>& sources, Marks& marks) {
  Finder finder(facts, sources, marks);
  std::vector<Anchor> out;
  std::string before;
  for (Anchor anchor : anchors) {
    if (finder.ordered(anchor, before) && finder.find(anchor)) out.push_back(anchor);
    before = anchor.key;
  }
  return out;
}

}  // namespace babelgrad::checks
