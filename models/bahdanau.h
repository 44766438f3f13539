// The decoder looks at the source again at every word: its state asks, all encoder states answer.
#pragma once

#include "models/attention_scoring.h"
#include "models/seq2seq.h"

namespace babelgrad {

// D2L 11.4.2 Defining the Decoder with Attention
struct AttentionDecoder : Decoder {};           // a decoder with attention_weights()

struct Seq2SeqAttentionDecoder : AttentionDecoder {
  struct State {
    Tensor enc_outputs;                         // (batch_size, num_keys, num_hiddens): keys, values
    Tensor projected_keys;                      // W_k of them, once for all steps
    RecurrentState hidden_state;
    Ints enc_valid_lens;
    State take(const Ints& rows) const {
      return {index_select(enc_outputs, 0, rows), index_select(projected_keys, 0, rows),
              babelgrad::take(hidden_state, rows), babelgrad::take(enc_valid_lens, rows)};
    }
  };
  std::shared_ptr<Attention> attention;
  Embedding embedding;
  Recurrent rnn;
  Linear dense;
  std::vector<Tensor> _attention_weights;       // per step (batch_size, 1, num_keys)

  Seq2SeqAttentionDecoder(int vocab_size, int embed_size, int num_hiddens, int num_layers,
                          Real dropout = 0, Cell cell = Cell::gru, Score score = Score::additive)
      : attention(make_attention(score, num_hiddens, dropout)), embedding(vocab_size, embed_size),
        rnn(cell, embed_size + num_hiddens, num_hiddens, num_layers, dropout),
        dense(num_hiddens, vocab_size) {
    init_seq2seq(rnn);
  }

  State init_state(const Seq2SeqEncoder::Outputs& enc_all_outputs,
                   const Ints& enc_valid_lens) const {
    Tensor enc_outputs = enc_all_outputs.outputs;
    if (enc_outputs.rank() == 3) enc_outputs = transpose(enc_outputs, 0, 1);
    return {enc_outputs, attention->project_keys(enc_outputs), enc_all_outputs.state,
            enc_valid_lens};
  }

  // X (batch_size, num_steps) -> (batch_size, num_steps, vocab_size)
  Tensor operator()(const Ints& X, State& state, const Ints& valid_lens = {}) {
    if (X.shape().rank() == 1) return packed(X, state, valid_lens);
    auto& [enc_outputs, projected_keys, hidden_state, enc_valid_lens] = state;
    Tensor embs = embedding(transpose(X));      // (num_steps, batch_size, embed_size)
    std::vector<Tensor> outputs;
    _attention_weights.clear();
    for (int t = 0; t < embs.dim(0); t++) {
      Tensor query = unsqueeze(select(hidden_state.H, 0, -1), 1);   // (batch_size, 1, num_hiddens)
      // Eq. (11.4.1)
      Tensor context = attention->attend(query, projected_keys, enc_outputs, enc_valid_lens);
      Tensor x = cat({context, unsqueeze(select(embs, 0, t), 1)}, -1);
      auto [out, hidden] = rnn(transpose(x, 0, 1), hidden_state);
      hidden_state = hidden;
      outputs.push_back(out);
      _attention_weights.push_back(attention->attention_weights);
    }
    return transpose(dense(cat(outputs, 0)), 0, 1);
  }
  // The same for whole sentences packed by valid_lens, (rows) -> (rows, vocab_size): longest first,
  // so that at every step those which go on are the first n.
  Tensor packed(const Ints& X, State& state, const Ints& valid_lens) {
    Steps steps = packed_steps(valid_lens);
    Spans spans = packed_spans(Ints(valid_lens.shape(), 1), state.enc_valid_lens);
    spans = {take(spans.begin, steps.order), take(spans.count, steps.order), spans.most};
    RecurrentState hidden_state = babelgrad::take(state.hidden_state, steps.order);
    Tensor embs = embedding(take(X, steps.rows));                        // step by step
    std::vector<Tensor> outputs{Tensor({0, rnn.num_hiddens})};
    _attention_weights.clear();
    for (int t = 0; t < steps.count(); t++) {
      int n = steps.size(t);
      hidden_state = first(hidden_state, n);
      Tensor query = select(hidden_state.H, 0, -1);                      // (n, num_hiddens)
      Tensor context = attention->attend(query, state.projected_keys, state.enc_outputs,
                                         spans.first(n));
      Tensor x = cat({context, slice(embs, 0, steps.begins[t], steps.begins[t + 1])}, -1);
      auto [out, hidden] = rnn(unsqueeze(x, 0), hidden_state);
      hidden_state = hidden;
      outputs.push_back(squeeze(out, 0));
    }
    Ints back(steps.rows.shape());              // from the order of steps to that of sentences
    for (Index i = 0; i < back.numel(); i++) back[steps.rows[i]] = int(i);
    return dense(index_select(cat(outputs, 0), 0, back));
  }
  // Of the last call: one layer, (batch_size, 1 head, num_steps, num_keys)
  std::vector<Tensor> attention_weights() const {
    return {unsqueeze(cat(_attention_weights, 1), 1)};
  }
  void fields(Visitor& f) override {
    f("attention", *attention); f("embedding", embedding); f("rnn", rnn); f("dense", dense);
  }
};

}  // namespace babelgrad
