"""Is this line of C++ the book's line of Python? Both are brought to one canonical form: a list of
words in which what only one of the languages needs is gone (self, types, brackets, semicolons),
X.f(a) stands as f X a, and a few names are translated. Equal lists are the same line. Here is what
both languages share, and C++; d2l.py has the book's side."""
import re
from collections import namedtuple

Line = namedtuple("Line", "first last text")    # of the file; the words, joined by blanks

WORD = re.compile(r"""
    "(?:\\.|[^"\\])*"? | '(?:\\.|[^'\\])*'? | \d[\w.]* | \w+
  | :: | -> | == | != | <= | >= | && | \|\| | \+= | -= | \*= | /= | \+\+ | -- | \*\* | \S""",
                  re.X | re.A | re.S)
# Python's name, ours; "" where the word has no twin.
TRANSLATIONS = {
    "bmm": "matmul", "concat": "cat", "append": "push_back", "t": "transpose",
    "reduce_sum": "sum", "expand_dims": "unsqueeze", "zeros": "", "tensor": "",
    "swapaxes": "transpose", "astype": "", "int64": "", "Parameter": "requires_grad",
    "int32": "", "float32": "", "add_module": "push_back", "True": "true", "False": "false",
    "emplace_back": "push_back", "and": "&&", "or": "||", "not": "!", "len": "size",
    "first": "0", "args": "enc_valid_lens", "tie": "", "tuple": "", "None": "",
    "defaultdict": "", "item": "", "type": "typeid", "to_string": "str", "unbind": "",
    "move": "", "ids": "X", "xavier_uniform_": "xavier_uniform_init"}
PACKAGES = set("self d2l torch nn functional F math init np std raw this collections babelgrad "
               "optim book".split())
TYPES = set("Tensor Ints int Real double bool auto const Index Shape float void inline static "
            "size_t string explicit".split())
PUNCTUATION = set("( ) [ ] { } , ; : = . :: &".split()) | {""}
OPENING, CLOSING = set("([{"), set(")]}")


def split_words(code):
    return WORD.findall(code)


def is_name(word):
    return bool(re.match(r"[A-Za-z_]", word))


def is_type_name(word):
    """AddNorm, GRU; not X, W_k, num_hiddens."""
    return bool(re.match(r"[A-Z][A-Za-z]", word))


def depth(word):
    return (word in OPENING) - (word in CLOSING)


def closing(words, opening):
    level = 0
    for i in range(opening, len(words)):
        level += depth(words[i])
        if level == 0:
            return i
    return len(words) - 1


def index(words, word, begin=0):
    """Of the first from begin on, or the end."""
    return words.index(word, begin) if word in words[begin:] else len(words)


def parts(words):
    """Between the commas on this level."""
    out, level = [[]], 0
    for word in words:
        level += depth(word)
        if level == 0 and word == ",":
            out.append([])
        else:
            out[-1].append(word)
    return out


def receiver(words, dot):
    """Where the expression begins that stands before the dot."""
    i = dot
    while i > 0:
        i -= 1
        if words[i] in CLOSING:
            level = 1
            while i > 0 and level > 0:
                i -= 1
                level -= depth(words[i])
            if i > 0 and is_name(words[i - 1]) and words[i - 1] not in ("return", "in"):
                i -= 1
            elif i > 0 and words[i - 1] == "]":
                continue
        if i == 0 or words[i - 1] != ".":
            break
        i -= 1
    return i


def without_packages(words):
    i = 0
    while i + 1 < len(words):
        scope = words[i + 1] in (".", "::", "->")
        base = words[i + 1] == "::" and is_type_name(words[i])       # Classifier::loss
        if scope and (words[i] in PACKAGES or base) and words[i - 1:i] != ["."]:
            del words[i:i + 2]
        else:
            i += 1


