"""Writes this folder's reference numbers, with PyTorch (1.13, Debian's python3-torch) in float64:

  /usr/bin/python3 tests/golden/golden.py --out folder [--seed n]

  rnn, attention, transformer.safetensors   model.KIND/...: whole models (reference.py)
  layers.safetensors                        layer.NAME/{in,param,out,up,grad}/...
  ops.safetensors                           op.NAME/{in,out,up,grad}/...
  bleu.json                                 the book's BLEU

Reals are F64, whole numbers and masks I64. `up` is the gradient fed into an output, `grad` what
comes back. Options (axis, eps, ...) are JSON in the file's __metadata__, under the case's name.
"""
import argparse
import json
import os
import struct

import torch
import torch.nn.functional as F
from torch import nn

import reference as R
from layers import layer_group
from ops import op_group

PAD, BOS = 1, 2
DTYPES = {torch.float64: "F64", torch.int64: "I64"}


class Group:
    """The tensors and the metadata of one file."""
    def __init__(self, seed):
        torch.manual_seed(seed)
        self.tensors, self.meta = {}, {}

    def put(self, name, value):
        if not torch.is_tensor(value):
            value = torch.tensor(
                value, dtype=torch.float64 if isinstance(value, float) else torch.int64)
        assert name not in self.tensors, name
        value = value if value.dtype in DTYPES else value.to(torch.int64)
        self.tensors[name] = value.detach().clone().contiguous()

    def attr(self, name, **options):
        self.meta[name] = json.dumps(options)

    def save(self, path):
        header, blobs, at = {"__metadata__": self.meta}, [], 0
        for name, t in sorted(self.tensors.items()):
            raw = t.numpy().tobytes()
            header[name] = {"dtype": DTYPES[t.dtype], "shape": list(t.shape),
                            "data_offsets": [at, at + len(raw)]}
            blobs.append(raw)
            at += len(raw)
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        with open(path, "wb") as f:
            f.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))

    def run(self, name, fn, inputs, params=(), attrs=None, outs=("y",)):
        """fn(**inputs) gives a tensor, or several, named outs: all is recorded, gradients too."""
        leaves = {}
        for k, v in list(inputs.items()):
            if torch.is_tensor(v):
                self.put(f"{name}/in/{k}", v)
                if v.dtype == torch.float64:
                    inputs[k] = leaves[f"grad/{k}"] = v.detach().clone().requires_grad_()
        for k, p in params:
            self.put(f"{name}/param/{k}", p)
            p.grad = None
            leaves[f"grad/param/{k}"] = p
        results = fn(**inputs)
        total = None
        for k, y in zip(outs, results if isinstance(results, (tuple, list)) else (results,)):
            self.put(f"{name}/out/{k}", y)
            if y.dtype == torch.float64 and y.requires_grad:
                up = torch.randn_like(y)
                self.put(f"{name}/up/{k}", up)
                total = (y * up).sum() if total is None else total + (y * up).sum()
        if total is not None:
            grads = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
            for k, d in zip(leaves, grads):
                if d is not None:
                    self.put(f"{name}/{k}", d)
        if attrs:
            self.attr(name, **attrs)


# ---- whole models
def forward_pass(g, p, kind, model, src, src_len, dec_in):
    """Records every intermediate result; returns the logits."""
    enc = model.encoder(src, src_len)
    if kind == "transformer":
        g.put(p + "/out/enc_outputs", enc)                       # (batch, steps, hidden)
        for i, block in enumerate(model.encoder.blks):           # weights: (batch heads, q, k)
            g.put(f"{p}/attn/encoder.blks.{i}", block.attention.attention.weights)
    else:
        g.put(p + "/out/enc_outputs", enc[0])                    # (steps, batch, hidden)
        g.put(p + "/out/enc_state", enc[1])                      # (layers, batch, hidden)
    logits, state = model.decoder(dec_in, model.decoder.init_state(enc, src_len))
    if kind == "attention":
        g.put(p + "/attn/decoder", torch.cat(model.decoder.weights, dim=1))      # (batch, q, k)
    if kind == "transformer":
        for i, block in enumerate(model.decoder.blks):
            g.put(f"{p}/attn/decoder.blks.{i}.self", block.attention1.attention.weights)
            g.put(f"{p}/attn/decoder.blks.{i}.cross", block.attention2.attention.weights)
    else:
        g.put(p + "/out/dec_state", state[1])
    return logits


