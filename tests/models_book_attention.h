// Attention up to Bahdanau's decoder, as the book writes what we write otherwise.
#pragma once

#include "models/bahdanau.h"
#include "tests/models_book.h"

namespace babelgrad::book {

// D2L 11.3.2.1 Masked Softmax Operation
// X (batch_size, num_queries, num_keys), valid_lens (batch_size) or (batch_size, num_queries)
inline Tensor masked_softmax(Tensor X, Ints valid_lens) {
  struct Rows {
    static Tensor _sequence_mask(Tensor X, const Ints& valid_len, Real value) {
      int maxlen = X.dim(1);
      Tensor mask = unsqueeze(arange<int>(maxlen), 0) < unsqueeze(valid_len, 1);
      X = masked_fill(X, ~mask, value);
      return X;
    }
  };
  if (!valid_lens) return softmax(X, -1);
  Shape shape = X.shape();
  if (rank(valid_lens) == 1) valid_lens = repeat_interleave(valid_lens, shape[1]);
  else valid_lens = reshape(valid_lens, -1);
  X = Rows::_sequence_mask(reshape(X, {-1, X.dim(-1)}), valid_lens, Real(-1e6));
  return softmax(reshape(X, shape), -1);
}

// D2L 11.4.2 Defining the Decoder with Attention
struct Seq2SeqAttentionDecoder : AttentionDecoder {
  struct State { Tensor enc_outputs; RecurrentState hidden_state; Ints enc_valid_lens; };
  AdditiveAttention attention;
  Embedding embedding;
  GRU rnn;
  Linear dense;
  std::vector<Tensor> _attention_weights;

  Seq2SeqAttentionDecoder(int vocab_size, int embed_size, int num_hiddens, int num_layers,
                          Real dropout = 0)
      : attention(num_hiddens, num_hiddens, num_hiddens, dropout),
        embedding(vocab_size, embed_size),
        rnn(embed_size + num_hiddens, num_hiddens, num_layers, dropout),
        dense(num_hiddens, vocab_size) {
    apply(init_seq2seq);
  }
  State init_state(const Seq2SeqEncoder::Outputs& enc_outputs, const Ints& enc_valid_lens) const {
    auto [outputs, hidden_state] = enc_outputs;
    return {permute(outputs, {1, 0, 2}), hidden_state, enc_valid_lens};
  }
  std::pair<Tensor, State> operator()(const Ints& ids, const State& state) {
    auto [enc_outputs, hidden_state, enc_valid_lens] = state;
    Tensor X = permute(embedding(ids), {1, 0, 2});
    std::vector<Tensor> steps;
    _attention_weights.clear();
    for (Tensor x : unbind(X)) {
      Tensor query = unsqueeze(hidden_state.back(), 1);
      Tensor context = attention(query, enc_outputs, enc_outputs, enc_valid_lens);
      x = cat({context, unsqueeze(x, 1)}, -1);
      Tensor out;
      std::tie(out, hidden_state) = rnn(permute(x, {1, 0, 2}), hidden_state);
      steps.push_back(out);
      _attention_weights.push_back(attention.attention_weights);
    }
    Tensor outputs = dense(cat(steps, 0));
    return {permute(outputs, {1, 0, 2}), {enc_outputs, hidden_state, enc_valid_lens}};
  }
  const std::vector<Tensor>& attention_weights() const { return _attention_weights; }
  void fields(Visitor& f) override {
    f("attention", attention); f("embedding", embedding); f("rnn", rnn); f("dense", dense);
  }
};

}  // namespace babelgrad::book