def canonical(words):
    """What is left to do once a language's own syntax is gone."""
    words = ["." if word == "->" else word for word in words]
    without_packages(words)
    for i in range(len(words) - 2):                                  # X.shape[k] -> X.dim(k)
        if words[i:i + 3] == [".", "shape", "["]:
            end = closing(words, i + 2)
            words[i + 1], words[i + 2], words[end] = "dim", "(", ")"
    for i in range(len(words)):                                      # X.f(a) -> f(X a)
        if words[i:i + 1] == ["."] and words[i + 2:i + 3] == ["("] and is_name(words[i + 1]):
            begin = receiver(words, i)
            words[begin:i + 3] = words[i + 1:i + 3] + words[begin:i]
    out = []
    for word, after in zip(words, words[1:] + [""]):
        if word in TRANSLATIONS and (word != "t" or after == "("):
            word = TRANSLATIONS[word]
        if word in PUNCTUATION or word in TYPES or is_type_name(word) and after in ("(", "{"):
            continue
        if word.endswith(".0"):
            word = word[:-2]
        out.append('"' + word[1:-1] + '"' if word[0] == "'" else word)
    return " ".join(out)


def line_hash(text):
    number = 2166136261                                              # FNV-1a
    for byte in text.encode():
        number = (number ^ byte) * 16777619 & 0xffffffff
    return f"{number:08x}"


TEMPLATES = set("vector pair tuple make_shared shared_ptr function map min max array arange "
                "optional".split())


def without_template_arguments(words):
    """std::vector<Tensor> -> vector"""
    for i in range(len(words)):
        if i + 1 < len(words) and words[i] in TEMPLATES and words[i + 1] == "<":
            end, level = i + 1, 0
            while end == i + 1 or level > 0 and end < len(words):
                level += {"<": 1, ">": -1}.get(words[end], 0)
                end += 1
            del words[i + 1:end]


def without_type(words):
    """`const Tensor& query = ..` -> `query = ..`: two names side by side are a type and a name."""
    if not words or words[0] in ("return", "else", "for", "if", "in", "using"):
        return
    i = 0
    while i < len(words) and words[i] in ("const", "static", "typename"):
        i += 1
    if i == len(words) or not is_name(words[i]):
        return
    name = i + 1
    while name + 1 < len(words) and words[name] == "::":
        name += 2
    while name < len(words) and words[name] in "&*":
        name += 1
    if name < len(words) and is_name(words[name]):
        del words[:name]


def loop(words):
    """for (int t = 0; t < n; t++) -> for t in range(n); for (const Tensor& X : Xs) -> for X in Xs"""
    if words[0] != "for" or len(words) < 4:
        return
    semicolon, equals = index(words, ";"), index(words, "=")
    if semicolon < len(words):
        less, second = index(words, "<"), index(words, ";", semicolon + 1)
        if less < second and equals < semicolon:
            begin = [] if words[equals + 1] == "0" else words[equals + 1:semicolon]
            words[:] = ["for", words[equals - 1], "in", "range", "(", *begin,
                        *words[less + 1:second], ")"]
        return
    colon = index(words, ":")
    if colon < len(words):
        names = index(words, "[") if words[colon - 1] == "]" else colon - 1
        words[:] = ["for", *words[names:colon], "in", *words[colon + 1:-1]]


def last(words):
    """xs.back() -> select(xs, 0, -1), as the book's xs[-1]"""
    for i in range(1, len(words)):
        if i + 3 < len(words) and words[i:i + 2] == [".", "back"] and is_name(words[i - 1]):
            words[i - 1:i + 4] = ["select", "(", words[i - 1], ",", "0", ",", "-", "1", ")"]


def without_get_and_casts(words):
    """std::get<1>(state) -> state[1]; dynamic_cast<Linear&>(module) -> module;
    typeid(Linear) -> Linear"""
    for i in range(len(words)):
        if (i + 3 < len(words) and words[i] == "typeid" and is_type_name(words[i + 2]) and
                words[i + 3] == ")"):
            words[i:i + 4] = [words[i + 2]]
    for i in range(len(words)):
        if i + 4 >= len(words) or words[i + 1] != "<":
            continue
        get, more = words[i] == "get", index(words, ">", i)
        if (get or words[i].endswith("_cast")) and words[more + 1:more + 2] == ["("]:
            end = closing(words, more + 1)
            of = words[more + 2:end] + (["[", words[i + 2], "]"] if get else [])
            words[i - 2 if i > 1 and words[i - 1] == "::" else i:end + 1] = of


