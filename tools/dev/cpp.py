"""A C++ file as a reader sees it: each line's code apart from its comment, and where types and
functions begin and end. Enough of the language for this house's style, not a parser of C++."""
import re

NAME = r"[\w\x80-\U0010ffff]"
PIECE = re.compile(rf"""
    (?P<comment> //(?P<said>[^\n]*) | /\*(?P<block>.*?)(?:\*/|\Z) )
  | (?P<raw> (?:u8|[LuU])?R"(?P<mark>[^()\\\s"]*)\(.*?\)(?P=mark)" )
  | \d(?:{NAME}|')* | {NAME}+
  | (?P<quoted> "(?:\\.|[^"\\\n])*"? | '(?:\\.|[^'\\\n])*'? )
  | [^\w"'/\x80-\U0010ffff]+ | .""", re.X | re.S)
TOKEN = re.compile(rf"operator(?!{NAME})(?:\(\)|[^(;]*)|{NAME}+|::|->|&&|\|\||[^\s\"']")
TYPES = {"struct", "class", "union", "enum"}
NO_FUNCTIONS = {"requires", "alignas", "decltype", "noexcept", "explicit", "__attribute__"}


def is_name(token):
    return bool(re.match(NAME, token))


class Definition:
    """A type, or a function with a body. Lines count from 1; scope is the path of the types around
    it, "" at the level of the namespace; comment is the first line of the one above, 0: none."""

    def __init__(self, kind, name, scope, begin, body, end, comment):
        self.kind, self.name, self.scope = kind, name, scope
        self.begin, self.body, self.end, self.comment = begin, body, end, comment

    @property
    def path(self):
        return joined(self.scope, self.name)

    def holds(self, line, with_comment=False):
        return (with_comment and self.comment or self.begin) <= line <= self.end

    def around(self, other):
        return (self.kind == "type" and self is not other and
                self.begin <= other.begin and self.end >= other.end)


class Source:
    """text, code, plain (code with blanks for what strings say) and comment of each line, from 1."""

    def __init__(self, path, text):
        self.path = path
        code, plain, comment = [], [], []
        for piece in PIECE.finditer(text):
            word, lines = piece[0], "\n" * piece[0].count("\n")
            if piece["comment"]:
                comment.append(piece["said"] if piece["block"] is None else piece["block"])
                word = blank = lines
            else:
                comment.append(lines)
                blank = word
                if piece["quoted"] or piece["raw"]:
                    start = re.search("[\"']", word).end()
                    blank = word[:start] + re.sub("[^\n]", " ", word[start:-1]) + word[start:][-1:]
            code.append(word)
            plain.append(blank)
        self.whole, self.text = text, [""] + text.split("\n")
        self.code, self.plain, self.comment = (
            [""] + [line.strip() if parts is comment else line.rstrip()
                    for line in "".join(parts).split("\n")] for parts in (code, plain, comment))
        self.length = len(self.text) - (2 if text.endswith("\n") else 1)
        self._definitions = None

    @property
    def definitions(self):
        if self._definitions is None:
            self._definitions = Structure(self).definitions
        return self._definitions

    def definition_at(self, line):
        """The innermost in which, or in the comment above which, the line stands."""
        return next((d for d in reversed(self.definitions) if d.holds(line, True)), None)


