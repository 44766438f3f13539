"""Whether a room's tests notice: small faults, planted one at a time in a copy of the tree.

python3 tools/dev/mutants.py [--count N] [--seed S] [--rooms tensor,autograd,nn] [--again]. Five
kinds in equal shares, chosen by the seed. A fault that does not compile, or that makes the same
program, is none: another takes its place. It is noticed if the room's own tests, in float, in
double or with the sanitizers, fail, crash or do not end. build/mutants/results.tsv remembers, so
that a run goes on where it was stopped; --again asks once more about what went unnoticed.
tools/dev/mutants.tsv lists the faults that change nothing: file, line, what it becomes, reason."""
import argparse
import filecmp
import hashlib
import os
import random
import re
import resource
import shutil
import subprocess
import sys
from collections import Counter, namedtuple

from cpp import Source
from house import paths_in

TREE, RESULTS = "build/mutants/tree", "build/mutants/results.tsv"
EQUIVALENT = "tools/dev/mutants.tsv"
NOTICED, UNNOTICED, NONE = "noticed", "unnoticed", "no fault"
CHANGES_NOTHING = "change nothing"               # unnoticed, and EQUIVALENT says why
SANITIZED = "float-address-undefined"            # what make sanitize builds
BUILDS = ("float", "double", SANITIZED)
GIGABYTES = 8                                    # a test that asks for more has lost its way

# kind -> (pattern, what it becomes); in code, where strings are blank.
SWAPS = {a: b for pair in ("+ -", "* /", "&& ||", "+= -=", "*= /=", "== !=", "< <=", "> >=",
                           "true false", "min max", "front back")
         for a, b in (pair.split(), reversed(pair.split()))}
KINDS = {
    "operator": [(r"(?<= )([-+*/]=?|&&|\|\|)(?= )", lambda it: SWAPS[it[0]]),
                 (r"!(?=[\w(])", lambda it: "")],
    "comparison": [(r"(?<= )([<>]=?|[!=]=)(?= )", lambda it: SWAPS[it[0]])],
    "constant": [(r"\b(true|false)\b", lambda it: SWAPS[it[0]]),
                 (r"(?<![\w.'])1(?![\w'])", lambda it: "0"),
                 (r"(?<![\w.'])(?!1\b)\d+(?![\w'])", lambda it: str(int(it[0]) + 1)),
                 (r"(?<![\w.'])\d+(?=e[-\d])", lambda it: str(int(it[0]) + 1))],
    "bound": [(r"\b(min|max)(?=(<\w+>)?\()|\b(front|back)(?=\(\))", lambda it: SWAPS[it[0]]),
              (r"(?<=for )\([^;:]* = [^;:]+(?=;)", lambda it: it[0] + " + 1"),
              (r"(?<=; )[^;]* [<>]=? [^;]+(?=; )", lambda it: it[0] + " - 1"),
              (r"\b(begin|data)\(\)", lambda it: it[0] + " + 1"),
              (r"\b(end|size|numel)\(\)", lambda it: it[0] + " - 1")],
    "statement": []}
DECLARATION = re.compile(r"(return|using|template|case|static|const|break)\b|[\w:]+(<.*>)?[ &*]+"
                         r"[\w\[][^=({;]*[={(;]")

Fault = namedtuple("Fault", "kind path line text becomes")


def without_messages(text):
    """The text, with blanks for what a check() or fail() says, and for what stands in an #if, which
    may be for another machine."""
    text = re.sub(r"^ *#if.*?^ *#endif", lambda it: re.sub(r"[^\n]", " ", it[0]), text,
                  flags=re.M | re.S)
    for call in re.finditer(r"\b(check|fail)\(", text):
        depth, said = 1, call[1] == "fail"
        for at in range(call.end(), len(text)):
            depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(text[at], 0)
            if depth == 0:
                break
            said = said or depth == 1 and text[at] == ","
            if said and text[at] != "\n":
                text = text[:at] + " " + text[at + 1:]
    return text


