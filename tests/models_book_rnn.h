// Recurrent layers and language models, as the book writes what we write otherwise.
#pragma once

#include <array>
#include <optional>

#include "models/deep_rnn.h"
#include "tests/models_book.h"

namespace babelgrad::book {

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

}  // namespace babelgrad::book
