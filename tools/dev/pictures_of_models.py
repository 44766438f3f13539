"""The figures of models, each a function of what Facts answers: what two small trained models do,
what the chapter prints, and a table of the lab."""
import itertools
import math

from draw import WIDTH, Picture, two

SENTENCE = "the king 's horse sees her ."
SHORT = "the dog sleeps ."


def three_models(facts):
    """What each decoder is given, and what is connected with what."""
    shapes = facts.shapes("models/README.md", "rnn.decoder.init_state")
    looks = facts.attention("attention", SHORT)
    cross = facts.attention("transformer", SHORT)
    src, said = looks["source"][:3], looks["target"][:3]
    own = "self-attention: attention weights"
    inner = facts.mean_of_heads("transformer", SHORT, "encoder", own)
    past = [facts.mean_of_heads("transformer", SHORT, "decoder", own, t + 1)[0] for t in range(3)]
    pic = Picture("The data flow of the three models",
                  "Each reads three source words and says three target words, given those before. "
                  f"Recurrent: states in a row, and the last one, of shape {shapes[0]}, is all "
                  f"that every step of the decoder gets. With attention: all states, "
                  f"{shapes[1]}, and each step weighs them anew; the first step starts from the "
                  "last state. Transformer: all words look at all words, "
                  f"{shapes[2]} is handed over, and each target word looks at it and at the words "
                  "before. The stronger a line, the greater the weight in a small trained "
                  "model.", 520)
    ys = (82, 162, 330, 410)                                     # words, states; states, words
    for m, name in enumerate(("recurrent", "with attention", "Transformer")):
        left = 10 + 184 * m
        pic.middle(left + 86, 20, name, "ink strong")
        pic.add("rect", "pale quiet", x=left - 4, y=38, width=180, height=156, rx=4)
        pic.add("rect", "pale quiet", x=left - 4, y=302, width=180, height=186, rx=4)
        pic.text(left + 4, 56, "encoder", "quiet")
        pic.text(left + 4, 462, "decoder reads a word", "quiet")
        pic.text(left + 4, 480, "and says the next", "quiet strong")
        at = [left + 28 + 58 * i for i in range(3)]
        if m < 2:
            for x in at:
                pic.arrow([(x, ys[0] + 14), (x, ys[1] - 14)], "quiet")
                pic.arrow([(x, ys[3] - 14), (x, ys[2] + 14)], "quiet")
            for y, (a, b) in itertools.product((ys[1], ys[2]), zip(at, at[1:])):
                pic.arrow([(a + 22, y), (b - 22, y)], "b thick")
        else:
            for i, j in itertools.product(range(3), repeat=2):
                pic.line([(at[j], ys[0] + 14), (at[i], ys[1] - 14)], "b thick",
                         .2 + .8 * inner[i][j])
                if j <= i:
                    pic.line([(at[j], ys[3] - 14), (at[i], ys[2] + 14)], "b thick",
                             .2 + .8 * past[i][j])
        if m == 0:
            pic.arrow([(at[2], ys[1] + 14), (at[2], 214), (left + 86, 214), (left + 86, 226)],
                      "a thick")
            for x in at:
                pic.arrow([(left + 86, 254), (x, ys[2] - 14)], "a thick")
            pic.box(left + 36, 226, 100, 28, "one vector c", "a")
        else:
            weights = (looks if m == 1 else cross)["weights"]
            for i, j in itertools.product(range(3), repeat=2):
                pic.line([(at[j], ys[1] + 14), (at[i], ys[2] - 14)], "a thick",
                         .2 + .8 * weights[i][j])
        for i, x in enumerate(at):
            pic.middle(x, ys[0], src[i], "ink strong")
            pic.box(x - 22, ys[1] - 14, 44, 28, ("h" if m < 2 else "x") + "₁₂₃"[i], "b")
            pic.box(x - 22, ys[2] - 14, 44, 28, ("s" if m < 2 else "y") + "₁₂₃"[i], "b")
            pic.middle(x, ys[3], ["<bos>", *said][i], "ink")
            pic.middle(x, ys[3] + 22, said[i], "ink strong")
        pic.middle(left + 86, 508, f"given {shapes[m]}", "ink code")
    return pic


