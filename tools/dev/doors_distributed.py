"""A distributed engine, end to end: DistributedDataParallel trains one of our models further."""
import json
import os

import torch

from doors_pytorch import babelgrad, with_package

STEPS = 300
# The gradient of one batch, of which each process has the rows that argv names for so many of them.
GRADIENT = """
import json, sys, torch, train, babelgrad
from torch.nn.parallel import DistributedDataParallel
run, ids, out, shares = sys.argv[1:]
shares = json.loads(shares)
model, pairs = babelgrad.load(run).double().eval(), babelgrad.read_ids(ids)
train.begin()
rank = train.dist.get_rank()
assert train.dist.get_world_size() == len(shares)
rows, weight = (shares[rank], 1.0) if shares[rank] else (shares[0][:1], 0.0)
parallel = DistributedDataParallel(model)
loss = train.backward(parallel, pairs, rows, weight, 0.1)
grads = {name: p.grad for name, p in model.named_parameters()}
if rank == 0: torch.save((loss, grads), out)
train.dist.barrier()
train.dist.destroy_process_group()
"""


def torchrun(door, processes, *command):
    return door.output([door.python, "-m", "torch.distributed.run", "--standalone",
                        "--nproc-per-node", str(processes), *map(str, command)],
                       env=with_package(door))


def gradients(door, run, ids):
    """However a batch is shared out, the gradient is that of one process with all of it."""
    script, rows = door.path("gradient.py"), list(range(24))
    with open(script, "w", encoding="utf-8") as file:
        file.write(GRADIENT)
    lengths = [len(labels) for labels in babelgrad.read_ids(ids).tgt[:24]]
    rows.sort(key=lengths.__getitem__)          # the first are short, the last are long
    found = {}
    for name, shares in (("one process", [rows]), ("every second", [rows[::2], rows[1::2]]),
                         ("one sentence and the rest", [rows[:1], rows[1:]]),
                         ("all and none", [rows, []]),
                         ("three processes", [rows[:2], rows[2:20], rows[20:]])):
        out = door.path("gradient.pt")
        torchrun(door, len(shares), script, run, ids, out, json.dumps(shares))
        loss, grads = found[name] = torch.load(out)
        one_loss, one = found["one process"]
        if len(shares) == 1:
            continue
        apart = max((grads[key] - one[key]).abs().max().item() for key in one)
        largest = max(grad.abs().max().item() for grad in one.values())
        tokens = [sum(lengths[i] for i in share) for share in shares]
        door.check(f"the gradient of {name} is that of one process",
                   apart < 1e-12 * max(largest, 1) and abs(loss - one_loss) < 1e-12,
                   f"shares of {', '.join(map(str, tokens))} tokens; {apart:.1e} apart of "
                   f"{largest:.2f}")


def further(door, name, run, train, test):
    """Trains it on; its loss falls, and its score rises where babelgrad measures it."""
    ids, out = door.path(name + ".ids"), door.path(name + ".safetensors")
    door.run("ids", run, "--data", train, "--out", ids)
    log = torchrun(door, 2, os.path.join(door.home, "tools", "pytorch", "train.py"), run, ids, out,
                   "--steps", STEPS, "--tokens", 2048, "--lr", 0.002)
    losses = [float(line.split()[-1]) for line in log.splitlines() if line.startswith("step ")]
    door.check(f"{name}: the loss falls on two processes", losses[-1] < losses[0],
               f"{losses[0]:.3f} to {losses[-1]:.3f} in {STEPS} steps")
    before, after = (json.loads(door.run("evaluate", model, "--data", test, "--json"))
                     for model in (run, out))
    door.check(f"{name}: babelgrad evaluate shows the better score",
               after["bleu"] > before["bleu"] and after["loss"] < before["loss"],
               f"BLEU {before['bleu']:.2f} to {after['bleu']:.2f}, loss {before['loss']:.3f} to "
               f"{after['loss']:.3f}")


def distributed(door):
    pairs = door.grammar(20000, "--max-length", "10", "--seed", "1", "--split", "train")
    test = door.grammar(6000, "--max-length", "10", "--seed", "1", "--split", "test")
    train, held_out = door.path("train.tsv"), door.path("test.tsv")
    for path, rows in ((train, pairs), (held_out, test)):
        with open(path, "w", encoding="utf-8") as file:
            file.writelines("\t".join(row) + "\n" for row in rows)
    begun = ["--pairs", 8000, "--max-length", 10, "--epochs", 1, "--hidden", 64, "--embed", 64,
             "--lr", 0.003, "--seed", 1, "--dropout", 0.1]
    models = {"transformer": ["--layers", 2, "--ffn", 128, "--tie", "decoder"],
              "attention": ["--layers", 1]}
    for kind, options in models.items():
        run = door.model(f"begun-{kind}", "--model", kind, *begun, *options)
        further(door, kind, run, train, held_out)
        if kind == "transformer":
            gradients(door, run, door.path(kind + ".ids"))
