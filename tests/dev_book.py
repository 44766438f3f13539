"""make book's checker: what must be the same line is, and every rule fails where it must."""
import contextlib
import io
import os
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "tools", "dev"))

import book
import d2l
import maps
import ran
from canon import cpp_lines, line_hash
from cpp import Source
from facts import Error, cut, parts, read_facts, within
from house import House, RUNS, STANDS, read_house
from marks import Marks


def python(code):
    return [text for _, text in d2l.python_lines(code)]


def cpp(code):
    source = Source("models/x.h", code)
    return [line.text for line in cpp_lines(source, 1, source.length)]


def hash_of(code):
    return line_hash(python(code)[0])


# The book's line, ours that is the same, and ours that is another one.
LINES = """
Y = self.addnorm1(X, X2) | Tensor Y = addnorm1(X, X2); | Tensor Y = addnorm1(X2, X);
H = torch.zeros((n, h), device=X.device) | Tensor H({n, h}); | Tensor H({h, n});
return Y.permute(1, 0, 2) | return permute(Y, {1, 0, 2}); | return permute(Y, {0, 1, 2});
score = (q * k).sum(dim=-1).exp() | Tensor score = exp(sum(q * k, {-1})); | Tensor score = exp(q);
context = enc_output[-1] | Tensor context = select(enc_output, 0, -1); | auto context = enc_output;
query = unsqueeze(hidden[-1], dim=1) | Tensor query = unsqueeze(hidden.back(), 1); | f(hidden);
context = enc_output[-2] | Tensor context = enc_output[-2]; | Tensor context = enc_output.back();
for i in range(n): pass | for (int i = 0; i < n; i++) {} | for (int i = 1; i < n; i++) {}
for i in range(1, n + 1): pass | for (int i = 1; i < n + 1; i++) {} | for (int i = 1; i < n; i++) {}
for _ in range(2): pass | for (int t = 0; t < 2; t++) {} | for (int t = 0; t < 3; t++) {}
for i, blk in enumerate(self.blks): pass | for (auto& blk : blks) {} | for (auto& b : blks) {}
xs = [f(x) for x in s] | Xs xs; for (int x : s) xs.push_back(f(x)); | Xs xs; for (int x : s) f(x);
x = a if c else b | int x = c ? a : b; | int x = c ? b : a;
if H is None: pass | if (!H) {} | if (H) {}
if H is not None: pass | if (H) {} | if (!H) {}
f, b = Hs if Hs is not None else (None, None) | auto [f, b] = Hs ? Hs : State{}; | auto [f, b] = Hs;
Hs = [None] * self.num_layers | Hs = std::vector<Tensor>(num_layers); | Hs = vector(1);
return [X, [None] * n] | return {X, std::vector<Tensor>(n)}; | return {X, n};
n = X.shape[1] | int n = X.dim(1); | int n = X.dim(0);
n = X.size(1) | int n = X.dim(1); | int n = X.size();
shape = X.shape | Shape shape = X.shape(); | Shape shape = Y.shape();
if lens.dim() == 1: pass | if (rank(lens) == 1) {} | if (lens.dim(1) == 1) {}
b, n, _ = X.shape | int b = X.dim(0), n = X.dim(1); | int b = X.dim(1), n = X.dim(0);
y = X[:, 0] | Tensor y = select(X, 1, 0); | Tensor y = select(X, 0, 0);
y = P[:, :X.shape[1], :] | Tensor y = slice(P, 1, 0, X.dim(1)); | Tensor y = slice(P, 2, 0, n);
y = P[a:b, :] | Tensor y = slice(P, 0, a, b); | Tensor y = slice(P, 1, a, b);
m = arange(n)[None, :] < l[:, None] | m = unsqueeze(arange<int>(n), 0) < unsqueeze(l, 1); | m = n;
return cat(outputs[1:], 1) | return cat(drop(outputs, 1), 1); | return cat(outputs, 1);
X[~mask] = value | X = masked_fill(X, ~mask, value); | X = masked_fill(X, mask, value);
l = super(A, self).loss(Y, averaged=False) | l = Base::loss(Y, false); | l = Base::cost(Y, false);
state[2][self.i] = kv | std::get<2>(state)[i] = kv; | std::get<1>(state)[i] = kv;
e, l = s[0], s[1] | Tensor e = std::get<0>(s); Ints l = std::get<1>(s); | Tensor e = std::get<0>(s);
if type(m) == nn.Linear: pass | if (typeid(m) == typeid(Linear)) {} | if (typeid(m) == typeid(A))
init(module.weight) | init(dynamic_cast<Linear&>(module).weight); | init(module);
X = X + self.P[:, :n, :].to(X.device) | X = X + slice(P, 1, 0, n); | X = slice(P, 1, 0, n);
return abs(x) < 1.0 | return abs(x) < 1; | return abs(x) < 2;
plot('ppl', exp(l), train=True) | plot("ppl", exp(l), true); | plot("loss", exp(l), true);
return -x**2 / 2 | return -square(x) / 2; | return -square(x);
y = y_train@w | Tensor y = matmul(y_train, w); | Tensor y = y_train * w;
x = mask(X, value=-1e6) | x = mask(X, -1e6); | x = mask(X, -1000000);
return (lambda x: exp(x)) | return [=](const Tensor& x) { return exp(x); }; | return exp;
"""


