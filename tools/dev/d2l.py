"""The book's side: from a checkout of its sources (github.com/d2l-ai/d2l-en) to facts. Its cells of
Python are read by Python's own parser; what PyTorch runs of them is kept."""
import ast
import os
import re

from canon import canonical, line_hash, split_words
from facts import Definition, Error, Facts, cut

RNN, MODERN = "chapter_recurrent-neural-networks", "chapter_recurrent-modern"
ATTENTION = "chapter_attention-mechanisms-and-transformers"
# A section in scope: its file, and how many headings, equations, definitions and lines of code of
# these it has in release 1.0.3. A checkout that differs is another edition, or not whole.
SCOPE = [("9.4", RNN, "rnn.md", 6, 6, 0, 0),
         ("9.5", RNN, "rnn-scratch.md", 10, 3, 6, 70),
         ("9.6", RNN, "rnn-concise.md", 5, 0, 2, 12),
         ("9.7", RNN, "bptt.md", 9, 16, 0, 0),
         ("10.1", MODERN, "lstm.md", 13, 4, 2, 41),
         ("10.2", MODERN, "gru.md", 11, 3, 2, 31),
         ("10.3", MODERN, "deep-rnn.md", 5, 2, 2, 20),
         ("10.4", MODERN, "bi-rnn.md", 5, 2, 2, 20),
         ("10.5", MODERN, "machine-translation-and-dataset.md", 7, 0, 7, 64),
         ("10.6", MODERN, "encoder-decoder.md", 6, 0, 3, 21),
         ("10.7", MODERN, "seq2seq.md", 11, 4, 7, 78),
         ("10.8", MODERN, "beam-search.md", 6, 4, 0, 0),
         ("11.1", ATTENTION, "queries-keys-values.md", 4, 3, 1, 16),
         ("11.2", ATTENTION, "attention-pooling.md", 6, 3, 8, 33),
         ("11.3", ATTENTION, "attention-scoring-functions.md", 9, 7, 3, 40),
         ("11.4", ATTENTION, "bahdanau-attention.md", 6, 1, 2, 38),
         ("11.5", ATTENTION, "multihead-attention.md", 5, 2, 1, 27),
         ("11.6", ATTENTION, "self-attention-and-positional-encoding.md", 8, 3, 1, 13),
         ("11.7", ATTENTION, "transformer.md", 9, 0, 6, 104)]


def word(text):
    """A node that is written as these words."""
    return ast.Name(text)


def call(name, *args):
    return ast.Call(word(name), list(args), [])


def method(of, name, *args):
    return ast.Call(ast.Attribute(of, name), list(args), [])


def is_call(node, name):
    return (isinstance(node, ast.Call) and
            name == getattr(node.func, "id", getattr(node.func, "attr", None)))


