"""What ties our sources to the book, in three forms of comment and no others:
  a tag, first in its line, above a definition: the book's name, a section's number, its title;
  then the line may end, or go on after a . or a :  One tag a line; two sections are two lines.
  an equation, Eq. and its number in brackets, anywhere in a comment.
  a departure, `Departs from` and the book's name, a colon, and what differs, to the end of that
  comment; before the colon or in the text may stand ids of traps: (D4) or (D4, D10)."""
import re
from collections import namedtuple

from facts import NUMBER, cut

BOOK, DEPARTS = "D2L ", "Departs from D2L"
TRAPS = r"\(D\d+(?:, *D\d+)*\)"

Tag = namedtuple("Tag", "file line section rest")        # rest: title and what follows it
Equation = namedtuple("Equation", "file line number section")
Departure = namedtuple("Departure", "file line traps text section")


class Marks:
    def __init__(self, sources):
        self.tags, self.equations, self.departures, self.malformed = [], [], [], []
        for source in sources:
            for line in range(1, source.length + 1):
                if source.comment[line]:
                    self.read(source, line, source.comment[line])

    def read(self, source, line, comment):
        def malformed(what):
            self.malformed.append(f"{source.path}:{line}: {what}")

        for tag in re.finditer(BOOK + r"(\d[\d.]*)", comment):
            if tag.start() > 0:
                malformed("a section within a comment; a tag begins its line, as // D2L 11.7.4 "
                          "Encoder")
                continue
            section = tag[1].rstrip(".")
            self.tags.append(Tag(source.path, line, section,
                                 comment[tag.start(1) + len(tag[1]):].strip()))
        for number in re.findall(r"Eq\. \(([^)]*\)?)", comment):
            if not number.endswith(")") or not re.fullmatch(NUMBER, number[:-1]):
                malformed(f"Eq. ({number.rstrip(')')} is no equation; would be Eq. (11.3.6)")
            else:
                self.equations.append(Equation(source.path, line, number[:-1],
                                               self.section_of(source, line, number)))
        for note in re.finditer(DEPARTS, comment):
            if not self.departure(source, line, comment[note.end():]):
                malformed("a departure says what differs: // Departs from D2L: .., or Departs from "
                          "D2L (D4): ..")
        for half in ("Departs", "Departs from", "Eq."):
            if comment.endswith(half):
                malformed(f'"{half}" and what follows it go in one line')

    def tag_above(self, file, line):
        """The nearest of that file at the line or above it."""
        return next((tag for tag in reversed(self.tags)
                     if tag.file == file and tag.line <= line), None)

    def section_of(self, source, line, number):
        """Of the nearest tag above; of several in one comment, the one of the equation's."""
        nearest = self.tag_above(source.path, line)
        at = nearest.line if nearest else 0
        while at > 0 and not source.code[at] and source.comment[at]:
            tag = self.tag_above(source.path, at)
            if tag and cut(tag.section, 2) == cut(number, 2):
                return tag.section
            at -= 1
        return nearest.section if nearest else ""

    def departure(self, source, line, text):
        head, colon, text = text.partition(":")
        end = line
        while DEPARTS not in text and continues(source, end):
            end += 1
            text += " " + source.comment[end]
        text, head = text.split(DEPARTS)[0].strip(), head.strip()
        if not (colon and text and re.fullmatch(f"({TRAPS})?", head)):
            return False
        text = f"{head} {text}".strip()
        traps = [trap for traps in re.findall(TRAPS, text) for trap in re.findall(r"D\d+", traps)]
        tag = self.tag_above(source.path, line)
        self.departures.append(Departure(source.path, line, traps, text,
                                         tag.section if tag else ""))
        return True

    def tags_of(self, source, definition):
        """In the comment above it, else above a type around it, else the nearest above."""
        def above(d):
            return [tag for tag in self.tags if tag.file == source.path and d.comment and
                    d.comment <= tag.line < d.begin]

        tags = above(definition)
        for outer in reversed(source.definitions):
            if not tags and outer.around(definition):
                tags = above(outer)
        nearest = self.tag_above(source.path, definition.begin)
        return tags or ([nearest] if nearest else [])


def continues(source, line):
    """Does its comment go on below? In the same column, without a blank line or a tag."""
    if line >= source.length:
        return False
    return (not source.code[line + 1] and source.comment[line + 1] and
            not re.match(BOOK + r"\d", source.comment[line + 1]) and
            source.text[line].rfind("//") == source.text[line + 1].rfind("//"))