class Lines(unittest.TestCase):
    def test_the_same_line_and_others(self):
        for row in LINES.strip().splitlines():
            theirs, ours, other = row.split(" | ")
            with self.subTest(theirs):
                self.assertEqual(python(theirs), cpp(ours))
                self.assertNotEqual(python(theirs), cpp(other))

    def test_what_has_no_twin_is_not_made_one(self):
        self.assertEqual(python("P[:, :, 0::2] = torch.sin(X)"), ["P 0 2 sin X"])
        self.assertEqual(python("y = X[1, 2]"), ["y X 1 2"])
        self.assertEqual(python("return [a, b]"), ["return a b"])

    def test_ceremony_is_no_line(self):
        for code in ('def f(self, X):\n    """What."""\n    # why\n    pass\n', "raise E",
                     "self.save_hyperparameters()", "super().__init__(encoder, decoder)", "x, = x",
                     "batch = [d2l.to(a, device) for a in batch]"):
            self.assertEqual(python(code), [])
        self.assertEqual(cpp("struct A {\n  // why\n};\n"), [])

    def test_a_constructor_leaves_out_what_the_book_does(self):
        self.assertEqual(cpp("struct A {\n  Linear W_q;\n  A(int n)\n      : num_heads(num_heads), "
                             "W_q(n, num_hiddens, bias) {}\n};\n"),
                         ["W_q", "num_heads num_heads", "W_q num_hiddens bias"])

    def test_lines_that_are_cut_off_are_read(self):
        for code in ("f(", "]", ")", '"', "std::get<", "std::get<0>(x", "typeid(A", "a <", "for",
                     "for (", "if", "dynamic_cast<A&>(x", "else", "[=](", "a.", "->"):
            self.assertLessEqual(len(cpp(code)), 2)

    def test_a_hash_has_eight_digits(self):
        self.assertEqual(line_hash(""), "811c9dc5")              # FNV-1a
        self.assertEqual(line_hash("a"), "e40c292c")


class Cpp(unittest.TestCase):
    def test_types_functions_and_what_is_none(self):
        source = Source("a.h", '// D2L\ntemplate <class T>\nstruct A : B<T> {\n  enum E { x };\n'
                               '  A(int n) : n{n} { if (n) { } }\n  ~A() {}\n'
                               '  bool operator()(int a) const override { return "}"; }\n'
                               "  int n = 1'000;  // }\n};\nint A::f(std::vector<int> v) {\n"
                               'const char* s = R"(\n} "})";\n}\n#define X {\nauto y = [] {};\n')
        self.assertEqual([(d.path, d.begin, d.end) for d in source.definitions],
                         [("A", 2, 9), ("A::E", 4, 4), ("A::A", 5, 5), ("A::~A", 6, 6),
                          ("A::operator()", 7, 7), ("A::f", 10, 13)])
        self.assertEqual(source.definitions[0].comment, 1)
        self.assertEqual(source.comment[8], "}")
        self.assertEqual(source.definition_at(1).name, "A")


PAGE = '''```{.python .input}
%load_ext d2lbook.tab
```
# [**Towers**]
$$a = b$$
## Stone--Upon ~~Stone~~ ###
:begin_tab:`mxnet`
## Not here
$$c = d$$
:end_tab:
It holds: (**$$
e = f
$$**)
```{.python .input  n=5}
%%tab pytorch, mxnet
class Tower(d2l.Module):  #@save
    """A tower.

    Of stones."""
    def __init__(self, stones):
        super().__init__()
        if tab.selected('mxnet'):
            self.stones = np.stones
        elif tab.selected('pytorch', 'jax'):
            self.stones = stones
        else:
            self.stones = 1
```
### [**Height**] and Flag
```
# Not a heading
$$ neither $$
```
```{.python .input}
%%tab all
@d2l.add_to_class(Tower)  #@save
def forward(self, size,
            more):
    # Blocks
    return self.stones * size

def helper(x): return x
helper(3)
```
```{.python .input}
%%tab jax
class Other:
    pass
```
## Roofs
```{.python .input}
%%tab pytorch
@d2l.add_to_class(d2l.Tower)
def flag(self, colour):
    return colour
```
'''


def page_facts():
    return (f"section\t11.7\tTowers\nsection\t11.7.1\tStone–Upon Stone\n"
            f"section\t11.7.1.1\tHeight and Flag\nsection\t11.7.2\tRoofs\n"
            f"equation\t11.7.1\t11.7\nequation\t11.7.2\t11.7.1\n"
            f"definition\t11.7.1\tTower\tclass\t7\ndefinition\t11.7.1.1\thelper\tfunction\t1\n"
            f"definition\t11.7.2\tTower.flag\tfunction\t2\n"
            f"line\t11.7.1\tTower.__init__\t{hash_of('self.stones = stones')}\n"
            f"line\t11.7.1.1\tTower.forward\t{hash_of('return self.stones * size')}\n"
            f"line\t11.7.1.1\thelper\t{hash_of('return x')}\n"
            f"line\t11.7.2\tTower.flag\t{hash_of('return colour')}\n")


