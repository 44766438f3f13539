// The book's own code where ours departs from it, line for line, as the oracle of ours. First what
// it takes from PyTorch and the house has no need of.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <tuple>
#include <type_traits>
#include <typeinfo>

#include "models/deep_rnn.h"
#include "tests/models_small.h"

namespace babelgrad::book {

using babelgrad::cat, babelgrad::repeat, babelgrad::reshape, babelgrad::select,
    babelgrad::unsqueeze;                       // beside those of the same names below

// begin, begin + step, .. below end: arange<int> as Ints, arange<Real> as a Tensor
template <class Number>
auto arange(int begin, int end, int step = 1) {
  std::vector<Number> numbers;
  for (int i = begin; i < end; i += step) numbers.push_back(Number(i));
  using Box = std::conditional_t<std::is_same_v<Number, int>, Ints, Tensor>;
  return Box(Shape{int(numbers.size())}, numbers);
}
template <class Number>
auto arange(int end) {
  return arange<Number>(0, end);
}

// Of a number, as of a tensor.
inline Tensor pow(Real base, const Tensor& exponent) {
  return babelgrad::pow(Tensor::scalar(base), exponent);
}

// P[:, :, begin::step] = x, for P (1, m, n) and x (m, n / step)
inline void set_columns(Tensor& P, int begin, int step, const Tensor& x) {
  std::vector<Real> numbers = x.values();
  for (std::size_t i = 0; i < numbers.size(); i++) P.data()[begin + Index(i) * step] = numbers[i];
}

// ---- masks: 1 where it is so, else 0 -----------------------------------------------------------
// a row (1, n) and a column (m, 1) -> (m, n)
inline Tensor operator<(const Ints& row, const Ints& column) {
  Tensor mask({column.dim(0), row.dim(1)});
  for (int i = 0; i < column.dim(0); i++)
    for (int j = 0; j < row.dim(1); j++)
      mask.data()[Index(i) * row.dim(1) + j] = row[j] < column[i] ? 1 : 0;
  return mask;
}
inline Tensor operator~(const Tensor& mask) { return 1 - mask; }

// ---- of Ints, what babelgrad has of tensors ----------------------------------------------------
inline Ints unsqueeze(const Ints& ids, int axis) {
  Shape shape = ids.shape();
  shape.insert(axis, 1);
  return reshape(ids, shape);
}
inline Ints select(const Ints& table, int, int j) { return reshape(column(table, j), -1); }
inline int rank(const Ints& ids) { return ids.shape().rank(); }
// a row (n), `times` one under another; the second number is 1, as in repeat of a tensor
inline Ints repeat(const Ints& row, const Shape& times) {
  return repeat_interleave(unsqueeze(row, 0), times[0]);
}
struct Board {                                  // remembers what the book plots
  struct Point {
    std::string key;
    Real value;
    bool train;
  };
  std::vector<Point> points;

  void plot(const std::string& key, const Tensor& value, bool train) {
    points.push_back({key, value.item(), train});
  }
};

// The base of the book's models: Y_hat (.., classes) and Y (..), the mean loss or each one.
struct Classifier : Module, Board {
  Tensor loss(const Tensor& Y_hat, const Ints& Y, bool averaged = true) const {
    const Reduction reduction = averaged ? Reduction::mean : Reduction::none;
    return cross_entropy(reshape(Y_hat, {-1, Y_hat.dim(-1)}), reshape(Y, -1),
                         {.reduction = reduction});
  }
  std::vector<Parameter> parameters() { return named_parameters(*this); }
};

// `to` takes the parameters of `from` by their names: the same numbers, the same gradients.
inline void share(Module& from, Module& to) {
  struct Taking : Visitor {
    std::map<std::string, Tensor> given;
    int taken = 0;
    void on_parameter(const std::string& name, Tensor& parameter) override {
      REQUIRE(given.count(name));
      REQUIRE(given[name].shape() == parameter.shape());
      parameter = given[name];
      taken++;
    }
  };
  Taking taking;
  for (const Parameter& p : named_parameters(from)) taking.given[p.name] = p.tensor;
  to.fields(taking);
  REQUIRE(taking.taken == int(taking.given.size()));
}

// ---- attention up to Bahdanau's decoder ---------------------------------------------------------
// Before the layers below take the names of ours.
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

// ---- recurrent layers and language models -------------------------------------------------------
// D2L 9.5.2 RNN-Based Language Model
template <class Rnn>
struct RNNLMScratch : babelgrad::RNNLMScratch<Rnn>, Board {
  using Base = babelgrad::RNNLMScratch<Rnn>;
  using Batch = std::array<Ints, 2>;            // inputs and targets

