"""The same scores as sacreBLEU's own program, and the same subwords as subword-nmt."""
import json
import os

from doors_pytorch import MODELS, babelgrad

LINES = 1000


def column(path, number, blank=False):
    """Of a file of pairs, whose blank lines do not count; of any other with `blank`."""
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t")[number] for line in file if blank or line.strip()]


def write(path, lines):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)
    return path


def sacrebleu(door, hyp, refs, *options):
    """{name: (score, signature)} as its own program prints them. That takes as many references of
    each line; where their number varies, Python asks."""
    if any(column(path, 0, True).count("") for path in refs):
        from sacrebleu.metrics import BLEU, CHRF
        streams = [[line or None for line in column(path, 0, True)] for path in refs]
        found = {}
        for metric in ([BLEU(lowercase=True, tokenize="none", force=True)] if "none" in options else
                       [BLEU(lowercase=True), CHRF(lowercase=True)]):
            said = metric.corpus_score(column(hyp, 0, True), streams)
            found[said.name] = (round(said.score, 4),
                                str(metric.get_signature()).rsplit("|version", 1)[0])
        return found
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
    text = "\n".join(lines) + "\n"
    program = [os.path.join(os.path.dirname(door.python), "subword-nmt")]
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
        pairs = door.real("val")
        runs = {name: door.real_model(name) for name in ("real-pieces", "real-words")}
    else:
        pairs = write(door.path("pairs.tsv"), ["\t".join(pair) for pair in door.grammar(
            LINES, "--max-length", "10", "--seed", "78")])
        runs = {"post-relu": door.model("post-relu", *MODELS["post-relu"]),
                "pre-relu-tied-all": door.model("pre-relu-tied-all", *MODELS["pre-relu-tied-all"])}
    for name, run in runs.items():
        score(door, name, run, pairs)
    # Of several references: each source with its own target and with those of its neighbours.
    sources, targets = column(pairs, 0), column(pairs, 1)
    distinct, run = list(dict.fromkeys(targets)), next(iter(runs.values()))
    for name, count in (("three references", lambda i: 3), ("one to three", lambda i: 1 + i % 3)):
        several = [f"{source}\t{distinct[(i + k) % len(distinct)]}"
                   for i, source in enumerate(dict.fromkeys(sources)) for k in range(count(i))]
        score(door, name, run, write(door.path(name + ".tsv"), several), "--group")
    subwords(door, (sources + targets)[:2 * LINES])
    pieces(door, [run for name, run in runs.items() if name in ("real-pieces", "pre-relu-tied-all")
                  ][0], pairs)
