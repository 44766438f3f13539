"""PyTorch, both ways: the same logits and translations there, the same bytes back."""
import json
import os
import sys

import torch
from safetensors.torch import save_file

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "pytorch"))
import babelgrad  # noqa: E402
from babelgrad.weights import read_file  # noqa: E402

BATCHES, ROWS, SENTENCES = 20, 32, 200
SMALL = ["--pairs", 8000, "--max-length", 8, "--epochs", 4, "--embed", 32, "--hidden", 32,
         "--lr", 0.004, "--seed", 1]
RECURRENT = [*SMALL, "--layers", 2, "--dropout", 0.1]
TRANSFORMER = ["--model", "transformer", *SMALL, "--layers", 2, "--heads", 4, "--ffn", 64,
               "--dropout", 0.1]
# Every option of train that a model is made of is in one of these.
MODELS = {
    "rnn-gru": ["--model", "rnn", "--cell", "gru", *RECURRENT],
    "rnn-lstm-tied": ["--model", "rnn", "--cell", "lstm", "--tie", "decoder", *RECURRENT],
    "rnn-rnn": ["--model", "rnn", "--cell", "rnn", *SMALL, "--layers", 1],
    "attention-additive": ["--model", "attention", *RECURRENT],
    "attention-lstm-dot": ["--model", "attention", "--cell", "lstm", "--score", "dot", *RECURRENT],
    "attention-rnn-scaled": ["--model", "attention", "--cell", "rnn", "--score", "scaled_dot",
                             *SMALL, "--layers", 1],
    "attention-general-pieces": ["--model", "attention", "--score", "general", "--merges", 150,
                                 "--separate", *RECURRENT],
    "attention-tied-all": ["--model", "attention", "--tie", "all", "--merges", 150, *RECURRENT],
    "post-relu": [*TRANSFORMER, "--attention-dropout", 0, "--label-smoothing", 0.1],
    "post-gelu-tied": [*TRANSFORMER, "--activation", "gelu", "--tie", "decoder"],
    "pre-relu-tied-all": [*TRANSFORMER, "--norm", "pre", "--tie", "all", "--merges", 150],
    "pre-gelu": [*TRANSFORMER, "--norm", "pre", "--activation", "gelu"],
    "post-pieces": [*TRANSFORMER, "--merges", 150, "--separate"],
    "post-book": [*TRANSFORMER, "--tokenizer", "book", "--num-steps", 9],
    "attention-book": ["--model", "attention", "--tokenizer", "book", "--num-steps", 9, *RECURRENT]}


def logits_apart(model, ids):
    """The largest difference from our logits in the file `ids`, the largest of these, batches. In
    double what is left is the rounding of ours alone."""
    pairs, tensors = babelgrad.read_ids(ids), read_file(ids)[0]
    begin, apart, batches = 0, 0.0, 0
    for first in range(0, len(pairs), ROWS):
        src, lens, tgt, labels = pairs.batch(range(first, min(first + ROWS, len(pairs))))
        with torch.no_grad():
            here = model(src, lens, tgt)[labels != pairs.tgt_pad]
        ours = tensors["logits"].to(here.dtype)[begin:begin + len(here)]
        begin, batches = begin + len(here), batches + 1
        apart = max(apart, (here - ours).abs().max().item())
    assert begin == len(tensors["logits"])
    return apart, tensors["logits"].abs().max().item(), batches


def sources(model, ids):
    """The sources of a file of ids as the words or pieces that they are of."""
    rows = [sentence.tolist() for sentence in babelgrad.read_ids(ids).src]
    return [[model.src_vocab[i] for i in row if model.src_vocab[i] != "<eos>"] for row in rows]


def same_model(door, name, run, pairs):
    """All that must hold of one model: `pairs` is a file of BATCHES times ROWS of them."""
    ids, back = door.path(name + ".ids"), door.path(name + ".safetensors")
    model = babelgrad.load(run)
    door.run("ids", run, "--data", pairs, "--out", ids, "--logits")
    in_float = logits_apart(model, ids)[0]
    apart, largest, batches = logits_apart(model.double(), ids)
    model.float()
    door.check(f"{name}: logits within 1e-5", apart < 1e-5 and batches >= BATCHES,
               f"{apart:.1e} from PyTorch's in double, {in_float:.1e} in float, up to "
               f"{largest:.1f}, {batches} batches")
    with open(pairs, encoding="utf-8") as file:
        lines = [line.split("\t")[0] for line in file][:SENTENCES]
    text, pieces = "\n".join(lines) + "\n", sources(model, ids)[:SENTENCES]
    said = {}
    for beam in (1, 5):
        said[beam] = door.run("translate", run, "--tokens", "--beam", str(beam), stdin=text)
        theirs = babelgrad.translate(model, pieces, beam)
        same = sum(" ".join(babelgrad.join_pieces(words)) == line
                   for words, line in zip(theirs, said[beam].splitlines(), strict=True))
        door.check(f"{name}: {'greedy' if beam == 1 else f'beam {beam}'}", same == SENTENCES,
                   f"{same} of {len(lines)} equal")
    babelgrad.save(model, back)
    (ours, told), (theirs, tells) = read_file(run), read_file(back)
    same = ours.keys() == theirs.keys() and all(
        ours[key].numpy().tobytes() == theirs[key].numpy().tobytes() for key in ours)
    door.check(f"{name}: saved back", same and told.pop("crc32") and told == tells,
               f"{len(ours)} tensors of the same bytes")
    again = door.start([door.program, "translate", back, "--tokens", "--beam", "5"], text)
    door.check(f"{name}: and read by us", again.stdout == said[5] and
               again.stderr.count("has no checksum") == 1)


