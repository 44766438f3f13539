// Recurrent layers and language models, as the book writes what we write otherwise.
#pragma once

#include <array>
#include <optional>

#include "models/bi_rnn.h"
#include "models/deep_rnn.h"
#include "tests/models_book.h"

namespace babelgrad::book {

struct Vocab {                                  // of characters
  std::vector<std::string> idx_to_token;
  int operator[](char token) const {
    auto found = std::find(idx_to_token.begin(), idx_to_token.end(), std::string(1, token));
    return int(found - idx_to_token.begin());
  }
};

// D2L 9.5.2 RNN-Based Language Model
template <class Rnn>
struct RNNLMScratch : babelgrad::RNNLMScratch<Rnn>, Board {
  using Base = babelgrad::RNNLMScratch<Rnn>;
  using Batch = std::array<Ints, 2>;            // inputs and targets
  using Base::rnn, Base::vocab_size, Base::W_hq, Base::b_q;

  RNNLMScratch(Rnn rnn, int vocab_size) : Base(std::move(rnn), vocab_size) { init_params(); }
  void init_params() {
    W_hq = requires_grad(randn({rnn.num_hiddens, vocab_size}) * rnn.sigma);
    b_q = requires_grad(Tensor({vocab_size}));
  }
  Tensor training_step(const Batch& batch) {
    Tensor l = this->loss((*this)(batch[0]), batch.back());
    plot("ppl", exp(l), true);
    return l;
  }
  void validation_step(const Batch& batch) {
    Tensor l = this->loss((*this)(batch[0]), batch.back());
    plot("ppl", exp(l), false);
  }

  // D2L 9.5.5 Decoding
  std::string predict(const std::string& prefix, int num_preds, const Vocab& vocab) const {
    typename Rnn::State state;
    std::vector<int> outputs = {vocab[prefix[0]]};
    std::vector<Tensor> rnn_outputs;
    for (std::size_t i = 0; i < prefix.size() + num_preds - 1; i++) {
      Ints X = tensor({{outputs.back()}});
      Tensor embs = this->one_hot(X);
      std::tie(rnn_outputs, state) = rnn(embs, state);
      if (i < prefix.size() - 1) {
        outputs.push_back(vocab[prefix[i + 1]]);
      } else {
        Tensor Y = this->output_layer(rnn_outputs);
        outputs.push_back(item(reshape(argmax(Y, 2), 1)));
      }
    }
    std::string text;
    for (int i : outputs) text += vocab.idx_to_token[i];
    return text;
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

// D2L 10.4.1 Implementation from Scratch
struct BiRNNScratch : Module {
  struct State {
    Tensor f_H, b_H;
    explicit operator bool() const { return bool(f_H); }
  };
  RNNScratch f_rnn, b_rnn;
  int num_hiddens;

  BiRNNScratch(int num_inputs, int num_hiddens, Real sigma = Real(0.01))
      : f_rnn(num_inputs, num_hiddens, sigma), b_rnn(num_inputs, num_hiddens, sigma),
        num_hiddens(num_hiddens) {
    this->num_hiddens *= 2;
  }
  std::pair<std::vector<Tensor>, State> operator()(const Tensor& inputs, State Hs = {}) const {
    auto [f_H, b_H] = Hs ? Hs : State{};
    std::vector<Tensor> f_outputs, b_outputs, outputs;
    std::tie(f_outputs, f_H) = f_rnn(inputs, f_H);
    std::tie(b_outputs, b_H) = b_rnn(flip(inputs, 0), b_H);
    for (const auto& [f, b] : zip(f_outputs, reversed(b_outputs)))
      outputs.push_back(cat({f, b}, -1));
    return {outputs, {f_H, b_H}};
  }
  void fields(Visitor& f) override { f("f_rnn", f_rnn); f("b_rnn", b_rnn); }
};

}  // namespace babelgrad::book
