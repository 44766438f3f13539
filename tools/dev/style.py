"""The house rules that a machine can hold, and that neither compiler nor formatter knows.

python3 tools/dev/style.py [ROOT]: its complaints, `file:line: rule, what would be right`."""
import os
import re
import sys

from cpp import NAME, Source
from house import paths_in, tests_of

# A room may include itself and these. Tests of a room may include what it may, and other tests.
BELOW = {"tensor": "", "autograd": "tensor", "data": "tensor", "nn": "tensor autograd data",
         "models": "tensor autograd data nn", "tools/app": "tensor autograd data nn models",
         "tools/lab": "tensor autograd data nn models tools/app",
         "tools/live": "tensor autograd data nn models tools/app"}
TESTED = {**{room: room for room in BELOW}, "tools": "tools/lab", "app": "tools/app",
          "lab": "tools/lab"}
CORE = ("tensor/", "autograd/", "nn/", "models/")
POSIX = [f"{name}.h" for name in (
    "dlfcn errno fcntl poll pthread signal stdlib termios unistd sys/file sys/ioctl sys/mman "
    "sys/resource sys/stat sys/utsname sys/wait").split()]
KINDS = (".h", ".cpp", ".py", ".md", ".css", ".js", ".html")
UNFINISHED = "|".join(["TODO", "FIXME", "XXX", "HACK"])
FLOAT = (r"(?<![\w.])(?:0[xX][\da-fA-F'.]*[pP][+-]?\d+|"
         r"(?:\d[\d']*\.?[\d']*|\.\d+)(?:[eE][+-]?\d+)?)[fF]\b")


class File:
    """A text; a Source for C++, else its lines alone."""

    def __init__(self, path, text):
        self.path, self.whole = path, text
        self.is_code = path.endswith((".h", ".cpp"))
        self.source = Source(path, text) if self.is_code else None
        self.lines = text.split("\n")[:-1] if text.endswith("\n") else text.split("\n")
        self.room = max((room for room in BELOW if path.startswith(room + "/")), key=len,
                        default=path.split("/")[0])

    def numbered(self, part):
        """(line, words): of "text", or of C++'s "code", "plain" (code without its strings) or
        "comment"; of other files "comment" is what follows #."""
        if part == "text":
            return enumerate(self.lines, 1)
        if self.is_code:
            return list(enumerate(getattr(self.source, part)))[1:]
        return [(i, line.partition("#")[2] if part == "comment" else "")
                for i, line in enumerate(self.lines, 1)]

    def includes(self):
        """(line, path, whether in quotes)"""
        for line, code in self.numbered("code"):
            found = re.match(r'#\s*include\s*([<"])([^>"]*)', code)
            if found:
                yield line, found[2], found[1] == '"'


# --- Rules for a line: files, part, what must not be in it, what would be right.

def anywhere(file):
    return True


def code(file):
    return file.is_code


def no_prose(file):
    return not file.path.endswith(".md")


def header(file):
    return file.path.endswith(".h")


LINES = (
    ("columns", lambda file: no_prose(file) and file.path != "tools/whole.cpp", "text",
     r"^.{101,}", "longer than 100"),
    ("columns", lambda file: file.path == "tools/whole.cpp", "text", r"^.{121,}",
     "longer than 120"),
    ("blanks", anywhere, "text", r"\s$", "blanks at the end, the line ends with its text"),
    ("blanks", lambda file: not file.path.endswith("Makefile"), "text", r"\t",
     "a tab, indent by spaces"),
    ("unfinished work", no_prose, "comment", rf"\b({UNFINISHED})\b", "do it, or say how it is"),
    ("unfinished work", code, "plain", rf"\b({UNFINISHED})\b", "do it, or say how it is"),
    ("macros", lambda file: file.path != "tests/main.cpp", "plain", r"^\s*#\s*define\b",
     "write a function or a constant"),
    ("using namespace", header, "plain", r"\busing namespace\b", "in a header, name what is used"),
    ("machine paths", lambda file: no_prose(file) and not file.path.startswith("tests/"), "text",
     r"/(home|work|tmp)/", "a path comes from the user or the system"),
    ("float suffix", code, "plain", FLOAT, "write Real(..) or float(..)"),
    ("chance and time", code, "plain", r"(?<!\w)s?rand\(|\brandom_device\b|\btime\(nullptr\)",
     "a number nobody can have again, draw it from Random"),
    ("compiler flags", lambda file: file.path == "Makefile", "text",
     r"^[^#]*(-ffast-math|-Ofast)\b", "it makes isnan() false and reorders sums"),
    ("raw verbs", lambda file: file.room in ("nn", "models", "data") and
     not file.path.startswith(("nn/init", "nn/optim")), "plain", r"\braw::",
     "raw:: records nothing, use the operation of ops.h"))


