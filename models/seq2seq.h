// Sequence to sequence with recurrent networks: the encoder's last state is all the decoder ever
// sees of the source, one vector for a sentence of any length.
#pragma once

#include "models/encoder_decoder.h"
#include "nn/optim.h"
#include "nn/recurrent.h"

namespace babelgrad {

// D2L 10.7.2 Encoder. Xavier for the recurrent weights. Departs from D2L: linear layers keep their
// own initial values, as the book's do when it runs (its lazy layers have no shape yet).
inline void init_seq2seq(Module& module) {
  if (!dynamic_cast<Recurrent*>(&module)) return;
  for (Parameter& param : named_parameters(module))
    if (param.name.starts_with("weight")) xavier_uniform_init(param.tensor);
}

// D2L 10.7.2 Encoder. Departs from D2L (D4): `valid_lens` says where sentences end; and the `cell`
// may be chosen.
struct Seq2SeqEncoder : Encoder {
  struct Outputs { Tensor outputs; RecurrentState state; };
  Embedding embedding;
  Recurrent rnn;

  Seq2SeqEncoder(int vocab_size, int embed_size, int num_hiddens, int num_layers, Real dropout = 0,
                 Cell cell = Cell::gru)
      : embedding(vocab_size, embed_size), rnn(cell, embed_size, num_hiddens, num_layers, dropout) {
    apply(init_seq2seq);
  }

  // X (batch_size, num_steps)
  // -> outputs (num_steps, batch_size, num_hiddens), state (num_layers, batch_size, num_hiddens)
  Outputs operator()(const Ints& X, const Lens& lens = {}) const {
    Tensor embs = embedding(transpose(X));      // (num_steps, batch_size, embed_size)
    const Ints& valid_lens = lens.src;
    auto [outputs, state] = rnn(embs, {}, valid_lens);
    return {outputs, state};
  }
  void fields(Visitor& f) override { f("embedding", embedding); f("rnn", rnn); }
};

// D2L 10.7.3 Decoder. Departs from D2L (D4): of the encoder's outputs only the last counts, and
// that is the state after the last token, not after the padding; a packed batch has lengths,
// `lens`; and the `cell` may be chosen.
struct Seq2SeqDecoder : Decoder {
  struct State {
    Tensor enc_output;                          // (1, batch_size, num_hiddens)
    RecurrentState hidden_state;
    Ints lens;                                  // of the targets of a packed batch
    State take(const Ints& rows) const {        // of some sentences, in another order
      return {index_select(enc_output, 1, rows), babelgrad::take(hidden_state, rows), lens};
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
    apply(init_seq2seq);
  }

  State init_state(const Seq2SeqEncoder::Outputs& enc_all_outputs, const Lens& lens) const {
    return {unsqueeze(enc_all_outputs.state.back(), 0), enc_all_outputs.state, lens.tgt};
  }

  // X (batch_size, num_steps) -> (batch_size, num_steps, vocab_size)
  std::pair<Tensor, State> operator()(const Ints& X, State state) const {
    Tensor embs = embedding(transpose(X));      // (num_steps, batch_size, embed_size)
    auto [enc_output, hidden_state, lens] = state;
    Tensor context = select(enc_output, 0, -1); // (batch_size, num_hiddens): the same at every step
    context = repeat(context, {embs.dim(0), 1, 1}, lens);
    Tensor embs_and_context = cat({embs, context}, -1);                  // Eq. (10.7.3)
    Tensor outputs;
    std::tie(outputs, hidden_state) = rnn(embs_and_context, hidden_state, lens);
    outputs = transpose(dense(outputs), 0, 1);
    return {outputs, {enc_output, hidden_state, lens}};
  }
  std::vector<AttentionWeights> attention_weights() const { return {}; }  // there is no attention
  void fields(Visitor& f) override { f("embedding", embedding); f("rnn", rnn); f("dense", dense); }
};

// D2L 10.7.4 Encoder–Decoder for Sequence-to-Sequence Learning
template <class EncoderType, class DecoderType>
struct Seq2Seq : EncoderDecoder<EncoderType, DecoderType> {
  int tgt_pad;

  Seq2Seq(EncoderType encoder, DecoderType decoder, int tgt_pad)
      : EncoderDecoder<EncoderType, DecoderType>(std::move(encoder), std::move(decoder)),
        tgt_pad(tgt_pad) {}

  // D2L 10.7.5 Loss Function with Masking. The mean over tokens that are not padding; 0 if none is.
  // Departs from D2L: nn/trainer.h validates and reports, and any optimiser may be used.
  Tensor loss(const Tensor& Y_hat, const Ints& Y) const {
    Tensor l = Classifier::loss(Y_hat, Y, false);
    Tensor mask = reshape(Y, -1) != tgt_pad;
    if (sum(mask).item() == 0) return sum(l * mask);
    return sum(l * mask) / sum(mask);
  }
  template <class Batch>
  Tensor training_step(const Batch& batch) {
    Tensor Y_hat = (*this)(batch.src, batch.tgt, batch.lens);
    return loss(Y_hat, batch.label);
  }
};

}  // namespace babelgrad
