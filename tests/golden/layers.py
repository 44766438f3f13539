"""The cases of layers.safetensors (golden.py says what is recorded of each)."""
import torch
import torch.nn.functional as F
from torch import nn

import reference as R


def random_params(module):
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(torch.randn_like(p) * 0.5)
    return module


def recurrent(g, steps=5, batch=3, inputs=4, hidden=6):
    for kind, cls, gates in (("gru", nn.GRU, "r,z,n"), ("lstm", nn.LSTM, "i,f,g,o"),
                             ("rnn_tanh", nn.RNN, "h")):
        for layers, both in ((1, False), (2, False), (1, True), (2, True)):
            net = random_params(cls(inputs, hidden, layers, bidirectional=both))
            states = layers * (2 if both else 1)
            ins = dict(x=torch.randn(steps, batch, inputs), h0=torch.randn(states, batch, hidden))
            name = f"layer.{kind}.l{layers}{'.bi' if both else ''}"
            attrs = dict(layers=layers, bidirectional=both,
                         layout="x (T,B,I), h (layers*dirs,B,H)", gates=gates)
            params = list(net.named_parameters())
            if kind == "lstm":
                ins["c0"] = torch.randn(states, batch, hidden)

                def lstm(x, h0, c0):
                    y, (h, c) = net(x, (h0, c0))
                    return y, h, c
                g.run(name, lstm, ins, params, attrs, ("y", "hn", "cn"))
            else:
                g.run(name, lambda x, h0: net(x, h0), ins, params, attrs, ("y", "hn"))


def small_layers(g):
    ln = random_params(nn.LayerNorm(7))
    g.run("layer.layer_norm", lambda x: ln(x), dict(x=torch.randn(2, 3, 7)),
          list(ln.named_parameters()), dict(eps=1e-5, axis=-1))
    an = random_params(R.AddNorm(6, 0.0))
    g.run("layer.add_norm", lambda x, y: an(x, y),
          dict(x=torch.randn(2, 3, 6), y=torch.randn(2, 3, 6)),
          list(an.named_parameters()), dict(rule="layer_norm(y + x)", eps=1e-5))
    li = random_params(nn.Linear(5, 4))
    g.run("layer.linear", lambda x: li(x), dict(x=torch.randn(2, 3, 5)),
          list(li.named_parameters()), dict(rule="x W^T + b, weight (out,in)"))
    ff = random_params(R.PositionWiseFFN(6, 10))
    g.run("layer.ffn", lambda x: ff(x), dict(x=torch.randn(2, 3, 6)), list(ff.named_parameters()))


def attention(g):
    lens1, lens2 = torch.tensor([1, 4, 3]), torch.tensor([[1, 2], [4, 3], [2, 4]])
    masks = (("none", None), ("lens1", lens1), ("lens2", lens2))
    for tag, lens in masks[1:]:
        g.run(f"layer.masked_softmax.{tag}", lambda x, lens: R.masked_softmax(x, lens),
              dict(x=torch.randn(3, 2, 4), lens=lens), attrs=dict(masked_score=R.MASKED))
    g.run("layer.masked_softmax.none", lambda x: R.masked_softmax(x, None),
          dict(x=torch.randn(3, 2, 4)))
    dot = R.DotProductAttention(0.0)
    for tag, lens in masks:
        ins = dict(q=torch.randn(3, 2, 6), k=torch.randn(3, 4, 6),
                   v=torch.randn(3, 4, 5), lens=lens)
        g.run(f"layer.dot_attention.{tag}",
              lambda q, k, v, lens: (dot(q, k, v, lens), dot.weights), ins,
              attrs=dict(scale="1/sqrt(6)"), outs=("y", "weights"))
    additive = random_params(R.AdditiveAttention(5, 6, 7, 0.0))
    for tag, lens in masks:
        ins = dict(q=torch.randn(3, 2, 6), k=torch.randn(3, 4, 5),
                   v=torch.randn(3, 4, 3), lens=lens)
        g.run(f"layer.additive_attention.{tag}",
              lambda q, k, v, lens: (additive(q, k, v, lens), additive.weights), ins,
              list(additive.named_parameters()), outs=("y", "weights"))
    for bias in (False, True):
        multi = random_params(R.MultiHeadAttention(8, 2, 0.0, bias=bias))
        for tag, lens in masks:
            ins = dict(q=torch.randn(3, 2, 8), k=torch.randn(3, 4, 8),
                       v=torch.randn(3, 4, 8), lens=lens)
            g.run(f"layer.multihead_attention.{'bias.' if bias else ''}{tag}",
                  lambda q, k, v, lens: (multi(q, k, v, lens), multi.attention.weights), ins,
                  list(multi.named_parameters()), dict(heads=2), ("y", "weights"))
    encoder, decoder = R.EncoderBlock(8, 12, 2, 0.0), R.DecoderBlock(8, 12, 2, 0.0)
    random_params(encoder)
    g.run("layer.encoder_block", lambda x, lens: encoder(x, lens),
          dict(x=torch.randn(3, 4, 8), lens=lens1),
          list(encoder.named_parameters()), dict(heads=2))
    random_params(decoder)
    g.run("layer.decoder_block", lambda x, enc, lens: decoder(x, enc, lens, None)[0],
          dict(x=torch.randn(3, 5, 8), enc=torch.randn(3, 4, 8), lens=lens1),
          list(decoder.named_parameters()), dict(heads=2, causal=True))
    positions = R.PositionalEncoding(8, 0.0, max_len=16)
    g.put("layer.positional_encoding/out/table", positions.P[0])
    g.run("layer.positional_encoding", lambda x: positions(x), dict(x=torch.randn(2, 6, 8)))