  RNNLMScratch(Rnn rnn, int vocab_size) : Base(std::move(rnn), vocab_size) {}
  Tensor training_step(const Batch& batch) {
    Tensor l = this->loss((*this)(batch[0]), batch.back());
    plot("ppl", exp(l), true);
    return l;
  }
  void validation_step(const Batch& batch) {
    Tensor l = this->loss((*this)(batch[0]), batch.back());
    plot("ppl", exp(l), false);
  }
};

// D2L 9.6.1 Defining the Model
struct RNN : Module {
  babelgrad::RNN rnn;

  RNN(int num_inputs, int num_hiddens) : rnn(num_inputs, num_hiddens) {}
  std::pair<Tensor, RecurrentState> operator()(const Tensor& inputs, const RecurrentState& H = {}) {
    return rnn(inputs, H);
  }
  void fields(Visitor& f) override { f("rnn", rnn); }
};

// D2L 10.1.3 Concise Implementation
struct LSTM : Module {
  babelgrad::LSTM rnn;

  LSTM(int num_inputs, int num_hiddens) : rnn(num_inputs, num_hiddens) {}
  std::pair<Tensor, RecurrentState> operator()(const Tensor& inputs,
                                               const RecurrentState& H_C = {}) {
    return rnn(inputs, H_C);
  }
  void fields(Visitor& f) override { f("rnn", rnn); }
};

// D2L 10.2.5 Concise Implementation
// D2L 10.3.2 Concise Implementation
struct GRU : Module {
  babelgrad::GRU rnn;

  GRU(int num_inputs, int num_hiddens) : rnn(num_inputs, num_hiddens) {}
  GRU(int num_inputs, int num_hiddens, int num_layers, Real dropout = 0)
      : rnn(num_inputs, num_hiddens, num_layers, dropout) {}
  std::pair<Tensor, RecurrentState> operator()(const Tensor& inputs, const RecurrentState& H = {}) {
    return rnn(inputs, H);
  }
  void fields(Visitor& f) override { f("rnn", rnn); }
};

// D2L 10.3.1 Implementation from Scratch
struct StackedRNNScratch : Module {
  using State = std::vector<Tensor>;
  int num_layers;
  std::vector<RNNScratch> rnns;

  StackedRNNScratch(int num_inputs, int num_hiddens, int num_layers, Real sigma = Real(0.01))
      : num_layers(num_layers) {
    for (int i = 0; i < num_layers; i++)
      rnns.emplace_back(i == 0 ? num_inputs : num_hiddens, num_hiddens, sigma);
  }
  std::pair<Tensor, State> operator()(const Tensor& inputs, std::optional<State> Hs = {}) const {
    Tensor outputs = inputs;
    if (!Hs) Hs = std::vector<Tensor>(num_layers);
    for (int i = 0; i < num_layers; i++) {
      auto [states, H] = rnns[i](outputs, (*Hs)[i]);
      (*Hs)[i] = H;
      outputs = stack(states, 0);
    }
    return {outputs, *Hs};
  }
  void fields(Visitor& f) override { f("rnns", rnns); }
};

// ---- sequence to sequence -----------------------------------------------------------------------
using Batch = std::array<Ints, 4>;              // src, tgt, src_valid_len, label

// D2L 10.6.3 Putting the Encoder and Decoder Together
template <class EncoderType, class DecoderType>
struct EncoderDecoder : Classifier {
  EncoderType encoder;
  DecoderType decoder;

  EncoderDecoder(EncoderType encoder, DecoderType decoder)               // or references to them
      : encoder(std::forward<EncoderType>(encoder)), decoder(std::forward<DecoderType>(decoder)) {}
  Tensor operator()(const Ints& enc_X, const Ints& dec_X, const Ints& enc_valid_lens) {
    auto enc_all_outputs = encoder(enc_X, enc_valid_lens);
    auto dec_state = decoder.init_state(enc_all_outputs, enc_valid_lens);
    return decoder(dec_X, dec_state).first;
  }

  using Weights = std::decay_t<decltype(std::declval<DecoderType&>().attention_weights())>;

