#!/usr/bin/env python3
"""Babelgrad and PyTorch in turn, A B A B, on one machine: the ratio of target tokens per second.

  tools/dev/against_pytorch.py PEER            training: every model, book and real, 1 and 2 threads
  tools/dev/against_pytorch.py PEER --task greedy --models rnn attention --threads 1 --rounds 5
  tools/dev/against_pytorch.py PEER --task scale --models transformer --threads 1 --rounds 1
  tools/dev/against_pytorch.py PEER --styles packed fast module      against the best of the three

PEER is a folder with a bench.py that measures the same three models in PyTorch and appends one line
of JSON for each run to the file named by --json. Ours is build/babelgrad, which `make` builds.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

HOME = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
CONFIGS = {
    "book": ["--steps", "9", "--src-vocab", "200", "--tgt-vocab", "200", "--ffn", "64"],
    "real": ["--steps", "20", "--src-vocab", "8000", "--tgt-vocab", "10000", "--ffn", "1024"],
}
# steps, words of each vocabulary, FFN, sentences of a batch, width: those of bench --only scale
SCALES = {"start": (32, 4000, 1024, 32, 256), "batch x 4": (32, 4000, 1024, 128, 256),
          "batch x 16": (32, 4000, 1024, 512, 256), "length x 4": (128, 4000, 1024, 32, 256),
          "length x 16": (512, 4000, 1024, 32, 256), "width x 2": (32, 4000, 2048, 32, 512),
          "width x 4": (32, 4000, 4096, 32, 1024), "words x 8": (32, 32000, 1024, 32, 256)}
NAMES = ("--steps", "--src-vocab", "--tgt-vocab", "--ffn", "--batch", "--embed", "--hidden")
CONFIGS |= {name: [str(word) for pair in zip(NAMES, (steps, words, words, ffn, batch, width, width))
                   for word in pair]
            for name, (steps, words, ffn, batch, width) in SCALES.items()}
PARTS = {"train": "train", "greedy": "decode", "scale": "scale"}       # of our bench
TASKS = {"scale": "train"}                      # the peer's name, where it is another
# PyTorch's fastest ways, of those tried
STYLES = {"train": ["packed"], "scale": ["packed"], "greedy": ["fast"]}


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("peer", metavar="PEER")
    p.add_argument("--secs", type=float, default=4, help="for each measurement (default 4)")
    p.add_argument("--rounds", type=int, default=3, help="of one measurement each (default 3)")
    p.add_argument("--task", choices=list(PARTS), default="train")
    p.add_argument("--config", nargs="+", choices=list(CONFIGS),
                   help="default: book and real; of scale, all of its own")
    p.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    p.add_argument("--models", nargs="+", choices=["rnn", "attention", "transformer"],
                   default=["rnn", "attention", "transformer"])
    p.add_argument("--precision", choices=["float", "bf16"], default="float",
                   help="bf16: operands of our products, and PyTorch's autocast")
    p.add_argument("--styles", nargs="+", metavar="STYLE",
                   help="ways in which the peer computes, of which the fastest in each row counts")
    p.add_argument("--knobs", default="malloc+ooblas+bind", help="the peer's environment")
    p.add_argument("--python", default="/usr/bin/python3", help="that has torch")
    p.add_argument("--program", default=os.path.join(HOME, "build", "babelgrad"))
    p.add_argument("--json", metavar="FILE", help="where the raw results go")
    o = p.parse_args()
    o.styles = o.styles or STYLES[o.task]
    o.config = o.config or (list(SCALES) if o.task == "scale" else ["book", "real"])
    return o


def run(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"error: {' '.join(command)}: {done.stderr.strip() or done.returncode}")
    return done.stdout


def ours(o, model, config, threads):
    part = PARTS[o.task]
    environment = dict(os.environ, **({"OMP_PROC_BIND": "true"} if threads > 1 else {}))
    out = run([o.program, "bench", "--only", part, "--model", model, "--config", config,
               "--threads", str(threads), "--seconds", str(o.secs), "--json",
               "--precision", o.precision], env=environment)
    row = json.loads(out)[part][0]
    return dict(row, rss=row["rss_mib"], apart=row.get("cores") == "apart")


def theirs(o, style, model, config, threads):
    with tempfile.TemporaryDirectory() as folder:
        result = os.path.join(folder, "result.json")
        talk = run([o.python, os.path.join(o.peer, "bench.py"), "--style", style,
                    "--task", TASKS.get(o.task, o.task), "--model", model,
                    "--threads", str(threads), "--knobs", o.knobs,
                    "--secs", str(o.secs), "--json", result] +
                   CONFIGS[config] + (["--bf16"] if o.precision == "bf16" else []))
        with open(result) as lines:
            row = json.loads(lines.readline())
    return dict(row, apart="cores were apart" in talk)


def summary(a, b):
    """Of the rounds of ours and theirs; the spread is that of the ratio from round to round."""
    middle = lambda rows, key: statistics.median(row[key] for row in rows)
    ratios = [x["tok_s"] / y["tok_s"] for x, y in zip(a, b)]
    return {"ours_ms": middle(a, "ms"), "theirs_ms": middle(b, "ms"),
            "ratio": middle(a, "tok_s") / middle(b, "tok_s"),
            "low": min(ratios), "high": max(ratios),
            "ours_mib": middle(a, "rss"), "theirs_mib": middle(b, "rss"),
            "memory": middle(a, "rss") / middle(b, "rss"),
            "apart": sum(row["apart"] for row in a + b)}


LINE = "{:11} {:11} {:>7} {:>9} {:>9} {:>6} {:>11} {:>5} {:>6} {:>5}"


def line(config, model, threads, s):
    text = LINE.format(config, model, threads, f"{s['ours_ms']:.2f}", f"{s['theirs_ms']:.2f}",
                       f"{s['ratio']:.2f}", f"{s['low']:.2f}-{s['high']:.2f}",
                       f"{s['ours_mib']:.0f}", f"{s['theirs_mib']:.0f}", f"{s['memory']:.2f}")
    return text + (f"  cores apart in {s['apart']} runs" if s["apart"] else "")


def main():
    o = options()
    results = []
    print(f"{o.task}: medians of {o.rounds} rounds in turn; peer {' '.join(o.styles)}, {o.knobs}\n")
    print(LINE.format("config", "model", "threads", "ours ms", "theirs ms", "tok/s", "low-high",
                      "MiB", "theirs", "ratio"), flush=True)
    for config in o.config:
        for model in o.models:
            for threads in o.threads:
                a, each = [], {style: [] for style in o.styles}
                for _ in range(o.rounds):
                    a.append(ours(o, model, config, threads))
                    for style, rows in each.items():
                        rows.append(theirs(o, style, model, config, threads))
                style = min(each, key=lambda it: summary(a, each[it])["ratio"])
                s = summary(a, each[style])
                results.append(dict(s, task=o.task, config=config, model=model, threads=threads,
                                    style=style, ours=a, theirs=each[style]))
                best = f"  {style}" if len(o.styles) > 1 else ""
                print(line(config, model, threads, s) + best, flush=True)
    if o.json:
        with open(o.json, "w") as f:
            json.dump(results, f, indent=1)


main()
