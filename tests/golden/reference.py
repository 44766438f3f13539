"""The models of golden.py, in PyTorch: Dive into Deep Learning's three translators, with its names.

ids and lengths are int64: src, dec_in (batch, steps), src_len (batch). A model offers
  model(src, src_len, dec_in)      logits (batch, steps, target words)
  model.encode(src, src_len)       the decoder's state
  model.step(ids, state)           logits (batch, target words) of one step, and the next state
"""
import collections
import math

import torch
import torch.nn.functional as F
from torch import nn

MASKED = -1e6           # the book's score for what must not be attended to


# ---- attention
def masked_softmax(scores, lens):
    """Over the last axis of (n, queries, keys); lens is None, (n) or (n, queries)."""
    if lens is None:
        return F.softmax(scores, dim=-1)
    lens = lens.unsqueeze(1) if lens.dim() == 1 else lens
    beyond = torch.arange(scores.size(-1)) >= lens.unsqueeze(-1)
    return F.softmax(scores.masked_fill(beyond, MASKED), dim=-1)


class DotProductAttention(nn.Module):
    def __init__(self, dropout):
        super().__init__()
        self.dropout = nn.Dropout(dropout)

    def forward(self, q, k, v, lens):
        self.weights = masked_softmax(torch.bmm(q, k.transpose(1, 2)) / math.sqrt(q.size(-1)), lens)
        return torch.bmm(self.dropout(self.weights), v)


class AdditiveAttention(nn.Module):
    def __init__(self, key_size, query_size, hidden, dropout):
        super().__init__()
        self.W_k = nn.Linear(key_size, hidden, bias=False)
        self.W_q = nn.Linear(query_size, hidden, bias=False)
        self.w_v = nn.Linear(hidden, 1, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, q, k, v, lens):
        pairs = torch.tanh(self.W_q(q).unsqueeze(2) + self.W_k(k).unsqueeze(1))  # (n, q, k, hidden)
        self.weights = masked_softmax(self.w_v(pairs).squeeze(-1), lens)
        return torch.bmm(self.dropout(self.weights), v)


