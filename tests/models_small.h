// What models_*.cpp share: the book's three models with every option, small enough for
// milliseconds, and a batch of three sentences of unequal length.
#pragma once

#include "models/bahdanau.h"
#include "models/transformer.h"
#include "nn/optim.h"
#include "tensor/views.h"
#include "tests/close.h"

namespace babelgrad {

using RnnModel = Seq2Seq<Seq2SeqEncoder, Seq2SeqDecoder>;
using AttentionModel = Seq2Seq<Seq2SeqEncoder, Seq2SeqAttentionDecoder>;
using TransformerModel = Seq2Seq<TransformerEncoder<>, TransformerDecoder<>>;

constexpr int pad_id = 1, bos_id = 2, eos_id = 3, src_words = 11, tgt_words = 13, width = 16;

struct SmallBatch {
  Ints src, src_valid_len, tgt, label;
};

// The labels are the target one step on; the second sentence is cut, the third is empty but for its
// end.
inline SmallBatch small_batch() {
  return {Ints(Shape{3, 5}, {4, 9, 5, 10, 3, 7, 6, 3, 1, 1, 3, 1, 1, 1, 1}),
          {5, 3, 1},
          Ints(Shape{3, 4}, {2, 5, 12, 5, 2, 8, 6, 7, 2, 1, 1, 1}),
          Ints(Shape{3, 4}, {5, 12, 5, 3, 8, 6, 7, 4, 3, 1, 1, 1})};
}

// As models read it: without padding in training, with it to translate.
struct ModelBatch {
  Ints src, tgt;
  Lens lens;
  Ints label;
};
inline ModelBatch padded(const SmallBatch& b) { return {b.src, b.tgt, b.src_valid_len, b.label}; }
inline ModelBatch packed(const SmallBatch& b) {
  Ints lens = lengths(b.label, pad_id);
  return {pack(b.src, b.src_valid_len), pack(b.tgt, lens), {b.src_valid_len, lens},
          pack(b.label, lens)};
}

inline RnnModel rnn_model(Cell cell, Real dropout = 0) {
  return {{src_words, width, width, 2, dropout, cell},
          {tgt_words, width, width, 2, dropout, cell},
          pad_id};
}
inline AttentionModel attention_model(Cell cell, Score score, Real dropout = 0) {
  return {{src_words, width, width, 2, dropout, cell},
          {tgt_words, width, width, 2, dropout, cell, score},
          pad_id};
}
inline TransformerModel transformer_model(Activation activation, bool use_bias, Real dropout = 0) {
  return {{src_words, width, 16, 2, 2, dropout, use_bias, activation},
          {tgt_words, width, 16, 2, 2, dropout, activation},
          pad_id};
}

// test(model) for the three models with every cell, score and activation.
template <class Test>
void every_model(const Test& test, Real dropout = 0) {
  for (Cell cell : {Cell::rnn, Cell::gru, Cell::lstm}) {
    INFO("cell ", int(cell));
    manual_seed(1);
    RnnModel rnn = rnn_model(cell, dropout);
    test(rnn);
    for (Score score : {Score::additive, Score::dot, Score::scaled_dot, Score::general}) {
      INFO("with attention, score ", int(score));
      AttentionModel attention = attention_model(cell, score, dropout);
      test(attention);
    }
  }
  for (Activation activation : {relu, gelu}) {
    for (bool use_bias : {false, true}) {
      INFO("Transformer, activation ", activation == gelu, ", bias ", use_bias);
      manual_seed(1);
      TransformerModel transformer = transformer_model(activation, use_bias, dropout);
      test(transformer);
    }
  }
}

// test(attention) for every score, of queries and keys of `size` numbers.
template <class Test>
void every_attention(const Test& test, int size = 6) {
  for (Score score : {Score::additive, Score::dot, Score::scaled_dot, Score::general}) {
    INFO("score ", int(score));
    manual_seed(1);
    test(*make_attention(score, size, 0));
  }
}

inline void set_parameter(Tensor& parameter, const Tensor& values) {
  REQUIRE(parameter.shape() == values.shape());
  std::copy_n(raw::contiguous(values).data(), values.numel(), parameter.data());
}

template <class Model>
auto begin(Model& model, const SmallBatch& b) {  // the decoder's state before the first token
  return model.decoder.init_state(model.encoder(b.src, b.src_valid_len), b.src_valid_len);
}

// The logits of the next tokens; the state goes on.
template <class Model, class State>
Tensor decode(Model& model, const Ints& X, State& state) {
  Tensor Y;
  std::tie(Y, state) = model.decoder(X, std::move(state));
  return Y;
}

template <class Model>
Tensor logits_of(Model& model, const SmallBatch& b) {
  return model(b.src, b.tgt, b.src_valid_len);
}

// Weights of all heads (batch heads, ..) -> (batch, heads, ..)
inline Tensor by_head(const Tensor& w, int heads) {
  return reshape(w, {w.dim(0) / heads, heads, w.dim(1), w.dim(2)});
}

struct LossAndGradients {
  Tensor loss;
  std::vector<Tensor> gradients;
};

// The gradients of this loss alone.
inline LossAndGradients back_from(Module& model, const Tensor& loss) {
  auto params = named_parameters(model);
  for (Parameter& p : params) zero_grad(p.tensor);
  backward(loss);
  LossAndGradients out{detach(loss), {}};
  for (Parameter& p : params) out.gradients.push_back(grad(p.tensor));
  return out;
}
template <class Model>
LossAndGradients learn(Model& model, const SmallBatch& b) {
  return back_from(model, model.training_step(packed(b)));
}

// Steps of Adam, with gradients clipped to 1; the loss after them.
template <class Loss>
double learn_by_heart(Module& model, int steps, Real lr, const Loss& loss) {
  Adam adam(named_parameters(model), lr);
  for (int i = 0; i < steps; i++) {
    adam.zero_grad();
    backward(loss());
    clip_grad_norm(adam.params, 1);
    adam.step();
  }
  return double(loss().item());
}

inline void check_same_bits(const LossAndGradients& a, const LossAndGradients& b) {
  CHECK(same_bits(a.loss, b.loss));
  for (std::size_t i = 0; i < a.gradients.size(); i++)
    CHECK(same_bits(a.gradients[i], b.gradients[i]));
}

// Relative to the largest of all gradients: one that is nearly zero has no digits of its own.
inline double distance(const LossAndGradients& a, const LossAndGradients& b) {
  double worst = distance(a.loss, b.loss), off = 0, largest = 0;
  for (std::size_t i = 0; i < a.gradients.size(); i++) {
    std::vector<Real> x = a.gradients[i].values(), y = b.gradients[i].values();
    for (std::size_t j = 0; j < x.size(); j++) {
      off = std::max(off, std::abs(double(x[j]) - double(y[j])));
      largest = std::max(largest, std::abs(double(y[j])));
    }
  }
  CHECK(largest > 0);
  return std::max(worst, off / largest);
}

// The same ids in a table of `steps` columns, cut or filled up.
inline Ints resized(const Ints& ids, int steps, int fill = pad_id) {
  Ints out(Shape{ids.dim(0), steps}, fill);
  for (int i = 0; i < ids.dim(0); i++)
    for (int t = 0; t < std::min(steps, ids.dim(1)); t++) out.at(i, t) = ids.at(i, t);
  return out;
}

}  // namespace babelgrad