class Checkout(unittest.TestCase):
    def test_what_a_reader_of_the_pytorch_edition_sees(self):
        text = d2l.facts_of_page("towers.md", PAGE, "11.7").text()
        self.assertEqual(text, page_facts())
        self.assertEqual(read_facts("book.tsv", text).text(), text)

    def test_pages_that_make_no_sense(self):
        cell = "# A\n```{.python .input}\n"
        for page, message in (
                (cell + "%%tab all\nx = 1\n", "5: a ``` is never closed"),
                ("# A\n$$a\n", "3: a $$ is never closed"),
                ("words\n", "2: there is no heading"),
                ("# A\n### B\n", "2: a heading of level 3 cannot stand here"),
                ("# A\n# B\n", "2: a heading of level 1 cannot stand here"),
                (cell + "def f(x):\n    return x\n```\n",
                 "3: a definition in a cell without %%tab"),
                (cell + "%%tab all\nif tab.selected('jax') and x:\n    y\n```\n",
                 "4: a condition on tabs that is not understood"),
                (cell + "%%tab all\nx = = 1\n```\n", "4: invalid syntax")):
            with self.assertRaises(Error) as raised:
                d2l.facts_of_page("towers.md", page, "11.7")
            self.assertEqual(str(raised.exception), "towers.md:" + message)

    def test_one_that_is_not_whole_is_refused(self):
        scope = [("11.7", "tall", "towers.md", 4, 2, 3, 10), ("11.8", "long", "x.md", 1, 0, 0, 0)]
        for page, message in (
                (PAGE, ""), (PAGE + "## More\n", "towers.md: 5 headings, release 1.0.3 has 4"),
                (PAGE.replace("$$a = b$$", ""), "towers.md: 1 equations, release 1.0.3 has 2"),
                (PAGE.replace("def helper(x): return x", ""),
                 "towers.md: 2 definitions, release 1.0.3 has 3"),
                (PAGE.replace("            more", "more"), ""),
                (PAGE.replace("    return colour", "    x\n    return colour"),
                 "towers.md: 11 lines of definitions, release 1.0.3 has 10")):
            with tempfile.TemporaryDirectory() as root:
                for _, folder, file, *_ in scope:
                    os.mkdir(os.path.join(root, folder))
                    with open(os.path.join(root, folder, file), "w", encoding="utf-8") as out:
                        out.write(page if folder == "tall" else "# Bridges\n")
                try:
                    d2l.facts_of_checkout(root, scope)
                    self.assertEqual(message, "")
                except Error as error:
                    self.assertEqual(str(error), message + ": another edition, or not all of the "
                                                           "file")
                os.remove(os.path.join(root, "long", "x.md"))
                if not message:
                    with self.assertRaisesRegex(Error, "x.md: missing; it is section 11.8"):
                        d2l.facts_of_checkout(root, scope)
        with self.assertRaisesRegex(Error, "nowhere: no folder"):
            d2l.facts_of_checkout("nowhere")

    def test_the_scope_is_9_4_to_11_7(self):
        numbers = [entry[0] for entry in d2l.SCOPE]
        self.assertEqual(numbers, sorted(numbers, key=parts))
        self.assertEqual((numbers[0], numbers[-1]), ("9.4", "11.7"))
        self.assertEqual(sum(entry[5] for entry in d2l.SCOPE), 55)

    def test_rows_that_are_none_of_ours(self):
        section = "section\t9.4\tA\n"
        none = "no row of a section, an equation, a definition or a line"
        for text, message in (
                ("prose\tof the book\n", f"1: {none}"), ("section\t9.4\n", f"1: {none}"),
                ("section\tnine\tA\n", f"1: {none}"),
                (section + section, "2: section 9.4 a second time"),
                (section + "equation\t9.4.1\t9.5\n", "2: there is no section 9.5"),
                (section + "definition\t9.5\tA\tclass\t1\n", "2: there is no section 9.5"),
                (section + "definition\t9.4\tA\tclass\tmany\n", f"2: {none}"),
                (section + "definition\t9.4\tA\tstruct\t1\n", f"2: {none}"),
                (section + "line\t9.4\tA.f\tself.x = x\n", f"2: {none}"),
                (section + "line\t9.4\tA.f\t01234567\n", "2: there is no definition 9.4 A.f")):
            with self.assertRaises(Error) as raised:
                read_facts("t", text)
            self.assertEqual(str(raised.exception), "t:" + message)

    def test_numbers_are_compared_as_numbers(self):
        self.assertLess(parts("9.5.2"), parts("10.1"))
        self.assertFalse(parts("10.10") < parts("10.9"))
        self.assertTrue(within("11.7.1", "11.7") and not within("11.70", "11.7"))
        self.assertEqual((cut("11.7.3.1", 2), cut("11.7", 3)), ("11.7", "11.7"))


