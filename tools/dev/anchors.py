"""Lines that explain points to: tools/dev/anchors.tsv names each by a piece of its code, so that
a line that moves is found again, and one that is gone is an error."""
from collections import namedtuple

from facts import Error, read_rows

ANCHORS = "tools/dev/anchors.tsv"
# within: the definition meant, if others have the text, too
Anchor = namedtuple("Anchor", "key file text within line section", defaults=("", 0, ""))


def find_anchors(table, facts, sources, marks):
    """Those whose line is found. What is wrong with the others is malformed."""
    out, last = [], ""
    taken = {d.name for d in facts.definitions} | set(facts.equations)
    would_be = "key, file, text, perhaps the definition around it"
    for row, cells in read_rows(ANCHORS, table, (3, 4), would_be):
        if not all(cells):
            raise Error(f"{ANCHORS}:{row}: would be: {would_be}, parted by tabs")
        anchor = Anchor(*cells)
        source = next((source for source in sources if source.path == anchor.file), None)
        lines = lines_with(anchor, source) if source else []
        wrong = wrong_key(anchor.key, last, taken) or wrong_place(anchor, source, lines)
        if wrong:
            marks.malformed.append(f"{ANCHORS}:{row}: {wrong}")
        else:
            section = section_at(marks, source, lines[0])
            out.append(anchor._replace(line=lines[0], section=section))
        last = anchor.key
    return out


def wrong_key(key, last, taken):
    if key in taken:
        return f"{key} is the book's; would be a name of our own"
    if key == last:
        return f"{key} a second time; would be there once"
    return key < last and f"{key} after {last}; would be in the order of the alphabet"


def wrong_place(anchor, source, lines):
    if not source:
        return f"there is no {anchor.file}; would be a file of the house"
    where = f"{anchor.file}, {anchor.within}," if anchor.within else anchor.file
    if not lines:
        return f'{where} has no line with "{anchor.text}"; would be a piece of its code'
    return len(lines) > 1 and (f'{where} has "{anchor.text}" in lines {lines[0]} and {lines[1]}; '
                               "would be in one, or in one of a definition, the fourth cell")


def lines_with(anchor, source):
    meant = [d for d in source.definitions if d.path == anchor.within]
    return [line for line in range(1, source.length + 1) if anchor.text in source.code[line] and
            (not anchor.within or any(d.holds(line) for d in meant))]


def section_at(marks, source, line):
    """Of a definition around the line that has a tag in its comment, the innermost one's."""
    section = ""
    for d in source.definitions:
        tag = marks.tag_above(source.path, d.begin)
        if d.comment and d.holds(line) and tag and tag.line >= d.comment:
            section = tag.section
    return section
