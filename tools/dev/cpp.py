"""A C++ file as a reader sees it: each line's code apart from its comment, and where types and
functions begin and end. Enough of the language for this house's style, not a parser of C++."""
import re
from dataclasses import dataclass

NAME = r"[\w\x80-\U0010ffff]"
PIECE = re.compile(rf"""
    //(?P<said>[^\n]*) | /\*(?P<block>.*?)(?:\*/|\Z)
  | (?P<open>(?:u8|[LuU])?R"(?P<mark>[^()\\\s"]*)\()(?P<raw>.*?)\)(?P=mark)"
  | \d(?:{NAME}|')* | {NAME}+
  | (?P<quote>["'])(?P<words>(?:\\.|(?!(?P=quote))[^\\\n])*)(?P=quote)?
  | [^\w"'/\x80-\U0010ffff]+ | .""", re.X | re.S)
TOKEN = re.compile(rf"operator(?!{NAME})(?:\(\)|[^(;]*)|{NAME}+|::|->|&&|\|\||[^\s\"']")
TYPE = re.compile(r"(?:^| )(enum|struct|class|union)(?: class| struct| alignas \( \))?"
                  r"(?: ((?:\w+ :: )*\w+)(?: final)?(?: : .*)?)?$")
FUNCTION = re.compile(r"(?:^| )((?:\w+ :: )*(?:~ )?)(operator[^ ]*(?: \w+)*|(?!(?:requires|alignas|"
                      r"decltype|noexcept|explicit|__attribute__) )[^\W\d]\w*) \( \)")


@dataclass
class Definition:
    """A type, or a function with a body. Lines count from 1; scope is the path of the types around
    it, "" at the level of the namespace; comment is the first line of the one above, 0: none."""
    kind: str
    name: str
    scope: str
    begin: int
    body: int
    end: int
    comment: int

    @property
    def path(self):
        return joined(self.scope, self.name)

    def holds(self, line, with_comment=False):
        return (with_comment and self.comment or self.begin) <= line <= self.end

    def around(self, other):
        return (self.kind == "type" and self is not other and
                self.begin <= other.begin and self.end >= other.end)


class Source:
    """text, code, plain (code with blanks for what strings say) and comment of each line from 1."""

    def __init__(self, path, text):
        self.path, self.whole, self.text = path, text, ["", *text.split("\n")]
        self.length = len(text.splitlines())
        code, plain, comment = [], [], []
        for piece in PIECE.finditer(text):
            said = piece["said"] if piece["block"] is None else piece["block"]
            lines = "\n" * piece[0].count("\n")
            comment.append(lines if said is None else said)
            code.append(piece[0] if said is None else lines)
            within = piece["raw"] or piece["words"]
            plain.append(code[-1] if not within else
                         piece[0].replace(within, re.sub(r"[^\n]", " ", within)))
        self.code, self.plain, self.comment = (
            ["", *(line.rstrip() for line in "".join(pieces).split("\n"))]
            for pieces in (code, plain, comment))
        self.comment = [line.strip() for line in self.comment]
        self._definitions = None

    @property
    def definitions(self):
        if self._definitions is None:
            self._definitions = Structure(self).definitions
        return self._definitions

    def definition_at(self, line):
        """The innermost in which, or in the comment above which, the line stands."""
        return next((d for d in reversed(self.definitions) if d.holds(line, True)), None)


def joined(*path):
    return "::".join(filter(None, path))


class Structure:
    """Walks over tokens. The head is the beginning of a declaration, up to its ; or {, without what
    stands in ( ), [ ] or < >."""

    def __init__(self, source):
        self.source, self.definitions, self.scopes = source, [], []
        self.tokens, directive = [], False
        for number, line in enumerate(source.plain):
            directive = directive or line.lstrip().startswith("#")
            if not directive:
                self.tokens += [(token.rstrip(), number) for token in TOKEN.findall(line)]
            directive = directive and line.endswith("\\")
        self.at = 0
        self.new_head()
        while self.at < len(self.tokens):
            token, self.line = self.tokens[self.at]
            access = self.head[-1:] in (["public"], ["protected"], ["private"])
            if token == "{":
                self.open()
            elif token == "}":
                self.close()
            elif not self.inside and (token == ";" or token == ":" and access):
                self.new_head()
            else:
                self.add(token)
            self.at += 1

    def new_head(self):
        self.head, self.inside, self.first = [], "", 0

    def add(self, token):
        self.first = self.first or self.line
        in_angles = not self.inside or self.inside[-1] == "<"
        if token in (")", "]"):
            self.inside = self.inside.rstrip("<")[:-1]
        elif token == ">" and self.inside and in_angles:
            self.inside = self.inside[:-1]
        named = bool(self.inside) or re.match(NAME, "".join(self.head[-1:]))
        angle = token == "<" and in_angles and "=" not in self.head and named
        if not self.inside:
            self.head.append(token)
        if token in ("(", "[") or angle:
            self.inside += token

    def open(self):
        head = " ".join(self.head).replace(" < >", "")
        kind, function = TYPE.search(head), FUNCTION.search(head)
        # Before the body of a constructor may stand a{1}.
        part = function and " : " in head[function.end():] and re.search(r"(?:\w|>)$", head)
        if not self.inside and re.search(r"(?:^| )namespace\b|extern$", head):
            self.scopes.append((None, self.scope()))
            self.new_head()
        elif self.inside or "=" in self.head or part or not (kind or function):
            self.skip_braces()
            if not self.inside:
                self.head.append("}")
        elif kind:
            path = (kind[2] or "").split(" :: ")
            definition = self.define("type", *path) if kind[2] else None
            if kind[1] == "enum":
                self.skip_braces(definition)
            else:
                self.scopes.append((definition, joined(self.scope(), *path)))
            self.new_head()
        else:
            *path, tilde = function[1].split(" :: ") if "::" in function[1] else [function[1]]
            name = tilde.strip() + function[2]
            self.skip_braces(self.define("function", *path, name))
            self.new_head()

    def scope(self):
        return self.scopes[-1][1] if self.scopes else ""

    def define(self, kind, *path):
        comment, above = 0, self.first - 1
        while above > 0 and not self.source.code[above] and self.source.comment[above]:
            comment, above = above, above - 1
        self.definitions.append(Definition(kind, path[-1], joined(self.scope(), *path[:-1]),
                                           self.first, self.line, self.source.length, comment))
        return self.definitions[-1]

    def skip_braces(self, definition=None):
        """From a { to the } that closes it."""
        depth = 0
        for at in range(self.at, len(self.tokens)):
            depth += {"{": 1, "}": -1}.get(self.tokens[at][0], 0)
            if depth == 0:
                break
        self.at = at
        if definition:
            definition.end = self.tokens[at][1]

    def close(self):
        self.new_head()
        if self.scopes:
            definition = self.scopes.pop()[0]
            if definition:
                definition.end = self.line