class InComments(unittest.TestCase):
    @staticmethod
    def marks(text):
        return Marks([Source("nn/a.h", text)])

    def test_a_tag_comes_first_and_has_a_number(self):
        marks = self.marks("// D2L 11.7.4 Encoder. Prose.\n// D2L 9.5 Two\nint x;  // D2L 9.6, x\n"
                           'const char* s = "// D2L 9.7 No";\n// As D2L does.\n')
        self.assertEqual([tag[1:] for tag in marks.tags],
                         [(1, "11.7.4", "Encoder. Prose."), (2, "9.5", "Two"), (3, "9.6", ", x")])
        self.assertEqual(marks.malformed, [])

    def test_several_equations_in_a_comment(self):
        marks = self.marks("int y;  // Eq. (9.1.1)\n// D2L 10.1 A\nint x;  // z: Eq. (10.1.1), Eq. "
                           "(10.1.2)\n")
        self.assertEqual([mark[1:] for mark in marks.equations],
                         [(1, "9.1.1", ""), (3, "10.1.1", "10.1"), (3, "10.1.2", "10.1")])

    def test_a_departure_goes_to_the_end_of_its_comment(self):
        marks = self.marks(
            "// D2L 10.1 A\n// Shapes. Departs from D2L: one\n// two.\nstruct A {\n"
            "  int x;    // Departs from D2L (D4): three\n            // four.\n"
            "  // Another comment.\n  int y;  // Departs from D2L (D1, D10): five; (D2) six (Dn), "
            "(D), (D7x). Departs from D2L:\n          // seven.\n\n  // eight\n};\n"
            "// Departs from D2L: nine.\n// D2L 10.2 B\n")
        self.assertEqual(marks.malformed, [])
        self.assertEqual([(note.line, note.traps, note.text) for note in marks.departures],
                         [(2, [], "one two."), (5, ["D4"], "(D4) three four."),
                          (8, ["D1", "D10", "D2"], "(D1, D10) five; (D2) six (Dn), (D), (D7x)."),
                          (8, [], "seven."), (13, [], "nine.")])

    def test_what_is_malformed(self):
        says = ("a departure says what differs: // Departs from D2L: .., or Departs from D2L (D4): "
                "..")
        tag = "a section within a comment; a tag begins its line, as // D2L 11.7.4 Encoder"
        for text, what in (
                ("// See D2L 9.5.", tag), ("// Departs from D2L", says),
                ("// Departs from D2L.", says), ("// Departs from D2L:", says),
                ("// Departs from D2L (here): it does", says),
                ("// Departs from D2L in this: it does", says),
                ("// Departs from D2L (D4) here: it does", says),
                ("// Eq. (10.1", "Eq. (10.1 is no equation; would be Eq. (11.3.6)"),
                ("// By Eq.\n// (10.1.1)", '"Eq." and what follows it go in one line'),
                ("// It Departs\n// from D2L: no", '"Departs" and what follows it go in one line'),
                ("// Departs from\n// D2L: no",
                 '"Departs from" and what follows it go in one line')):
            self.assertEqual(self.marks(text).malformed, ["nn/a.h:1: " + what])


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
        "tools/book.tsv": "section\t11.7\tTowers\nsection\t11.7.1\tStone upon Stone\n"
                          "section\t11.7.2\tRoofs\nsection\t11.8\tBridges\n"
                          "equation\t11.7.1\t11.7.1\nequation\t11.8.1\t11.8\n"
                          "definition\t11.7.1\tTower\tclass\t6\n"
                          "definition\t11.7.2\troof\tfunction\t2\n"
                          "definition\t11.7.2\tTower.flag\tfunction\t2\n"
                          "definition\t11.8\tBridge\tclass\t3\n" +
                          "".join("\t".join(("line", *row)) + "\n" for row in rows),
        "tools/left_out.tsv": "11.8\tBridge\tno river\n",
        "tools/anchors.tsv": "roof.area\tnn/roof.cpp\treturn tiles\n"
                             "tower.height\tmodels/tower.h\tint height =\n",
        "tools/traps.tsv": "", "models/tower.h": TOWER, "nn/roof.cpp": ROOF,
        "data/traps.h": "int x;\n",
        "tests/models_tower.cpp": 'TEST_CASE("Tower: stands") {}\n'}
    for trap in (f"D{number}" for number in range(1, 15)):
        files["tools/traps.tsv"] += f"{trap}\tIt is so.\n"
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


