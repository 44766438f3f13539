"""The generated files: models/BOOK.md and, for the program, tools/app/view/places.cpp."""
from canon import TRANSLATIONS
from facts import parts
from house import BESIDE, NOWHERE, RUNS, STANDS, TESTS
from ran import of_the_program

BOOK_MAP, PLACES_MAP = "models/BOOK.md", "tools/app/view/places.cpp"

BOOK = """# The book beside the code

<!-- Written by make maps; make book fails if it is stale. -->

Every class and function that *Dive into Deep Learning* (release 1.0.3, PyTorch) defines in its
sections 9.4 to 11.7, and where ours is. Sections and titles are the book's; above the definition
the source carries the same tag, so the way back is in the code.

- *book*, *ours*: lines of code of the definition, without comments, docstrings and blank lines, and
  in C++ without lines that hold brackets only.
- *runs*, *beside*, *tests*, *of*: how many of the statements in the book's methods have a twin, and
  where. Two statements are twins if they are equal once each language's own words are gone:
  `self`, types, brackets, semicolons; `X.f(a)` is `f(X, a)`; and a few names are translated
  (below). One that *runs* stands in models/, nn/ or data/ and was seen to be executed: of the three
  models (10.6, 10.7, 11.3 to 11.7) when the program trains and translates, of all else when the
  examples of a chapter run. Tests do not count. One *beside* is in a plain definition that stands
  beside its fast path, as in [dot_attention.cpp](../autograd/dot_attention.cpp). One in *tests* is
  in the book's own form only, kept there as an oracle, where ours must give the same but for what
  its notes say.
- *test*: the first that names the definition.
"""
DEPARTURES = """
## Where we depart from the book

The notes in the sources, in the order of the book's sections. One with a D and a number avoids one
of the [fourteen traps](TRAPS.md).

"""
PLACES = """// Written by make maps; make book fails if it is stale.
#include "tools/app/view/places.h"

#include <array>

namespace babelgrad {
namespace {

struct Entry {
  std::string_view key;
  Place place;
};

constexpr std::array<Entry, %d> entries = {{
%s}};

}  // namespace

const Place* place(std::string_view key) {
  for (const Entry& entry : entries)
    if (entry.key == key) return &entry.place;
  return nullptr;
}

}  // namespace babelgrad
"""
CHAPTERS = {"9": "Recurrent Neural Networks", "10": "Modern Recurrent Neural Networks",
            "11": "Attention Mechanisms and Transformers"}
NUMBERS = ("book", "ours", "runs", "beside", "tests", "of")


def linked(words, file, line):
    """A link from models/BOOK.md."""
    file = file[len("models/"):] if file.startswith("models/") else "../" + file
    return f"[{words}]({file}#L{line})"


def escaped(words):
    """Of Markdown: words that may hold *, |, [ or <, or code between ` and `."""
    out, code = "", False
    for i, letter in enumerate(words):
        if letter == "`" and (code or "`" in words[i + 1:]):
            code = not code
        elif letter == "|" or not code and letter in "*[]<`\\":
            out += "\\"
        out += letter
    return out


def table(title, heads, rows, right=()):
    rule = "|".join("--:" if head in right else "---" for head in heads)
    return (f"\n## {title}\n\n| {' | '.join(heads)} |\n|{rule}|\n" +
            "".join(f"| {' | '.join(map(str, row))} |\n" for row in rows))


def test_link(test):
    return linked(escaped(test.name), test.file, test.line) if test else ""


def percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "none"


def counts(match):
    """Of the states of a definition's statements, as cells of a row."""
    n = len(match.of.lines)
    if not n:
        return "", "", "", ""
    beside, tests = (match.states.count(state) for state in (BESIDE, TESTS))
    plain = match if match.source.path.startswith("autograd/") else match.plain
    return (match.states.count(RUNS),
            linked(beside, plain.source.path, plain.ours.begin) if beside else "",
            linked(tests, match.form.source.path, match.form.ours.begin) if tests else "", n)


