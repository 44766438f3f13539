#!/usr/bin/env python3
"""The page: module, models, scripts and styles as one HTML file that asks nobody for anything.

build.py MODELS OUT [--program PROGRAM]: of MODELS/{rnn,attention,transformer}/model.safetensors and
OUT/page.wasm makes OUT/index.html, and OUT/NAME/model.safetensors, the models as the page has them,
for `babelgrad translate`."""
import argparse
import base64
import gzip
import hashlib
import html
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True       # no folder of bytecode among the sources

import models

HERE = os.path.dirname(os.path.abspath(__file__))
# Levels to each side of 0. The plain model is often undecided between two words: of 1,000 held-out
# translations 127 levels would change 47, 2,047 change fewer than 10. For the others 127 are
# enough.
LEVELS = {"rnn": 2047, "attention": 127, "transformer": 127}
EXAMPLE = "this white cow likes some flowers that he does not see ."
MOST_BYTES = 3_500_000


def text_of(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return file.read()


def hash_of(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def carried(data):
    """Bytes as the page has them: gzipped, without a date, in letters."""
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()


def pack_models(folder, out):
    blocks = []
    for name in LEVELS:
        metadata, tensors = models.read(os.path.join(folder, name, "model.safetensors"))
        metadata = {key: value for key, value in metadata.items() if key != "crc32"}
        data, again = models.packed(metadata, tensors, LEVELS[name])
        os.makedirs(os.path.join(out, name), exist_ok=True)
        models.write(os.path.join(out, name, "model.safetensors"), metadata, again)
        blocks.append(f'<script type="application/octet-stream" id="model-{name}">'
                      f"{carried(data)}</script>")
    return "\n".join(blocks)


def still_translations(program, out):
    """What the three say of one sentence, for who reads without scripts."""
    rows = []
    for name in LEVELS:
        done = subprocess.run([program, "translate", os.path.join(out, name)], input=EXAMPLE + "\n",
                              capture_output=True, text=True, check=True)
        rows.append(f"<dt>{name}</dt><dd lang=\"fr\">{html.escape(done.stdout.strip())}</dd>")
    return "<dl class=\"said\">" + "".join(rows) + "</dl>"


def page(module, blocks, still):
    text = text_of("page.html")
    style = text_of("page.css")
    ran = []

    def script(found):
        source = text_of(found[1])
        if "</script" in source:
            raise SystemExit(f"tools/live/{found[1]}: a script cannot hold the end of one")
        if found[1] == "worker.js":              # run by workers alone, as a blob
            return f'<script type="text/plain" id="worker">{source}</script>'
        ran.append(hash_of(source))
        return f'<script id="{found[1].split(".")[0]}">{source}</script>'

    text = re.sub(r"<!-- script (\S+) -->", script, text)
    policy = ("default-src 'none'; script-src " + " ".join(ran) + " 'wasm-unsafe-eval'; "
              f"style-src {hash_of(style)}; worker-src blob:; base-uri 'none'; form-action 'none'")
    for place, words in (("policy", html.escape(policy, quote=True)), ("style", style),
                         ("still", still), ("example", html.escape(EXAMPLE)),
                         ("module", carried(module)), ("models", blocks)):
        if text.count(f"<!-- {place} -->") != 1:
            raise SystemExit(f"tools/live/page.html: one place for {place} is needed")
        text = text.replace(f"<!-- {place} -->", words)
    return text


def main():
    args = argparse.ArgumentParser()
    args.add_argument("models")
    args.add_argument("out")
    args.add_argument("--program", default="build/float/babelgrad")
    args = args.parse_args()
    with open(os.path.join(args.out, "page.wasm"), "rb") as file:
        module = file.read()
    blocks = pack_models(args.models, args.out)
    text = page(module, blocks, still_translations(args.program, args.out))
    size = len(text.encode())
    if size > MOST_BYTES:
        raise SystemExit(f"{args.out}/index.html: {size} bytes; at most {MOST_BYTES}")
    with open(os.path.join(args.out, "index.html"), "w", encoding="utf-8") as file:
        file.write(text)
    print(f"  {args.out}/index.html: {size} bytes, module {len(module)}")


if __name__ == "__main__":
    main()