class MultiHeadAttention(nn.Module):
    def __init__(self, hidden, heads, dropout, bias=False):
        super().__init__()
        self.heads = heads
        self.attention = DotProductAttention(dropout)
        self.W_q = nn.Linear(hidden, hidden, bias=bias)
        self.W_k = nn.Linear(hidden, hidden, bias=bias)
        self.W_v = nn.Linear(hidden, hidden, bias=bias)
        self.W_o = nn.Linear(hidden, hidden, bias=bias)

    def split(self, x):                     # (n, steps, hidden) -> (n heads, steps, hidden / heads)
        n, steps, hidden = x.shape
        x = x.view(n, steps, self.heads, hidden // self.heads).transpose(1, 2)
        return x.reshape(n * self.heads, steps, hidden // self.heads)

    def join(self, x):                      # and back
        rows, steps, width = x.shape
        n = rows // self.heads
        return x.view(n, self.heads, steps, width).transpose(1, 2).reshape(
            n, steps, self.heads * width)

    def forward(self, q, k, v, lens):
        q, k, v = self.split(self.W_q(q)), self.split(self.W_k(k)), self.split(self.W_v(v))
        lens = None if lens is None else lens.repeat_interleave(self.heads, dim=0)
        return self.W_o(self.join(self.attention(q, k, v, lens)))


# ---- the Transformer
class PositionalEncoding(nn.Module):
    def __init__(self, hidden, dropout, max_len=1000):
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        steps = torch.arange(max_len, dtype=torch.get_default_dtype()).unsqueeze(1)
        angle = steps / torch.pow(10000, torch.arange(0, hidden, 2, dtype=steps.dtype) / hidden)
        table = torch.zeros(1, max_len, hidden)
        table[0, :, 0::2] = torch.sin(angle)
        table[0, :, 1::2] = torch.cos(angle)[:, :hidden // 2]
        self.register_buffer("P", table, persistent=False)

    def forward(self, x, first=0):
        return self.dropout(x + self.P[:, first:first + x.size(1)])


class AddNorm(nn.Module):
    def __init__(self, hidden, dropout):
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.ln = nn.LayerNorm(hidden)

    def forward(self, x, y):
        return self.ln(self.dropout(y) + x)


class PositionWiseFFN(nn.Module):
    def __init__(self, hidden, ffn):
        super().__init__()
        self.dense1 = nn.Linear(hidden, ffn)
        self.dense2 = nn.Linear(ffn, hidden)

    def forward(self, x):
        return self.dense2(F.relu(self.dense1(x)))


class EncoderBlock(nn.Module):
    def __init__(self, hidden, ffn, heads, dropout):
        super().__init__()
        self.attention = MultiHeadAttention(hidden, heads, dropout)
        self.addnorm1 = AddNorm(hidden, dropout)
        self.ffn = PositionWiseFFN(hidden, ffn)
        self.addnorm2 = AddNorm(hidden, dropout)

    def forward(self, x, lens):
        y = self.addnorm1(x, self.attention(x, x, x, lens))
        return self.addnorm2(y, self.ffn(y))


class DecoderBlock(nn.Module):
    def __init__(self, hidden, ffn, heads, dropout):
        super().__init__()
        self.attention1 = MultiHeadAttention(hidden, heads, dropout)
        self.addnorm1 = AddNorm(hidden, dropout)
        self.attention2 = MultiHeadAttention(hidden, heads, dropout)
        self.addnorm2 = AddNorm(hidden, dropout)
        self.ffn = PositionWiseFFN(hidden, ffn)
        self.addnorm3 = AddNorm(hidden, dropout)

    def forward(self, x, enc, src_len, past):
        """past: what this block was given at earlier steps, when decoding token by token."""
        seen = x if past is None else torch.cat((past, x), dim=1)
        steps = x.size(1)
        causal = torch.arange(1, steps + 1).expand(x.size(0), -1) if steps > 1 else None
        y = self.addnorm1(x, self.attention1(x, seen, seen, causal))
        z = self.addnorm2(y, self.attention2(y, enc, enc, src_len))
        return self.addnorm3(z, self.ffn(z)), seen


class TransformerEncoder(nn.Module):
    def __init__(self, vocab, hidden, ffn, heads, layers, dropout):
        super().__init__()
        self.embedding = nn.Embedding(vocab, hidden)
        self.pos_encoding = PositionalEncoding(hidden, dropout)
        self.blks = nn.ModuleList(EncoderBlock(hidden, ffn, heads, dropout) for _ in range(layers))

    def forward(self, src, src_len):
        x = self.embedding(src)
        x = self.pos_encoding(x * math.sqrt(x.size(-1)))
        for block in self.blks:
            x = block(x, src_len)
        return x


class TransformerDecoder(nn.Module):
    book_positions = False     # True, as the book: token by token, every token is at position 0

    def __init__(self, vocab, hidden, ffn, heads, layers, dropout):
        super().__init__()
        self.embedding = nn.Embedding(vocab, hidden)
        self.pos_encoding = PositionalEncoding(hidden, dropout)
        self.blks = nn.ModuleList(DecoderBlock(hidden, ffn, heads, dropout) for _ in range(layers))
        self.dense = nn.Linear(hidden, vocab)

    def init_state(self, enc, src_len):
        return enc, src_len, [None] * len(self.blks)

    def forward(self, ids, state):
        enc, src_len, past = state
        first = 0 if past[0] is None or self.book_positions else past[0].size(1)
        x = self.embedding(ids)
        x, now = self.pos_encoding(x * math.sqrt(x.size(-1)), first), []
        for block, before in zip(self.blks, past):
            x, seen = block(x, enc, src_len, before)
            now.append(seen)
        return self.dense(x), (enc, src_len, now)


# ---- the recurrent models; time first inside
class Encoder(nn.Module):
    def __init__(self, vocab, embed, hidden, layers, dropout):
        super().__init__()
        self.embedding = nn.Embedding(vocab, embed)
        self.rnn = nn.GRU(embed, hidden, layers, dropout=dropout if layers > 1 else 0)

    def forward(self, src, src_len=None):      # reads through the padding
        return self.rnn(self.embedding(src.t()))


class ContextDecoder(nn.Module):
    """Every step reads [its word; the encoder's last output]."""
    def __init__(self, vocab, embed, hidden, layers, dropout):
        super().__init__()
        self.embedding = nn.Embedding(vocab, embed)
        self.rnn = nn.GRU(embed + hidden, hidden, layers, dropout=dropout if layers > 1 else 0)
        self.dense = nn.Linear(hidden, vocab)

    def init_state(self, enc, src_len):
        return enc[0][-1], enc[1]

    def forward(self, ids, state):
        context, h = state
        x = self.embedding(ids.t())
        out, h = self.rnn(torch.cat((x, context.expand(x.size(0), -1, -1)), dim=-1), h)
        return self.dense(out).transpose(0, 1), (context, h)


class AttentionDecoder(nn.Module):
    """Every step reads [what the top layer's last state attends to; its word]."""
    def __init__(self, vocab, embed, hidden, layers, dropout):
        super().__init__()
        self.attention = AdditiveAttention(hidden, hidden, hidden, dropout)
        self.embedding = nn.Embedding(vocab, embed)
        self.rnn = nn.GRU(hidden + embed, hidden, layers, dropout=dropout if layers > 1 else 0)
        self.dense = nn.Linear(hidden, vocab)

    def init_state(self, enc, src_len):
        return enc[0].transpose(0, 1), enc[1], src_len

    def forward(self, ids, state):
        enc, h, src_len = state
        outs, self.weights = [], []
        for x in self.embedding(ids.t()):                                     # (batch, embed)
            context = self.attention(h[-1].unsqueeze(1), enc, enc, src_len)   # (batch, 1, hidden)
            out, h = self.rnn(torch.cat((context, x.unsqueeze(1)), dim=-1).transpose(0, 1), h)
            outs.append(out)
            self.weights.append(self.attention.weights)
        return self.dense(torch.cat(outs)).transpose(0, 1), (enc, h, src_len)


# ---- whole models
class EncoderDecoder(nn.Module):
    def __init__(self, encoder, decoder):
        super().__init__()
        self.encoder, self.decoder = encoder, decoder

    def encode(self, src, src_len):
        return self.decoder.init_state(self.encoder(src, src_len), src_len)

    def forward(self, src, src_len, dec_in):
        return self.decoder(dec_in, self.encode(src, src_len))[0]

    def step(self, ids, state):                # one token each: (batch) -> logits (batch, words)
        logits, state = self.decoder(ids.unsqueeze(1), state)
        return logits[:, 0], state


def build(kind, src_vocab, tgt_vocab, embed, hidden, layers, heads, ffn, dropout):
    if kind == "transformer":
        model = EncoderDecoder(TransformerEncoder(src_vocab, hidden, ffn, heads, layers, dropout),
                               TransformerDecoder(tgt_vocab, hidden, ffn, heads, layers, dropout))
    else:
        decoder = {"rnn": ContextDecoder, "attention": AttentionDecoder}[kind]
        model = EncoderDecoder(Encoder(src_vocab, embed, hidden, layers, dropout),
                               decoder(tgt_vocab, embed, hidden, layers, dropout))
    for module in model.modules():
        for name, p in module.named_parameters(recurse=False):
            if "weight" in name and isinstance(module, (nn.Linear, nn.GRU)):
                nn.init.xavier_uniform_(p)
    return model


def masked_loss(logits, labels, pad):
    """Cross-entropy, averaged over the labels that are not padding."""
    each = F.cross_entropy(logits.reshape(-1, logits.size(-1)), labels.reshape(-1),
                           reduction="none")
    counts = (labels.reshape(-1) != pad).to(each.dtype)
    return (each * counts).sum() / counts.sum()


@torch.no_grad()
def clip_gradients(params, limit):
    """All gradients times limit / norm, if their joint 2-norm is larger; returns the norm."""
    grads = [p.grad for p in params if p.grad is not None]
    norm = torch.sqrt(sum((g * g).sum() for g in grads))
    if norm > limit:
        for g in grads:
            g.mul_(limit / norm)
    return norm


def bleu(pred, label, k):
    """The book's: exp(min(0, 1 - len_label/len_pred)) times the product of p_n^(1/2^n), n <= k."""
    pred, label = pred.split(" "), label.split(" ")
    ngrams = lambda words, n: collections.Counter(
        tuple(words[i:i + n]) for i in range(len(words) - n + 1))
    score = math.exp(min(0.0, 1.0 - len(label) / len(pred)))
    for n in range(1, min(k, len(pred)) + 1):
        hits = sum((ngrams(pred, n) & ngrams(label, n)).values())
        score *= (hits / (len(pred) - n + 1)) ** (0.5 ** n)
    return score