@mock.patch.object(book, "LEAST", LEAST)
class Rules(unittest.TestCase):
    def breaks(self, path, old, new, *expected, files=None):
        found = book.breaches(house({path: [(old, new)]}, files))
        self.assertEqual([line for line in found if not line.startswith(ran.RAN)], list(expected))

    def test_a_house_in_order(self):
        self.assertEqual(book.breaches(house()), [])
        self.assertEqual(house().totals(), (3, {RUNS: 5}, 10, 8))

    def test_tags(self):
        def not_title(section, right):
            return f"nn/roof.cpp:3: this is not the title of {section}; would be D2L {right}"

        roof = "nn/roof.cpp"
        self.breaks(roof, "11.7.2 Roofs", "11.7.1 Roofs", not_title("11.7.1", "11.7.2 Roofs"),
                    "nn/roof.cpp:4: roof stands under no tag of its section; would be "
                    "// D2L 11.7.2 Roofs")
        self.breaks(roof, "Roofs", "Walls", not_title("11.7.2", "11.7.2 Roofs"))
        self.breaks(roof, "Roofs", "Roofs of tiles", not_title("11.7.2", "11.7.2 Roofs"))
        self.breaks(roof, "Roofs", "Roofs: of tiles")
        self.breaks(roof, "#include", "// D2L 12.1 Far\n#include", "nn/roof.cpp:1: there is no "
                    "section 12.1; tools/book.tsv has those in scope")
        self.breaks("models/tower.h", "#pragma once\n", "#pragma once\n\n// D2L 11.8 Bridges\nint "
                    "y;\n", "models/tower.h:7: D2L 11.7.1 comes after 11.8; a header of models/ is "
                    "in the book's order")

    def test_equations(self):
        tower, here = "models/tower.h", "models/tower.h:9: Eq. "
        self.breaks(tower, "(11.7.1)", "(11.7.2)", here + "(11.7.2) does not exist; 11.7 has 1 in "
                                                          "scope")
        self.breaks(tower, "(11.7.1)", "(11.8.1)", here + "(11.8.1) stands under D2L 11.7.1; would "
                                                          "be under a tag of 11.8")
        self.breaks("data/traps.h", "int x;", "int x;  // Eq. (11.7.1)", "data/traps.h:1: Eq. "
                    "(11.7.1) stands under no tag; would be under one of 11.7")
        found = book.breaches(house({tower: [
            ("(11.7.1)", "(11.8.1)"),
            ("// D2L 11.7.1 Stone", "// D2L 11.7.1 Stone upon Stone\n// D2L 11.8 Bridges\n//")]}))
        self.assertEqual(found, ["models/tower.h:14: D2L 11.7.2 comes after 11.8; a header of "
                                 "models/ is in the book's order"])

    def test_what_the_book_defines_is_here_or_left_out(self):
        left_out, rivers = "tools/left_out.tsv", "11.8\tBridge\tno river\n"
        self.breaks(left_out, rivers, "", "tools/book.tsv:10: we have no Bridge; would be under "
                    "// D2L 11.8 Bridges, or in tools/left_out.tsv with a reason")
        self.breaks("nn/roof.cpp", "// D2L 11.7.2 Roofs\n", "", "nn/roof.cpp:3: roof stands under "
                    "no tag of its section; would be // D2L 11.7.2 Roofs")
        self.breaks(left_out, rivers, rivers + "11.7.2\troof\tno rain\n", "tools/left_out.tsv:2: "
                    "roof is listed as left out, but is at nn/roof.cpp:4; one of the two goes")
        self.breaks(left_out, rivers, rivers + "11.7.2\tdoor\topen\n",
                    "tools/left_out.tsv:2: the book has no 11.7.2 door")
        self.breaks(left_out, "\tno river", "", "tools/left_out.tsv:1: 11.8 Bridge has no reason")
        self.breaks(left_out, rivers, rivers * 2, "tools/left_out.tsv:2: 11.8 Bridge a second time")
        with self.assertRaisesRegex(Error, "tools/left_out.tsv:1: would be: section, name, reason"):
            house(files={left_out: "9.4 A no tabs\n"})

    def test_a_line_has_a_twin_or_a_departure(self):
        share = ("tools/book.tsv:1: 4 of 5 lines of the book have a twin, 80.0 %; would be 95 % or "
                 "more")
        line = hash_of("height = self.stones * size")
        self.breaks("models/tower.h", "stones * size", "size * stones",
                    f"models/tower.h:5: the book's line {line} of Tower.forward has no twin; would "
                    "have one, or a departure says why (book.py --lines Tower)", share)
        self.assertIn(share, book.breaches(house(SIZE_FIRST)))    # but not one in twenty
        more = f"line\t11.7.2\troof\t{hash_of('return tiles * rows')}\n"
        found = book.breaches(house({"tools/book.tsv": [(more, more * 2)]}))
        self.assertRegex(found[0], "^nn/roof.cpp:4: the book's line .* has no twin")

    def test_twins_are_in_base_types_and_in_methods_elsewhere(self):
        without = {"models/tower.h": [("struct Tower {", "struct Tower : Base {"),
                                      ("    return height;\n", "")]}
        self.assertEqual(len(book.breaches(house(without))), 3)
        base = TOWER.replace("struct Tower {", "struct Tower : Base {").replace(
            "    return height;\n", "") + "struct Base {\n  int f() { return height; }\n};\n"
        self.assertEqual(book.breaches(house(files={"models/tower.h": base})), [])
        roof = ROOF + "int Tower::height(int height) { return height; }\n"
        self.assertEqual(book.breaches(house(without, {"nn/roof.cpp": roof})), [])

    def test_an_argument_that_a_note_names(self):
        edits = {"models/tower.h": [("stones * size", "stones * size + scale")]}
        self.assertEqual(len(book.breaches(house(edits))), 3)
        edits["models/tower.h"].append(("  int stones;", "  // Departs from D2L: `+` a `scale`.\n"
                                                         "  int stones;"))
        self.assertEqual(book.breaches(house(edits)), [])

    def test_traps(self):
        self.breaks("data/traps.h", "D2L (D7)", "D2L", "DEPARTURES.md:1: trap D7 has no note; "
                    "would be // Departs from D2L (D7): ..")
        self.breaks("tests/models_tower.cpp", "(D14)", "D14", "DEPARTURES.md:1: trap D14 has no "
                    "test; would be a TEST_CASE with (D14) in its name")
        self.breaks("data/traps.h", "int x;", "int x;  // Departs from D2L (D15): no.",
                    "data/traps.h:1: there is no trap D15")

    def test_maps_that_were_not_written_again(self):
        for path in ("BOOK.md", "DEPARTURES.md", "tools/places.cpp"):
            files = house().files
            for files in (files | {path: files[path] + "\n"},
                          {key: text for key, text in files.items() if key != path}):
                self.assertEqual(book.breaches(House(files)), [f"{path}:1: stale: run make maps"])

    def anchors(self, table, *expected, edits=None):
        found = house(edits, {"tools/anchors.tsv": table})
        self.assertEqual(book.breaches(found), ["tools/anchors.tsv:" + line for line in expected])
        return found

    def test_anchors(self):
        row = "\tmodels/tower.h\tint height =\n"
        self.anchors("a\tmodels/tower.h\tint depth\n", '1: models/tower.h has no line with "int '
                     'depth"; would be a piece of its code')
        self.anchors("a\tmodels/tower.h\tEq. (11.7.1)\n", '1: models/tower.h has no line with "Eq. '
                     '(11.7.1)"; would be a piece of its code')
        self.anchors("a\tmodels/tower.h\tTower\n", '1: models/tower.h has "Tower" in lines 5 and '
                     "7; would be in one, or in one of a definition, the fourth cell")
        self.anchors("a\tmodels/tower.h\tint height =\tBarn\n", "1: models/tower.h, Barn, has no "
                     'line with "int height ="; would be a piece of its code')
        self.anchors("a" + row + "a" + row, "2: a a second time; would be there once")
        self.anchors("b" + row + "a" + row, "2: a after b; would be in the order of the alphabet")
        for taken in ("Tower", "11.7.1"):
            self.anchors(taken + row, f"1: {taken} is the book's; would be a name of our own")
        self.anchors("a\tmodels/barn.h\tint x\n",
                     "1: there is no models/barn.h; would be a file of the house")
        for text in ("a\tmodels/tower.h", "a\tmodels/tower.h\t", "a", "\tb\tc", "a\tb\tc\t",
                     "a\tb\tc\td\te"):
            with self.assertRaisesRegex(Error, "tools/anchors.tsv:1: would be: key, file, text"):
                house(files={"tools/anchors.tsv": text})

    def test_an_anchor_is_found_again_and_has_its_section(self):
        hut = "struct Hut {\n  int f() { int height = 1; return height; }\n};\n"
        found = self.anchors("a\tmodels/tower.h\tint height =\tTower\n"
                             "b\tmodels/tower.h\tint height =\tHut::f\n",
                             edits={"models/tower.h": [(TOWER, "\n\n" + TOWER + hut)]})
        self.assertEqual([(anchor.line, anchor.section) for anchor in found.anchors],
                         [(11, "11.7.1"), (18, "")])
        self.assertIn('{"a", {"models/tower.h", 11,\n         "11.7.1", "Stone upon Stone"}},',
                      found.files["tools/places.cpp"])


