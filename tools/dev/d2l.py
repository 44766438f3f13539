"""The book's side: from a checkout of its sources (github.com/d2l-ai/d2l-en) to facts. Its cells of
Python are read by Python's own parser; what PyTorch runs of them is kept."""
import ast
import os
import re

from canon import NAME, ROUND, canonical, line_hash, split_words
from facts import Definition, Error, Facts

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


def method(of, name, *args):
    return ast.Call(ast.Attribute(of, name), list(args), [])


def is_call(node, name):
    return (isinstance(node, ast.Call) and
            name == getattr(node.func, "id", getattr(node.func, "attr", None)))


# What Python writes and C++ cannot, as what C++ has for it, in words ..
REWRITING = [(re.compile(pattern), to) for pattern, to in (
    (rf"super {ROUND} \.", ""),
    (r"lambda [^:]*:", ""),
    (r"\b(if|while) (.*) is None", r"\1 ! \2"),
    (r" is (not )?None", ""),
    (rf"({NAME}) \*\* 2\b", r"square \1"),
    (rf"({NAME}) @", r"matmul \1"),
    (r"\[ None \] \*", "vector"),                                   # [None] * n: n absent things
    (r"\. T\b", ". t ( )"),
    (rf"(?<!torch )(?<!d2l )\. (?:type|to) {ROUND}", ""),
    (r"\. dim \( \)", ". rank ( )"),
    (r"\. size \( (?!\))", ". dim ( "),
    (r"\. shape\b(?! \[)", ". shape ( )"),
    (r"add_module \( [^,]* ,", "add_module ("),                      # without the name of the block
    (rf"\b(?!(?<=\. )shape )({NAME}) \[ - 1 \]", r"select ( \1 , 0 , - 1 )"),
    (r":$", ""))]


class Rewriting(ast.NodeTransformer):
    """.. and in the tree."""

    def __init__(self, code):
        self.code = code

    def visit_Constant(self, node):
        """As it stands: 1e-6 stays 1e-6."""
        return word(ast.get_source_segment(self.code, node))

    visit_JoinedStr = visit_Constant

    def visit_Starred(self, node):
        return self.visit(node.value)

    def visit_IfExp(self, node):
        """`a if c else b` -> `c ? a : b`"""
        test, body, other = map(self.visit, (node.test, node.body, node.orelse))
        return ast.Tuple([test, word("?"), body, other])

    def visit_Call(self, node):
        """Arguments without their names, and without where numbers live."""
        args = node.args + [keyword.value for keyword in node.keywords
                            if keyword.arg not in ("device", "dtype")]
        return ast.Call(self.visit(node.func), [self.visit(arg) for arg in args], [])

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
        -> X.unsqueeze(0); and xs[1:] -> xs.drop(1)."""
        of, part = self.visit(node.value), node.slice
        axes = part.elts if isinstance(part, ast.Tuple) else [part]
        chosen = [(word(str(n)), axis) for n, axis in enumerate(axes) if ast.unparse(axis) != ":"]
        if len(chosen) == 1:
            number, axis = chosen[0]
            lower, upper, step = (self.visit(end) if end else None for end in (
                getattr(axis, name, None) for name in ("lower", "upper", "step")))
            if len(axes) == 1 and lower and not upper and not step:
                return method(of, "drop", lower)
            if len(axes) > 1 and ast.unparse(axis) == "None":
                return method(of, "unsqueeze", number)
            if len(axes) > 1 and not isinstance(axis, ast.Slice):
                return method(of, "select", number, self.visit(axis))
            if len(axes) > 1 and upper and not step:
                return method(of, "slice", number, lower or word("0"), upper)
        return ast.Subscript(of, self.visit(part))


class Statements:
    """(line, canonical words) of a function's statements. Left out is what says nothing in C++:
    docstrings, decorators, the def and class lines themselves, super().__init__(),
    save_hyperparameters(), else, pass, raise, and moving numbers to a device."""

    def __init__(self, code, body):
        self.rewriting, self.lines = Rewriting(code), []
        self.body(body)

    def add(self, line, node):
        text = ast.unparse(ast.fix_missing_locations(self.rewriting.visit(node)))
        text = " ".join(split_words(text))
        for pattern, to in REWRITING:
            text = pattern.sub(to, text)
        if canonical(text):
            self.lines.append((line, canonical(text)))

    def body(self, nodes):
        for node in nodes:
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                self.assign(node, node.targets[0], node.value)
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                self.body(node.body)
            elif hasattr(node, "body"):
                blocks = [getattr(node, name, []) for name in ("body", "orelse")]
                node.body, node.orelse = [], []
                self.add(node.lineno, node)
                for block in blocks:
                    self.body(block)
            elif not isinstance(node, (ast.Pass, ast.Raise)) and not ceremony(node):
                self.add(node.lineno, node)

    def assign(self, node, target, value):
        line, inner = node.lineno, value
        while isinstance(inner, ast.Call) and len(inner.args) == 1:  # tensor([..])
            inner = inner.args[0]
        pairs = unpacked(target, value) if isinstance(target, ast.Tuple) else []
        part = getattr(target, "slice", None)
        if ceremony(node):
            return
        if isinstance(inner, ast.ListComp):
            # xs = [e for x in s] -> xs; for x in s; xs.push_back(e)
            for one in (target, inner.generators[0], method(target, "push_back", inner.elt)):
                self.add(line, one)
        elif pairs:
            for one, its in pairs:
                self.add(line, ast.Assign([one], its))
        elif isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.Invert):
            # X[~mask] = v -> X = X.masked_fill(~mask, v)
            filled = method(target.value, "masked_fill", part, value)
            self.add(line, ast.Assign([target.value], filled))
        else:
            self.add(line, node)


def ceremony(node):
    """x, = x says nothing, either."""
    text = ast.unparse(node)
    return (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) or
            bool(re.search(r"\b(?:save_hyperparameters|__init__)\b|\bto\(\w+, device\)", text)) or
            bool(re.fullmatch(r"\(?(\w+),\)? = \1", text)))


def unpacked(target, value):
    """a, b = x, y as two. b, n, _ = X.shape: X.shape[0], X.shape[1]; nobody asks for _."""
    names, values = target.elts, getattr(value, "elts", [])
    if getattr(value, "attr", "") == "shape" and len(names) > 1:
        values = [ast.Subscript(value, word(str(k))) for k in range(len(names))]
        while len(names) > 2 and ast.unparse(names[-1]) == "_":
            names, values = names[:-1], values[:-1]
    return list(zip(names, values)) if len(names) == len(values) > 1 else []


def python_lines(code, function=None):
    return Statements(code, [function] if function else ast.parse(code).body).lines


class PyTorch(ast.NodeTransformer):
    """Of `if tab.selected(..)`, the branch that PyTorch takes; `gone` are the lines of the rest,
    and of docstrings."""

    def __init__(self):
        self.gone = set()

    def visit_Expr(self, node):
        if isinstance(node.value, ast.Constant):
            self.gone |= lines_of(node)
        return node

    def visit_If(self, node):
        test = ast.unparse(node.test)
        if "tab.selected" not in test:
            return self.generic_visit(node)
        if not re.fullmatch(r"tab\.selected\([^()]*\)", test):
            raise SyntaxError("a condition on tabs that is not understood",
                              ("", node.lineno, 0, ""))
        taken = node.body if "'pytorch'" in test else node.orelse
        self.gone |= lines_of(node) - set().union(*map(lines_of, taken))
        return self.generic_visit(ast.Module(taken, [])).body


def lines_of(node):
    return set(range(node.lineno, node.end_lineno + 1))


def pytorch_code(path, line, cell):
    """The tree of a cell, its lines, and those of them that do not count; None if the cell is
    another framework's."""
    tabs = next((text for text in cell if text.strip()), "")
    if not tabs.startswith(("%%tab ", "#@tab ")):
        if any(re.match(r"\s*def |class ", text) for text in cell):
            raise Error(f"{path}:{line}: a definition in a cell without %%tab")
        return None
    if not ("pytorch" in tabs or "all" in tabs):
        return None
    lines, torch = ["" if text.startswith(("%", "!")) else text for text in cell], PyTorch()
    try:
        tree = torch.visit(ast.parse("\n".join(lines)))
    except SyntaxError as error:
        raise Error(f"{path}:{line + error.lineno - 1}: {error.msg}")
    return tree, lines, torch.gone