class Rewriting(ast.NodeTransformer):
    """What Python writes and C++ cannot, as what C++ has for it."""

    def __init__(self, code):
        self.code = code

    def visit_Constant(self, node):
        """As it stands: 1e-6 stays 1e-6."""
        return word(ast.get_source_segment(self.code, node))

    visit_JoinedStr = visit_Constant

    def visit_Starred(self, node):
        return self.visit(node.value)

    def visit_Lambda(self, node):
        return self.visit(node.body)

    def visit_IfExp(self, node):
        """`a if c else b` -> `c ? a : b`"""
        test, body, other = map(self.visit, (node.test, node.body, node.orelse))
        return ast.Tuple([test, word("?"), body, other])

    def visit_Compare(self, node):
        """x is not None -> x; x is None -> !x"""
        if isinstance(node.ops[0], (ast.Is, ast.IsNot)):
            left = self.visit(node.left)
            return left if isinstance(node.ops[0], ast.IsNot) else ast.UnaryOp(ast.Not(), left)
        return self.generic_visit(node)

    def visit_BinOp(self, node):
        """x**2 -> square(x); W @ x -> matmul(W, x); [None] * n -> vector(n): n absent things"""
        name, absent = isinstance(node.left, (ast.Name, ast.Attribute)), ast.unparse(node.left)
        square = isinstance(node.op, ast.Pow) and ast.unparse(node.right) == "2"
        node = self.generic_visit(node)
        if name and square:
            of = node.left
            return (ast.Attribute(of.value, "square " + of.attr) if isinstance(of, ast.Attribute)
                    else call("square", of))
        if name and isinstance(node.op, ast.MatMult):
            return call("matmul", node.left, node.right)
        return call("vector", node.right) if absent == "[None]" else node

    def visit_Attribute(self, node):
        of = self.visit(node.value)
        if is_call(node.value, "super"):
            return word(node.attr)
        return {"T": method(of, "t"), "shape": method(of, "shape")}.get(
            node.attr, ast.Attribute(of, node.attr))

    def visit_Call(self, node):
        """Arguments without their names, and without where numbers live."""
        if isinstance(node.func, ast.Attribute):
            if node.func.attr in ("type", "to") and not is_package(node.func.value):
                return self.visit(node.func.value)
            if node.func.attr == "dim" and not node.args:
                node.func.attr = "rank"
            elif node.func.attr == "size" and node.args:
                node.func.attr = "dim"
            elif node.func.attr == "add_module":
                del node.args[0]                                     # the name of the block
        args = [self.visit(arg) for arg in node.args]
        args += [self.visit(keyword.value) for keyword in node.keywords
                 if keyword.arg not in ("device", "dtype")]
        return ast.Call(self.visit(node.func), args, [])

    def visit_For(self, node):
        """for i, x in enumerate(xs) -> for x in xs; and for _ any name will do"""
        if is_call(node.iter, "enumerate"):
            node.target, node.iter = node.target.elts[-1], node.iter.args[0]
        if ast.unparse(node.target) == "_":
            node.target = word("t")
        return self.generic_visit(node)

    visit_comprehension = visit_For

    def visit_Subscript(self, node):
        """On one axis alone: X[:, 0] -> X.select(1, 0), X[:, :n] -> X.slice(1, 0, n), X[None, :]
        -> X.unsqueeze(0), X[-1] -> select(X, 0, -1); xs[1:] -> xs.drop(1)."""
        if getattr(node.value, "attr", "") == "shape":               # X.shape[k]: canonical()
            shape = ast.Attribute(self.visit(node.value.value), "shape")
            return ast.Subscript(shape, self.visit(node.slice))
        of, part = self.visit(node.value), node.slice
        axes = part.elts if isinstance(part, ast.Tuple) else [part]
        if len(axes) == 1:
            if isinstance(part, ast.Slice) and part.lower and not part.upper and not part.step:
                return method(of, "drop", self.visit(part.lower))
            if ast.unparse(part) == "-1" and isinstance(of, (ast.Name, ast.Attribute)):
                return call("select", of, word("0"), word("-1"))
        chosen = [(number, axis) for number, axis in enumerate(axes) if ast.unparse(axis) != ":"]
        if len(chosen) == 1 and len(axes) > 1:
            number, axis = word(str(chosen[0][0])), chosen[0][1]
            if ast.unparse(axis) == "None":
                return method(of, "unsqueeze", number)
            if not isinstance(axis, ast.Slice):
                return method(of, "select", number, self.visit(axis))
            if axis.upper and not axis.step:
                lower = self.visit(axis.lower) if axis.lower else word("0")
                return method(of, "slice", number, lower, self.visit(axis.upper))
        return ast.Subscript(of, self.visit(part))


def is_package(node):
    return ast.unparse(node) in ("torch", "d2l")