def statements(source, plain):
    """(first line, last line) of each statement that has its lines to itself."""
    inner = [it for it in source.definitions if it.kind == "function"]
    ends = [line for line, code in enumerate(plain) if code.endswith((";", "{", "}"))]
    for first, last in ((before + 1, end) for before, end in zip(ends, ends[1:])):
        while first < last and not plain[first]:
            first += 1
        whole = "".join(plain[first:last + 1]).strip()
        if (whole.endswith(";") and not DECLARATION.match(whole) and
                all(whole.count(a) == whole.count(b) for a, b in ("()", "[]", "{}")) and
                any(it.body < first and last < it.end for it in inner)):
            yield first, last


def faults(path, text):
    source = Source(path, text)
    plain = without_messages("\n".join(source.plain)).split("\n")
    for first, last in statements(source, plain):
        yield Fault("statement", path, first, "\n".join(source.text[first:last + 1]),
                    ";" + "\n" * (last - first))
    for line, code in enumerate(plain):
        if code.lstrip().startswith("#") or not source.text[line].startswith(source.code[line]):
            continue
        for kind, changes in KINDS.items():
            for pattern, change in changes:
                for it in re.finditer(pattern, code):
                    if not code[it.end():].startswith(" ...") and "operator" not in code:
                        whole = source.text[line]
                        becomes = whole[:it.start()] + change(it) + whole[it.end():]
                        yield Fault(kind, path, line, whole, becomes)


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)


def words(text):
    return " ".join(text.split())


def key(fault):
    return fault.path, words(fault.text), words(fault.becomes)


