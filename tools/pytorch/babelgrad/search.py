"""Greedy and beam search by babelgrad's own rules, so that both say the same."""
import torch

MARK = "@@"                                     # a piece whose word goes on
SPECIAL = ("<unk>", "<pad>", "<bos>", "<eos>")


def ids_of(words, vocab):
    """Of words, or of a subword model's pieces, with <eos>, by {word: id}. No text can spell a
    special token: it is unknown."""
    return [vocab["<unk>" if word in SPECIAL else word] if word in vocab else vocab["<unk>"]
            for word in words] + [vocab["<eos>"]]


def join_pieces(pieces):
    """["lo@@", "wer"] -> ["lower"]"""
    return (" ".join(pieces) + " ").replace(MARK + " ", "").split()


class Beam:
    """The hypotheses of one sentence. One that ends frees no place, so a beam of 1 is greedy."""
    def __init__(self):
        self.live, self.ended = [([], 0.0)], []             # (tokens, log P)

    def grow(self, values, indices, size, eos):
        """values, indices: for each live one its best next tokens. Returns the parents' places."""
        steps = [(self.live[i][1] + value, i, token)
                 for i, (row, tokens) in enumerate(zip(values, indices))
                 for value, token in zip(row, tokens) if value != float("-inf")]
        if not steps:
            self.cut()
            return []
        steps = sorted(steps, key=lambda step: -step[0])[:size - len(self.ended)]
        before, self.live, parents = self.live, [], []
        for log_p, parent, token in steps:
            tokens = before[parent][0]
            if token == eos:
                self.ended.append((tokens, log_p, True))
            else:
                self.live.append((tokens + [token], log_p))
                parents.append(parent)
        return parents

    def cut(self):
        self.ended += [(*hypothesis, False) for hypothesis in self.live]
        self.live = []

    def best(self, alpha):
        return max(self.ended, key=lambda it: (it[2], it[1] / max(len(it[0]), 1) ** alpha))[0]


@torch.no_grad()
def search(model, src, src_lens, size=1, alpha=0.75, max_len=0):
    """src (B, S), src_lens (B) -> the ids of the best translation of each, without <eos>. max_len
    0: twice the source and ten, as babelgrad translate has it, or the model's num_steps."""
    vocab = model.tgt_vocab
    eos, bos = vocab.index("<eos>"), vocab.index("<bos>")
    never = [vocab.index("<pad>"), bos]         # places in a batch, no words
    steps = model.config.get("num_steps", 0)
    limits = [max_len or steps or 2 * n + 10 for n in src_lens.tolist()]
    beams, state = [Beam() for _ in limits], model.encode(src, src_lens)
    tokens = torch.full((len(beams),), bos, device=src.device)
    for step in range(1, max(limits) + 1):
        logits, state = model.step(tokens, state)
        log_p = logits.log_softmax(-1)
        log_p[:, never] = float("-inf")
        top = log_p.topk(min(size, log_p.size(-1)))
        values, indices = top.values.double().tolist(), top.indices.tolist()
        row, kept, said = 0, [], []
        for beam, limit in zip(beams, limits):
            rows = len(beam.live)
            if rows == 0:
                continue
            here = slice(row, row + rows)
            parents = beam.grow(values[here], indices[here], size, eos)
            if step == limit:
                beam.cut()
            said += [hypothesis[0][-1] for hypothesis in beam.live]
            kept += [row + parent for parent in parents[:len(beam.live)]]
            row += rows
        if not said:
            break
        state = model.take(state, torch.tensor(kept, device=src.device))
        tokens = torch.tensor(said, device=src.device)
    return [beam.best(alpha) for beam in beams]


def translate(model, sentences, size=1, alpha=0.75, max_len=0, together=64):
    """Sentences as words, or as pieces, and so the translations; `size` hypotheses are kept at
    every step. Like lengths are translated together."""
    device = next(model.parameters()).device
    ids, table = [], {word: i for i, word in enumerate(model.src_vocab)}
    steps = model.config.get("num_steps", 0)
    for words in sentences:
        sentence = ids_of(words, table)
        ids.append(torch.tensor(sentence[:steps] if steps else sentence))
    order, out = sorted(range(len(ids)), key=lambda i: len(ids[i])), [None] * len(ids)
    for begin in range(0, len(ids), together):
        rows = order[begin:begin + together]
        lens = torch.tensor([len(ids[i]) for i in rows])
        src = torch.nn.utils.rnn.pad_sequence([ids[i] for i in rows], True,
                                              model.src_vocab.index("<pad>"))
        for i, said in zip(rows, search(model, src.to(device), lens.to(device), size, alpha,
                                        max_len)):
            out[i] = [model.tgt_vocab[token] for token in said]
    return out