class Ran(unittest.TestCase):
    @mock.patch.object(book, "LEAST", LEAST)
    def test_a_statement_that_ran_and_is_gone(self):
        found = book.breaches(house(SIZE_FIRST, {FORM_FILE: FORM}))
        line = hash_of("height = self.stones * size")
        self.assertEqual(found, [f"{ran.RAN}:1: the book's line {line} of 11.7.1 Tower.forward "
                                 "has no twin that could run any more; would have one, or make ran "
                                 "strikes it off"])

    @mock.patch.object(book, "LEAST", LEAST)
    def test_a_statement_of_which_nothing_is_known(self):
        row = f"11.7.2\troof\t{hash_of('return tiles * rows')}\tyes\n"
        found = book.breaches(house({ran.RAN: [(row, "")]}))
        self.assertEqual(found, [
            f"nn/roof.cpp:4: whether the book's line {row.split()[2]} of roof runs is not in "
            f"{ran.RAN}: run make ran"])
        for wrong in ("a\tb\tc\n", "a\tb\tc\tperhaps\n"):
            with self.assertRaisesRegex(Error, "ran.tsv:1: would be: section, method, hash"):
                house(files={ran.RAN: wrong})

    def test_fewer_than_must_run(self):
        with mock.patch.object(book, "LEAST", {RUNS: 5}):
            self.assertEqual(book.breaches(house()), [])
            self.assertEqual(book.breaches(house({ran.RAN: [("yes", "no")]})), [
                f"{ran.RAN}:1: 4 statements of the book stand in models/, nn/ or data/ and run; "
                "would be 5 or more"])

    def test_what_gcov_counted(self):
        small = house()
        program = {"models/tower.h": {7: 1, 9: 2, 10: 0, 13: 0}}     # and no word of line 4 of roof
        chapters = {"models/tower.h": {7: 0, 9: 0, 10: 1}}
        yes = {key[1:]: answer for key, answer in ran.answers(small, program, chapters)}
        self.assertEqual([yes[method, hash_of(code)] for _, method, code in STATEMENTS],
                         [True, True, False, False, False])
        with mock.patch.object(ran, "OF_THE_PROGRAM", ()):
            self.assertEqual(sum(yes for _, yes in ran.answers(small, program, chapters)), 1)

    def test_a_declaration_runs_with_what_is_around_it(self):
        rows = {"tools/book.tsv": small_files()["tools/book.tsv"] +
                f"line\t11.7.1\tTower.__init__\t{hash_of('self.stones')}\n"}
        small = house(files=rows)
        for counts, runs in (({7: 1}, True), ({7: 0}, False), ({}, False)):
            answers = dict(ran.answers(small, {"models/tower.h": counts}, {}))
            self.assertEqual(answers["11.7.1", "Tower.__init__", hash_of("self.stones")], runs)

    def test_a_statement_that_stopped_running(self):
        small = house({ran.RAN: [("11.7.2\troof", "11.7.2\tcave"), ("yes", "no")]})
        now = [(key, "flag" not in key[1]) for key, _ in ran.rows_of(small)]
        self.assertEqual([line.split(": the book's line ")[0] + line.split(" of ")[-1]
                          for line in ran.differences(small, small.ran, now)],
                         ["models/tower.h:7Tower.__init__ did not run, and does: run make ran",
                          f"nn/roof.cpp:4roof is not in {ran.RAN}: run make ran",
                          "models/tower.h:13Tower.flag ran, and no longer does"])
        self.assertEqual(list(ran.differences(house(), house().ran, [
            (key, True) for key, _ in ran.rows_of(house())])), [])


