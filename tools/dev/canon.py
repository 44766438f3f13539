"""Is this line of C++ the book's line of Python? Both are brought to one canonical form: words in
which what only one of the languages needs is gone (self, types, brackets, semicolons), X.f(a)
stands as f X a, and a few names are translated. Equal words are the same line. Here is what both
languages share, and C++; d2l.py has the book's side. A statement is its words, joined by blanks."""
import re
from collections import namedtuple

Line = namedtuple("Line", "first last text")    # of the file; the canonical words

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
PACKAGE = re.compile(r"(?<!\S)(?<!\. )(?:(?:(?:self|d2l|torch|nn|functional|F|math|init|np|std|raw|"
                     r"this|collections|babelgrad|optim|book) (?:\.|::|->)|[A-Z][A-Za-z]\w* ::) )+"
                     r"(?=\S)")
SAID_BY_ONE = set("( ) [ ] { } , ; : = . :: & Tensor Ints int Real double bool auto const Index "
                  "Shape float void inline static size_t string explicit".split()) | {""}


def split_words(code):
    """A blank within a string is none between words."""
    return [word.replace(" ", "\0") for word in WORD.findall(code)]


def depth(word):
    return (word in "([{") - (word in ")]}")


def is_name(word):
    return bool(re.match(r"[A-Za-z_]", word))


def closing(words, opening):
    level = 0
    for i in range(opening, len(words)):
        level += depth(words[i])
        if level == 0:
            return i
    return len(words) - 1


def receiver(words, dot):
    """Where the expression begins that stands before the dot."""
    i = dot
    while i > 0:
        i -= 1
        if words[i] in ")]}":
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


def canonical(text):
    """What is left to do once a language's own syntax is gone."""
    text = PACKAGE.sub("", text)                                     # torch.f, Classifier::loss
    words = text.replace("->", ".").replace(". shape [", ". dim (").split(" ")   # X.shape[k]
    for i in range(len(words)):                                      # X.f(a) -> f(X a)
        if words[i:i + 1] == ["."] and words[i + 2:i + 3] == ["("] and is_name(words[i + 1]):
            begin = receiver(words, i)
            words[begin:i + 3] = words[i + 1:i + 3] + words[begin:i]
    out = []
    for word, after in zip(words, words[1:] + [""]):
        if word != "t" or after == "(":
            word = TRANSLATIONS.get(word, word)
        made = after in ("(", "{") and re.match("[A-Z][A-Za-z]", word)           # State{..}
        if word not in SAID_BY_ONE and not made:
            word = re.sub(r"\.0$", "", word).replace("\0", " ")
            out.append('"' + word[1:-1] + '"' if word[0] == "'" else word)
    return " ".join(out)


def line_hash(text):
    number = 2166136261                                              # FNV-1a
    for byte in text.encode():
        number = (number ^ byte) * 16777619 & 0xffffffff
    return f"{number:08x}"


ROUND = r"\((?: [^()]*(?:\([^()]*(?:\([^()]*\)[^()]*)*\)[^()]*)*)?\)"            # ( .. ), balanced
NAME = r"[A-Za-z_]\w*"
LAMBDA = rf"(?:(?<=return )|(?<![\w\])] ))(?<!\S)\[ (?:[^]]* )?\] (?:{ROUND} )?\{{ "
# What C++ writes and Python cannot.
REWRITING = [(re.compile(pattern), to) for pattern, to in (
    # for (int t = 0; t < n; t++) -> for t in range(n)
    (r"^for \( [^;]*?(\w+) = (?:0\b[^;]*;|([^;]*) ;) [^;<]*< ([^;]*) ; .*$",
     r"for \1 in range ( \2 \3 )"),
    # for (const Tensor& X : Xs) -> for X in Xs
    (r"^for \( [^;]*?(\w+|\[ [^]]* \]) : ([^;]*) \)$", r"for \1 in \2"),
    # [&](const Shape& s) { return e; } -> e
    (rf"{LAMBDA}return ((?:(?!\{{ return ).)*?) ; \}}", r"\1"),
    (r"typeid \( ([A-Z][A-Za-z]\w*) \)", r"\1"),                     # typeid(Linear) -> Linear
    # std::get<1>(state) -> state[1]; dynamic_cast<Linear&>(module) -> module
    (rf"(?:\w+ :: )?\bget < (\w+) > \( ({NAME}) \)", r"\2 [ \1 ]"),
    (rf"(?:\w+ :: )?\b\w+_cast < [^>]* > ({ROUND})", r"\1"),
    # std::vector<Tensor> -> vector
    (r"\b(vector|pair|tuple|make_shared|shared_ptr|function|map|min|max|array|arange|optional)"
     r" < (?:[^<>]*< [^<>]* >)*[^<>]*>", r"\1"))]
