#!/usr/bin/env python3
"""Trains a model of babelgrad's further, on any number of processes.

  babelgrad ids run/ --data train.tsv --out train.ids
  PYTHONPATH=tools/pytorch torchrun --nproc-per-node 2 tools/pytorch/train.py run/ train.ids \\
    further/model.safetensors --steps 300
  babelgrad evaluate further/model.safetensors --data test.tsv

On eight GPUs the line says --nproc-per-node 8: each process takes the GPU of its own number and
talks to the others by NCCL; without GPUs they are processes of the CPU, and gloo is between them.
On several machines torchrun is started on each, with --nnodes and --rdzv-endpoint. A batch of
--tokens is shared out among all processes, so it may grow with them. The model is whole on each.
"""
import argparse
import os

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch.nn.parallel import DistributedDataParallel

import babelgrad


def share(rows, rank, world):
    """The rows of this process. None may stand idle, as all must take part in every gradient: who
    would have none takes the first row, and counts it for nothing."""
    mine = rows[rank::world]
    return (mine, 1.0) if mine else (rows[:1], 0.0)


def backward(model, pairs, rows, weight, smoothing=0.0):
    """Adds the gradient of the mean loss of a label of the whole batch, whatever part of its labels
    this process has; returns that mean. DistributedDataParallel takes the mean of all processes, so
    each gives its sum times their number, divided by the labels of all."""
    device = next(model.parameters()).device
    src, lens, tgt, labels = (part.to(device) for part in pairs.batch(rows))
    total = F.cross_entropy(model(src, lens, tgt).flatten(0, 1), labels.flatten(),
                            ignore_index=pairs.tgt_pad, reduction="sum",
                            label_smoothing=smoothing) * weight
    sums = torch.stack((total.detach(), (labels != pairs.tgt_pad).sum() * weight))
    dist.all_reduce(sums)
    (total * dist.get_world_size() / sums[1]).backward()
    return (sums[0] / sums[1]).item()


def begin():
    """This process's device; it has met the others."""
    gpus = torch.cuda.is_available()
    dist.init_process_group("nccl" if gpus else "gloo")
    if not gpus:
        return torch.device("cpu")
    torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    return torch.device("cuda", torch.cuda.current_device())


def train(o):
    model, pairs = babelgrad.load(o.run, like=o.like), babelgrad.read_ids(o.ids)
    device = begin()
    rank, world = dist.get_rank(), dist.get_world_size()
    torch.manual_seed(o.seed * world + rank)    # other dropout on each
    order = torch.Generator().manual_seed(o.seed)           # and the same batches
    parallel = DistributedDataParallel(model.to(device).train())
    optimizer = torch.optim.Adam(model.parameters(), lr=o.lr)
    step, batches = 0, []
    while step < o.steps:
        batches = batches or pairs.shuffled(o.tokens, order)
        rows, weight = share(batches.pop(), rank, world)
        for group in optimizer.param_groups:    # a straight way down to zero
            group["lr"] = o.lr * (1 - step / o.steps)
        optimizer.zero_grad()
        loss = backward(parallel, pairs, rows, weight, model.config.get("label_smoothing", 0.0))
        torch.nn.utils.clip_grad_norm_(model.parameters(), o.clip)
        optimizer.step()
        step += 1
        if rank == 0 and (step % o.every == 0 or step in (1, o.steps)):
            print(f"step {step} loss {loss:.4f}", flush=True)
    if rank == 0:
        babelgrad.save(parallel, o.out)
    dist.barrier()                              # none leaves before the file is there
    dist.destroy_process_group()


def options():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    p.add_argument("run", help="a run of babelgrad's, or a model file")
    p.add_argument("ids", help="what `babelgrad ids` wrote")
    p.add_argument("out", help="the model file to write, or a folder that is there")
    p.add_argument("--like", help="the run whose configuration `run` has, if it has none")
    p.add_argument("--steps", type=int, default=300)
    p.add_argument("--tokens", type=int, default=4096, help="of a batch, padded, on all processes")
    p.add_argument("--lr", type=float, default=5e-4)
    p.add_argument("--clip", type=float, default=1.0)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--every", type=int, default=50, help="steps between two lines of the log")
    return p.parse_args()


if __name__ == "__main__":
    try:
        train(options())
    except ValueError as error:
        raise SystemExit(f"error: {error}") from None
