"""The three models of babelgrad in PyTorch, under the names of its files, which are the book's and
PyTorch's own: a file's tensors are this module's state_dict.

Ids and lengths are int64, batches come first, and padding stands behind each sentence:
  model(src, src_lens, tgt)        (B, S), (B), (B, T) -> logits (B, T, words)
  model.encode(src, src_lens)      the decoder's state before its first token
  model.step(ids, state)           (B) -> logits (B, words) of the next token, and the state after
  model.take(state, rows)          the state of these rows of the batch, in this order
The source ends with <eos>; tgt begins with <bos>. Lengths count, padding changes nothing.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn


def visible(lens, keys):
    """(B, 1, keys): true where a key is within its sentence, whichever query asks."""
    return (torch.arange(keys, device=lens.device) < lens[:, None])[:, None]


# --- attention: queries (B, Q, d), keys (B, K, d), values (B, K, v), mask true where to look

class DotProductAttention(nn.Module):
    def __init__(self, dropout, scale=None):            # None: 1 / sqrt(d)
        super().__init__()
        self.p, self.scale = dropout, scale

    def project(self, keys):
        return keys

    def forward(self, queries, keys, values, mask):
        return F.scaled_dot_product_attention(queries, keys, values, mask, scale=self.scale,
                                              dropout_p=self.p if self.training else 0.0)


class GeneralAttention(DotProductAttention):
    def __init__(self, hidden, dropout):
        super().__init__(dropout, 1.0)
        self.W = nn.Linear(hidden, hidden, bias=False)

    def project(self, keys):
        return self.W(keys)


class AdditiveAttention(nn.Module):
    def __init__(self, hidden, dropout):
        super().__init__()
        self.W_k = nn.Linear(hidden, hidden, bias=False)
        self.W_q = nn.Linear(hidden, hidden, bias=False)
        self.w_v = nn.Linear(hidden, 1, bias=False)
        self.dropout = nn.Dropout(dropout)

    def project(self, keys):
        return self.W_k(keys)

    def forward(self, queries, keys, values, mask):
        features = torch.tanh(self.W_q(queries)[:, :, None] + keys[:, None])
        scores = self.w_v(features).squeeze(-1).masked_fill(~mask, -math.inf)
        return self.dropout(F.softmax(scores, dim=-1)) @ values


def attention(score, hidden, dropout):
    if score == "additive":
        return AdditiveAttention(hidden, dropout)
    if score == "general":
        return GeneralAttention(hidden, dropout)
    return DotProductAttention(dropout, 1.0 if score == "dot" else None)


# --- the recurrent models

def recurrent(cell, inputs, hidden, layers, dropout):
    kind = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[cell]
    return kind(inputs, hidden, layers, batch_first=True, dropout=dropout if layers > 1 else 0.0)


def top(state):
    """(B, hidden): of the top layer; an LSTM's state is (H, C)."""
    return (state[0] if isinstance(state, tuple) else state)[-1]


def take_recurrent(state, rows):
    if isinstance(state, tuple):
        return tuple(part[:, rows] for part in state)
    return state[:, rows]


class Seq2SeqEncoder(nn.Module):
    def __init__(self, c, words):
        super().__init__()
        self.embedding = nn.Embedding(words, c["embed"])
        self.rnn = recurrent(c["cell"], c["embed"], c["hidden"], c["layers"], c["dropout"])

    def forward(self, src, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(src), lens.cpu(), True, False)
        outputs, state = self.rnn(packed)
        return nn.utils.rnn.pad_packed_sequence(outputs, True, total_length=src.size(1))[0], state


class Seq2SeqDecoder(nn.Module):
    """Every step reads its word and the encoder's last state."""
    def __init__(self, c, words):
        super().__init__()
        self.embedding = nn.Embedding(words, c["embed"])
        self.rnn = recurrent(c["cell"], c["embed"] + c["hidden"], c["hidden"], c["layers"],
                             c["dropout"])
        self.dense = nn.Linear(c["hidden"], words)

    def init_state(self, encoded, lens):
        return top(encoded[1]), encoded[1]

    def forward(self, tgt, state):
        context, hidden = state
        embs = self.embedding(tgt)
        context_too = torch.cat((embs, context[:, None].expand(-1, tgt.size(1), -1)), -1)
        outputs, hidden = self.rnn(context_too, hidden)
        return self.dense(outputs), (context, hidden)

    def take(self, state, rows):
        return state[0][rows], take_recurrent(state[1], rows)