def losses(g):
    labels = torch.tensor([3, 0, 4, 1, 0, 2])
    for tag, kw in (("none", dict(reduction="none")), ("mean", dict()),
                    ("sum", dict(reduction="sum")), ("ignore0", dict(ignore_index=0)),
                    ("smooth0.1", dict(label_smoothing=0.1)),
                    ("ignore0_smooth0.1", dict(ignore_index=0, label_smoothing=0.1))):
        g.run(f"layer.cross_entropy.{tag}", lambda x, labels: F.cross_entropy(x, labels, **kw),
              dict(x=torch.randn(6, 5) * 3, labels=labels), attrs=kw)
    g.run("layer.masked_loss", lambda x, labels: R.masked_loss(x, labels, 0),
          dict(x=torch.randn(2, 3, 5) * 3, labels=labels.view(2, 3)), attrs=dict(pad=0))
    g.run("layer.cross_entropy.huge_logits", lambda x, labels: F.cross_entropy(x, labels),
          dict(x=torch.randn(6, 5) * 400, labels=labels))


def optimisers(g):
    """One parameter w, five given gradients, w after each."""
    adam, adamw, sgd = torch.optim.Adam, torch.optim.AdamW, torch.optim.SGD
    for tag, make, kw in (
            ("adam", adam, dict(lr=0.1)),
            ("adam_l2", adam, dict(lr=0.1, weight_decay=0.05)),
            ("adamw", adamw, dict(lr=0.1, weight_decay=0.05)),
            ("sgd", sgd, dict(lr=0.1)),
            ("sgd_momentum", sgd, dict(lr=0.1, momentum=0.9)),
            ("sgd_nesterov_wd", sgd, dict(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01))):
        w, grads = nn.Parameter(torch.randn(4, 3)), torch.randn(5, 4, 3)
        grads[:, 2] = 0                        # a row that never gets a gradient
        optimiser, trace, name = make([w], **kw), [], f"layer.optim.{tag}"
        g.put(name + "/in/w", w)
        g.put(name + "/in/grads", grads)
        for d in grads:
            w.grad = d.clone()
            optimiser.step()
            trace.append(w.detach().clone())
        g.put(name + "/out/trace", torch.stack(trace))
        g.attr(name, **kw)


def clipping(g):
    a, b = nn.Parameter(torch.randn(3, 2)), nn.Parameter(torch.randn(4))
    for tag, scale in (("active", 3.0), ("inactive", 0.01)):
        name = f"layer.clip.{tag}"
        a.grad, b.grad = torch.randn(3, 2) * scale, torch.randn(4) * scale
        g.put(name + "/in/a", a.grad)
        g.put(name + "/in/b", b.grad)
        norm = R.clip_gradients([a, b], 1.0)
        g.put(name + "/out/a", a.grad)
        g.put(name + "/out/b", b.grad)
        g.put(name + "/out/norm", norm)
        g.attr(name, clip=1.0)


def layer_group(g):
    for cases in (recurrent, small_layers, attention, losses, optimisers, clipping):
        cases(g)
    return g