def limits(seconds, sanitized):
    """Seconds of the processor, so that a busy machine makes no fault of slowness. Sanitizers keep
    a map of all addresses, so they have no limit of memory."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    if not sanitized:
        resource.setrlimit(resource.RLIMIT_AS, (GIGABYTES << 30, GIGABYTES << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Room:
    """The tests of a room in the copy: built, run, and known as they are without a fault. Files of
    their own are sooner compiled than a room as one unit, but for a header, which is in all."""

    def __init__(self, name):
        self.name, self.sound, self.seconds = name, {}, {}

    def know(self, build):
        """How it is without a fault, once."""
        if build not in self.sound:
            built, self.seconds[build], began = self.make(build), 600, processor_seconds()
            if not built or not self.passes(build):
                sys.exit(f"mutants: {self.name}'s tests fail in {build} without a fault")
            self.sound[build] = built
            self.seconds[build] = 20 + int(5 * (processor_seconds() - began))

    def program(self, build):
        return f"build/{build}/tests/{self.name}_test"

    def make(self, build):
        """A hash of the program; "" if there is none."""
        environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
        sanitize = "address,undefined" if build.startswith(SANITIZED) else ""
        made = subprocess.run(["make", f"REAL={build.split('-')[0]}", f"SANITIZE={sanitize}",
                               f"UNITY={0 if build.endswith('-files') else 1}",
                               self.program(build)], cwd=TREE, env={**environment, "MFLAGS": ""},
                              capture_output=True)
        if made.returncode:
            return ""
        with open(os.path.join(TREE, self.program(build)), "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()

    def passes(self, build):
        seconds = self.seconds[build]
        try:
            return subprocess.run([self.program(build), "--abort-after=1"], cwd=TREE,
                                  timeout=20 * seconds,                  # it may wait for nothing
                                  preexec_fn=lambda: limits(seconds,
                                                             build.startswith(SANITIZED)),
                                  stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def outcome(self, fault):
        place, alone = os.path.join(TREE, fault.path), fault.path.endswith(".cpp")
        sound = read(place)
        lines, count = sound.split("\n"), fault.text.count("\n") + 1
        lines[fault.line - 1:fault.line - 1 + count] = fault.becomes.split("\n")
        try:
            for build in BUILDS:
                build += "-files" if alone else ""
                self.know(build)
                write(place, "\n".join(lines))
                built = self.make(build)
                # A header that the tests do not use makes the same program, and is no excuse.
                if not built or built == self.sound[build] and alone:
                    return NONE
                if not self.passes(build):
                    return NOTICED
                write(place, sound)
            return UNNOTICED
        finally:
            write(place, sound)


def listed(path, again=False):
    """The rows of a table, each with four cells, by file, line and what it becomes."""
    rows = [row.split("\t") for row in read(path).splitlines()] if os.path.exists(path) else []
    return {tuple(row[:3]): row[3] for row in rows if not (again and row[3] == UNNOTICED)}


def copy_tree(paths):
    """What has not changed keeps its time, for make."""
    for path in paths:
        copy = os.path.join(TREE, path)
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        if not os.path.exists(copy) or not filecmp.cmp(path, copy, shallow=False):
            shutil.copyfile(path, copy)
    for gone in set(paths_in(TREE)) - set(paths):
        os.remove(os.path.join(TREE, gone))


def chosen(found, count, seed, judge):
    """(fault, outcome) of `count` faults, shared among the kinds; judge(fault) is its outcome."""
    queues = {kind: sorted(fault for fault in found if fault.kind == kind) for kind in KINDS}
    for kind, queue in queues.items():
        random.Random(f"{seed} {kind}").shuffle(queue)
    short = {kind: (count + i) // len(KINDS) for i, kind in enumerate(KINDS)}
    while batch := [queues[kind].pop() for kind in KINDS
                    for _ in range(min(short[kind], len(queues[kind])))]:
        for fault in sorted(batch, key=lambda fault: fault[1:]):   # a room after the other
            outcome = judge(fault)
            if outcome != NONE:
                short[fault.kind] -= 1
                yield fault, outcome


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--count", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--rooms", default="tensor,autograd,nn")
    options.add_argument("--again", action="store_true")
    options = options.parse_args()
    paths = sorted(paths_in("."))
    copy_tree(paths)
    rooms = {name + "/": Room(name) for name in options.rooms.split(",")}
    found = [fault for path in paths if path.startswith(tuple(rooms)) and
             path.endswith((".h", ".cpp")) for fault in faults(path, read(path))]
    found = list({key(fault): fault for fault in found}.values())
    equivalent, results = listed(EQUIVALENT), listed(RESULTS, options.again)
    for path, line, becomes in sorted(set(equivalent) - {key(fault) for fault in found}):
        if path.startswith(tuple(rooms)):
            print(f"{EQUIVALENT}: {path} has no such fault, {line}  ->  {becomes}")

    def judge(fault):
        if key(fault) not in results:
            results[key(fault)] = rooms[fault.path.split("/")[0] + "/"].outcome(fault)
            with open(RESULTS, "a", encoding="utf-8") as file:
                file.write("\t".join([*key(fault), results[key(fault)]]) + "\n")
        if results[key(fault)] == UNNOTICED and key(fault) in equivalent:
            return CHANGES_NOTHING
        return results[key(fault)]

    counts = Counter()
    for fault, outcome in chosen(found, options.count, options.seed, judge):
        counts.update([(fault.kind, outcome), ("all", outcome)])
        if outcome == UNNOTICED:
            print(f"{fault.path}:{fault.line}: {fault.kind} unnoticed, {words(fault.text)}  ->  "
                  f"{words(fault.becomes)}", flush=True)
    for kind in (*KINDS, "all"):
        print(f"mutants: {kind:10}", *(f"{counts[kind, outcome]:4} {outcome}" for outcome in
                                       (NOTICED, UNNOTICED, CHANGES_NOTHING)))
    return counts["all", NOTICED] < 0.9 * sum(counts["all", outcome] for outcome in
                                              (NOTICED, UNNOTICED, CHANGES_NOTHING))


if __name__ == "__main__":
    sys.exit(main())