class Seq2SeqAttentionDecoder(nn.Module):
    """Every step reads what the top layer's last state attends to, and its word."""
    def __init__(self, c, words):
        super().__init__()
        p = c.get("attention_dropout", c["dropout"])
        self.attention = attention(c["score"], c["hidden"], p)
        self.embedding = nn.Embedding(words, c["embed"])
        self.rnn = recurrent(c["cell"], c["embed"] + c["hidden"], c["hidden"], c["layers"],
                             c["dropout"])
        self.dense = nn.Linear(c["hidden"], words)

    def init_state(self, encoded, lens):
        outputs, hidden = encoded
        return self.attention.project(outputs), outputs, visible(lens, outputs.size(1)), hidden

    def forward(self, tgt, state):
        keys, values, mask, hidden = state
        outputs = []
        for x in self.embedding(tgt).unbind(1):
            context = self.attention(top(hidden)[:, None], keys, values, mask)
            output, hidden = self.rnn(torch.cat((context, x[:, None]), -1), hidden)
            outputs.append(output)
        return self.dense(torch.cat(outputs, 1)), (keys, values, mask, hidden)

    def take(self, state, rows):
        return (*(part[rows] for part in state[:3]), take_recurrent(state[3], rows))


# --- the Transformer

class MultiHeadAttention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads = c["heads"]
        self.attention = DotProductAttention(c.get("attention_dropout", c["dropout"]))
        for name in ("W_q", "W_k", "W_v", "W_o"):
            setattr(self, name, nn.Linear(c["hidden"], c["hidden"], bias=False))

    def split(self, x):                                 # (B, n, d) -> (B, heads, n, d / heads)
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def project(self, x):
        return self.split(self.W_k(x)), self.split(self.W_v(x))

    def forward(self, queries, projected, mask):
        """mask (B, 1, keys) or (1, queries, keys)."""
        looked = self.attention(self.split(self.W_q(queries)), *projected, mask[:, None])
        return self.W_o(looked.transpose(1, 2).flatten(2))


class PositionalEncoding(nn.Module):
    """X, of whose steps the first stands at position `first`; the waves are computed in double."""
    def __init__(self, hidden, dropout):
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("P", torch.empty(0, hidden), persistent=False)

    def forward(self, x, first=0):
        end = first + x.size(1)
        if end > len(self.P) or self.P.device != x.device:
            steps = torch.arange(max(end, 1000), dtype=torch.float64)[:, None]
            waves = torch.arange(0, x.size(-1), 2, dtype=torch.float64) / x.size(-1)
            angle = steps / 10000 ** waves
            table = torch.stack((angle.sin(), angle.cos()), -1).flatten(1)
            self.P = table.to(x)
        return self.dropout(x + self.P[first:end].to(x))


class AddNorm(nn.Module):
    """ln(x + dropout(F(x))), or with the norm first x + dropout(F(ln(x)))."""
    def __init__(self, c):
        super().__init__()
        self.dropout, self.ln = nn.Dropout(c["dropout"]), nn.LayerNorm(c["hidden"])
        self.first = c.get("norm", "post") == "pre"

    def forward(self, x, sublayer):
        if self.first:
            return x + self.dropout(sublayer(self.ln(x)))
        return self.ln(x + self.dropout(sublayer(x)))


