"""All that is held together: the book's facts, our sources and what they say of the book, the
tests, and the maps made from them."""
import os
import re
from collections import Counter, namedtuple

from cpp import NAME, Source
from facts import Error, read_facts, read_rows
from marks import Marks
from match import match_book
from ran import RAN, read_ran

FACTS, LEFT_OUT, ANCHORS = "tools/book.tsv", "tools/left_out.tsv", "tools/anchors.tsv"
TRAPS = "tools/traps.tsv"
ROOMS = ("tensor/", "autograd/", "nn/", "models/", "data/", "tools/")

RUNS, STANDS, BESIDE, TESTS, NOWHERE = "runs", "stands", "beside", "tests", "nowhere"

TestCase = namedtuple("TestCase", "file line name")
# Lines that explain points to, each named by a piece of its code, so that one that moves is found
# again, and one that is gone is an error; within: the definition meant, if others have it too.
Anchor = namedtuple("Anchor", "row key file text within line section", defaults=("", 0, ""))


class House:
    def __init__(self, files, facts=None):
        """files: path -> text."""
        self.files = files
        self.facts = facts or read_facts(FACTS, files[FACTS])
        self.left_out = [(number, cells[0], cells[1], "".join(cells[2:]).strip())
                         for number, cells in read_rows(LEFT_OUT, files[LEFT_OUT], (2, 3),
                                                        "section, name, reason")]
        # What the book's code does that a port must not, found by running it.
        self.traps = dict(cells for row, cells in read_rows(TRAPS, files[TRAPS], (2,), "id, what"))
        sources = [Source(path, files[path]) for path in sorted(files)
                   if path.endswith((".h", ".cpp"))]
        self.tests = [test for source in sources if source.path.startswith("tests/")
                      for test in tests_of(source)]
        self.forms = [source for source in sources
                      if re.match(r"tests/models_book.*\.h", source.path)]
        self.sources = [source for source in sources if source.path.startswith(ROOMS)]
        self.marks, self.form_marks = Marks(self.sources), Marks(self.forms)
        self.anchors = list(self.find_anchors())
        self.matches = match_book(self.facts, self.sources, self.marks)
        self.ran = read_ran(files.get(RAN, ""))
        ran = {key: list(answers) for key, answers in self.ran.items()}
        self.not_in_ran = []
        for match, form in zip(self.matches, match_book(self.facts, self.forms, self.form_marks)):
            match.form = form
            match.states = [self.state(match, i, ran) for i in range(len(match.twins))]
        self.gone = [key for key, answers in ran.items() if answers]

    def state(self, match, i, ran):
        """Of a statement of the book: it RUNS, only STANDS where it could, is BESIDE a fast path,
        in the TESTS' form alone, or NOWHERE."""
        twin, line = match.twins[i], match.of.lines[i]
        if twin and not twin[0].startswith("autograd/"):
            key = (match.of.section, line.method, line.hash)
            if not ran.get(key):
                self.not_in_ran.append((match, line))
            return RUNS if ran.get(key) and ran[key].pop(0) else STANDS
        if twin or match.plain and match.plain.twins[i]:
            return BESIDE
        return TESTS if match.ours and match.form.twins[i] else NOWHERE

    def find_anchors(self):
        """Those whose line is found. What is wrong with the others is malformed."""
        last = ""
        would_be = "key, file, text, perhaps the definition around it"
        names = {d.name for d in self.facts.definitions} | set(self.facts.equations)
        for row, cells in read_rows(ANCHORS, self.files.get(ANCHORS, ""), (3, 4), would_be):
            if not all(cells):
                raise Error(f"{ANCHORS}:{row}: would be: {would_be}, parted by tabs")
            anchor = Anchor(row, *cells)
            source = next((one for one in self.sources if one.path == anchor.file), None)
            lines = lines_with(anchor, source) if source else []
            where = f"{anchor.file}, {anchor.within}," if anchor.within else anchor.file
            wrong = (
                f"{anchor.key} is the book's; would be a name of our own" if anchor.key in names
                else f"{anchor.key} a second time; would be there once" if anchor.key == last
                else f"{anchor.key} after {last}; would be in the order of the alphabet"
                if anchor.key < last
                else f"there is no {anchor.file}; would be a file of the house" if not source
                else f'{where} has no line with "{anchor.text}"; would be a piece of its code'
                if not lines
                else f'{where} has "{anchor.text}" in lines {lines[0]} and {lines[1]}; would be in '
                     "one, or in one of a definition, the fourth cell" if len(lines) > 1 else "")
            if wrong:
                self.marks.malformed.append(f"{ANCHORS}:{row}: {wrong}")
            else:
                yield anchor._replace(line=lines[0], section=self.section_at(source, lines[0]))
            last = anchor.key

    def section_at(self, source, line):
        """Of a definition around the line that has a tag in its comment, the innermost one's."""
        section = ""
        for d in source.definitions:
            tag = self.marks.tag_above(source.path, d.begin)
            if d.comment and d.holds(line) and tag and tag.line >= d.comment:
                section = tag.section
        return section

    def test_of(self, match):
        """Of the tests of its room, the first that names the definition and, with the book's name
        before it, its section; else the first that names one of the two."""
        room = f"tests/{match.source.path.split('/')[0]}_"
        name = match.of.name.split(".", 1)[-1]
        words = (name, f"D2L {match.of.section}", f"D2L {match.section}")
        named = of_section = None
        for test in self.tests:
            if test.file.startswith(room):
                names, *sections = (has_word(test.name, word) for word in words)
                if names and any(sections):
                    return test
                if names:
                    named = named or test
                if any(sections):
                    of_section = of_section or test
        return named or of_section

    def totals(self, folder=""):
        """Of the definitions we have: how many, their statements by state, the book's lines of
        code, and ours."""
        ours = [match for match in self.matches
                if match.ours and match.source.path.startswith(folder)]
        states = Counter(state for match in ours for state in match.states)
        return (len(ours), states,
                sum(match.of.count for match in ours), sum(match.count for match in ours))


def tests_of(source):
    for line in range(1, source.length + 1):
        if source.plain[line].startswith("TEST_CASE("):
            code = " ".join(source.code[line:line + 4])[len("TEST_CASE("):]
            strings = re.match(r'( *"(\\.|[^"\\])*")*', code)[0]
            name = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', strings))
            yield TestCase(source.path, line, re.sub(r"\\(.)", r"\1", name))


def has_word(text, word):
    """11.7 is not in 11.7.3."""
    return bool(re.search(rf"(?<!{NAME}){re.escape(word)}(?!{NAME}|\.\d)", text))


def lines_with(anchor, source):
    meant = [d for d in source.definitions if d.path == anchor.within]
    return [line for line in range(1, source.length + 1) if anchor.text in source.code[line] and
            (not anchor.within or any(d.holds(line) for d in meant))]


def read_house(root, facts=None):
    files = {}
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name[0] != "." and name != "build"]
        for name in names:
            if name.endswith((".h", ".cpp", ".md", ".tsv")) and name[0] != ".":
                path = os.path.relpath(os.path.join(folder, name), root)
                with open(os.path.join(root, path), encoding="utf-8", newline="") as file:
                    files[path] = file.read()
    return House(files, facts)