class Statements(ast.NodeVisitor):
    """(line, canonical words) of a function's statements. Left out is what says nothing in C++:
    docstrings, decorators, the def and class lines themselves, super().__init__(),
    save_hyperparameters(), else, pass, raise, and moving numbers to a device."""

    def __init__(self, code):
        self.rewriting, self.lines = Rewriting(code), []

    def add(self, node, statement):
        text = canonical(split_words(ast.unparse(ast.fix_missing_locations(statement))))
        if text:
            self.lines.append((node.lineno, text))

    def generic_visit(self, node):
        if not isinstance(node, ast.stmt):
            return super().generic_visit(node)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            return self.body(node.body)
        calls = [n for n in ast.walk(node) if isinstance(n, ast.Call)]
        names = [getattr(n.func, "attr", "") for n in calls]
        if not hasattr(node, "body"):
            if not ("save_hyperparameters" in names or "__init__" in names or
                    any(is_call(n, "to") and ast.unparse(n.args[-1:] or n) == "device"
                        for n in calls)):
                self.add(node, self.rewriting.visit(node))
            return
        blocks = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
        node.body, node.orelse = [], []
        self.add(node, self.rewriting.visit(node))
        for block in blocks:
            self.body(block)

    def body(self, statements):
        for statement in statements:
            self.visit(statement)

    def visit_Pass(self, node):
        pass

    visit_Raise = visit_Pass

    def visit_Expr(self, node):
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Assign(self, node):
        [target, *more], value = node.targets, node.value
        if more:
            return self.generic_visit(node)
        inner = value
        while isinstance(inner, ast.Call) and len(inner.args) == 1:  # tensor([..])
            inner = inner.args[0]
        if isinstance(inner, ast.ListComp) and not self.moves(inner):
            # xs = [e for x in s] -> xs; for x in s; xs.push_back(e)
            for one in (target, inner.generators[0], method(target, "push_back", inner.elt)):
                self.add(node, self.rewriting.visit(one))
            return None
        if isinstance(target, ast.Tuple):
            return self.unpacked(node, target.elts, value)
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.UnaryOp) and (
                isinstance(target.slice.op, ast.Invert)):
            # X[~mask] = v -> X = X.masked_fill(~mask, v)
            node.targets = [target.value]
            node.value = method(target.value, "masked_fill", target.slice, value)
        self.generic_visit(node)

    @staticmethod
    def moves(value):
        return is_call(value.elt, "to") and ast.unparse(value.elt.args[-1]) == "device"

    def unpacked(self, node, names, value):
        """a, b = x, y as two. b, n, _ = X.shape: X.shape[0], X.shape[1]; nobody asks for _."""
        if [ast.unparse(name) for name in names] == [ast.unparse(value)]:
            return                                                   # x, = x
        values = value.elts if isinstance(value, ast.Tuple) else []
        if isinstance(value, ast.Attribute) and value.attr == "shape" and len(names) > 1:
            values = [ast.Subscript(value, word(str(k))) for k in range(len(names))]
            while len(names) > 2 and ast.unparse(names[-1]) == "_":
                names.pop()
                values.pop()
        if len(names) < 2 or len(names) != len(values):
            return self.generic_visit(node)
        for name, one in zip(names, values):
            self.generic_visit(ast.copy_location(ast.Assign([name], one), node))


def python_lines(code, function=None):
    statements = Statements(code)
    statements.body([function] if function else ast.parse(code).body)
    return statements.lines


class PyTorch(ast.NodeTransformer):
    """Of `if tab.selected(..)`, the branch that PyTorch takes; `gone` are the lines of the rest."""

    def __init__(self):
        self.gone = set()

    def visit_If(self, node):
        if "tab.selected" not in ast.unparse(node.test):
            return self.generic_visit(node)
        if not re.fullmatch(r"tab\.selected\([^()]*\)", ast.unparse(node.test)):
            raise Error(f"{node.lineno}: a condition on tabs that is not understood")
        taken = node.body if "'pytorch'" in ast.unparse(node.test) else node.orelse
        self.gone |= set(range(node.lineno, node.end_lineno + 1))
        for statement in taken:
            self.gone -= set(range(statement.lineno, statement.end_lineno + 1))
        out = [self.visit(statement) for statement in taken]
        return [one for each in out for one in (each if isinstance(each, list) else [each])]