class PositionWiseFFN(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.dense1 = nn.Linear(c["hidden"], c["ffn"])
        self.dense2 = nn.Linear(c["ffn"], c["hidden"])
        self.activation = {"relu": F.relu, "gelu": F.gelu}[c["activation"]]

    def forward(self, x):
        return self.dense2(self.activation(self.dense1(x)))


class TransformerEncoderBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.attention, self.addnorm1 = MultiHeadAttention(c), AddNorm(c)
        self.ffn, self.addnorm2 = PositionWiseFFN(c), AddNorm(c)

    def forward(self, x, mask):
        y = self.addnorm1(x, lambda z: self.attention(z, self.attention.project(z), mask))
        return self.addnorm2(y, self.ffn)


class TransformerDecoderBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.attention1, self.addnorm1 = MultiHeadAttention(c), AddNorm(c)
        self.attention2, self.addnorm2 = MultiHeadAttention(c), AddNorm(c)
        self.ffn, self.addnorm3 = PositionWiseFFN(c), AddNorm(c)

    def forward(self, x, past, causal, source, mask):
        """past: keys and values of the tokens before x, or None; source: those of the source."""
        seen = past

        def look_back(z):
            nonlocal seen
            now = self.attention1.project(z)
            seen = now if past is None else tuple(torch.cat(p, 2) for p in zip(past, now))
            return self.attention1(z, seen, causal)

        y = self.addnorm1(x, look_back)
        y = self.addnorm2(y, lambda z: self.attention2(z, source, mask))
        return self.addnorm3(y, self.ffn), seen


class TransformerStack(nn.Module):
    def __init__(self, c, words, block):
        super().__init__()
        self.embedding = nn.Embedding(words, c["hidden"])
        self.pos_encoding = PositionalEncoding(c["hidden"], c["dropout"])
        self.blks = nn.ModuleList(block(c) for _ in range(c["layers"]))
        if c.get("norm", "post") == "pre":
            self.ln = nn.LayerNorm(c["hidden"])

    def embed(self, ids, first=0):
        return self.pos_encoding(self.embedding(ids) * math.sqrt(self.embedding.embedding_dim),
                                 first)

    def last(self, x):
        return self.ln(x) if hasattr(self, "ln") else x


class TransformerEncoder(TransformerStack):
    def __init__(self, c, words):
        super().__init__(c, words, TransformerEncoderBlock)

    def forward(self, src, lens):
        x, mask = self.embed(src), visible(lens, src.size(1))
        for block in self.blks:
            x = block(x, mask)
        return self.last(x)


class TransformerDecoder(TransformerStack):
    def __init__(self, c, words):
        super().__init__(c, words, TransformerDecoderBlock)
        self.dense = nn.Linear(c["hidden"], words)

    def init_state(self, encoded, lens):
        source = [block.attention2.project(encoded) for block in self.blks]
        return source, visible(lens, encoded.size(1)), [None] * len(self.blks)

    def forward(self, tgt, state):
        source, mask, past = state
        before = 0 if past[0] is None else past[0][0].size(2)
        steps = tgt.size(1)
        causal = torch.ones(1, steps, before + steps, dtype=torch.bool,
                            device=tgt.device).tril(before)
        x, seen = self.embed(tgt, before), []
        for block, one_past, one_source in zip(self.blks, past, source):
            x, now = block(x, one_past, causal, one_source, mask)
            seen.append(now)
        return self.dense(self.last(x)), (source, mask, seen)

    def take(self, state, rows):
        pairs = [[pair if pair is None else tuple(part[rows] for part in pair) for pair in layers]
                 for layers in (state[0], state[2])]
        return pairs[0], state[1][rows], pairs[1]


# --- whole models

class EncoderDecoder(nn.Module):
    def __init__(self, config, encoder, decoder):
        super().__init__()
        self.config, self.encoder, self.decoder = config, encoder, decoder
        tie = config.get("tie", "none")
        if tie != "none":
            decoder.dense.weight = decoder.embedding.weight
        if tie == "all":
            decoder.embedding.weight = decoder.dense.weight = encoder.embedding.weight

    def encode(self, src, src_lens):
        return self.decoder.init_state(self.encoder(src, src_lens), src_lens)

    def forward(self, src, src_lens, tgt):
        return self.decoder(tgt, self.encode(src, src_lens))[0]

    def step(self, ids, state):
        logits, state = self.decoder(ids[:, None], state)
        return logits[:, 0], state

    def take(self, state, rows):
        return self.decoder.take(state, rows)


KINDS = {"rnn": (Seq2SeqEncoder, Seq2SeqDecoder),
         "attention": (Seq2SeqEncoder, Seq2SeqAttentionDecoder),
         "transformer": (TransformerEncoder, TransformerDecoder)}


def build(config, src_words, tgt_words):
    """A new model of this configuration, that of a file's metadata, and of so many words."""
    if config.get("without"):
        raise ValueError(f"build: a model without {', '.join(config['without'])} is an experiment "
                         "of babelgrad's own; only whole models are built here")
    encoder, decoder = KINDS[config["model"]]
    return EncoderDecoder(config, encoder(config, src_words), decoder(config, tgt_words))