def refused_there(door, what, action, says):
    """`action` must raise a ValueError of one line that holds `says`."""
    try:
        action()
        message = "nothing was refused"
    except ValueError as error:
        message = str(error)
    door.check(f"refused there: {what}", says in message and "\n" not in message, message)


def both_refuse(door, what, state, run, says, metadata=None):
    path = door.path("bad.safetensors")
    save_file({key: tensor.clone() for key, tensor in state.items()}, path, metadata)
    like = [] if metadata else ["--like", run]
    refused_there(door, what, lambda: babelgrad.load(path, like=None if metadata else run), says)
    door.refused(what, "translate", path, *like, says=says)


def bad_files(door, run, tied_run, other_run):
    state, metadata = read_file(run)
    del metadata["crc32"]
    weight = "encoder.blks.0.ffn.dense1.weight"

    def changed(**news):
        return {**{key: tensor for key, tensor in state.items() if key not in news},
                **{key: tensor for key, tensor in news.items() if tensor is not None}}

    both_refuse(door, "a missing tensor", changed(**{weight: None}), run, f"missing {weight}")
    both_refuse(door, "an extra tensor", changed(more=torch.zeros(1)), run, "unexpected more")
    both_refuse(door, "a transposed tensor", changed(**{weight: state[weight].t().contiguous()}),
                run, f"{weight} is (32, 64)")
    for dtype in (torch.bfloat16, torch.float16):
        both_refuse(door, f"a checkpoint of {dtype}",
                    {key: tensor.to(dtype) for key, tensor in state.items()}, run,
                    "16", metadata)
    both_refuse(door, "another model", read_file(other_run)[0], run, "unexpected decoder.ln.")
    half = babelgrad.build(dict(json.loads(metadata["config"]), hidden=16),
                           *map(len, (json.loads(metadata[key]) for key in
                                      ("src_vocab", "tgt_vocab"))))
    both_refuse(door, "another size", half.state_dict(), run, "encoder.embedding.weight is (")
    both_refuse(door, "no configuration", state, run, "of which run it is", {"format": "pt"})
    tied = dict(read_file(tied_run)[0])
    tied["decoder.dense.weight"] = tied["encoder.embedding.weight"] + 1
    both_refuse(door, "copies of a tied table that differ", tied, tied_run, "differ")
    twice = dict(state, **{"module." + weight: state[weight]})
    both_refuse(door, "one tensor under two names", twice, run, "under two names")

    damaged, empty = door.path("damaged.safetensors"), door.path("empty")
    with open(run + "/model.safetensors", "rb") as file:
        data = bytearray(file.read())
    data[-1] ^= 1
    with open(damaged, "wb") as file:
        file.write(data)
    refused_there(door, "a damaged file", lambda: babelgrad.load(damaged), "checksum")
    door.refused("a damaged file", "translate", damaged, says="damaged")
    door.check("a damaged file, of which a run is named, is read",
               door.start([door.program, "translate", damaged, "--like", run],
                          "the dog sleeps .").returncode == 0 and babelgrad.load(damaged, like=run))
    os.mkdir(empty)
    refused_there(door, "a folder without a model", lambda: babelgrad.load(empty), "No such file")
    door.refused("a folder without a model", "translate", empty, says="is no run")


def full_disk(door, run):
    """A file may have no more than 4096 bytes: save() says so, and leaves what was there."""
    path = door.path("full", "model.safetensors")
    os.mkdir(door.path("full"))
    with open(path, "w", encoding="utf-8") as file:
        file.write("as it was")
    script = ("import resource, signal, sys, babelgrad\n"
              "model = babelgrad.load(sys.argv[1])\n"
              "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
              "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
              "try: babelgrad.save(model, sys.argv[2])\n"
              "except ValueError as error: print(error)\n")
    said = door.output([door.python, "-c", script, run, path], env=with_package(door))
    with open(path, encoding="utf-8") as file:
        left = file.read()
    door.check("a full disk: one line, and nothing half written",
               said.startswith("save: ") and said.count("\n") == 1 and left == "as it was" and
               os.listdir(door.path("full")) == ["model.safetensors"], said.strip())


def with_package(door):
    return dict(os.environ, PYTHONPATH=os.path.join(door.home, "tools", "pytorch"),
                PYTHONDONTWRITEBYTECODE="1", OMP_NUM_THREADS="1")


