"""The book's side, and ours: which lines are the same, what a checkout of the book says, what
comments say of it."""
import os
import tempfile
import unittest

from dev_small import cpp, hash_of, python, run

import d2l
from canon import line_hash
from cpp import Source
from facts import Error, cut, parts, read_facts, within
from marks import Marks

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


if __name__ == "__main__":
    run()