def joined(scope, name):
    return "::".join(filter(None, (scope, name)))


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
            token = self.tokens[self.at][0]
            if token == "{":
                self.open()
            elif token == "}":
                self.close()
            elif not self.inside and (token == ";" or token == ":" and len(self.head) == 1 and
                                      self.head[0] in ("public", "protected", "private")):
                self.new_head()
            else:
                self.add(*self.tokens[self.at])
            self.at += 1

    def new_head(self):
        self.head, self.inside, self.line = [], "", 0

    def add(self, token, line):
        self.line = self.line or line
        in_angles = not self.inside or self.inside[-1] == "<"
        if token in ")]":
            self.inside = self.inside.rstrip("<")[:-1]
        elif token == ">" and self.inside and in_angles:
            self.inside = self.inside[:-1]
        angle = token == "<" and in_angles and "=" not in self.head and (
            self.inside or self.head and is_name(self.head[-1]))
        if not self.inside:
            self.head.append(token)
        if token in "([" or angle:
            self.inside += token

    def before_angles(self, at):
        return at - 2 if at >= 2 and self.head[at - 1:at + 1] == ["<", ">"] else at

    def parameters(self, begin, end):
        """Where the ( of a function's parameters is; 0: this is no function."""
        for i in range(max(begin, 1), end):
            name = self.head[self.before_angles(i - 1)]
            if self.head[i] == "(" and is_name(name) and name not in NO_FUNCTIONS:
                return i
        return 0

    def opens_a_part(self, parameters):
        """a{1} before a constructor's body, and {} behind a template's requires."""
        head = self.head
        if ":" in head[parameters:]:
            return is_name(head[-1]) or head[-1] == ">"
        end = head[:-2] if head[-2:] == ["(", ")"] else head
        return end[-1:] == ["requires"] and end[-2:-1] != [] and end[-2] in ("requires", "&&", "||",
                                                                             "!")

    def open(self):
        head = self.head
        key = next((i for i, token in enumerate(head) if token in TYPES), len(head))
        colon = head.index(":", key) if ":" in head[key:] else len(head)
        parameters = self.parameters(0, len(head))
        if self.inside or "=" in head:
            self.skip_part()
        elif "namespace" in head or head[-1:] == ["extern"]:
            self.enter(None, self.scope())
        elif key < len(head) and not self.parameters(key, colon):
            self.open_type(key, colon)
        elif not parameters or self.opens_a_part(parameters):
            self.skip_part()
        else:
            name = self.before_angles(parameters - 1)
            tilde = head[name - 1:name] == ["~"]
            self.define("function", "~" * tilde + head[name], self.qualifier(name - tilde))
            self.skip_braces()
            self.definitions[-1].end = self.tokens[self.at][1]
            self.new_head()

    def open_type(self, key, end):
        head = self.head
        if end > key + 2 and head[end - 1] == "final":
            end -= 1
        name = self.before_angles(end - 1)
        named = name > key and is_name(head[name]) and head[name] not in TYPES
        if named:
            self.define("type", head[name], self.qualifier(name))
        if head[key] == "enum":
            self.skip_braces()
            if named:
                self.definitions[-1].end = self.tokens[self.at][1]
            self.new_head()
        else:
            path = joined(self.qualifier(name), head[name]) if named else ""
            self.enter(self.definitions[-1] if named else None, joined(self.scope(), path))

    def scope(self):
        return self.scopes[-1][1] if self.scopes else ""

    def enter(self, definition, path):
        self.scopes.append((definition, path))
        self.new_head()

    def qualifier(self, name):
        """The A::B of A::B::name."""
        path = ""
        while name >= 2 and self.head[name - 1] == "::":
            name = self.before_angles(name - 2)
            if not is_name(self.head[name]):
                break
            path = joined(self.head[name], path)
        return path

    def define(self, kind, name, qualifier):
        comment, above = 0, self.line - 1
        while above > 0 and not self.source.code[above] and self.source.comment[above]:
            comment, above = above, above - 1
        self.definitions.append(Definition(kind, name, joined(self.scope(), qualifier), self.line,
                                           self.tokens[self.at][1], self.source.length, comment))

    def skip_part(self):
        self.skip_braces()
        if not self.inside:
            self.head.append("}")

    def skip_braces(self):
        """From a { to the } that closes it."""
        depth = 0
        while self.at < len(self.tokens):
            depth += {"{": 1, "}": -1}.get(self.tokens[self.at][0], 0)
            if depth == 0:
                return
            self.at += 1
        self.at = len(self.tokens) - 1

    def close(self):
        self.new_head()
        if self.scopes:
            definition = self.scopes.pop()[0]
            if definition:
                definition.end = self.tokens[self.at][1]
