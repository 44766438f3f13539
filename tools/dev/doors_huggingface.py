"""Hugging Face: a Transformer of ours opened there as Marian or Pegasus, its tokenizers and logits,
generate(), a fine-tuning by Trainer, and the way back."""
import os
import sys

import torch
from transformers import (AutoModelForSeq2SeqLM, AutoTokenizer, DataCollatorForSeq2Seq, Trainer,
                          TrainingArguments)
from transformers.utils import logging

from doors_ctranslate2 import SERVED, by_length, equal, kinds, real_pieces

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "pytorch"))
import babelgrad  # noqa: E402

logging.set_verbosity_error()
logging.disable_progress_bar()

BATCHES, ROWS, SENTENCES, LINES, STEPS = 20, 32, 500, 1000, 100


def opened(door, name, folder):
    """The model, without a missing or unexpected key, and the tokenizers of source and target."""
    model, told = AutoModelForSeq2SeqLM.from_pretrained(folder, output_loading_info=True)
    wrong = {key: sorted(map(str, value)) for key, value in told.items() if value}
    door.check(f"{name}: {type(model).__name__} opens", not wrong, str(wrong) if wrong else "")
    target = os.path.join(folder, "target")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    there = os.path.isdir(target)
    return model.eval(), tokenizer, AutoTokenizer.from_pretrained(target) if there else tokenizer


def generate(door, run, opened_model, text):
    """Lines of plain text, as generate() has them, greedy; our limit of length."""
    model, tokenizer, target = opened_model
    words = door.run("pieces", run, "--words", stdin=text).splitlines()
    ids, said = tokenizer(words).input_ids, [""] * len(words)
    for places in by_length(ids):
        source = torch.tensor([ids[i] for i in places])
        with torch.no_grad():
            out = model.generate(source, attention_mask=torch.ones_like(source),
                                 max_length=2 * source.shape[1] + 10 + 1)
        for i, line in zip(places, target.batch_decode(out, skip_special_tokens=True)):
            said[i] = line
    return door.run("pieces", run, "--join", stdin="\n".join(said) + "\n").splitlines()


def without_unknown(lines):
    """A decoder there never prints <unk>."""
    return [" ".join(line.replace("<unk>", " ").split()) for line in lines]


def same_logits(door, name, model, ids):
    pairs, ours = babelgrad.read_ids(ids), babelgrad.weights.read_file(ids)[0]["logits"]
    begin, apart, batches = 0, 0.0, 0
    for first in range(0, min(len(pairs), BATCHES * ROWS), ROWS):
        src, lens, tgt, labels = pairs.batch(range(first, min(first + ROWS, len(pairs))))
        mask = (torch.arange(src.shape[1])[None] < lens[:, None]).long()
        with torch.no_grad():
            logits = model(input_ids=src, attention_mask=mask, decoder_input_ids=tgt).logits
        here = logits[labels != pairs.tgt_pad][:, :ours.shape[1]]
        apart = max(apart, (here - ours[begin:begin + len(here)]).abs().max().item())
        begin, batches = begin + len(here), batches + 1
    door.check(f"{name}: logits within 1e-4", apart < 1e-4 and batches >= BATCHES,
               f"{apart:.1e} apart, up to {ours.abs().max().item():.1f}, {batches} batches")


def same_ids(door, name, run, opened_model, pairs):
    """Tokenizers beside ours: `pairs` are lines of plain text."""
    ids = door.path(name + ".lines.ids")
    path = door.path(name + ".lines.tsv")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{src}\t{tgt}\n" for src, tgt in pairs)
    door.run("ids", run, "--data", path, "--out", ids)
    ours = babelgrad.read_ids(ids)
    for side, tokenizer, rows, column, more in (
            ("source", opened_model[1], ours.src, 0, []),
            ("target", opened_model[2], ours.tgt, 1, ["--target"])):
        text = "".join(pair[column] + "\n" for pair in pairs)
        words = door.run("pieces", run, "--words", *more, stdin=text).splitlines()
        theirs = tokenizer(words).input_ids
        same = sum(a == list(b) for a, b in zip(theirs, (row.tolist() for row in rows)))
        door.check(f"{name}: the {side}'s tokenizer", same >= 0.995 * len(pairs),
                   f"{same} of {len(pairs)} lines have our ids")


def compare(door, name, run, pairs, text):
    folder, ids = door.path(name), door.path(name + ".ids")
    door.run("export", run, "--to", "huggingface", folder)
    there = opened(door, name, folder)
    path = door.path("pairs.tsv")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{src}\t{tgt}\n" for src, tgt in pairs[:BATCHES * ROWS])
    door.run("ids", run, "--data", path, "--out", ids, "--logits")
    same_logits(door, name, there[0], ids)
    same_ids(door, name, run, there, pairs[:LINES])
    ours = door.run("translate", run, stdin=text).splitlines()
    equal(door, f"{name}: generate(), greedy", without_unknown(ours),
          without_unknown(generate(door, run, there, text)), len(ours))
    return there


