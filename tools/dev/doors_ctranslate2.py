"""CTranslate2: a Transformer of ours served by it, in float and in eight bits, greedy and by beam.

Text goes in and out by `babelgrad pieces`; the limits of length are ours: at most 2(n + 1) + 10
pieces for a source of n, and a translation may be empty, which counts as an ended hypothesis."""
import itertools
import os

import ctranslate2 as engine

GRAMMAR, ALPHA = 2000, "1"
TINY = ["--model", "transformer", "--hidden", 32, "--ffn", 64, "--layers", 2, "--heads", 4,
        "--dropout", 0, "--pairs", 6000, "--max-length", 8, "--epochs", 3, "--lr", 0.005,
        "--seed", 1]
# Served in earnest: trained until it is sure of what it says.
SERVED = ["--model", "transformer", "--hidden", 128, "--ffn", 256, "--layers", 2, "--heads", 4,
          "--dropout", 0.1, "--pairs", 20000, "--max-length", 12, "--epochs", 6, "--lr", 0.002,
          "--seed", 1]


def kinds():
    """name -> options of train: every norm, activation, tie, of words and of subwords."""
    all_kinds = {}
    for norm, activation, tie, merges in itertools.product(
            ("post", "pre"), ("relu", "gelu"), ("none", "decoder", "all"), (0, 150)):
        options = ["--norm", norm, "--activation", activation, "--tie", tie]
        options += ["--merges", merges] if merges else []
        options += ["--separate"] if merges and tie == "decoder" else []
        name = f"{norm}-{activation}-tie-{tie}-{'subwords' if merges else 'words'}"
        all_kinds[name] = [*TINY, *options]
    return all_kinds


def by_length(sentences):
    """Lists of places of sentences that are equally long, which have one limit."""
    places = sorted(range(len(sentences)), key=lambda i: len(sentences[i]))
    groups = itertools.groupby(places, key=lambda i: len(sentences[i]))
    return [list(group) for _, group in groups]


def translate(door, run, folder, text, compute="float32", **options):
    """Lines of plain text, as CTranslate2 translates those of `text`."""
    pieces = [line.split() for line in door.run("pieces", run, stdin=text).splitlines()]
    model = engine.Translator(folder, compute_type=compute, intra_threads=1)
    said = [""] * len(pieces)
    for places in by_length(pieces):
        limit = 2 * (len(pieces[places[0]]) + 1) + 10
        results = model.translate_batch([pieces[i] for i in places], max_decoding_length=limit,
                                        min_decoding_length=0, max_batch_size=64, **options)
        for i, result in zip(places, results):
            said[i] = " ".join(result.hypotheses[0])
    return door.run("pieces", run, "--join", stdin="\n".join(said) + "\n").splitlines()


def equal(door, what, ours, theirs, least):
    same = sum(a == b for a, b in zip(ours, theirs, strict=True))
    apart = [f"{a!r} is {b!r}" for a, b in zip(ours, theirs) if a != b]
    door.check(what, same >= least, f"{same} of {len(ours)} equal" +
               (f"; the first that is not: {apart[0]}" if apart else ""))


def exported(door, run, name):
    folder = door.path(name)
    door.run("export", run, "--to", "ctranslate2", folder)
    return folder


def compare(door, name, run, text, float_share, int8_share=None):
    """The shares of lines that must be equal."""
    lines, folder = text.count("\n"), exported(door, run, name)
    greedy = door.run("translate", run, stdin=text).splitlines()
    here = translate(door, run, folder, text, beam_size=1)
    equal(door, f"{name}: float, greedy", greedy, here, float_share * lines)
    if int8_share is not None:
        here = translate(door, run, folder, text, "int8", beam_size=1)
        equal(door, f"{name}: eight bits, greedy", greedy, here, int8_share * lines)
    beam = ["--beam", "5", "--alpha", ALPHA]
    here = translate(door, run, folder, text, beam_size=5, length_penalty=float(ALPHA))
    ours = door.run("translate", run, *beam, "--ended", "replaced", stdin=text).splitlines()
    equal(door, f"{name}: float, beam 5 where ended ones are replaced", ours, here,
          float_share * lines)
    return folder


def bad(door, run):
    """One line, and nothing half-written."""
    full = door.path("full")
    command = f"ulimit -f 8; exec '{door.program}' export '{run}' --to ctranslate2 '{full}'"
    done = door.start(["sh", "-c", command])
    left = [name for name in os.listdir(door.folder) if name.startswith("full")]
    door.check("a full disk: one line, and nothing half-written",
               done.returncode == 1 and done.stderr.count("\n") == 1 and not left,
               done.stderr.strip())
    os.makedirs(door.path("there"))
    door.refused("a folder that exists", "export", run, "--to", "ctranslate2", door.path("there"),
                 says="is there already")
    door.refused("a folder without a model", "export", door.path("there"), "--to", "ctranslate2",
                 door.path("new"), says="is no run", left=door.path("new"))
    recurrent = door.model("small-words", "--model", "attention", "--pairs", 2000, "--max-length",
                           8, "--epochs", 1, "--embed", 16, "--hidden", 16, "--layers", 1,
                           "--seed", 1)
    door.refused("a recurrent model", "export", recurrent, "--to", "ctranslate2", door.path("new"),
                 says="PyTorch", left=door.path("new"))


def ctranslate2(door):
    text = "".join(src + "\n" for src, _ in door.grammar(GRAMMAR, "--max-length", "12", "--seed",
                                                        "77"))
    served = door.model("served", *SERVED)
    compare(door, "served", served, text, 0.9975, 0.99)
    some = "".join(line + "\n" for line in text.splitlines()[:400])
    for name, options in kinds().items():
        compare(door, name, door.model(name, *options), some, 0.9975)
    bad(door, served)
    if door.data:
        real(door)


def real_pieces(door):
    """A model of real text with real subwords, and the pairs it was validated on."""
    run = door.real_model("real-pieces")
    with open(door.real("val"), encoding="utf-8") as file:
        return run, [tuple(line.rstrip("\n").split("\t")[:2]) for line in file]


def real(door):
    run, pairs = real_pieces(door)
    text = "".join(src + "\n" for src, _ in pairs)
    compare(door, "real-pieces", run, text, 0.99, 0)
