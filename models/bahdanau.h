// The decoder looks at the source again at every word: its state asks, all encoder states answer.
#pragma once

#include "models/attention_scoring.h"
#include "models/seq2seq.h"

namespace babelgrad {

// D2L 11.4.2 Defining the Decoder with Attention
struct AttentionDecoder : Decoder {};           // a decoder with attention_weights()

// D2L 11.4.2 Defining the Decoder with Attention
// Departs from D2L (D12): the keys are projected once for all steps, a packed batch has lengths,
// `lens`, and `score` (`make_attention`) and `cell` may be chosen. As in the paper, the query is
// the state before the step, so that the word just read does not ask yet, and the context goes in
// beside the embedding. The paper's encoder reads both ways, the book's and ours one.
struct Seq2SeqAttentionDecoder : AttentionDecoder {
  struct State {
    KeysValues enc_outputs;                     // (batch_size, num_keys, num_hiddens), both
    RecurrentState hidden_state;
    ValidLens enc_valid_lens;
    Lens lens;
    State take(const Ints& rows) const {        // of some sentences, in another order
      Lens kept = babelgrad::take(lens, rows);
      return {babelgrad::take(enc_outputs, rows, hidden_state.H.dim(1)),
              babelgrad::take(hidden_state, rows), kept.step(), kept};
    }
  };
  std::shared_ptr<Attention> attention;
  Embedding embedding;
  Recurrent rnn;
  Linear dense;
  std::vector<AttentionWeights> _attention_weights;         // of each step; not a parameter

  Seq2SeqAttentionDecoder(int vocab_size, int embed_size, int num_hiddens, int num_layers,
                          Real dropout = 0, Cell cell = Cell::gru, Score score = Score::additive)
      : attention(make_attention(score, num_hiddens, dropout)),
        embedding(vocab_size, embed_size),
        rnn(cell, embed_size + num_hiddens, num_hiddens, num_layers, dropout),
        dense(num_hiddens, vocab_size) {
    apply(init_seq2seq);
  }

  State init_state(const Seq2SeqEncoder::Outputs& enc_outputs, const Lens& lens) const {
    auto [outputs, hidden_state] = enc_outputs;
    outputs = permute(outputs, {1, 0, 2});
    return {attention->project(outputs, outputs), ranked(hidden_state, lens), lens.step(), lens};
  }

  // X (batch_size, num_steps) -> (batch_size, num_steps, vocab_size)
  std::pair<Tensor, State> operator()(const Ints& ids, State state) {
    auto [enc_outputs, hidden_state, enc_valid_lens, lens] = state;
    Tensor X = permute(embedding(ids), {1, 0, 2});           // (num_steps, batch_size, embed_size)
    std::vector<Tensor> outputs;
    _attention_weights.clear();
    for (Tensor x : unbind(X, lens)) {                       // of the sentences left
      hidden_state = first(hidden_state, x.dim(0));
      enc_valid_lens = first(enc_valid_lens, x.dim(0));
      Tensor query = unsqueeze(hidden_state.back(), 1);      // (batch_size, 1, num_hiddens)
      Tensor context = attention->attend(query, enc_outputs, enc_valid_lens);       // Eq. (11.4.1)
      x = cat({context, unsqueeze(x, 1)}, -1);
      Tensor out;
      std::tie(out, hidden_state) = rnn(permute(x, {1, 0, 2}), hidden_state);
      outputs.push_back(out);
      _attention_weights.push_back(attention->attention_weights);
    }
    Tensor logits = dense(cat(outputs, lens));
    return {permute(logits, {1, 0, 2}), {enc_outputs, hidden_state, enc_valid_lens, lens}};
  }
  const std::vector<AttentionWeights>& attention_weights() const { return _attention_weights; }
  void fields(Visitor& f) override {
    f("attention", *attention); f("embedding", embedding); f("rnn", rnn); f("dense", dense);
  }
};

}  // namespace babelgrad