def alignments(facts):
    """The weights of both models for one sentence, beside the links of the corpus."""
    gold, found = facts.gold("models/figures/gold.tsv", SENTENCE), []
    for name in ("attention", "transformer"):
        found.append(facts.attention(name, SENTENCE))
        if found[-1]["target"] != gold["target"]:
            facts.fail(f'{name} says "{" ".join(found[-1]["target"])}", and the figure needs '
                       f'"{" ".join(gold["target"])}"')
    source, target = gold["source"], gold["target"]
    shares = [found[0]["weights"], found[1]["weights"],
              [[1 if (j, i) in gold["sure"] else .4 if (j, i) in gold["possible"] else 0
                for j in range(len(source))] for i in range(len(target))]]
    pic = Picture("Three alignments of one sentence",
                  f'"{" ".join(source)}" becomes "{" ".join(target)}". Left, the weights of a '
                  "trained attention model; in the middle, those of a trained Transformer, mean of "
                  "its heads; right, the links of the corpus that made the sentence. All three "
                  "find cheval in horse; elsewhere the models spread their weights over a "
                  "neighbour or two, where the links name one word.", 302)
    size = 22
    for m, name in enumerate(("attention", "Transformer", "gold links")):
        left = 66 + 168 * m
        pic.middle(left + 77, 18, name, "ink strong")
        for j, word in enumerate(source):
            x = left + size * j + 16
            pic.text(x, 84, word, "ink", transform=f"rotate(-60 {x} 84)")
        for i, j in itertools.product(range(len(target)), range(len(source))):
            x, y, share = left + size * j, 94 + size * i, shares[m][i][j]
            pic.add("rect", "rule pale", x=x, y=y, width=size - 2, height=size - 2)
            pic.cell(x, y, size - 2, size - 2, "c" if m == 2 else "a", share, 1)
    for i, word in enumerate(target):
        pic.text(58, 94 + size * i + 15, word, "ink end")
    pic.text(66, 272, "Rows are target words, columns source words.", "quiet")
    pic.text(66, 291, "Full colour is 1. The pale gold link is possible, the others are sure.",
             "quiet")
    return pic


def attention_by_hand(facts):
    """Question, keys, scores, weights, values, mean: the numbers of the chapter."""
    scores, weights, context = facts.rows("models/README.md", "DotProductAttention dot(0)")
    q, keys, values = facts.tensors("models/README.md", ("Tensor q(", "Tensor K(", " V("))
    keys, values = [keys[i:i + 4] for i in (0, 4, 8)], [values[i:i + 2] for i in (0, 2, 4)]
    pic = Picture("One attention, worked out",
                  f"The query {q} is compared with the keys of three words. The scores "
                  f"{', '.join(map(two, scores))} become the weights "
                  f"{', '.join(map(two, weights))}, and the mean of the values under "
                  f"these is ({two(context[0])}, {two(context[1])}).", 330)

    def cells(x, y, numbers, kind, share=.4):
        pic.grid(x, y, (30, 34), [numbers], [[share] * len(numbers)], kind)

    pic.text(14, 48, "query", "ink strong")
    cells(84, 26, q, "b")
    for x, words in ((84, "key"), (226, "score"), (290, "weight"), (474, "value")):
        pic.text(x, 100, words, "ink strong")
    for i, word in enumerate(("the", "dog", "sleeps")):
        y = 114 + 46 * i
        pic.text(14, y + 22, word, "ink")
        cells(84, y, keys[i], "b")
        pic.text(232, y + 22, two(scores[i]), "ink code")
        pic.cell(290, y + 3, 116, 28, "rule")
        pic.cell(290, y + 3, 116 * weights[i], 28, "a", 1)
        pic.text(412, y + 22, two(weights[i]), "ink code")
        cells(474, y, values[i], "c", weights[i])
    pic.text(226, 48, "score = q · k / √4", "quiet")
    pic.text(226, 68, "weight = softmax of the scores", "quiet")
    pic.line([(14, 262), (546, 262)], "rule")
    pic.text(14, 292, "context", "ink strong")
    pic.text(14, 312, "the mean of the values", "quiet")
    pic.text(226, 292, " + ".join(f"{two(weights[i])} ({values[i][0]}, {values[i][1]})"
                                  for i in range(3)), "quiet")
    pic.text(226, 314, f"= ({two(context[0])}, {two(context[1])})", "ink code")
    return pic


