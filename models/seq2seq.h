// Sequence to sequence with recurrent networks: the encoder's last state is all the decoder ever
// sees of the source, one vector for a sentence of any length.
#pragma once

#include "models/encoder_decoder.h"
#include "nn/optim.h"
#include "nn/recurrent.h"

namespace babelgrad {

// D2L 10.7.2 Encoder. Xavier for the recurrent weights. Departs from D2L: linear layers keep their
// own initial values, as the book's code does when it runs (its lazy layers have no shape yet).
inline void init_seq2seq(Recurrent& rnn) {
  for (auto& w : rnn.weights) {
    xavier_uniform_init(w.weight_ih);
    xavier_uniform_init(w.weight_hh);
  }
}

struct Seq2SeqEncoder : Encoder {
  struct Outputs { Tensor outputs; RecurrentState state; };
  Embedding embedding;
  Recurrent rnn;

  Seq2SeqEncoder(int vocab_size, int embed_size, int num_hiddens, int num_layers, Real dropout = 0,
                 Cell cell = Cell::gru)
      : embedding(vocab_size, embed_size), rnn(cell, embed_size, num_hiddens, num_layers, dropout) {
    init_seq2seq(rnn);
  }

  // X (batch_size, num_steps)
  // -> outputs (num_steps, batch_size, num_hiddens), state (num_layers, batch_size, num_hiddens);
  // packed by valid_lens, X (rows) -> outputs (rows, num_hiddens)
  Outputs operator()(const Ints& X, const Ints& valid_lens = {}) const {
    Tensor embs = embedding(transpose(X));
    auto [outputs, state] = rnn(embs, {}, valid_lens);
    return {outputs, state};
  }
  void fields(Visitor& f) override { f("embedding", embedding); f("rnn", rnn); }
};

// The sentences `rows` of a state, in that order: beam search keeps some hypotheses, drops others.
inline RecurrentState take(const RecurrentState& state, const Ints& rows) {
  return {index_select(state.H, 1, rows), state.C ? index_select(state.C, 1, rows) : Tensor()};
}

// The first n sentences of a state.
inline RecurrentState first(const RecurrentState& state, int n) {
  if (state.H.dim(1) == n) return state;
  return {slice(state.H, 1, 0, n), state.C ? slice(state.C, 1, 0, n) : Tensor()};
}

// D2L 10.7.3 Decoder
struct Seq2SeqDecoder : Decoder {
  struct State {
    Tensor context;                             // (batch_size, num_hiddens): the same at every step
    RecurrentState hidden_state;
    State take(const Ints& rows) const {
      return {index_select(context, 0, rows), babelgrad::take(hidden_state, rows)};
    }
  };
  Embedding embedding;
  Recurrent rnn;
  Linear dense;

  Seq2SeqDecoder(int vocab_size, int embed_size, int num_hiddens, int num_layers, Real dropout = 0,
                 Cell cell = Cell::gru)
      : embedding(vocab_size, embed_size),
        rnn(cell, embed_size + num_hiddens, num_hiddens, num_layers, dropout),
        dense(num_hiddens, vocab_size) {
    init_seq2seq(rnn);
  }

  // Departs from D2L: the context is the state after the last token, not after the padding.
  State init_state(const Seq2SeqEncoder::Outputs& enc_all_outputs, const Ints&) const {
    return {select(enc_all_outputs.state.H, 0, -1), enc_all_outputs.state};
  }

  // X (batch_size, num_steps) -> (batch_size, num_steps, vocab_size); packed by valid_lens,
  // (rows) -> (rows, vocab_size)
  Tensor operator()(const Ints& X, State& state, const Ints& valid_lens = {}) const {
    bool packed = X.shape().rank() == 1;
    Tensor embs = embedding(transpose(X));      // (num_steps, batch_size, embed_size)
    const Tensor& c = state.context;
    Tensor context = packed ? index_select(c, 0, sentences(valid_lens))
                            : expand(c, {embs.dim(0), c.dim(0), c.dim(1)});
    Tensor embs_and_context = cat({embs, context}, -1);                  // Eq. (10.7.3)
    auto [outputs, hidden_state] = rnn(embs_and_context, state.hidden_state, valid_lens);
    state.hidden_state = hidden_state;
    return packed ? dense(outputs) : transpose(dense(outputs), 0, 1);
  }
  std::vector<Tensor> attention_weights() const { return {}; }           // there is no attention
  void fields(Visitor& f) override { f("embedding", embedding); f("rnn", rnn); f("dense", dense); }
};

// D2L 10.7.4 Encoder–Decoder for Sequence-to-Sequence Learning
template <class EncoderType, class DecoderType>
struct Seq2Seq : EncoderDecoder<EncoderType, DecoderType> {
  int tgt_pad;
  Real label_smoothing = 0;

  Seq2Seq(EncoderType encoder, DecoderType decoder, int tgt_pad)
      : EncoderDecoder<EncoderType, DecoderType>(std::move(encoder), std::move(decoder)),
        tgt_pad(tgt_pad) {}

  // D2L 10.7.5 Loss Function with Masking: the mean over tokens that are not padding; 0 if none is.
  Tensor loss(const Tensor& Y_hat, const Ints& Y) const {
    return cross_entropy(Y_hat, Y, {.ignore_index = tgt_pad, .label_smoothing = label_smoothing});
  }
  // Departs from D2L: padding is left out before the first product instead of being masked after
  // the last. Loss and gradients are the same, for half of the work.
  template <class Batch>
  Tensor training_step(const Batch& batch) {
    Ints src_lens = batch.src_valid_len, tgt_lens = lengths(batch.label, tgt_pad);
    Ints src = pack(batch.src, src_lens), tgt = pack(batch.tgt, tgt_lens);
    Tensor Y_hat = (*this)(src, tgt, src_lens, tgt_lens);
    return loss(Y_hat, pack(batch.label, tgt_lens));
  }
};

}  // namespace babelgrad