def wrapped(door, run, tied_run):
    """State dicts as wrappers of PyTorch leave them: in their names, with ties under each name."""
    for name, of in (("plain", run), ("tied", tied_run)):
        model = babelgrad.load(of)
        state = {key: tensor.clone() for key, tensor in model.state_dict().items()}
        for prefix in ("module.", "_orig_mod.", "module._orig_mod."):
            path = door.path(name + ".safetensors")
            save_file({prefix + key: tensor for key, tensor in state.items()}, path)
            done = door.start([door.program, "translate", path, "--like", of], "the dog sleeps .")
            ours = door.run("translate", of, stdin="the dog sleeps .")
            theirs = babelgrad.load(path, like=of).state_dict()
            door.check(f"{prefix} comes off ({name})",
                       done.stdout == ours and f"{prefix}decoder" in done.stderr and
                       all(torch.equal(state[key], theirs[key]) for key in state))


def book(door, runs):
    """The book's own classes take the weights, strictly, and say the same."""
    from unittest import mock
    absent = ("torchvision", "torchvision.transforms", "PIL", "pandas", "requests", "IPython",
              "matplotlib", "matplotlib_inline", "scipy", "scipy.spatial", "gym")
    # Without what draws and downloads; and the book's, not the module beside this one.
    own = os.path.dirname(os.path.abspath(__file__))
    with mock.patch.dict(sys.modules, {name: mock.MagicMock() for name in absent}), \
            mock.patch.object(sys, "path", [path for path in sys.path if path != own]):
        from d2l import torch as d2l
    src = torch.tensor([[5, 9, 7, 8, 3]])
    for name, run in runs.items():
        model = babelgrad.load(run)
        c, words = model.config, len(model.src_vocab)
        sizes = (c["hidden"], c["ffn"], c["heads"], c["layers"], 0)
        encoder = (d2l.TransformerEncoder(words, *sizes) if c["model"] == "transformer" else
                   d2l.Seq2SeqEncoder(words, c["embed"], c["hidden"], c["layers"]))
        state = {key[8:]: tensor for key, tensor in babelgrad.to_d2l(model.state_dict()).items()
                 if key.startswith("encoder.")}
        encoder.load_state_dict(state, strict=True)
        encoder.eval()
        with torch.no_grad():
            ours, theirs = model.encoder(src, torch.tensor([5])), encoder(src, torch.tensor([5]))
        if c["model"] != "transformer":
            ours, theirs = ours[1], theirs[1]
        apart = (ours - theirs).abs().max().item()
        door.check(f"d2l.{type(encoder).__name__} loads {name}", apart < 1e-5, f"{apart:.1e} apart")
        decoder = book_decoder(d2l, c, len(model.tgt_vocab))
        theirs = {"decoder." + key for key in decoder.state_dict()}
        ours = {key for key in babelgrad.to_d2l(model.state_dict()) if key.startswith("decoder.")}
        door.check(f"and its decoder's names are the book's ({name})", ours == theirs,
                   f"{len(ours)} names")


def book_decoder(d2l, c, words):
    """The fields of the book's decoders, which its package leaves to the chapters, of its parts."""
    from torch import nn
    decoder = nn.Module()
    decoder.dense = nn.Linear(c["hidden"], words)
    if c["model"] != "transformer":
        decoder.embedding = nn.Embedding(words, c["embed"])
        decoder.rnn = d2l.GRU(c["embed"] + c["hidden"], c["hidden"], c["layers"], 0)
        if c["model"] == "attention":
            decoder.attention = d2l.AdditiveAttention(c["hidden"], 0)
        return decoder
    decoder.embedding, decoder.blks = nn.Embedding(words, c["hidden"]), nn.Sequential()
    for i in range(c["layers"]):
        block = nn.Module()
        for name in ("attention1", "attention2"):
            setattr(block, name, d2l.MultiHeadAttention(c["hidden"], c["heads"], 0))
        for name in ("addnorm1", "addnorm2", "addnorm3"):
            setattr(block, name, d2l.AddNorm(c["hidden"], 0))
        block.ffn = d2l.PositionWiseFFN(c["ffn"], c["hidden"])
        decoder.blks.add_module(f"block{i}", block)
    return decoder


def pytorch(door):
    pairs = door.path("pairs.tsv")
    with open(pairs, "w", encoding="utf-8") as file:
        for src, tgt in door.grammar(BATCHES * ROWS, "--max-length", "10", "--seed", "77"):
            file.write(f"{src}\t{tgt}\n")
    runs = {name: door.model(name, *options) for name, options in MODELS.items()}
    for name, run in runs.items():
        same_model(door, name, run, pairs)
    if door.data:
        real(door)
    wrapped(door, runs["post-relu"], runs["pre-relu-tied-all"])
    bad_files(door, runs["post-relu"], runs["pre-relu-tied-all"], runs["pre-gelu"])
    full_disk(door, runs["post-relu"])
    book(door, {name: runs[name] for name in ("post-relu", "attention-additive", "rnn-gru")})


def real(door):
    """Real text, with real words and real subwords."""
    for name in ("real-pieces", "real-words"):
        same_model(door, name, door.real_model(name), door.real("val"))
