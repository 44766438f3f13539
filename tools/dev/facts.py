"""What we know of the book: numbers, titles, names, counts and hashes, nothing of its text or code.
tools/dev/book.tsv holds it, one fact a row, and the lines of a method in one."""
import itertools
import re
from collections import namedtuple
from dataclasses import dataclass, field

# text: the canonical words, only while a checkout is read, never stored
BookLine = namedtuple("BookLine", "section method hash text", defaults=("",))


class Error(Exception):
    pass


@dataclass
class Definition:
    """A class with its methods, or a function. A method that another section adds to a class is a
    function of that section: EncoderDecoder.predict_step."""
    section: str
    name: str
    is_class: bool
    count: int
    row: int = 0
    lines: list = field(default_factory=list)


class Facts:
    def __init__(self):
        self.sections, self.equations, self.definitions = {}, {}, []   # number: title or section

    def titled(self, number):
        return f"{number} {self.sections[number]}" if number in self.sections else number

    def class_near(self, name, section):
        return next((d for d in self.definitions if d.is_class and d.name == name and
                     cut(d.section, 3) == cut(section, 3)), None)

    def add_line(self, section, method, *hash_and_text):
        """To the definition it belongs to; False if there is none."""
        exact = [d for d in self.definitions if (d.section, d.name) == (section, method)]
        found = exact[0] if exact else self.class_near(method.split(".")[0], section)
        if found:
            found.lines.append(BookLine(section, method, *hash_and_text))
        return bool(found)

    def text(self):
        rows = [("section", *pair) for pair in self.sections.items()]
        rows += [("equation", *pair) for pair in self.equations.items()]
        rows += [("definition", d.section, d.name, "class" if d.is_class else "function", d.count)
                 for d in self.definitions]
        for d in self.definitions:
            for of, lines in itertools.groupby(d.lines, lambda line: line[:2]):
                rows.append(("line", *of, " ".join(line.hash for line in lines)))
        return "".join("\t".join(map(str, row)) + "\n" for row in rows)


def parts(number):
    return [int(part) for part in number.split(".")]


def cut(number, levels):
    """(11.7.3, 2) -> 11.7"""
    return ".".join(number.split(".")[:levels])


def within(number, outer):
    return (number + ".").startswith(outer + ".")


def read_rows(path, text, sizes, would_be):
    """(number, cells) of each row that is not empty."""
    for number, line in enumerate(text.split("\n"), 1):
        cells = line.split("\t")
        if line and len(cells) not in sizes:
            raise Error(f"{path}:{number}: would be: {would_be}, parted by tabs")
        if line:
            yield number, cells


NUMBER = r"\d{1,3}(?:\.\d{1,3})+"
KINDS = {"section": rf"({NUMBER})\t(.+)", "equation": rf"({NUMBER})\t(.+)",
         "definition": rf"({NUMBER})\t(.+)\t(class|function)\t([1-9]\d*)",
         "line": rf"({NUMBER})\t(.+)\t([0-9a-f]{{8}}(?: [0-9a-f]{{8}})*)"}


def read_facts(path, text):
    facts = Facts()
    for row, line in enumerate(text.split("\n"), 1):
        kind, _, rest = line.partition("\t")
        cells = re.fullmatch(KINDS.get(kind, "(?!)"), rest)
        wrong = add_row(facts, row, kind, *cells.groups()) if cells else line and (
            "no row of a section, an equation, a definition or a line")
        if wrong:
            raise Error(f"{path}:{row}: {wrong}")
    return facts


def add_row(facts, row, kind, number, name, *more):
    """What is wrong with it; None: it is added."""
    if kind == "section" and number in facts.sections:
        return f"section {number} a second time"
    section = {"equation": name, "definition": number}.get(kind)
    if section and section not in facts.sections:
        return f"there is no section {section}"
    if kind in ("section", "equation"):
        getattr(facts, kind + "s")[number] = name
    elif kind == "definition":
        facts.definitions.append(Definition(number, name, more[0] == "class", int(more[1]), row))
    elif not all(facts.add_line(number, name, one) for one in more[0].split()):
        return f"there is no definition {number} {name}"
    return None
