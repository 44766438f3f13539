// DEPARTURES.md: where the code differs from the book, and why.
#include <algorithm>

#include "tensor/check.h"
#include "tools/checks/book_maps.h"
#include "tools/checks/book_traps.h"

namespace babelgrad::checks {
namespace {

const char* const introduction =
    R"(# Where we depart from the book

<!-- Written by make maps from the notes in the sources; make book fails if it is stale. -->

In the order of the book's sections. First the traps: what the book's code does that a port must
not do, each with the note in our code and the test that holds it.
)";

struct Note {
  const Departure* departure;
  std::string section, name;                    // "" if it has none; Seq2SeqDecoder::init_state
};

Note note_of(const House& house, const Departure& departure) {
  Note note{&departure, departure.section, departure.file};
  for (const Source& source : house.sources) {
    if (source.path != departure.file) continue;
    const Definition* definition = definition_at(source, departure.line);
    if (!definition) return note;
    auto tags = tags_of(house.marks, source, *definition);
    if (!tags.empty()) note.section = tags.front()->section;
    note.name = path_of(*definition);
  }
  return note;
}

std::vector<Note> notes_of(const House& house) {
  std::vector<Note> notes;
  for (const Departure& departure : house.marks.departures)
    notes.push_back(note_of(house, departure));
  auto later = [](const std::string& section) { return section.empty() ? "999" : section; };
  std::stable_sort(notes.begin(), notes.end(), [&](const Note& a, const Note& b) {
    return before(later(a.section), later(b.section));
  });
  return notes;
}

std::string trap_row(const House& house, const Trap& trap) {
  std::string where;
  for (const Departure& d : house.marks.departures)
    if (std::find(d.traps.begin(), d.traps.end(), trap.id) != d.traps.end())
      where += (where.empty() ? "" : ", ") + linked(join(d.file, ":", d.line), d.file, d.line);
  const TestCase* test = test_of_trap(house, trap.id);
  return join("| ", trap.id, " | ", escaped(trap.what), " | ", where, " | ",
              test ? linked(escaped(test->name), test->file, test->line) : "", " |\n");
}

std::string note_text(const Note& note) {
  const Departure& d = *note.departure;
  return join("- ", linked("`" + note.name + "`", d.file, d.line), ": ", escaped(d.text), "\n");
}

}  // namespace

std::string departures_text(const House& house) {
  std::string out = introduction;
  out += "\n| trap | the book's code | our note | test |\n|---|---|---|---|\n";
  for (const Trap& trap : book_traps()) out += trap_row(house, trap);
  const std::string none = "none";
  std::string section = none;
  for (const Note& note : notes_of(house)) {
    if (note.section != section) {
      section = note.section;
      const std::string title =
          section.empty() ? "Of no one section" : escaped(house.facts.titled(section));
      out += join("\n## ", title, "\n\n");
    }
    out += note_text(note);
  }
  return out;
}

}  // namespace babelgrad::checks
