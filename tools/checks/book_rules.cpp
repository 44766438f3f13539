// What must hold between the book and the code.
#include <algorithm>
#include <set>

#include "tensor/check.h"
#include "tools/checks/book_house.h"
#include "tools/checks/book_traps.h"

namespace babelgrad::checks {
namespace {

const double least_matched = 0.95;              // of the lines of the bodies we have, the tests'
                                                // forms of them counted in

using Breaches = std::vector<std::string>;

template <class... Parts>
void add(Breaches& out, const std::string& file, int line, const Parts&... parts) {
  out.push_back(join(file, ":", line, ": ", parts...));
}

bool begins_with_title(const std::string& rest, const std::string& title) {
  return rest == title || rest.starts_with(title + ".") || rest.starts_with(title + ":");
}

// The section of that chapter with whose title the words after a tag begin; near by if it can be.
const Section* titled_as(const Facts& facts, const std::string& rest, const std::string& number) {
  const Section* found = nullptr;
  for (const Section& section : facts.sections) {
    if (cut(section.number, 1) != cut(number, 1)) continue;
    if (!begins_with_title(rest, section.title)) continue;
    if (!found || cut(section.number, 2) == cut(number, 2)) found = &section;
  }
  return found;
}

void check_tags_of(const House& house, const Marks& marks, Breaches& out) {
  for (const Tag& tag : marks.tags) {
    const Section* section = house.facts.section(tag.section);
    if (section && begins_with_title(tag.rest, section->title)) continue;
    const Section* meant = titled_as(house.facts, tag.rest, tag.section);
    std::string right = meant ? "; would be D2L " + meant->number + " " + meant->title
                        : section ? "; would be D2L " + tag.section + " " + section->title
                                  : "; tools/book.tsv has those in scope";
    add(out, tag.file, tag.line, section ? "this is not the title of " : "there is no section ",
        tag.section, right);
  }
}

void check_tags(const House& house, Breaches& out) {
  check_tags_of(house, house.marks, out);
  check_tags_of(house, house.form_marks, out);
}

void check_equations(const House& house, Breaches& out) {
  for (const EquationMark& mark : house.marks.equations) {
    const std::string here = "Eq. (" + mark.number + ")";
    const std::string chapter = cut(mark.number, 2);
    if (!house.facts.equation(mark.number)) {
      int last = 0;
      for (const auto& e : house.facts.equations) last += cut(e.number, 2) == chapter;
      add(out, mark.file, mark.line, here, " does not exist; ", chapter, " has ", last,
          " in scope");
    } else if (mark.section.empty()) {
      add(out, mark.file, mark.line, here, " stands under no tag; would be under one of ", chapter);
    } else if (cut(mark.section, 2) != chapter) {
      add(out, mark.file, mark.line, here, " stands under D2L ", mark.section,
          "; would be under a tag of ", chapter);
    }
  }
}

const LeftOut* left_out(const House& house, const BookDefinition& book) {
  for (const LeftOut& entry : house.left_out)
    if (entry.section == book.section && entry.name == book.name) return &entry;
  return nullptr;
}

void check_definitions(const House& house, Breaches& out) {
  for (const Match& match : house.matches) {
    const BookDefinition& book = *match.book;
    const LeftOut* entry = left_out(house, book);
    if (match.ours && entry)
      add(out, left_out_path, entry->line, book.name, " is listed as left out, but is at ",
          match.source->path, ":", match.ours->begin, "; one of the two goes");
    if (match.ours || entry) continue;
    const std::string tag = "// D2L " + house.facts.titled(book.section);
    if (match.elsewhere.empty())
      add(out, facts_path, book.row, "we have no ", book.name, "; would be under ", tag, ", or in ",
          left_out_path, " with a reason");
    else
      out.push_back(join(match.elsewhere, ": ", book.name, " stands under no tag of its section",
                         "; would be ", tag));
  }
}

void check_left_out(const House& house, Breaches& out) {
  std::set<std::string> seen;
  for (const LeftOut& entry : house.left_out) {
    bool known = std::any_of(house.matches.begin(), house.matches.end(), [&](const Match& match) {
      return match.book->section == entry.section && match.book->name == entry.name;
    });
    const std::string which = entry.section + " " + entry.name;
    if (!known) add(out, left_out_path, entry.line, "the book has no ", which);
    if (entry.reason.empty()) add(out, left_out_path, entry.line, which, " has no reason");
    if (!seen.insert(which).second) add(out, left_out_path, entry.line, which, " a second time");
  }
}

void check_order(const House& house, Breaches& out) {
  const Tag* last = nullptr;
  for (const Tag& tag : house.marks.tags) {
    if (!tag.file.starts_with("models/") || !tag.file.ends_with(".h")) continue;
    if (last && last->file == tag.file && before(tag.section, last->section))
      add(out, tag.file, tag.line, "D2L ", tag.section, " comes after ", last->section,
          "; a header of models/ is in the book's order");
    last = &tag;
  }
}

void check_lines(const House& house, Breaches& out) {
  for (const Match& match : house.matches) {
    if (!match.ours || match.departs) continue;
    for (std::size_t i = 0; i < match.twins.size(); i++)
      if (!match.twins[i])
        add(out, match.source->path, match.ours->begin, "the book's line ",
            match.book->lines[i].hash, " of ", match.book->lines[i].method,
            " has no twin; would have one, or a departure says why (checks book --lines ",
            match.book->name, ")");
  }
  const Totals all = totals(house);
  const int matched = all.matched + all.in_forms;
  if (matched < least_matched * all.lines)
    add(out, facts_path, 1, matched, " of ", all.lines, " lines of the book have a twin, ",
        fixed(100.0 * matched / all.lines, 1), " %; would be 95 % or more");
}

void check_traps(const House& house, Breaches& out) {
  std::set<std::string> known, noted;
  for (const Trap& trap : book_traps()) known.insert(trap.id);
  for (const Departure& note : house.marks.departures)
    for (const std::string& id : note.traps) {
      noted.insert(id);
      if (!known.count(id)) add(out, note.file, note.line, "there is no trap ", id);
    }
  for (const Trap& trap : book_traps()) {
    if (!noted.count(trap.id))
      add(out, "DEPARTURES.md", 1, "trap ", trap.id,
          " has no note; would be // Departs from D2L (", trap.id, "): ..");
    if (!test_of_trap(house, trap.id))
      add(out, "DEPARTURES.md", 1, "trap ", trap.id, " has no test; would be a TEST_CASE with (",
          trap.id, ") in its name");
  }
}

void check_maps(const House& house, Breaches& out) {
  for (const auto& [path, text] : maps_of(house)) {
    auto there = house.maps.find(path);
    if (there == house.maps.end() || there->second != text)
      add(out, path, 1, "stale: run make maps");
  }
}

}  // namespace

std::vector<std::string> breaches(const House& house) {
  Breaches out = house.marks.malformed;
  out.insert(out.end(), house.form_marks.malformed.begin(), house.form_marks.malformed.end());
  for (auto rule : {check_tags, check_equations, check_definitions, check_left_out, check_order,
                    check_lines, check_traps, check_maps})
    rule(house, out);
  return out;
}

}  // namespace babelgrad::checks