def without_lambdas(placed):
    """[&](const Shape& s) { return e; } -> e"""
    i = 0
    while (i := i + 1) < len(placed):
        words = [word for word, line in placed]
        before = words[i - 1]
        if words[i] != "[" or is_name(before) and before != "return" or before in CLOSING:
            continue
        body = closing(words, i) + 1
        if words[body:body + 1] == ["("]:
            body = closing(words, body) + 1
        if words[body:body + 2] == ["{", "return"]:
            end = closing(words, body)
            del placed[end - 1:end + 1]                              # ; }
            del placed[i:body + 2]                                   # [&](..) { return


class Statements:
    """Of lines begin .. end, an item of a constructor's initialiser list being one of them."""
    CONTROL = {"for", "if", "while", "switch"}

    def __init__(self, source, begin, end):
        placed = [(word, number) for number in range(begin, end + 1)
                  if not source.code[number].startswith("#")
                  for word in split_words(source.code[number])]
        without_lambdas(placed)
        self.lines, self.words, self.first, self.depth = [], [], 0, 0
        self.with_inputs = self.members_with_inputs([word for word, line in placed])
        for word, self.line in placed:
            self.take(word)

    @staticmethod
    def members_with_inputs(words):
        """Whose in-features are written out first, where the book's layers are lazy."""
        out = set()
        for i, word in enumerate(words):
            if word in ("Linear", "PositionWiseFFN"):
                while i + 1 < len(words) and is_name(words[i + 1]):
                    out.add(words[i + 1])
                    if words[i + 2:i + 3] != [","]:
                        break
                    i += 2
        return out

    def take(self, word):
        if not self.words:
            self.first = self.line
        if self.depth == 0 and word == "{" and self.opens_block():
            self.header()
        elif self.depth == 0 and word == "}":
            self.words = []
        elif self.depth == 0 and word == ";":
            self.statement()
        else:
            self.depth += depth(word)
            self.words.append(word)

    def opens_block(self):
        words = self.words
        return (not words or "->" in words or
                words[-1] in (")", "const", "override", "else", "do", "try") or
                words[0] in ("struct", "class", "enum", "template", "namespace"))

    def header(self):
        words, self.words = self.words, []
        if not words or words[0] in ("struct", "template"):
            return
        if words[0] == "else" and len(words) > 1:
            del words[0]
        if words[0] in self.CONTROL:
            self.emit(words)
        else:
            self.initialisers(words)

    def statement(self):
        words, self.words = self.words, []
        while words and (words[0] in self.CONTROL or words[0] == "else"):
            end = 0
            if words[0] != "else":
                end = closing(words, 1)
                self.emit(words[:end + 1])
            del words[:end + 1]
        if words:
            self.emit(words)

    def initialisers(self, words):
        """Of `Linear(...) : weight(..), bias(..)`, the items after the colon."""
        item, level = [], 0
        for word, after in list(zip(words, words[1:] + [","]))[index(words, ":") + 1:]:
            if not item and word == ",":
                continue
            level += depth(word)
            item.append(word)
            if level > 0 or after != ",":
                continue
            if item[0] in self.with_inputs and "," in item:
                del item[2:item.index(",") + 1]
            self.emit(item)
            item = []

    def emit(self, words):
        words = list(words)
        loop(words)
        without_get_and_casts(words)
        without_template_arguments(words)
        before = len(words)
        without_type(words)
        declaration = len(words) < before                            # Tensor a = x, b = y;
        for one in parts(words) if declaration else [words]:
            last(one)
            text = canonical(one)
            if text:
                self.lines.append(Line(self.first, self.line, text))


def cpp_lines(source, begin, end):
    return Statements(source, begin, end).lines