def lines(files):
    for name, concerned, part, wrong, right in LINES:
        pattern = re.compile(wrong)
        for file in filter(concerned, files):
            for line, words in file.numbered(part):
                if pattern.search(words):
                    yield file.path, line, name, right


# --- Rules for a file

def forms(files):
    paths = {file.path for file in files}
    for file in files:
        if not file.whole.endswith("\n") or file.whole.endswith("\n\n"):
            yield file.path, len(file.lines), "blanks", "a file ends with one newline"
        if not file.is_code:
            continue
        first, own = file.lines[0] if file.lines else "", file.path.rsplit(".", 1)[0] + ".h"
        told = header(file) or not (own in paths and first == f'#include "{own}"' or
                                    file.path.startswith("tests/") and first.startswith("#"))
        if told and not first.startswith("//"):
            yield file.path, 1, "opening comment", "open with a comment saying what this is"
        at = next((i for i, words in file.numbered("code") if words), 1)
        if header(file) and not re.match(r"\s*#\s*pragma once", file.source.code[at]):
            yield file.path, at, "pragma once", "#pragma once comes before any code"


def includes(files):
    """Point downwards, to what is there; nothing but the standard library, doctest and OpenMP."""
    paths = {file.path for file in files}
    for file in files:
        test = file.path.startswith("tests/")
        home = TESTED.get(file.path[6:].split("_")[0]) if test else file.room
        for line, path, ours in file.includes():
            to = max((room for room in BELOW if path.startswith(room + "/")), key=len, default="")
            if ours and home in BELOW and to and to not in (home, *BELOW[home].split()):
                yield file.path, line, "layers", f"{path} is above {home}"
            elif ours and path.startswith("tests/") and not test:
                yield file.path, line, "layers", f"{path}, nothing but tests may know the tests"
            elif ours:
                if path not in paths and path.removesuffix(".h") not in paths:   # page.css.h, made
                    yield (file.path, line, "includes",
                           f"{path} is not there, write it from the root")
            elif path.endswith("intrin.h") or path.startswith("arm_"):
                if file.path not in ("tensor/simd.h", "tensor/subnormals.h"):
                    yield file.path, line, "intrinsics", "use the vectors of tensor/simd.h"
            elif header(file) and file.path.startswith((*CORE, "data/")) and path in (
                    "iostream", "regex", "random", "filesystem"):
                yield file.path, line, "heavy headers", f"<{path}>, include it in the .cpp"
            elif not (re.fullmatch("[a-z_0-9]+", path) or path in POSIX or path == "omp.h" or
                      test and path == "doctest/doctest.h"):
                yield file.path, line, "packages", f"<{path}> is not of the standard library"


# --- What a module names in fields() is what is trained and saved: each parameter and each child,
# by its own name. A member that is neither says in its comment that it is "not a parameter".

def has_word(text, word):
    return re.search(rf"(?<!{NAME}){re.escape(word)}(?!{NAME})", text)


def text_of(source, begin, end, part="code"):
    return "\n".join(getattr(source, part)[begin:end + 1])


def types_of(files):
    """(file, type, its head) in nn/ and models/."""
    for file in files:
        if file.path.startswith(("nn/", "models/")) and file.is_code:
            for it in file.source.definitions:
                if it.kind == "type":
                    yield file, it, text_of(file.source, it.begin, it.body).split("{")[0]


def module_types(files):
    """The names of all that derive from Module."""
    modules, before = {"Module"}, 0
    while before != len(modules):
        before = len(modules)
        for file, it, head in types_of(files):
            if modules & set(re.findall(r"\w+", head.partition(" : ")[2])):
                modules.add(it.name)
    return modules


def members(source, of):
    """(line, words of the type, names) of what is declared in it, functions left out."""
    inner = [it for it in source.definitions if it.begin > of.begin and it.end < of.end]
    declaration = ""
    for line in range(of.body + 1, of.end):
        plain = source.plain[line]
        if any(it.begin <= line <= it.end for it in inner) or plain.endswith(":"):
            declaration = ""
            continue
        *whole, declaration = (declaration + plain + " ").split(";")
        for one in whole:
            one = re.sub(r"^(\s*(static|inline|mutable|const)\s)*", "", re.split("[={]", one)[0])
            found = re.match(r"(.*>|\s*\S+)(.*)", one.strip())
            if found and "(" not in one and "operator" not in one:
                yield line, set(re.findall(r"\w+", found[1])), re.findall(r"\w+", found[2])


