"""A small house for the tests of make book, and how these are run and counted."""
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "tools", "dev"))

import d2l
import maps
import ran
from canon import cpp_lines, line_hash
from cpp import Source
from house import House, RUNS


def python(code):
    return [text for _, text in d2l.python_lines(code)]


def cpp(code):
    source = Source("models/x.h", code)
    return [line.text for line in cpp_lines(source, 1, source.length)]


def hash_of(code):
    return line_hash(python(code)[0])


# A house of three rooms beside a book of one section: all is well, until a test breaks it.
TOWER = """// A tower.
#pragma once

// D2L 11.7.1 Stone upon Stone. The first is the lowest.
struct Tower {
  int stones;
  explicit Tower(int stones) : stones(stones) {}
  int operator()(int size) const {
    int height = stones * size;                 // Eq. (11.7.1)
    return height;
  }
  // D2L 11.7.2 Roofs
  int flag(int colour) const { return colour; }
};
"""
ROOF = '#include "models/tower.h"\n\n// D2L 11.7.2 Roofs\n' \
       "int roof(int tiles, int rows) { return tiles * rows; }\n"
FORM = """// D2L 11.7.1 Stone upon Stone
struct Tower {
  int operator()(int size) const { int height = stones * size; return height; }
};
"""
PLAIN = """// D2L 11.7.1 Stone upon Stone
int height_plain(int size) { int height = stones * size; return height; }
"""
STATEMENTS = (("11.7.1", "Tower.__init__", "self.stones = stones"),
              ("11.7.1", "Tower.forward", "height = self.stones * size"),
              ("11.7.1", "Tower.forward", "return height"),
              ("11.7.2", "roof", "return tiles * rows"), ("11.7.2", "Tower.flag", "return colour"))
SIZE_FIRST = {"models/tower.h": [("stones * size", "size * stones"),
                                 ("  int stones;", "  int stones;  // Departs from D2L: size.")]}


def small_files():
    rows = [(section, method, hash_of(code)) for section, method, code in STATEMENTS]
    files = {
        "tools/dev/book.tsv": "section\t11.7\tTowers\nsection\t11.7.1\tStone upon Stone\n"
                          "section\t11.7.2\tRoofs\nsection\t11.8\tBridges\n"
                          "equation\t11.7.1\t11.7.1\nequation\t11.8.1\t11.8\n"
                          "definition\t11.7.1\tTower\tclass\t6\n"
                          "definition\t11.7.2\troof\tfunction\t2\n"
                          "definition\t11.7.2\tTower.flag\tfunction\t2\n"
                          "definition\t11.8\tBridge\tclass\t3\n" +
                          "".join("\t".join(("line", *row)) + "\n" for row in rows),
        "tools/dev/left_out.tsv": "11.8\tBridge\tno river\n",
        "tools/dev/anchors.tsv": "roof.area\tnn/roof.cpp\treturn tiles\n"
                             "tower.height\tmodels/tower.h\tint height =\n",
        "models/TRAPS.md": "", "models/tower.h": TOWER, "nn/roof.cpp": ROOF,
        "data/traps.h": "int x;\n",
        "tools/app/explain/captions.cpp": 'told("Tower", "roof", "Tower.flag", "11.7.1");\n',
        "tests/models_tower.cpp": 'TEST_CASE("Tower: stands") {}\n'}
    for trap in (f"D{number}" for number in range(1, 15)):
        files["models/TRAPS.md"] += f"## {trap}. It is so\n"
        files["data/traps.h"] += f"// Departs from D2L ({trap}): better.\n\n"
        files["tests/models_tower.cpp"] += f'TEST_CASE("better ({trap})") {{}}\n'
    order = sorted(rows, key=lambda row: "flag" in row[1])
    return files | {ran.RAN: ran.text_of([((of, *row[1:]), True) for of, row in zip(
        ["11.7.1"] * 3 + ["11.7.2"] * 2, order)])}


def house(edits=None, files=None, written=True):
    """The small house after these replacements, its maps written again."""
    files = small_files() | (files or {})
    for path, pairs in (edits or {}).items():
        for old, new in pairs:
            assert old in files[path], f"there is no {old}"
            files[path] = files[path].replace(old, new, 1)
    if written:
        files |= maps.maps_of(House(files))
    return House(files)


LEAST = {RUNS: 0}
FORM_FILE, PLAIN_FILE = "tests/models_book_tower.h", "autograd/height.cpp"


def run():
    """The file's tests; the last line is as doctest has it."""
    result = unittest.TextTestRunner(verbosity=0).run(
        unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"]))
    bad = len(result.failures) + len(result.errors)
    print(f"[doctest] test cases: {result.testsRun} | {result.testsRun - bad} passed | {bad} failed"
          " | 0 skipped")
    sys.exit(bad > 0)