class Maps(unittest.TestCase):
    def test_the_book_s_map(self):
        text = house(files={"tests/models_tower.cpp": small_files()["tests/models_tower.cpp"] +
                            'TEST_CASE("D2L 11.7.2 flag: "\n          "a|b") {}\n'}
                     ).files["BOOK.md"]
        for part in ("\n## 11 Attention Mechanisms and Transformers\n",
                     "| 11.7.1 Stone upon Stone | [`Tower`](models/tower.h#L5) | 6 | 6 | 3 |  |  | "
                     "3 | [Tower: stands](tests/models_tower.cpp#L1) |\n",
                     "| 11.7.2 Roofs | [`Tower.flag`](models/tower.h#L13) | 2 | 1 | 1 |  |  | 1 | "
                     "[D2L 11.7.2 flag: a\\|b](tests/models_tower.cpp#L16) |\n",
                     "| 11.7.2 Roofs | [`roof`](nn/roof.cpp#L4) | 2 | 1 | 1 |  |  | 1 |  |\n",
                     "3 of the book's 4 definitions. Lines of code: the book's 10, ours 8, 0.80 "
                     "times as many; in models/ 8 and 7, 0.88 times. Of the book's 5 statements 5 ",
                     "| (11.7.1) | 11.7.1 Stone upon Stone | [models/tower.h:9](models/tower.h#L9) "
                     "|\n", "| 11.8 Bridges | `Bridge` | no river |\n"):
            self.assertIn(part, text)
        self.assertNotIn("\n## 10 ", text)

    def test_what_does_not_run_and_why(self):
        form = house(SIZE_FIRST, {FORM_FILE: FORM}).files
        self.assertIn("| 6 | 6 | 2 |  | [1](tests/models_book_tower.h#L2) | 3 |", form["BOOK.md"])
        self.assertIn("| `Tower` | 1 in tests | [models/tower.h:6](models/tower.h#L6) |\n",
                      form["BOOK.md"])
        self.assertIn("5 statements 4 stand in models/, nn/ or data/ and run (80.0 %), 0 stand "
                      "beside their fast path, and 1 in tests only.\n", form["BOOK.md"])
        for key in ("DEPARTURES.md", "tools/places.cpp"):
            self.assertEqual(form[key], house(SIZE_FIRST).files[key])
        plain = house(SIZE_FIRST, {PLAIN_FILE: PLAIN, FORM_FILE: FORM}).files["BOOK.md"]
        self.assertIn("| 6 | 6 | 2 | [1](autograd/height.cpp#L2) |  | 3 |", plain)
        self.assertIn("run (80.0 %), 1 stand beside their fast path, and 0 in", plain)
        still = house({ran.RAN: [("yes", "no")]}).files["BOOK.md"]
        self.assertIn("| `Tower` | 1 not run | neither training nor translation comes to it |\n",
                      still)
        self.assertIn("5 statements 4 stand", still)

    def test_a_kernel_that_is_a_composition_stands_beside(self):
        files = small_files()
        moved = house(files={"nn/roof.cpp": "", "autograd/roof.cpp": ROOF, "tools/anchors.tsv": ""})
        self.assertEqual(moved.totals()[1], {RUNS: 4, "beside": 1})
        self.assertEqual(moved.gone, [("11.7.2", "roof", hash_of("return tiles * rows"))])
        self.assertIn("[1](autograd/roof.cpp#L4)", moved.files["BOOK.md"])
        self.assertIn("nn/roof.cpp", files)

    def test_a_form_excuses_nothing_and_is_no_home(self):
        alone = {"tools/left_out.tsv": "", FORM_FILE: FORM + "// D2L 11.8 Bridges\nstruct Bridge {"
                                                             "};\n"}
        self.assertIn("tools/book.tsv:10: we have no Bridge", book.breaches(house(files=alone))[0])
        wrong = {FORM_FILE: FORM.replace("Stone upon Stone", "Roofs")}
        self.assertEqual(book.breaches(house(files=wrong))[0],
                         "tests/models_book_tower.h:1: this is not the title of 11.7.1; would be "
                         "D2L 11.7.2 Roofs")
        edits = {"models/tower.h": SIZE_FIRST["models/tower.h"][:1]}
        self.assertRegex(book.breaches(house(edits, {FORM_FILE: FORM}))[0],
                         "models/tower.h:5: the book's line .* has no twin")
        other = {"tests/tower.h": FORM, "tests/models_book_tower.cpp": FORM}
        self.assertEqual(house(files=other).forms, [])

    def test_departures_in_the_book_s_order(self):
        text = house({"models/tower.h": [("    return height;", "    // Departs from D2L: a "
                                          "<script>, *not* `a*b`.\n    return height;")],
                      "nn/roof.cpp": [("int roof", "// Departs from D2L (D4): flat.\nint roof")]}
                     ).files["DEPARTURES.md"]
        self.assertIn("| [data/traps.h:8](data/traps.h#L8), [nn/roof.cpp:4](nn/roof.cpp#L4) | "
                      "[better (D4)](tests/models_tower.cpp#L5) |\n", text)
        places = [text.index(part) for part in (
            "\n## 11.7.1 Stone upon Stone\n\n- [`Tower::operator()`](models/tower.h#L10): a "
            "\\<script>, \\*not\\* `a*b`.\n",
            "\n## 11.7.2 Roofs\n\n- [`roof`](nn/roof.cpp#L4): (D4) flat.\n",
            "\n## Of no one section\n\n- [`data/traps.h`]")]
        self.assertEqual(places, sorted(places))

    def test_places_and_words(self):
        text = house().files["tools/places.cpp"]
        self.assertIn('std::array<Entry, 6> entries = {{\n    {"Tower", {"models/tower.h", 5,\n'
                      '         "11.7.1", "Stone upon Stone"}},\n', text)
        self.assertIn('    {"tower.height", {"models/tower.h", 9,\n', text)
        for words, right in (("a_b [c](d) <e> *f* g|h", "a_b \\[c\\](d) \\<e> \\*f\\* g\\|h"),
                             ("`a*b|c` d*e", "`a*b\\|c` d\\*e"), ("a ` b", "a \\` b")):
            self.assertEqual(maps.escaped(words), right)