def frozen(model):
    """What has no way back is not trained: waves, and biases of attention."""
    for name, parameter in model.named_parameters():
        if "embed_positions" in name or ("attn" in name and name.endswith("proj.bias")):
            parameter.requires_grad_(False)
    return model


def loss_of(model, collate, rows):
    model.eval()
    with torch.no_grad():
        return model(**collate(rows)).loss.item()


def fine_tuned(door, name, run, pairs, text):
    """A hundred steps of Trainer; saved, loaded, and back."""
    folder, tuned, again = door.path(name), door.path(name + "-tuned"), door.path(name + "-again")
    model, tokenizer, target = opened(door, f"{name}, to be tuned", folder)
    src, tgt = ([pair[side] for pair in pairs] for side in (0, 1))
    said = [door.run("pieces", run, "--words", *more, stdin="\n".join(lines) + "\n").splitlines()
            for lines, more in ((src, []), (tgt, ["--target"]))]
    rows = [{"input_ids": a, "labels": b} for a, b in
            zip(tokenizer(said[0]).input_ids, target(said[1]).input_ids)]
    collate = DataCollatorForSeq2Seq(tokenizer, model)
    held, before = rows[:200], loss_of(model, collate, rows[:200])
    arguments = TrainingArguments(door.path(name + "-log"), max_steps=STEPS, learning_rate=1e-3,
                                  per_device_train_batch_size=32, report_to=[], save_strategy="no",
                                  logging_strategy="no", disable_tqdm=True, use_cpu=True, seed=1)
    Trainer(frozen(model), arguments, train_dataset=rows[200:], data_collator=collate).train()
    after = loss_of(model, collate, held)
    door.check(f"{name}: {STEPS} steps of Trainer", after < before,
               f"loss {before:.4f} before, {after:.4f} after")
    model.save_pretrained(tuned)
    loaded = AutoModelForSeq2SeqLM.from_pretrained(tuned)
    reloaded = loss_of(loaded, collate, held)
    door.check(f"{name}: loaded again, the same loss", abs(reloaded - after) < 1e-6,
               f"{reloaded:.6f} and {after:.6f}")
    door.run("import", tuned, again, "--like", run)
    ours = door.run("translate", again, stdin=text).splitlines()
    equal(door, f"{name}: back, it says the same", without_unknown(ours),
          without_unknown(generate(door, run, (loaded.eval(), tokenizer, target), text)),
          len(ours))
    part = loaded.model.encoder.layers[0]
    with torch.no_grad():
        part.self_attn.q_proj.bias += 0.5
    loaded.save_pretrained(door.path(name + "-biased"))
    door.refused(f"{name}: trained biases of attention", "import", door.path(name + "-biased"),
                 door.path("new"), "--like", run, says="q_proj.bias was trained",
                 left=door.path("new"))


def bad(door, run, other):
    tuned = door.path("served")
    door.refused("a model of another size", "import", tuned, door.path("new"), "--like", other,
                 says="would have to be", left=door.path("new"))
    door.refused("a file of another size", "import", tuned + "/model.safetensors",
                 door.path("new"), "--like", other, says="would have to be",
                 left=door.path("new"))
    os.makedirs(door.path("empty"))
    door.refused("a folder without a model", "import", door.path("empty"), door.path("new"),
                 "--like", run, says="config.json", left=door.path("new"))
    model = AutoModelForSeq2SeqLM.from_pretrained(tuned).to(torch.bfloat16)
    model.save_pretrained(door.path("bf16"))
    door.refused("a checkpoint of bfloat16", "import", door.path("bf16"), door.path("new"),
                 "--like", run, says="BF16", left=door.path("new"))


def huggingface(door):
    pairs = door.grammar(LINES, "--max-length", "12", "--seed", "77")
    text = "".join(src + "\n" for src, _ in pairs[:SENTENCES])
    more = door.grammar(3400, "--max-length", "12", "--seed", "78")
    served = door.model("served", *SERVED)
    compare(door, "served", served, pairs, text)
    for name, options in kinds().items():
        run = door.model(name, *options)
        compare(door, name, run, pairs, text)
        if name in ("post-gelu-tie-all-subwords", "pre-relu-tie-decoder-words",
                    "pre-gelu-tie-all-subwords", "post-relu-tie-none-subwords"):
            fine_tuned(door, name, run, more, text)
    bad(door, served, door.model("post-relu-tie-none-words", *kinds()["post-relu-tie-none-words"]))
    if door.data:
        real(door)


def real(door):
    run, pairs = real_pieces(door)
    compare(door, "real-pieces", run, pairs,
            "".join(src + "\n" for src, _ in pairs[:SENTENCES]))
