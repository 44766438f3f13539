#!/usr/bin/env python3
"""Every door to another engine, opened with that engine itself: models that babelgrad trained go
out, are used there, and come back.

  make doors [DATA=folder] [DOORS="safetensors"] [VENV=folder]

makes a virtual environment of the engines in VENV (build/doors/venv), trains small models into
build/doors, and runs each door. DATA is a folder of real pairs, such as Multi30k's; without it the
pairs are the built-in corpus. The last line is `N passed, N failed`, and nothing is skipped.
"""
import importlib
import json
import os
import shutil
import subprocess
import sys
import time

ENGINES = ["torch==2.13.0", "ctranslate2==4.8.5", "transformers==5.24.0", "sacrebleu==2.6.0",
           "safetensors==0.8.0", "subword-nmt==0.3.8", "accelerate==1.15.0", "numpy"]
BOOK = "d2l==1.0.3"                             # its classes alone, not what it draws with
# A door is a function of a Door: that of its name, in the module doors_NAME beside this file.
DOORS = ["safetensors", "pytorch", "distributed", "scores", "ctranslate2", "huggingface", "install"]
HOME = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(HOME, "build", "doors")
PROGRAM = os.environ.get("BABELGRAD", os.path.join(HOME, "build", "babelgrad"))


class Failed(Exception):
    """What went wrong, in one line: the door ends here."""


class Door:
    """What a door is given: the program, models that it trained, and a count of what held."""

    def __init__(self, name, data):
        self.name, self.data = name, data
        self.program, self.python, self.home = PROGRAM, sys.executable, HOME
        self.folder = os.path.join(FOLDER, name)        # the door's own, empty
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        self.passed = self.failed = 0

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def check(self, what, good, detail=""):
        """Counts and prints one check; `detail` is the figures that were seen."""
        self.passed, self.failed = self.passed + bool(good), self.failed + (not good)
        print(f"{'ok  ' if good else 'FAIL'} {self.name}: {what}{detail and f' ({detail})'}",
              flush=True)
        return bool(good)

    def start(self, command, stdin="", **more):
        """The finished process of a command of any program, whatever its exit status."""
        return subprocess.run(command, input=stdin, capture_output=True, text=True,
                              encoding="utf-8", **more)

    def run(self, *arguments, stdin="", **more):
        """stdout of `babelgrad arguments`, which must succeed."""
        return self.output([self.program, *arguments], stdin, **more)

    def output(self, command, stdin="", **more):
        done = self.start(command, stdin, **more)
        if done.returncode != 0:
            last = (done.stderr.strip() or "nothing on stderr").splitlines()[-1]
            raise Failed(f"{' '.join(map(str, command))}: status {done.returncode}: {last}")
        return done.stdout

    def refused(self, what, *arguments, says, stdin="", left=None):
        """`babelgrad arguments` must fail with one line that holds `says`, and leave no `left`."""
        done = self.start([self.program, *arguments], stdin)
        lines = done.stderr.strip().splitlines()
        good = (done.returncode in (1, 2) and len(lines) == 1 and says in lines[0] and
                not done.stdout and not (left and os.path.exists(left)))
        return self.check(f"refused: {what}", good, lines[-1] if lines else "no message")

    def model(self, name, *options):
        """The folder of a model that train made with these options. Doors share it by its name, and
        so do later runs as long as the options are the same."""
        out, told = os.path.join(FOLDER, "models", name), json.dumps(options)
        said = out + ".options"
        if not (os.path.exists(said) and read(said) == told):
            os.makedirs(os.path.dirname(out), exist_ok=True)
            began = time.monotonic()
            self.run("train", "--out", out, "--overwrite", *map(str, options))
            with open(said, "w", encoding="utf-8") as file:
                file.write(told)
            print(f"     trained {name}, {time.monotonic() - began:.0f} s", flush=True)
        return out

    def real(self, part):
        """The file of DATA's real pairs, English TAB German: `part` is train or val."""
        for name in (f"multi30k.{part}.en-de.tsv", f"{part}.en-de.tsv"):
            if os.path.exists(os.path.join(self.data, name)):
                return os.path.join(self.data, name)
        raise Failed(f"DATA={self.data} has no {part}.en-de.tsv")

    def real_model(self, name):
        """One of two of DATA's first pairs, English to German: Transformer-Tiny with its subwords,
        or attention on words; a few minutes each, so they are no good translators."""
        of = {"real-pieces": ["--model", "transformer", "--preset", "multi30k-tiny", "--merges",
                              2000, "--batch-size", 2048, "--warmup", 20],
              "real-words": ["--model", "attention", "--preset", "multi30k-ladder", "--language",
                             "german", "--warmup", 20]}
        return self.model(name, *of[name], "--data", self.real("train"), "--limit", 4000,
                          "--epochs", 3, "--seed", 1, "--average", 0, "--valid-by", "loss", "--val",
                          self.real("val"))

    def grammar(self, pairs, *options):
        """Pairs (source, target) of the built-in corpus, as tokens between blanks."""
        lines = self.run("corpus", "--pairs", str(pairs), *options).splitlines()
        return [tuple(line.split("\t")[:2]) for line in lines]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def opened(name, data):
    """The door, after all its checks."""
    door = Door(name, data)
    try:
        getattr(importlib.import_module(f"doors_{name}"), name)(door)
    except Failed as failed:
        door.check(str(failed), False)
    except Exception as error:  # pylint: disable=broad-except
        import traceback
        traceback.print_exc()
        door.check(f"{type(error).__name__}: {error}", False)
    return door


def environment(folder):
    """The Python of the virtual environment that has the engines, which is made if it must be."""
    python, ready = os.path.join(folder, "bin", "python"), os.path.join(folder, "READY")
    wanted = "\n".join([*ENGINES, BOOK])
    if os.path.exists(ready) and read(ready) in ("", wanted):
        return python
    print(f"installing {' '.join(ENGINES)} into {folder}: pip's torch may be a CUDA build of "
          "gigabytes", flush=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for command in ([sys.executable, "-m", "venv", folder], [*pip, *ENGINES],
                    [*pip, "--no-deps", BOOK]):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
            sys.exit("doors: PyPI gave no engines, so nothing was tried: "
                     f"{' '.join(command[:4])}: {last}")
    with open(ready, "w", encoding="utf-8") as file:
        file.write(wanted)
    return python


def main():
    chosen = os.environ.get("DOORS", "").split() or DOORS
    for name in chosen:
        if name not in DOORS:
            sys.exit(f"doors: there is no door {name!r}, only {' '.join(DOORS)}")
    data = os.environ.get("DATA") or None
    if data and not os.path.isdir(data):
        sys.exit(f"doors: DATA={data} is no folder")
    if "--inside" not in sys.argv:
        folder = os.path.abspath(os.environ.get("VENV") or os.path.join(FOLDER, "venv"))
        python = environment(folder)
        # All models are so small that a second thread would only wait for the first, and nothing
        # comes from a network once the engines are there.
        os.environ.update(OMP_NUM_THREADS="1", HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
        os.execv(python, [python, "-B", os.path.abspath(__file__), "--inside"])
    doors = [opened(name, data and os.path.abspath(data)) for name in chosen]
    passed, failed = sum(d.passed for d in doors), sum(d.failed for d in doors)
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0 or passed == 0)


if __name__ == "__main__":
    main()
