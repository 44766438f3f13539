#!/usr/bin/env python3
"""The live page in headless Chromium, opened from disk: make live-test.

BABELGRAD names the program, LIVE the folder that make live wrote, MODELS the float models that it
was made of. An argument runs only the cases whose name holds it. Ends with the line doctest would
print."""
import base64
import os
import subprocess
import sys

sys.dont_write_bytecode = True       # no folder of bytecode among the tests

import live_page
from browser_driver import expect, run_cases


class Live:
    """The page, its models as the program opens them, and sentences that none has seen."""

    def __init__(self, scratch):
        self.folder = os.path.abspath(os.environ.get("LIVE", "build/live"))
        self.models = os.path.abspath(os.environ.get("MODELS", "runs/demo"))
        self.page = os.path.join(self.folder, "index.html")
        self.program = os.path.abspath(os.environ.get("BABELGRAD", "build/babelgrad"))
        self.scratch = scratch
        self.patience = float(os.environ.get("LIVE_PATIENCE", "900"))
        self.pairs = subprocess.run(
            [self.program, "corpus", "--pairs", "24000", "--seed", "1", "--max-length", "12",
             "--split", "test"], text=True, capture_output=True, check=True).stdout.splitlines()

    def held_out(self, count, words=0):
        sources = [pair.split("\t")[0] for pair in self.pairs]
        return [s for s in sources if words in (0, len(s.split()))][:count]

    def translate(self, model, sentences):
        return subprocess.run([self.program, "translate", model], text=True, check=True,
                              input="\n".join(sentences) + "\n", capture_output=True
                              ).stdout.splitlines()

    def translate_bytes(self, letters, sentences):
        path = os.path.join(self.scratch, "own.safetensors")
        with open(path, "wb") as file:
            file.write(base64.b64decode(letters))
        return self.translate(path, sentences)


def the_packed_models_say_the_same(_, live):
    sentences = live.held_out(1000)
    for kind in live_page.KINDS:
        before, after = (live.translate(os.path.join(folder, kind), sentences)
                         for folder in (live.models, live.folder))
        same = sum(a == b for a, b in zip(before, after, strict=True))
        print(f"packed, {kind}: {same} of {len(sentences)} translations stay")
        expect(len(sentences) == 1000 and same >= 990, kind, same)


def the_page_is_small(_, live):
    size = os.path.getsize(live.page)
    expect(size <= 3_500_000, "the page has", size, "bytes")


CASES = (the_page_is_small, the_packed_models_say_the_same) + live_page.CASES


if __name__ == "__main__":
    sys.exit(run_cases(CASES, Live))