def pytorch_code(path, line, cell):
    """The tree of a cell, its lines, and those of them that do not count; None if the cell is
    another framework's."""
    tabs = next((text for text in cell if text.strip()), "")
    marked = tabs.startswith(("%%tab ", "#@tab "))
    if not marked and any(re.match(r"\s*def |class ", text) for text in cell):
        raise Error(f"{path}:{line}: a definition in a cell without %%tab")
    if not marked or not ("pytorch" in tabs or "all" in tabs):
        return None
    lines = ["" if text.startswith(("%", "!")) else text for text in cell]
    torch = PyTorch()
    try:
        tree = torch.visit(ast.parse("\n".join(lines)))
    except SyntaxError as error:
        raise Error(f"{path}:{line + error.lineno - 1}: no Python: {error.msg}")
    except Error as error:
        number, _, what = str(error).partition(":")
        raise Error(f"{path}:{line + int(number) - 1}:{what}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            torch.gone |= set(range(node.lineno, node.end_lineno + 1))
    return tree, lines, torch.gone


def add_definitions(facts, section, tree, lines, gone):
    for node in tree.body:
        if not isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            continue
        count = sum(bool(re.match(r"\s*[^\s#]", lines[k - 1])) and k not in gone
                    for k in range(node.lineno, node.end_lineno + 1))
        is_class = isinstance(node, ast.ClassDef)
        added = [one for one in node.decorator_list if is_call(one, "add_to_class")]
        owner = ast.unparse(added[0].args[0]).split(".")[-1] if added else ""
        whole = next((d for d in facts.definitions if d.is_class and d.name == owner and
                      cut(d.section, 3) == cut(section, 3)), None)
        prefix = owner + "." if owner else ""
        if whole:                                # a method that is added near its class
            whole.count += count
        else:
            facts.definitions.append(Definition(section, prefix + node.name, is_class, count))
        functions = [one for one in node.body if isinstance(one, ast.FunctionDef)]
        for function in functions if is_class else [node]:
            name = (node.name + "." if is_class else prefix) + function.name
            for _, text in python_lines("\n".join(lines), function):
                facts.add_line(section, name, line_hash(text), text)


def plain_title(title):
    """[**Training**] and Prediction -> Training and Prediction"""
    title = re.sub(r"\[\*\*|\*\*\]|\(\*\*|\*\*\)|~~|\*\*|\*|`", "", title)
    return title.replace("---", "—").replace("--", "–").strip().rstrip("#").strip()


def facts_of_page(path, markdown, number):
    """Markdown with headings, $$ equations and cells of code for four frameworks."""
    facts, counts, cell = Facts(), [], []
    fence = equation = other = False
    for line, text in enumerate(markdown.split("\n"), 1):
        if text.strip().startswith("```"):
            if fence == "cell":
                code = pytorch_code(path, line - len(cell), cell)
                if code:
                    add_definitions(facts, here, *code)
            fence = False if fence else "cell" if ".python .input" in text else "fence"
            cell = []
        elif fence:
            cell.append(text.rstrip())
        elif text.startswith((":begin_tab:", ":end_tab:")):
            other = text.startswith(":begin") and "pytorch" not in text
        elif not other and (head := re.match("(#+) (.*)", text)):
            level = len(head[1])
            if not (not counts if level == 1 else 0 < level - 1 <= len(counts)):
                raise Error(f"{path}:{line}: a heading of level {level} cannot stand here")
            counts = (counts + [0])[:level]
            counts[level - 1] += 1
            here = ".".join([number] + [str(count) for count in counts[1:]])
            facts.sections[here] = plain_title(head[2])
        elif not other:
            for _ in range(text.count("$$")):
                equation = not equation
                if equation:
                    facts.equations[f"{number}.{len(facts.equations) + 1}"] = here
    for wrong, what in ((fence, "a ``` is never closed"), (equation, "a $$ is never closed"),
                        (not facts.sections, "there is no heading")):
        if wrong:
            raise Error(f"{path}:{line}: {what}")
    return facts


def facts_of_checkout(folder, scope=SCOPE):
    if not os.path.isdir(folder):
        raise Error(f"{folder}: no folder; would be a checkout of github.com/d2l-ai/d2l-en")
    whole = Facts()
    for number, chapter, file, *wanted in scope:
        path = os.path.join(folder, chapter, file)
        if not os.path.exists(path):
            raise Error(f"{path}: missing; it is section {number}")
        with open(path, encoding="utf-8") as page:
            facts = facts_of_page(path, page.read(), number)
        found = (len(facts.sections), len(facts.equations), len(facts.definitions),
                 sum(d.count for d in facts.definitions))
        for what, is_, right in zip(
                ("headings", "equations", "definitions", "lines of definitions"), found, wanted):
            if is_ != right:
                raise Error(f"{file}: {is_} {what}, release 1.0.3 has {right}: another edition, or "
                            "not all of the file")
        whole.sections.update(facts.sections)
        whole.equations.update(facts.equations)
        whole.definitions += facts.definitions
    return whole