def fields(files):
    bodies = {}                                  # path of the type -> its fields(), wherever it is
    for file in files:
        for it in file.source.definitions if file.is_code else ():
            if it.name == "fields" and it.kind == "function":
                body = text_of(file.source, it.begin, it.end)
                bodies[it.scope] = bodies.get(it.scope, "") + body
                for name, value in re.findall(r'f\("([^"]*)", ([^)]*)\)', body):
                    if value.lstrip("*") != name and not file.path.startswith("tests/"):
                        yield (file.path, it.begin, "field names",
                               f'f("{name}", {value}), write f("{name}", {name})')
    modules = module_types(files)
    for file, it, head in types_of(files):
        if it.name not in modules or it.scope or it.name == "Module":
            continue
        template = head.split(">")[0] if head.startswith("template") else ""
        trained = modules | {"Tensor"} | set(re.findall(r"class (\w+)", template))
        trained |= {inner.name for inner in file.source.definitions      # Weights { Tensor w, b; }
                    if inner.kind == "type" and inner.scope == it.path
                    and any(words & trained for _, words, _ in members(file.source, inner))}
        for line, words, names in members(file.source, it):
            if words & trained and "not a parameter" not in file.source.comment[line]:
                for name in names:
                    if not has_word(bodies.get(it.path, ""), name):
                        yield (file.path, line, "members", f"{it.name}::{name} is missing in "
                               "fields(), or its comment says it is not a parameter")


# --- What must be tested, and what tests are called

def plain_of(files, prefix):
    return "\n".join(text_of(file.source, 1, file.source.length, "plain") for file in files
                     if file.path.startswith(prefix) and file.path.endswith(".cpp"))


def gradient_tests(files):
    """Each operation of ops.h is in a test that includes the gradient checker, or a helper that
    does: called, or as an operator beside one of the test's inputs x[0], x[1], ..."""
    checkers = {"autograd/gradcheck.h"}
    checkers |= {file.path for file in files if file.path.startswith("tests/") and header(file)
                 and any(path in checkers for _, path, _ in file.includes())}
    tests = plain_of([file for file in files if any(path in checkers for _, path, _ in
                                                    file.includes())], "tests/autograd_")
    ops = next((file for file in files if file.path == "autograd/ops.h"), None)
    results = {"Tensor"} | ({it.name for it in ops.source.definitions} if ops else set())
    seen = set()
    for line, plain in ops.numbered("plain") if ops else ():
        found = re.match(r"(\w+) ([^\s(]+)\(", plain)
        if not found or found[1] not in results or found[2] in seen:
            continue
        seen.add(found[2])
        sign = re.escape(found[2][8:]) if found[2].startswith("operator") else ""
        used = rf"{sign} ?x\[|x\[[^]]*\] {sign} " if sign else rf"(?<![\w:.]){found[2]}\("
        if not re.search(used, tests):
            yield (ops.path, line, "gradient tests", f"{found[2]} is in no gradient test, add it "
                   "to tests/autograd_gradients.cpp")


def tests(files):
    of_models, modules = plain_of(files, "tests/models_"), module_types(files)
    for file, it, head in types_of(files):
        if file.path.startswith("models/") and not it.scope and it.name in modules:
            if not has_word(of_models, it.name):
                yield file.path, it.begin, "model tests", f"{it.name} is in no test of models/"
    places = {}
    for file in files:
        found = list(tests_of(file.source)) if file.is_code else []
        room = re.fullmatch(r"tests/([a-z]+)_\w+\.cpp", file.path)
        if found and not (room and room[1] in TESTED):
            yield file.path, found[0].line, "test files", "a test is in tests/ROOM_subject.cpp"
        for test in found:
            first = places.setdefault(test.name, f"{test.file}:{test.line}")
            if first != f"{test.file}:{test.line}":
                yield (test.file, test.line, "test names", f'"{test.name}" is the test of {first}, '
                       "another fact has another name")


# --- Prose: what was measured stands under the heading that has the command.

MEASURED = re.compile(r"\d ?(ms|GFLOP/s|GB/s|BLEU)\b|\d x\b")
COMMAND = re.compile(r"\b(make|babelgrad) \w|tools/\w|```(cpp|console)")


def numbers(files):
    for file in files:
        if not file.path.endswith("README.md"):
            continue
        begin = 0
        for part in re.split(r"^(?=#)", file.whole, flags=re.M):
            for line, words in enumerate(part.split("\n"), begin + 1):
                if MEASURED.search(words) and not COMMAND.search(part):
                    yield (file.path, line, "numbers", "a measured number has its command under "
                           "the same heading")
                    break
            begin += part.count("\n")


def complaints(files):
    for rule in (lines, forms, includes, fields, gradient_tests, tests, numbers):
        for path, line, name, right in rule(files):
            yield f"{path}:{line}: {name}, {right}"


def read_files(root):
    files = []
    for path in sorted(paths_in(root)):
        if path.endswith(KINDS) or os.path.basename(path) == "Makefile":
            with open(os.path.join(root, path), encoding="utf-8", newline="") as file:
                files.append(File(path, file.read()))
    return files


def main(root="."):
    if not os.path.isdir(root):
        sys.exit(f"style: {root} is no folder")
    files = read_files(root)
    found = list(complaints(files))
    print("\n".join(found + [f"style: {len(files)} files, {len(found)} complaints"]))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