def book_text(house):
    out = BOOK
    for number, title in CHAPTERS.items():
        rows = [(escaped(house.facts.titled(match.section)),
                 linked(f"`{match.of.name}`", match.source.path, match.ours.begin),
                 match.of.count, match.count, *counts(match), test_link(house.test_of(match)))
                for match in house.matches
                if match.ours and match.of.section.split(".")[0] == number]
        if rows:
            out += table(f"{number} {title}", ("section", "definition", *NUMBERS, "test"), rows,
                         NUMBERS)
    out += others_text(house)
    places = {number: ", ".join(linked(f"{mark.file}:{mark.line}", mark.file, mark.line)
                                for mark in house.marks.equations if mark.number == number)
              for number in house.facts.equations}
    out += table("Equations", ("equation", "section", "computed at"),
                 [(f"({number})", escaped(house.facts.titled(section)), places[number])
                  for number, section in house.facts.equations.items() if places[number]])
    out += table("Left out", ("section", "definition", "why"),
                 [(escaped(house.facts.titled(section)), f"`{name}`", escaped(reason))
                  for row, section, name, reason in house.left_out])
    out += table("Translated names", ("the book's", "ours"),
                 [(f"`{escaped(theirs)}`", f"`{escaped(ours)}`" if ours else "")
                  for theirs, ours in sorted(TRANSLATIONS.items())])
    return out + totals_text(house) + departures_text(house)


def others_text(house):
    """Of each definition, the statements that do not run, and why."""
    rows = []
    for match in house.matches:
        others = [f"{match.states.count(state)} {words}" for state, words in (
            (STANDS, "not run"), (BESIDE, "beside"), (TESTS, "in tests"), (NOWHERE, "nowhere"))
            if match.ours and state in match.states]
        if others:
            why = [linked(f"{note.file}:{note.line}", note.file, note.line)
                   for note in match.departures]
            if STANDS in match.states:
                why.insert(0, "neither training nor translation comes to it" if
                           of_the_program(match.of.section) else "no chapter's example uses it")
            rows.append((f"`{match.of.name}`", ", ".join(others), ", ".join(why)))
    return ("\n## What does not run\n\nThe notes say why; all of them are "
            "[below](#where-we-depart-from-the-book).\n" +
            table("", ("definition", "statements", "why"), rows)[len("\n## \n"):])


def totals_text(house):
    n, states, theirs, ours = house.totals()
    *_, their_models, our_models = house.totals("models/")
    lines = sum(states.values())
    return (f"\n## In all\n\n{n} of the book's {len(house.matches)} definitions. Lines of code: "
            f"the book's {theirs}, ours {ours}, {ours / max(theirs, 1):.2f} times as many; in "
            f"models/ {their_models} and {our_models}, "
            f"{our_models / max(their_models, 1):.2f} times. "
            f"Of the book's {lines} statements {states[RUNS]} stand in models/, nn/ or data/ and "
            f"run ({percent(states[RUNS], lines)}), {states[BESIDE]} stand beside their fast path, "
            f"and {states[TESTS]} in tests only.\n")


def departures_text(house):
    out = DEPARTURES
    notes = []
    for note in house.marks.departures:
        source = next(source for source in house.sources if source.path == note.file)
        d, section = source.definition_at(note.line), note.section
        tags = house.marks.tags_of(source, d) if d else []
        notes.append((tags[0].section if tags else section, d.path if d else note.file, note))
    for section, name, note in sorted(notes, key=lambda note: parts(note[0] or "999")):
        title = escaped(house.facts.titled(section)) if section else "No one section"
        out += f"- {title}, {linked(f'`{name}`', note.file, note.line)}: {escaped(note.text)}\n"
    return out


def places_text(house):
    """Where each definition and equation of the book that explain names is computed, and each line
    that an anchor names. The first of a name counts; models/ is what a reader is looking for."""
    rows, told = {}, "".join(text for path, text in house.files.items()
                             if path.startswith("tools/app/explain/"))

    def add(key, file, line, section, anchor=False):
        title = house.facts.sections.get(section, "")
        if anchor or title and f'"{key}"' in told:
            head = f'    {{"{key}", {{"{file}", {line},'
            tail = f'"{section if title else ""}", "{title}"}}}},\n'
            fits = len(head) + len(tail) <= 100
            rows.setdefault(key, head + (" " if fits else "\n         ") + tail)

    for match in house.matches:
        if match.ours:
            add(match.of.name, match.source.path, match.ours.begin, match.section)
    for mark in sorted(house.marks.equations, key=lambda mark: not mark.file.startswith("models/")):
        add(mark.number, mark.file, mark.line, mark.section)
    for anchor in house.anchors:
        add(anchor.key, anchor.file, anchor.line, anchor.section, anchor=True)
    return PLACES % (len(rows), "".join(rows.values()))


def maps_of(house):
    return {BOOK_MAP: book_text(house), PLACES_MAP: places_text(house)}
