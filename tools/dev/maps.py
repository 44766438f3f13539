"""The generated files: BOOK.md, DEPARTURES.md and, for the program, tools/places.cpp."""
from canon import TRANSLATIONS
from facts import parts

BOOK = """# The book beside the code

<!-- Written by make maps; make book fails if it is stale. -->

Every class and function that *Dive into Deep Learning* (release 1.0.3, PyTorch) defines in its
sections 9.4 to 11.7, and where ours is. Sections and titles are the book's; above the definition
the source carries the same tag, so the way back is in the code.

- *book*, *ours*: lines of code of the definition, without comments, docstrings and blank lines, and
  in C++ without lines that hold brackets only.
- *same*: how many of the statements in the book's methods have a twin in ours. Two statements are
  twins if they are equal once each language's own words are gone: `self`, types, brackets,
  semicolons; `X.f(a)` is `f(X, a)`; and a few names are translated (below). Where one has none, the
  definition says why: [DEPARTURES.md](DEPARTURES.md). In `10 + 12 of 22` the 12 have no twin in the
  code that runs: they stand in the book's own form, kept in the tests as an oracle, where ours must
  give the same but for what its notes say. The check asks for 95 % of the sum of both.
- *test*: the first that names the definition.
"""
DEPARTURES = """# Where we depart from the book

<!-- Written by make maps from the notes in the sources; make book fails if it is stale. -->

In the order of the book's sections. First the traps: what the book's code does that a port must
not do, each with the note in our code and the test that holds it.
"""
# What the book's code does that a port must not, found by running it (release 1.0.3, PyTorch).
TRAPS = {
    "D1": "In prediction the Transformer's decoder sees one token a call and counts positions "
          "from 0 each time: every generated word has position 0.",
    "D2": "The decoder's causal mask is made in training mode only: validation sees the words "
          "to come.",
    "D3": "Masked scores are -1e6, not minus infinity: a row without a valid key attends evenly "
          "to padding.",
    "D4": "The recurrent encoder runs over padding: the context is the state behind it, and "
          "depends on how long the batch is.",
    "D5": "Reading `max_examples` lines reads one more.",
    "D6": "A line counts only if it has exactly two columns: today's three-column files give no "
          "pair.",
    "D7": "The vocabulary is counted on training and validation sentences, padding included, "
          "and ids move with the data.",
    "D8": "The first lines of the file are the shortest, with few sources; demo sentences are "
          "training sentences.",
    "D9": "BLEU of one sentence, with k = 2 and weights 1/2^n, compares with no published "
          "number.",
    "D10": "Prediction always takes num_steps steps, and targets are cut to num_steps, which "
           "may lose their <eos>.",
    "D11": "The text's GRU resets the state before the product, the library's after it: weights "
           "of one are none of the other's.",
    "D12": "The Bahdanau decoder asks with the state before the step, concatenates context and "
           "embedding, and has a one-way encoder; the paper has none of this.",
    "D13": "The source's <eos> is a key like any word, and the heat map shows it among the "
           "words.",
    "D14": "The Transformer is trained without warm-up, decay or label smoothing.",
}
PLACES = """// Written by make maps; make book fails if it is stale.
#include "tools/places.h"

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


def linked(words, file, line):
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


def same(match):
    total = len(match.of.lines)
    if not total:
        return ""
    matched, forms = sum(map(bool, match.twins)), sum(map(bool, match.form_twins))
    if forms:
        return f"{matched} + {linked(forms, match.form.source.path, match.form.ours.begin)} of {total}"
    return f"{matched} of {total}"


def book_text(house):
    out = BOOK
    for number, title in CHAPTERS.items():
        rows = [(escaped(house.facts.titled(match.section)),
                 linked(f"`{match.of.name}`", match.source.path, match.ours.begin),
                 match.of.count, match.count, same(match), test_link(house.test_of(match)))
                for match in house.matches
                if match.ours and match.of.section.split(".")[0] == number]
        if rows:
            out += table(f"{number} {title}", ("section", "definition", "book", "ours", "same",
                                               "test"), rows, ("book", "ours", "same"))
    out += totals_text(house)
    places = {number: ", ".join(linked(f"{mark.file}:{mark.line}", mark.file, mark.line)
                                for mark in house.marks.equations if mark.number == number)
              for number in house.facts.equations}
    out += table("Equations", ("equation", "section", "computed at"),
                 [(f"({number})", escaped(house.facts.titled(section)), places[number])
                  for number, section in house.facts.equations.items() if places[number]])
    out += table("Left out", ("section", "definition", "why"),
                 [(escaped(house.facts.titled(section)), f"`{name}`", escaped(reason))
                  for row, section, name, reason in house.left_out])
    return out + table("Translated names", ("the book's", "ours"),
                       [(f"`{escaped(theirs)}`", f"`{escaped(ours)}`" if ours else "")
                        for theirs, ours in sorted(TRANSLATIONS.items())])


def totals_text(house):
    n, lines, matched, forms, theirs, ours = house.totals()
    *_, their_models, our_models = house.totals("models/")
    more = (f", and {forms} more in the tests' forms (together {percent(matched + forms, lines)})"
            if forms else "")
    return (f"\n## In all\n\n{n} of the book's {len(house.matches)} definitions, with {matched} of "
            f"their {lines} statements ({percent(matched, lines)}){more}. Lines of code: the book's "
            f"{theirs}, ours {ours}, {ours / max(theirs, 1):.2f} times as many; in models/ "
            f"{their_models} and {our_models}, {our_models / max(their_models, 1):.2f} times.\n")


def departures_text(house):
    out = DEPARTURES + "\n| trap | the book's code | our note | test |\n|---|---|---|---|\n"
    for trap, what in TRAPS.items():
        where = ", ".join(linked(f"{note.file}:{note.line}", note.file, note.line)
                          for note in house.marks.departures if trap in note.traps)
        test = next((test for test in house.tests if f"({trap})" in test.name), None)
        out += f"| {trap} | {escaped(what)} | {where} | {test_link(test)} |\n"
    notes = []
    for note in house.marks.departures:
        source = next(source for source in house.sources if source.path == note.file)
        d, section = source.definition_at(note.line), note.section
        tags = house.marks.tags_of(source, d) if d else []
        notes.append((tags[0].section if tags else section, d.path if d else note.file, note))
    last = None
    for section, name, note in sorted(notes, key=lambda note: parts(note[0] or "999")):
        if section != last:
            title = escaped(house.facts.titled(section)) if section else "Of no one section"
            out += f"\n## {title}\n\n"
        last = section
        out += f"- {linked(f'`{name}`', note.file, note.line)}: {escaped(note.text)}\n"
    return out


def places_text(house):
    """Where each definition and equation of the book is computed, and each line that an anchor
    names. The first of a name counts; models/ is what a reader is looking for."""
    rows = {}

    def add(key, file, line, section, anchor=False):
        title = house.facts.sections.get(section, "")
        if anchor or title:
            rows.setdefault(key, f'    {{"{key}", {{"{file}", {line},\n         '
                                 f'"{section if title else ""}", "{title}"}}}},\n')

    for match in house.matches:
        if match.ours:
            add(match.of.name, match.source.path, match.ours.begin, match.section)
    for mark in sorted(house.marks.equations, key=lambda mark: not mark.file.startswith("models/")):
        add(mark.number, mark.file, mark.line, mark.section)
    for anchor in house.anchors:
        add(anchor.key, anchor.file, anchor.line, anchor.section, anchor=True)
    return PLACES % (len(rows), "".join(rows.values()))


def maps_of(house):
    return {"BOOK.md": book_text(house), "DEPARTURES.md": departures_text(house),
            "tools/places.cpp": places_text(house)}