def causal_mask(facts):
    """Which words a word may see, with equal scores, and with those of a trained decoder."""
    equal = facts.matrix("models/README.md", "select(dot.attention_weights, 0, 0)", 4)
    steps = facts.explain("transformer", SHORT)["words"]
    words = [step["reads"] for step in steps][:4]
    heads = facts.of_step("transformer", SHORT, "decoder", "self-attention: attention weights")
    learnt = [heads[t + 1][0][0] for t in range(4)]
    pic = Picture("The causal mask",
                  "Four target words as queries, the same as keys. Each sees itself and the words "
                  "before. Left, with equal scores: 1; a half each; a third each; a quarter each. "
                  "Right, one head of a trained decoder: other weights, the same empty triangle.",
                  298)
    for left, name, weights in ((66, "equal scores", equal), (342, "a trained head", learnt)):
        pic.text(left, 22, name, "ink strong")
        for i, j in itertools.product(range(4), repeat=2):
            x, y = left + 53 * j, 66 + 46 * i
            if j <= i:
                pic.grid(x, y, (53, 46), [[two(weights[i][j])]], [[weights[i][j]]])
            else:
                pic.add("rect", "box hollow dashed rule", x=x + 1, y=y + 1, width=49, height=42)
        for i, word in enumerate(words):
            pic.middle(left + 53 * i + 26, 52, word)
            pic.text(left - 8, 66 + 46 * i + 26, word, "ink end")
    pic.text(14, 276, "Rows ask, columns are looked at. What is dashed is not computed at all.",
             "quiet")
    return pic


def beam(facts):
    """The search as it went: what was kept, what was cut, and how it ended."""
    sentence, width = "you talk to the girl .", 2
    columns, ended = facts.beam("attention", sentence, width)
    best, greedy = ended[0], facts.greedy("attention", sentence)
    pic = Picture("The beam as a tree",
                  f'"{sentence}", with a beam of {width}. In each column are the continuations of '
                  "what is alive, with the logarithm of the probability up to there. The "
                  f"{width} best live on; the others, dashed, are cut. Greedy search says "
                  f'"{greedy}"; the beam finds "{" ".join(best.words)}".', 308)
    step = (WIDTH - 16) / len(columns)
    for t, column in enumerate(columns):
        for node in column:
            node.x, node.y = 8 + step * t, 22 + 54 * node.slot
            if node.parent:
                pic.arrow([(node.parent.x + step - 16, node.parent.y + 20), (node.x, node.y + 20)],
                          "a thick" if node in best.path else "quiet",
                          None if node.kept else .5)
    for node in itertools.chain(*columns):
        kind = "a" if node in best.path else "quiet" if node.kept else "rule dashed"
        pic.add("rect", f"box hollow {kind}", x=round(node.x, 1), y=node.y,
                width=round(step - 16, 1), height=40, rx=4)
        for dy, words, code in ((13, node.word, ""), (30, two(node.log_prob), " code")):
            pic.middle(node.x + step / 2 - 8, node.y + dy,
                       words, ("ink" if node.kept else "quiet") + code)
    for y, node, words, kind in ((272, ended[-1], f"greedy: {greedy}", "quiet"),
                                 (294, best, f'beam: {" ".join(best.words)}', "ink strong")):
        pic.text(10, y, words, kind)
        pic.text(550, y, f"{two(node.log_prob)} / {len(node.words)}^0.75 = {two(node.score)}",
                 kind.split()[0] + " code end")
    return pic


def exact_by_length(facts):
    """The lab's figure of P1."""
    table = facts.table("models/figures/exact-by-length.tsv")
    pic = Picture("Exact matches by the length of the source",
                  "Share of test sentences that are translated wholly right, for sources of 3 to "
                  "12 tokens; means of three seeds, models of equal size. " +
                  ". ".join(f"{name}: " + ", ".join(f"{y} % at {x}" for x, y in points)
                            for name, points in table.items()) + ".", 350)
    left, right, top, bottom = 52, 424, 24, 296
    scale = lambda x, y: (left + (x - 3) / 9 * (right - left), bottom - y / 100 * (bottom - top))
    for y in range(0, 101, 25):
        pic.line([scale(3, y), scale(12, y)], "rule")
        pic.text(left - 8, scale(3, y)[1] + 5, y, "quiet end")
    for x in range(3, 13, 3):
        pic.middle(scale(x, 0)[0], bottom + 16, x, "quiet")
    pic.middle((left + right) / 2, bottom + 40, "tokens of the source", "quiet")
    pic.text(left - 44, 14, "%", "quiet")
    kinds = {"Transformer": "a", "attention": "b", "plain": "c", "word by word": "quiet"}
    for name, points in table.items():
        line = [scale(x, y) for x, y in points]
        dashed = " dashed" if name == "word by word" else ""
        pic.line(line, f"{kinds[name]} thick{dashed}")
        for x, y in line:
            pic.add("circle", kinds[name], cx=round(x, 1), cy=round(y, 1), r=4)
        dy = {"plain": -14, "word by word": 2}.get(name, 5)
        pic.text(line[-1][0] + 12, line[-1][1] + dy, f"{name}", f"{kinds[name]} strong")
    return pic