  // D2L 10.7.7 Prediction
  std::pair<Ints, std::vector<Weights>> predict_step(const Batch& batch, int num_steps,
                                                     bool save_attention_weights = false) {
    const auto& [src, tgt, src_valid_len, _] = batch;
    auto enc_all_outputs = encoder(src, src_valid_len);
    auto dec_state = decoder.init_state(enc_all_outputs, src_valid_len);
    std::vector<Ints> outputs = {unsqueeze(select(tgt, 1, 0), 1)};
    std::vector<Weights> attention_weights;
    Tensor Y;
    for (int t = 0; t < num_steps; t++) {
      std::tie(Y, dec_state) = decoder(outputs.back(), dec_state);
      outputs.push_back(argmax(Y, 2));
      if (save_attention_weights) attention_weights.push_back(decoder.attention_weights());
    }
    return {cat(drop(outputs, 1), 1), attention_weights};
  }
  void fields(Visitor& f) override { f("encoder", encoder); f("decoder", decoder); }
};

// D2L 10.7.2 Encoder
inline void init_seq2seq(Module& module) {
  using GRU = babelgrad::GRU;                   // PyTorch's, not the book's around it
  if (typeid(module) == typeid(Linear)) xavier_uniform_init(dynamic_cast<Linear&>(module).weight);
  if (typeid(module) == typeid(GRU)) {
    for (Parameter& param : named_parameters(module))
      if (param.name.starts_with("weight")) xavier_uniform_init(param.tensor);
  }
}

struct Seq2SeqState { Tensor enc_output; RecurrentState hidden_state; };

// D2L 10.7.2 Encoder
struct Seq2SeqEncoder : babelgrad::Seq2SeqEncoder {
  using babelgrad::Seq2SeqEncoder::Seq2SeqEncoder;
  Seq2SeqState operator()(const Ints& X, const Ints&) const {
    Tensor embs = embedding(transpose(X));
    auto [outputs, state] = rnn(embs);
    return {outputs, state};
  }
};

// D2L 10.7.3 Decoder
struct Seq2SeqDecoder : babelgrad::Seq2SeqDecoder {
  using babelgrad::Seq2SeqDecoder::Seq2SeqDecoder;
  Seq2SeqState init_state(const Seq2SeqState& enc_all_outputs, const Ints&) const {
    return enc_all_outputs;
  }
  std::pair<Tensor, Seq2SeqState> operator()(const Ints& X, const Seq2SeqState& state) const {
    Tensor embs = embedding(transpose(X));
    auto [enc_output, hidden_state] = state;
    Tensor context = select(enc_output, 0, -1);
    context = repeat(context, {embs.dim(0), 1, 1});
    Tensor embs_and_context = cat({embs, context}, -1);
    Tensor outputs;
    std::tie(outputs, hidden_state) = rnn(embs_and_context, hidden_state);
    outputs = transpose(dense(outputs), 0, 1);
    return {outputs, {enc_output, hidden_state}};
  }
  std::vector<Tensor> attention_weights() const { return {}; }
};

// D2L 10.7.4 Encoder–Decoder for Sequence-to-Sequence Learning
template <class EncoderType, class DecoderType>
struct Seq2Seq : EncoderDecoder<EncoderType, DecoderType> {
  int tgt_pad;
  Real lr;

  Seq2Seq(EncoderType encoder, DecoderType decoder, int tgt_pad, Real lr)
      : EncoderDecoder<EncoderType, DecoderType>(std::move(encoder), std::move(decoder)),
        tgt_pad(tgt_pad), lr(lr) {}
  void validation_step(const Batch& batch) {
    Tensor Y_hat = (*this)(batch[0], batch[1], batch[2]);
    this->plot("loss", loss(Y_hat, batch.back()), false);
  }
  Adam configure_optimizers() { return Adam(this->parameters(), lr); }

  // D2L 10.7.5 Loss Function with Masking
  Tensor loss(const Tensor& Y_hat, const Ints& Y) const {
    Tensor l = Classifier::loss(Y_hat, Y, false);
    Tensor mask = reshape(Y, -1) != tgt_pad;
    return sum(l * mask) / sum(mask);
  }
};

// ---- the Transformer ----------------------------------------------------------------------------
// Its decoder remembers past inputs and projects them again, masks in training only, and counts
// positions from 0 at every call.
// D2L 11.6.3 Positional Encoding
struct PositionalEncoding : Module {
  Dropout dropout;
  Tensor P;

