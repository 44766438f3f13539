"""The chapters' figures, drawn from the program itself and compared with those that are committed.

figures.py PROGRAM [--check] [--only NAME]; without --check it writes them. PROGRAM is babelgrad.
Models that were trained stand in tests/golden, whose README has the commands. What Graphviz lays
out is compared by its DOT text, and only drawing it needs Graphviz. Exit status 1, and a line for
each, if a figure is not what would be drawn, or if its chapter does not show it."""
import argparse
import functools
import json
import math
import os
import re
import subprocess
import sys
from html import unescape

import pictures
import pictures_of_models

MODELS = "tests/golden/figures-{}.safetensors"
EXPRESSION = ("--expression", "square(tanh(w * 2 + b))", "--set", "w=0.5", "--set", "b=-0.25")
FIGURES = pictures.FIGURES | pictures_of_models.FIGURES
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


class Error(Exception):
    pass


class Node:
    """Of a beam's tree: a word, after those of its parent."""

    def __init__(self, parent, word, log_prob):
        self.parent, self.word, self.log_prob, self.kept = parent, word, log_prob, False
        self.slot = self.score = 0
        self.path = (parent.path if parent else []) + [self]
        self.words = [node.word for node in self.path if node.word != "<eos>"]


class Facts:
    """What the figures ask for."""

    def __init__(self, program, read=None):
        self.program, self.read = program, read or self.read_file

    @staticmethod
    def read_file(path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def fail(self, words):
        raise Error(words)

    @functools.lru_cache(maxsize=None)
    def run(self, *words, given=""):
        done = subprocess.run([self.program, *words], input=given, capture_output=True, text=True,
                              check=False)
        if done.returncode:
            self.fail(f"babelgrad {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    # --- What the chapters print, and what their sources say

    def example(self, chapter, piece):
        """The code of an example that has this piece, and what it prints."""
        for code, said in re.findall(r"```cpp\n(.*?)```\n```text\n(.*?)```", self.read(chapter),
                                     re.S):
            if piece in code:
                return code, said
        self.fail(f"{chapter}: no example has {piece}")

    def said(self, chapter, piece, at):
        return NUMBER.findall(self.example(chapter, piece)[1])[at]

    def lists(self, chapter, piece):
        """All [1 2 3] of its output."""
        return [[int(n) for n in found.split()]
                for found in re.findall(r"\[([\d ]+)\]", self.example(chapter, piece)[1])]

    def rows(self, chapter, piece):
        """The numbers of a -> b -> c."""
        return [[float(n) for n in NUMBER.findall(part)]
                for part in self.example(chapter, piece)[1].split("->")]

    def matrix(self, chapter, piece, columns):
        row = r"\[(" + " ".join([r"-?\d\.\d{4}"] * columns) + r")\]"
        return [[float(n) for n in found.split()]
                for found in re.findall(row, self.example(chapter, piece)[1])]

    def shapes(self, chapter, piece):
        """All (1, 2) of its output's first line."""
        return re.findall(r"\([\d, ]+\)", self.example(chapter, piece)[1].split("\n")[0])

    def shape_and_strides(self, piece):
        found = re.search(r"\((\d+), (\d+)\), strides (\d+) and (\d+)",
                          self.example("tensor/README.md", piece)[1])
        numbers = tuple(map(int, found.groups()))
        return numbers[:2], numbers[2:]

    def tensors(self, chapter, starts):
        """The numbers of Tensor q({shape}, {numbers}), for each start of such a declaration."""
        text = self.read(chapter)
        found = [re.search(re.escape(start) + r"\{[^}]*\}, \{([^}]*)\}", text) for start in starts]
        if None in found:
            self.fail(f"{chapter}: there is no {starts[found.index(None)]}{{shape}}, {{numbers}})")
        return [[int(n) for n in NUMBER.findall(it[1])] for it in found]

    def equation(self, chapter, start):
        """The last number of the line that begins so."""
        found = re.search(rf"^ *{re.escape(start)}.*?(-?[\d.]+)$", self.read(chapter), re.M)
        return float(found[1]) if found else self.fail(f"{chapter}: no line begins with {start}")

    def constant(self, path, start):
        found = re.search(re.escape(start) + f"({NUMBER.pattern})", self.read(path))
        if not found:
            self.fail(f"{path}: it does not say {start}")
        return float(found[1]) if "." in found[1] else int(found[1])

    def table(self, path):
        """series -> [(x, y)], numbers as they are written; a line with # is a remark."""
        series = {}
        for line in self.read(path).split("\n"):
            cells = line.split("\t")
            if len(cells) == 3 and NUMBER.fullmatch(cells[1]):
                series.setdefault(cells[0], []).append((float(cells[1]), float(cells[2])))
        return series

    def gold(self, path, sentence):
        """A pair of the corpus: words of both sides; links, sure and possible, (source, target)."""
        for line in self.read(path).split("\n"):
            cells = line.split("\t")
            if cells[0] == sentence:
                links = {sign: {tuple(map(int, link.split(sign))) for link in cells[2].split()
                                if sign in link} for sign in "-?"}
                return {"source": cells[0].split(), "target": cells[1].split(), "sure": links["-"],
                        "possible": links["?"]}
        self.fail(f"{path}: {sentence} is not there")

    # --- What trained models do

    def attention(self, model, sentence):
        """source, target, weights[target word][source word]"""
        return json.loads(self.run("attend", MODELS.format(model), sentence, "--json"))

    def explain(self, model, sentence, *more):
        return json.loads(self.run("explain", MODELS.format(model), sentence, "--json", *more))

    def of_step(self, model, sentence, side, name):
        """Of each time at which it happens, the numbers of a step as nested lists."""
        found = {step["time"]: nested(step["values"], step["shape"])
                 for step in self.explain(model, sentence)["steps"]
                 if (step["side"], step["name"]) == (side, name)}
        return found or self.fail(f"explain {sentence}: there is no step {name}")

    def mean_of_heads(self, model, sentence, side, name, time=0):
        heads = self.of_step(model, sentence, side, name)[time]
        return [[sum(column) / len(heads) for column in zip(*rows)] for rows in zip(*heads)]

    def greedy(self, model, sentence):
        words = ("translate", MODELS.format(model), "--tokens")
        return self.run(*words, given=sentence + "\n").strip()

    def beam(self, model, sentence, width):
        """The columns of the tree of a search, and its ends, best first. Each continuation comes
        from `explain`, given the words before; `translate` has to find the same ends."""
        live, columns, ended = [None], [], []
        while live:
            column = []
            for parent in live:
                words = self.explain(model, sentence, *(["--target", " ".join(parent.words)]
                                                        if parent else []))["words"]
                best = words[len(parent.words) if parent else 0]["best"]
                before = parent.log_prob if parent else 0
                column += [Node(parent, it["word"], before + math.log(it["probability"]))
                           for it in best[:width]]
            for i, node in enumerate(column):    # a lane of slots for each that is alive
                lane = live[0].slot // width if len(live) == 1 and live[0] else i // width
                node.slot = lane * width + i % width if node.parent else i * width
            ranked = sorted(column, key=lambda node: -node.log_prob)[:width - len(ended)]
            for node in ranked:
                node.kept = True
            ended += [node for node in ranked if node.word == "<eos>"]
            live = [node for node in column if node.kept and node.word != "<eos>"]
            columns.append(column)
        found = [json.loads(line) for line in self.run(
            "translate", MODELS.format(model), "--beam", str(width), "--n-best", str(width),
            "--tokens", "--json", given=sentence + "\n").splitlines()]
        scores = {it["translation"]: it["score"] for it in found}
        if set(scores) != {" ".join(node.words) for node in ended}:
            self.fail(f"translate --beam {width} finds {list(scores)}, the tree other ends")
        for node in ended:
            node.score = scores[" ".join(node.words)]
        return columns, sorted(ended, key=lambda node: -node.score)

    # --- Graphviz

    def dot(self):
        return self.run("graph", *EXPRESSION, "--dot", "-")

    def laid_out(self, dot, width):
        """Nodes (x, y, width, height, (name, value, grad)), edges as pairs, the height of all."""
        room = "rankdir=LR; ranksep=0.3; node [fixedsize=true, width=1, height=0.8];"
        asked = dot.replace("rankdir=LR;", room)
        try:
            plain = subprocess.run(["dot", "-Tplain", "-Glabel="], input=asked, text=True,
                                   capture_output=True, check=True).stdout
        except OSError:
            self.fail("no dot: apt-get install graphviz")
        numbers = {node["id"]: (node["label"], node["value"], node["grad"])
                   for node in json.loads(self.run("graph", *EXPRESSION, "--json"))["nodes"]}
        rows = [line.split() for line in plain.split("\n")]
        scale, height = width / float(rows[0][2]), float(rows[0][3])

        def at(x, y):
            return float(x) * scale, (height - float(y)) * scale

        nodes = {row[1]: (*at(*row[2:4]), float(row[4]) * scale, float(row[5]) * scale,
                          numbers[int(row[1][1:])]) for row in rows if row[:1] == ["node"]}
        edges = [(nodes[row[1]], nodes[row[2]]) for row in rows if row[:1] == ["edge"]]
        return list(nodes.values()), edges, height * scale


def nested(values, shape):
    if len(shape) < 2:
        return values
    step = len(values) // shape[0]
    return [nested(values[i * step:(i + 1) * step], shape[1:]) for i in range(shape[0])]


def notes(svg):
    found = re.search(r"<metadata>(.*?)</metadata>", svg, re.S)
    return unescape(found[1]) if found else ""


def same(old, new):
    """But for one in the last digit of a number, since another processor rounds otherwise."""
    def near(a, b):
        digits = max(len(number.partition(".")[2]) for number in (a, b))
        return a == b or digits > 0 and abs(float(a) - float(b)) < 1.01 * 10 ** -digits

    return NUMBER.sub("", old) == NUMBER.sub("", new) and all(
        map(near, NUMBER.findall(old), NUMBER.findall(new)))


def main(words=None):
    args = argparse.ArgumentParser(prog="figures.py", description=__doc__.split("\n")[0])
    args.add_argument("program", help="babelgrad")
    args.add_argument("--check", action="store_true", help="compare, and write nothing")
    args.add_argument("--only", default="", help="those with this in their path")
    wish, wrong = args.parse_args(words), []
    facts = Facts(wish.program)
    for path, draw in FIGURES.items():
        if wish.only not in path:
            continue
        try:
            old = facts.read(path) if os.path.exists(path) else ""
            if wish.check and notes(old):
                fresh = same(notes(old), facts.dot())
            else:
                new = draw(facts).svg()
                fresh = same(old, new)
        except (Error, OSError) as error:
            sys.exit(f"figures: {path}: {error}")
        if not wish.check:
            with open(path, "w", encoding="utf-8") as file:
                file.write(new)
        elif not fresh:
            wrong.append(f"{path}: is not what would be drawn, make figures would be right")
        room, name = path.split("/figures/")
        if wish.check and f"(figures/{name})" not in facts.read(f"{room}/README.md"):
            wrong.append(f"{path}: {room}/README.md does not show it, an image would be right")
    print("\n".join(wrong + [f"figures: {len(FIGURES)}, {len(wrong)} complaints"]))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