def add_norm(facts):
    """One row through the first AddNorm of a trained encoder."""
    steps = {name: facts.of_step("transformer", SHORT, "encoder", name)[0][1]
             for name in ("input X", "self-attention: output", "self-attention: add & norm")}
    x, f, normed = steps.values()
    total = [a + b for a, b in zip(x, f)]
    pic = Picture("AddNorm, unit by unit",
                  f'The vector of "dog", of {len(x)} units: what goes into self-attention, what '
                  "comes out, their sum, and the sum normalised to mean 0 and variance 1 (times "
                  "the weight and plus the bias that were learnt).", 400)
    mean = lambda v: sum(v) / len(v)
    spread = lambda v: math.sqrt(mean([(a - mean(v)) ** 2 for a in v]))
    top = max(abs(a) for v in (x, f, total, normed) for a in v)
    step = 288 / len(x)
    for i, (name, of, v, kind) in enumerate((
            ("X", "word and place", x, "a"), ("F(X)", "self-attention", f, "b"),
            ("X + F(X)", "the sum", total, "c"), ("LayerNorm", "of the sum", normed, "c"))):
        y = 62 + 82 * i
        pic.text(14, y - 4, name, "ink strong")
        pic.text(14, y + 16, of, "quiet")
        pic.line([(126, y), (126 + step * len(v), y)], "quiet")
        for j, a in enumerate(v):
            high = 36 * abs(a) / top
            pic.cell(127 + step * j, y - high if a > 0 else y, step - 2, high, kind, 1)
        pic.text(426, y - 4, f"mean {two(mean(v))}", "ink code")
        pic.text(426, y + 16, f"std  {two(spread(v))}", "ink code")
    pic.text(126, 18, f"the {len(x)} units of dog", "quiet")
    pic.text(14, 368, "LayerNorm ends with a weight and a bias for each unit, which are", "quiet")
    pic.text(14, 386, "learnt: so mean and deviation are near 0 and 1, not equal to them.", "quiet")
    return pic


def positions(facts):
    """The sinusoids that tell a word where it stands."""
    rows = facts.of_step("transformer", "the " * 22 + ".", "encoder", "positional encoding")[0]
    units = len(rows[0])
    pic = Picture("Positional encodings",
                  f"Rows are {len(rows)} positions, columns {units} units, sine and cosine in turn."
                  " The first columns change their sign every three positions; the last ones "
                  "hardly change at all. No two rows are equal.", 456)
    for i, row in enumerate(rows):
        y = 44 + 15.5 * i
        for j, value in enumerate(row):
            pic.cell(70 + 21 * j, y, 20.5, 15, "a" if value > 0 else "b", abs(value), 1)
        if i % 4 == 0:
            pic.text(60, y + 13, i, "ink end")
    for j in range(0, units, 3):
        pic.middle(70 + 21 * j + 10, 30, j, "ink")
    pic.text(14, 18, "unit", "quiet")
    pic.text(14, 36, "place", "quiet")
    x = 70
    for words, kind, share in (("−1", "b", 1), ("−½", "b", .5), ("0", "a", 0), ("½", "a", .5),
                               ("1", "a", 1)):
        pic.cell(x, 430, 20, 14, kind, share, 1)
        pic.add("rect", "line quiet", x=x, y=430, width=20, height=14)
        pic.text(x + 28, 442, words, "ink")
        x += 74
    return pic


FIGURES = {"models/figures/three-models.svg": three_models,
           "models/figures/alignments.svg": alignments,
           "models/figures/exact-by-length.svg": exact_by_length,
           "models/figures/positions.svg": positions,
           "models/figures/add-norm.svg": add_norm,
           "models/figures/attention-by-hand.svg": attention_by_hand,
           "models/figures/causal-mask.svg": causal_mask,
           "models/figures/beam.svg": beam}