@mock.patch.object(book, "LEAST", LEAST)
class Command(unittest.TestCase):
    def run_book(self, root, *words):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            status = book.main(["--root", root, *words])
        return status, out.getvalue()

    def test_stale_until_written_and_again_after_an_edit(self):
        with tempfile.TemporaryDirectory() as root:
            def put(path, text):
                os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)

            for path, text in small_files().items():
                put(path, text)
            stale = ":1: stale: run make maps\n"
            summary = ("book: 3 of 4 definitions, 1 left out; of 5 statements 5 run, 0 beside, "
                       "0 in tests; 1 equations, 14 departures, ")
            self.assertEqual(self.run_book(root), (
                1, f"BOOK.md{stale}DEPARTURES.md{stale}tools/places.cpp{stale}{summary}3 "
                   "breaches\n"))
            self.assertEqual(self.run_book(root, "--write"),
                             (0, "BOOK.md\nDEPARTURES.md\ntools/places.cpp\n"))
            self.assertEqual(self.run_book(root), (0, summary + "0 breaches\n"))
            put("nn/roof.cpp", "\n" + ROOF)
            self.assertEqual(self.run_book(root),
                             (1, f"BOOK.md{stale}tools/places.cpp{stale}{summary}2 breaches\n"))
            status, lines = self.run_book(root, "--lines", "roof")
            self.assertTrue(lines.startswith("11.7.2 roof: nn/roof.cpp:5\n  = roof "))
            with self.assertRaisesRegex(Error, "there is no definition Castle"):
                self.run_book(root, "--lines", "Castle")
            with self.assertRaisesRegex(Error, "rnn.md: missing; it is section 9.4"):
                self.run_book(root, "--facts", root)             # and the facts are as they were
            self.assertEqual(read_house(root).files["tools/book.tsv"],
                             small_files()["tools/book.tsv"])

    def test_lines_beside_ours(self):
        text = book.lines_text(house(SIZE_FIRST, {FORM_FILE: FORM}), "all")
        self.assertIn("  ~ Tower.forward  " + hash_of("height = self.stones * size"), text)
        self.assertIn("  + height size * stones  models/tower.h:9", text)
        self.assertIn("11.8 Bridge: not found", text)
        self.assertIn("  : ", book.lines_text(house({ran.RAN: [("yes", "no")]}), "Tower"))


if __name__ == "__main__":
    result = unittest.TextTestRunner(verbosity=0).run(
        unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"]))
    bad = len(result.failures) + len(result.errors)
    print(f"[doctest] test cases: {result.testsRun} | {result.testsRun - bad} passed | {bad} failed"
          " | 0 skipped")
    sys.exit(bad > 0)