# `const Tensor& query = ..`: two names side by side are a type and a name.
TYPE = re.compile(rf"(?!(?:return|else|for|if|in|using)\b)(?:(?:const|static|typename) )*{NAME}"
                  rf"(?: :: \S+)*(?: [&*])* (?={NAME})")
CONTROL = ("for", "if", "while", "switch")


class Statements:
    """Of lines begin .. end, an item of a constructor's initialiser list being one of them."""

    def __init__(self, source, begin, end):
        self.lines, self.words, self.first, self.depth = [], [], 0, 0
        code = [(number, source.code[number]) for number in range(begin, end + 1)
                if not source.code[number].startswith("#")]
        # Members whose in-features are written out first, where the book's layers are lazy.
        members = re.findall(r"\b(?:Linear|PositionWiseFFN) (\w+(?:, \w+)*)",
                             "\n".join(text for _, text in code))
        self.with_inputs = {name for names in members for name in names.split(", ")}
        words = [(word, number) for number, text in code for word in split_words(text)]
        for (word, self.last), (after, _) in zip(words, words[1:] + [("", 0)]):
            self.take(word, after)

    def take(self, word, after):
        if not self.words:
            self.first = self.last
        if self.depth == 0 and word == "{" and self.opens_block(after):
            words, self.words = self.words, []
            self.header(words)
        elif self.depth == 0 and word == "}":
            self.words = []
        elif self.depth == 0 and word == ";":
            words, self.words = self.words, []
            self.statement(words)
        else:
            self.depth += depth(word)
            self.words.append(word)

    def opens_block(self, after):
        words = self.words
        if after == "return" and re.search(LAMBDA + "$", " ".join([*words, "{ "])):
            return False
        return (not words or "->" in words or
                words[-1] in (")", "const", "override", "else", "do", "try") or
                words[0] in ("struct", "class", "enum", "template", "namespace"))

    def header(self, words):
        if words[:1] == ["else"]:
            del words[0]
        if words and words[0] in CONTROL:
            self.emit(words)
        elif words and words[0] not in ("struct", "template") and ":" in words:
            for item in parts(words[words.index(":") + 1:]):         # the initialisers
                if item[0] in self.with_inputs and "," in item:
                    del item[2:item.index(",") + 1]
                self.emit(item)

    def statement(self, words):
        while words and words[0] in (*CONTROL, "else"):
            end = 0 if words[0] == "else" else closing(words, 1)
            if end:
                self.emit(words[:end + 1])
            words = words[end + 1:]
        if words:
            self.emit(words)

    def emit(self, words):
        text = " ".join(words)
        for pattern, to in REWRITING * 2:                            # one within another
            text = pattern.sub(to, text)
        value = TYPE.sub("", text, count=1) if TYPE.match(text) else text
        several = parts(value.split(" ")) if value != text else [value.split(" ")]
        for one in several:                                          # Tensor a = x, b = y;
            text = canonical(re.sub(rf"({NAME}) \. back \( \)", r"select ( \1 , 0 , - 1 )",
                                    " ".join(one)))
            if text:
                self.lines.append(Line(self.first, self.last, text))


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


def cpp_lines(source, begin, end):
    return Statements(source, begin, end).lines