def add_definitions(facts, section, tree, lines, gone):
    for node in tree.body:
        if not isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            continue
        count = sum(bool(re.match(r"\s*[^\s#]", lines[k - 1])) for k in lines_of(node) - gone)
        is_class = isinstance(node, ast.ClassDef)
        added = [one for one in node.decorator_list if is_call(one, "add_to_class")]
        owner = ast.unparse(added[0].args[0]).split(".")[-1] if added else ""
        whole = facts.class_near(owner, section)
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


def facts_of_page(path, markdown, number):
    """Markdown with headings, $$ equations and cells of code for four frameworks."""
    facts, counts, cell = Facts(), [], []
    fence = equation = other = False
    for line, text in enumerate(markdown.split("\n"), 1):
        head = re.match("(#+) (.*)", text)
        if text.strip().startswith("```"):
            code = fence == "cell" and pytorch_code(path, line - len(cell), cell)
            if code:
                add_definitions(facts, here, *code)
            fence = False if fence else "cell" if ".python .input" in text else "fence"
            cell = []
        elif fence:
            cell.append(text.rstrip())
        elif text.startswith((":begin_tab:", ":end_tab:")):
            other = text.startswith(":begin") and "pytorch" not in text
        elif head and not other:
            level = len(head[1])
            if (level == 1) == bool(counts) or level > len(counts) + 1:
                raise Error(f"{path}:{line}: a heading of level {level} cannot stand here")
            counts = (counts + [0])[:level]
            counts[-1] += 1
            here = ".".join([number, *map(str, counts[1:])])
            # [**Training**] and Prediction -> Training and Prediction
            title = re.sub(r"[\[(]\*\*|\*\*[\])]|~~|\*+|`|\s*#*$", "", head[2])
            facts.sections[here] = title.replace("---", "—").replace("--", "–")
        elif not other:
            for _ in range(text.count("$$")):
                equation = not equation
                if equation:
                    facts.equations[f"{number}.{len(facts.equations) + 1}"] = here
    for wrong, what in ((fence, "a ``` is never closed"), (equation, "a $$ is never closed"),
                        (not counts, "there is no heading")):
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
        found = [len(facts.sections), len(facts.equations), len(facts.definitions),
                 sum(d.count for d in facts.definitions)]
        kinds = ("headings", "equations", "definitions", "lines of definitions")
        for kind, there, right in zip(kinds, found, wanted):
            if there != right:
                raise Error(f"{file}: {there} {kind}, release 1.0.3 has {right}: another edition, "
                            "or not all of the file")
        whole.sections |= facts.sections
        whole.equations |= facts.equations
        whole.definitions += facts.definitions
    return whole
