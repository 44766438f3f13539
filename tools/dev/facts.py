"""What we know of the book: numbers, titles, names, counts and hashes, nothing of its text or code.
tools/book.tsv holds it, one fact a row."""
import re


class Error(Exception):
    pass


class BookLine:
    """text: the canonical words, only while a checkout is read, never stored."""

    def __init__(self, section, method, hash_, text=""):
        self.section, self.method, self.hash, self.text = section, method, hash_, text


class Definition:
    """A class with its methods, or a function. A method that another section adds to a class is a
    function of that section: EncoderDecoder.predict_step."""

    def __init__(self, section, name, is_class, count, row=0):
        self.section, self.name, self.is_class, self.count = section, name, is_class, count
        self.lines, self.row = [], row


class Facts:
    def __init__(self):
        self.sections, self.equations, self.definitions = {}, {}, []   # number: title or section

    def titled(self, number):
        return f"{number} {self.sections[number]}" if number in self.sections else number

    def add_line(self, section, method, hash_, text=""):
        """To the definition it belongs to; False if there is none."""
        owner, found = method.split(".")[0], None
        for d in self.definitions:
            if (d.section, d.name) == (section, method):
                found = d
                break
            if d.is_class and d.name == owner and cut(d.section, 3) == cut(section, 3):
                found = found or d
        if found:
            found.lines.append(BookLine(section, method, hash_, text))
        return bool(found)

    def text(self):
        rows = [("section", *pair) for pair in self.sections.items()]
        rows += [("equation", *pair) for pair in self.equations.items()]
        rows += [("definition", d.section, d.name, "class" if d.is_class else "function", d.count)
                 for d in self.definitions]
        rows += [("line", line.section, line.method, line.hash)
                 for d in self.definitions for line in d.lines]
        return "".join("\t".join(map(str, row)) + "\n" for row in rows)


def parts(number):
    return [int(part) for part in number.split(".")]


def cut(number, levels):
    """(11.7.3, 2) -> 11.7"""
    return ".".join(number.split(".")[:levels])


def within(number, outer):
    return (number + ".").startswith(outer + ".")


def is_number(word):
    return bool(re.fullmatch(r"\d{1,3}(\.\d{1,3})+", word))


def read_rows(path, text, sizes, would_be):
    """(number, cells) of each row that is not empty."""
    for number, line in enumerate(text.split("\n"), 1):
        cells = line.split("\t")
        if line and len(cells) not in sizes:
            raise Error(f"{path}:{number}: would be: {would_be}, parted by tabs")
        if line:
            yield number, cells


def read_facts(path, text):
    facts = Facts()
    for number, line in enumerate(text.split("\n"), 1):
        if line:
            wrong = add_row(facts, number, *line.split("\t"))
            if wrong:
                raise Error(f"{path}:{number}: {wrong}")
    return facts


def add_row(facts, row, kind, number="", *cells):
    """What is wrong with the row; None: it is one of ours."""
    sizes = {"section": 1, "equation": 1, "definition": 3, "line": 2}
    if kind not in sizes:
        return f'"{kind}" is no section, equation, definition or line'
    if len(cells) != sizes[kind]:
        return "too few or too many cells"
    if not is_number(number):
        return f'"{number}" is no number as 11.7.3'
    if kind == "section":
        if number in facts.sections:
            return f"section {number} a second time"
        facts.sections[number] = cells[0]
    elif kind == "equation":
        if cells[0] not in facts.sections:
            return f"there is no section {cells[0]}"
        facts.equations[number] = cells[0]
    elif kind == "definition":
        name, what, count = cells
        if what not in ("class", "function"):
            return "would be: definition, section, name, class or function, lines"
        if number not in facts.sections:
            return f"there is no section {number}"
        if not re.fullmatch("[1-9][0-9]*", count):
            return f'"{count}" is no number of lines'
        facts.definitions.append(Definition(number, name, what == "class", int(count), row))
    elif not re.fullmatch("[0-9a-f]{8}", cells[1]):
        return f'"{cells[1]}" is no hash of 8 digits'
    elif not facts.add_line(number, *cells):
        return f"there is no definition {number} {cells[0]}"
    return None
