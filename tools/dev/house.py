"""All that is held together: the book's facts, our sources and what they say of the book, the
tests, and the maps made from them."""
import os
import re
from collections import Counter, namedtuple

from anchors import ANCHORS, find_anchors
from cpp import NAME, Source
from facts import Error, read_facts, read_rows
from marks import Marks
from match import match_book
from ran import RAN, read_ran

FACTS, LEFT_OUT = "tools/dev/book.tsv", "tools/dev/left_out.tsv"
TRAPS = "models/TRAPS.md"
ROOMS = ("tensor/", "autograd/", "nn/", "models/", "data/", "tools/")

RUNS, STANDS, BESIDE, TESTS, NOWHERE = "runs", "stands", "beside", "tests", "nowhere"

TestCase = namedtuple("TestCase", "file line name")


class House:
    def __init__(self, files, facts=None):
        """files: path -> text."""
        self.files = files
        for path in (FACTS, LEFT_OUT, TRAPS):
            if path not in files:
                raise Error(f"{path}: missing")
        self.facts = facts or read_facts(FACTS, files[FACTS])
        self.left_out = [(number, cells[0], cells[1], "".join(cells[2:]).strip())
                         for number, cells in read_rows(LEFT_OUT, files[LEFT_OUT], (2, 3),
                                                        "section, name, reason")]
        # What the book's code does that a port must not: `## D1. Every ..` -> its line.
        self.traps = {head[1]: number for number, line in enumerate(files[TRAPS].split("\n"), 1)
                      if (head := re.match(r"## (D\d+)\. ", line))}
        sources = [Source(path, files[path]) for path in sorted(files)
                   if path.endswith((".h", ".cpp"))]
        self.tests = [test for source in sources if source.path.startswith("tests/")
                      for test in tests_of(source)]
        self.forms = [source for source in sources
                      if re.match(r"tests/models_book.*\.h", source.path)]
        self.sources = [source for source in sources if source.path.startswith(ROOMS)]
        self.marks, self.form_marks = Marks(self.sources), Marks(self.forms)
        self.anchors = find_anchors(files.get(ANCHORS, ""), self.facts, self.sources, self.marks)
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

    def test_of(self, match):
        """Of the tests of its room, the first that names the definition and, with the book's name
        before it, its section; else the first that names one of the two."""
        room = f"tests/{match.source.path.split('/')[0]}_"
        name = match.of.name.split(".", 1)[-1]

        def fits(test):
            names = has_word(test.name, name)
            section = any(has_word(test.name, f"D2L {number}")
                          for number in (match.of.section, match.section))
            return names and section, names, section

        tests = [test for test in self.tests if test.file.startswith(room)]
        best = max(tests, key=fits, default=None)
        return best if best and any(fits(best)) else None

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


def paths_in(root):
    """All files below it, but for hidden ones and what make and the program write."""
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name[0] != "." and name not in ("build", "runs")]
        for name in names:
            if name[0] != ".":
                yield os.path.relpath(os.path.join(folder, name), root)


def read_house(root, facts=None):
    files = {}
    for path in paths_in(root):
        if path.endswith((".h", ".cpp", ".md", ".tsv")):
            with open(os.path.join(root, path), encoding="utf-8", newline="") as file:
                files[path] = file.read()
    return House(files, facts)
