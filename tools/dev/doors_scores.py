"""The same scores as sacreBLEU's own program, and the same subwords as subword-nmt."""
import json

from doors_pytorch import MODELS, babelgrad

LINES = 1000


def column(path, number):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t")[number] for line in file if line.strip()]


def write(path, lines):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)
    return path


def sacrebleu(door, hyp, refs, *options):
    """{name: (score, signature)} as its own program prints them."""
    out = door.output([door.python, "-m", "sacrebleu", *refs, "-i", hyp, "--width", "4", *options])
    said = json.loads(out)
    return {row["name"]: (row["score"], row["signature"].rsplit("|version", 1)[0])
            for row in (said if isinstance(said, list) else [said])}


def compare(door, what, ours, theirs):
    score, signature = ours
    door.check(what, round(score, 4) == theirs[0] and
               signature.split("|", 1)[1].rsplit("|version", 1)[0] == theirs[1],
               f"{score:.4f}, theirs {theirs[0]:.4f}; {theirs[1]}")


def score(door, name, run, pairs, *options):
    """`evaluate --out` of a run, and what sacreBLEU says of that file, of text and of tokens."""
    group = "--group" in options
    texts, tokens = door.path(name + ".txt"), door.path(name + ".tokens")
    how = ["evaluate", run, "--data", pairs, *options, "--json", "--out"]
    ours = json.loads(door.run(*how, texts))
    door.run(*how, tokens, "--tokens")
    targets = write(door.path(name + ".targets"), column(pairs, 1))
    written = door.path(name + ".written")      # references as text, as evaluate writes its own
    door.run("evaluate", "--hyp", targets, "--data", pairs, "--json", "--out", written,
             "--tokenizer", ours["settings"]["tokenizer"], "--language",
             ours["settings"]["language"])
    refs = {kind: streams(door, name + "." + kind, column(pairs, 0), column(path, 0), group)
            for kind, path in (("text", written), ("of-tokens", targets))}
    theirs = sacrebleu(door, texts, refs["text"], "-lc", "--chrf-lowercase", "-m", "bleu", "chrf")
    compare(door, f"{name}: BLEU", (ours["bleu"], ours["signature"]), theirs["BLEU"])
    compare(door, f"{name}: chrF2", (ours["chrf"], ours["signature_chrf"]), theirs["chrF2"])
    theirs = sacrebleu(door, tokens, refs["of-tokens"], "-lc", "--tokenize", "none", "-m", "bleu",
                       "--force")
    compare(door, f"{name}: BLEU of tokens", (ours["bleu_tokens"], ours["signature_tokens"]),
            theirs["BLEU"])
    door.check(f"{name}: of at least {LINES} lines", ours["sentences"] >= LINES,
               f"{ours['sentences']} lines")


def streams(door, name, sources, targets, group):
    """Files of references for sacreBLEU: the first of each source, the second, ...; an empty line
    where a source has no more. Without `group` a pair is a source of its own."""
    refs = {}
    for i, (source, target) in enumerate(zip(sources, targets, strict=True)):
        of = refs.setdefault(source if group else i, [])
        if target not in of:
            of.append(target)
    most = max(map(len, refs.values()))
    return [write(door.path(f"{name}.ref{k}"),
                  [of[k] if k < len(of) else "" for of in refs.values()]) for k in range(most)]


def subwords(door, lines):
    """Both learn the same merges of these lines, and split them alike."""
    text, program = "\n".join(lines) + "\n", [door.python, "-m", "subword_nmt.subword_nmt"]
    for merges in (50, 1000):
        ours = door.run("subwords", "learn", "--merges", str(merges), stdin=text)
        theirs = door.output([*program, "learn-bpe", "-s", str(merges)], text)
        door.check(f"subwords learnt, {merges} merges", ours == theirs,
                   f"{len(ours.splitlines()) - 1} merges")
        codes = door.path(f"codes.{merges}")
        with open(codes, "w", encoding="utf-8") as file:
            file.write(theirs)
        ours = door.run("subwords", "apply", codes, stdin=text).splitlines()
        theirs = door.output([*program, "apply-bpe", "-c", codes], text).splitlines()
        same = sum(one == other for one, other in zip(ours, theirs, strict=True))
        door.check(f"subwords applied, {merges} merges", same == len(lines) >= LINES,
                   f"{same} of {len(lines)} lines equal")
        door.check(f"subwords joined, {merges} merges", door.run(
            "subwords", "join", stdin="\n".join(theirs) + "\n").splitlines() == lines)


def pieces(door, run, pairs):
    """A model's pieces are subword-nmt's, told which of them it has an id for."""
    from subword_nmt.apply_bpe import BPE
    model, ids = babelgrad.load(run), door.path("pieces.ids")
    door.run("ids", run, "--data", pairs, "--out", ids)
    with open(write(door.path("model.codes"), door.run("subwords", "show", run).splitlines()),
              encoding="utf-8") as file:
        bpe = BPE(file, vocab=set(model.src_vocab))
    known, lines = set(model.src_vocab), column(pairs, 0)
    ours = [" ".join(model.src_vocab[i] for i in row.tolist()[:-1])
            for row in babelgrad.read_ids(ids).src]
    theirs = [" ".join(piece if piece in known else "<unk>"
                       for piece in bpe.process_line(line).split()) for line in lines]
    same = sum(one == other for one, other in zip(ours, theirs, strict=True))
    door.check("a model's pieces are subword-nmt's", same == len(lines) >= LINES,
               f"{same} of {len(lines)} lines equal")


def scores(door):
    if door.data:
        pairs, train = door.real("val"), ["--data", door.real("train"), "--limit", 6000]
        small = ["--preset", "multi30k-tiny", *train, "--epochs", 3, "--seed", 1]
        runs = {"real-pieces": door.model("real-pieces", "--model", "transformer", *small, "--val",
                                          pairs),
                "real-words": door.model("real-words", "--model", "attention", *small, "--val",
                                         pairs)}
    else:
        pairs = write(door.path("pairs.tsv"), ["\t".join(pair) for pair in door.grammar(
            LINES, "--max-length", "10", "--seed", "78")])
        runs = {"post-relu": door.model("post-relu", *MODELS["post-relu"]),
                "pre-relu-tied-all": door.model("pre-relu-tied-all", *MODELS["pre-relu-tied-all"])}
    for name, run in runs.items():
        score(door, name, run, pairs)
    # Of several references: each source with its own target and with those of its neighbours.
    sources, targets = column(pairs, 0), column(pairs, 1)
    sources = list(dict.fromkeys(sources))
    several = [f"{source}\t{targets[(i + k) % len(targets)]}" for i, source in enumerate(sources)
               for k in range(1 + i % 3)]
    run = next(iter(runs.values()))
    score(door, "several references", run, write(door.path("several.tsv"), several), "--group")
    subwords(door, (sources + targets)[:2 * LINES])
    pieces(door, [run for name, run in runs.items() if name in ("real-pieces", "pre-relu-tied-all")
                  ][0], pairs)