def adam_steps(g, p, model, batch, labels, lr=0.01, clip=0.25):
    g.attr(p + "/adam", lr=lr, beta1=0.9, beta2=0.999, eps=1e-8, clip=clip,
           clip_rule="norm = sqrt(sum g^2) over all parameters; if norm > clip: g *= clip/norm")
    adam, losses, norms = torch.optim.Adam(model.parameters(), lr=lr), [], []
    for _ in range(3):
        adam.zero_grad()
        loss = R.masked_loss(model(*batch), labels, PAD)
        loss.backward()
        norms.append(R.clip_gradients(list(model.parameters()), clip))
        adam.step()
        losses.append(loss.detach())
    assert min(norms) > clip, norms            # all three steps are clipped
    g.put(p + "/adam/losses", torch.stack(losses))
    g.put(p + "/adam/grad_norms", torch.stack(norms))
    for name, q in model.named_parameters():
        g.put(f"{p}/adam/param3/{name}", q)
        g.put(f"{p}/adam/m3/{name}", adam.state[q]["exp_avg"])
        g.put(f"{p}/adam/v3/{name}", adam.state[q]["exp_avg_sq"])


@torch.no_grad()
def greedy(g, name, model, src, src_len, steps=5):
    state, ids, tokens, logits = model.encode(src, src_len), torch.full((len(src),), BOS), [], []
    for _ in range(steps):
        scores, state = model.step(ids, state)
        ids = scores.argmax(-1)
        tokens.append(ids)
        logits.append(scores)
    g.put(name + "/tokens", torch.stack(tokens, 1))
    g.put(name + "/logits", torch.stack(logits, 1))


def model_group(kind, seed):
    g, p = Group({"rnn": 11, "attention": 12, "transformer": 13}[kind] + seed), f"model.{kind}"
    sizes = dict(src_vocab=11, tgt_vocab=13, embed=8, hidden=8, layers=2, heads=2, ffn=16)
    model = R.build(kind, dropout=0.0, **sizes).train()
    with torch.no_grad():                      # no bias stays 0, no LayerNorm stays 1
        for q in model.parameters():
            if q.dim() == 1:
                q.add_(torch.randn_like(q) * 0.1)
    src = torch.tensor([[4, 9, 5, 10, 3], [7, 0, 3, 1, 1], [3, 1, 1, 1, 1]])
    src_len = torch.tensor([5, 3, 1])
    tgt = torch.tensor([[2, 5, 12, 5, 3, 1], [2, 8, 6, 7, 4, 11], [2, 10, 3, 1, 1, 1]])
    dec_in, labels = tgt[:, :-1], tgt[:, 1:]
    g.attr(p + "/config", model=kind, **sizes, unk=0, pad=PAD, bos=BOS, eos=3, batch=3, steps=5,
           layer_norm_eps=1e-5, masked_score=R.MASKED, gru="pytorch gate order r,z,n; "
           "n = tanh(W_in x + b_in + r*(W_hn h + b_hn)); h' = (1-z)*n + z*h",
           decoder_input="rnn: [embedding ; context], attention: [context ; embedding]")
    for k, v in dict(src=src, src_len=src_len, dec_in=dec_in, labels=labels,
                     pad=PAD, bos=BOS).items():
        g.put(f"{p}/input/{k}", v)
    for name, q in model.named_parameters():
        g.put(f"{p}/param/{name}", q)
    logits = forward_pass(g, p, kind, model, src, src_len, dec_in)
    loss = R.masked_loss(logits, labels, PAD)
    g.put(p + "/out/logits", logits)
    g.put(p + "/out/loss", loss)
    loss.backward()
    for name, q in model.named_parameters():
        g.put(f"{p}/grad/{name}", q.grad)                                        # before clipping
    adam_steps(g, p, model, (src, src_len, dec_in), labels)
    model.eval()
    greedy(g, p + "/greedy", model, src, src_len)
    if kind == "transformer":
        model.decoder.book_positions = True
        greedy(g, p + "/greedy_book_positions", model, src, src_len)
    return g


def bleu_cases():
    pairs = [("va !", "va !"), ("j'ai perdu .", "j'ai perdu ."),
             ("il est calme .", "il est mouillé ."), ("je suis chez moi .", "je suis chez moi ."),
             ("je suis .", "je suis chez moi ."), ("", "va !"),
             ("a b b c d", "a b c d e f"), ("a b", "a b c d e f"), ("x", "x"), ("a a a a", "a b"),
             ("b a", "a b")]
    return [dict(pred=p, label=l, k=k, score=R.bleu(p, l, k))
            for p, l in pairs for k in (1, 2, 3, 4)]


def main():
    parser = argparse.ArgumentParser(description="reference numbers from PyTorch")
    parser.add_argument("--out", required=True, help="folder for the files")
    parser.add_argument("--seed", type=int, default=0, help="other numbers of the same form")
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    groups = {kind: model_group(kind, args.seed) for kind in ("rnn", "attention", "transformer")}
    groups.update(layers=layer_group(Group(21 + args.seed)), ops=op_group(Group(31 + args.seed)))
    for name, g in groups.items():
        g.save(os.path.join(args.out, name + ".safetensors"))
        print(f"{name}: {len(g.tensors)} tensors")
    with open(os.path.join(args.out, "bleu.json"), "w", encoding="utf-8") as f:
        json.dump(bleu_cases(), f, indent=1, ensure_ascii=False)


if __name__ == "__main__":
    main()