  PositionalEncoding(int num_hiddens, Real dropout, int max_len = 1000) : dropout(dropout) {
    Tensor X = reshape(arange<Real>(max_len), {-1, 1}) /
               pow(10000, arange<Real>(0, num_hiddens, 2) / num_hiddens);
    P = Tensor({1, max_len, num_hiddens});
    set_columns(P, 0, 2, sin(X));
    set_columns(P, 1, 2, cos(X));
  }
  Tensor operator()(Tensor X) const {
    X = X + slice(P, 1, 0, X.dim(1));
    return dropout(X);
  }
  void fields(Visitor& f) override { f("dropout", dropout); }
};

struct ReLU {
  Tensor operator()(const Tensor& X) const { return babelgrad::relu(X); }
};

// D2L 11.7.2 Positionwise Feed-Forward Networks
struct PositionWiseFFN : Module {
  Linear dense1;
  ReLU relu;
  Linear dense2;

  PositionWiseFFN(int num_hiddens, int ffn_num_hiddens, int ffn_num_outputs)
      : dense1(num_hiddens, ffn_num_hiddens), dense2(ffn_num_hiddens, ffn_num_outputs) {}
  Tensor operator()(const Tensor& X) const { return dense2(relu(dense1(X))); }
  void fields(Visitor& f) override { f("dense1", dense1); f("dense2", dense2); }
};

// The encoder's outputs, its valid_lens, and for each block all inputs so far.
using DecoderState = std::tuple<Tensor, Ints, std::vector<Tensor>>;

// D2L 11.7.5 Decoder
struct TransformerDecoderBlock : babelgrad::TransformerDecoderBlock {
  using babelgrad::TransformerDecoderBlock::TransformerDecoderBlock;
  std::pair<Tensor, DecoderState> operator()(const Tensor& X, DecoderState state) {
    Tensor enc_outputs = std::get<0>(state);
    Ints enc_valid_lens = std::get<1>(state);
    Tensor key_values;
    if (!std::get<2>(state)[i]) key_values = X;
    else key_values = cat({std::get<2>(state)[i], X}, 1);
    std::get<2>(state)[i] = key_values;
    Ints dec_valid_lens;                        // in evaluation none: every key is seen
    if (training) {
      int batch_size = X.dim(0), num_steps = X.dim(1);
      dec_valid_lens = repeat(arange<int>(1, num_steps + 1), {batch_size, 1});
    }
    Tensor X2 = attention1(X, key_values, key_values, dec_valid_lens);
    Tensor Y = addnorm1(X, X2);
    Tensor Y2 = attention2(Y, enc_outputs, enc_outputs, enc_valid_lens);
    Tensor Z = addnorm2(Y, Y2);
    return {addnorm3(Z, ffn(Z)), state};
  }
};

// D2L 11.7.5 Decoder
struct TransformerDecoder : Decoder {
  int num_hiddens, num_blks;
  Embedding embedding;
  PositionalEncoding pos_encoding;
  std::vector<TransformerDecoderBlock> blks;
  Linear dense;
  std::vector<std::vector<Tensor>> _attention_weights;

  TransformerDecoder(int vocab_size, int num_hiddens, int ffn_num_hiddens, int num_heads,
                     int num_blks, Real dropout)
      : num_hiddens(num_hiddens), num_blks(num_blks), embedding(vocab_size, num_hiddens),
        pos_encoding(num_hiddens, dropout), dense(num_hiddens, vocab_size) {
    for (int i = 0; i < num_blks; i++)
      blks.emplace_back(num_hiddens, ffn_num_hiddens, num_heads, dropout, i);
  }
  DecoderState init_state(const Tensor& enc_outputs, const Ints& enc_valid_lens) const {
    return {enc_outputs, enc_valid_lens, std::vector<Tensor>(num_blks)};
  }
  std::pair<Tensor, DecoderState> operator()(const Ints& ids, DecoderState state) {
    Tensor X = pos_encoding(embedding(ids) * std::sqrt(Real(num_hiddens)));
    _attention_weights.clear();
    for (int t = 0; t < 2; t++) _attention_weights.push_back(std::vector<Tensor>(blks.size()));
    for (std::size_t i = 0; i < blks.size(); i++) {
      TransformerDecoderBlock& blk = blks[i];
      std::tie(X, state) = blk(X, state);
      _attention_weights[0][i] = blk.attention1.attention.attention_weights;
      _attention_weights[1][i] = blk.attention2.attention.attention_weights;
    }
    return {dense(X), state};
  }
  const std::vector<std::vector<Tensor>>& attention_weights() const { return _attention_weights; }
  void fields(Visitor& f) override {
    f("embedding", embedding); f("pos_encoding", pos_encoding); f("blks", blks); f("dense", dense);
  }
};

}  // namespace babelgrad::book
