// Recurrent language models: predict the next token from all tokens before it.
#pragma once

#include "autograd/ops.h"
#include "nn/recurrent.h"

namespace babelgrad {

// D2L 9.4.2 Recurrent Neural Networks with Hidden States
// D2L 9.5.1 RNN Model
struct RNNScratch : Module {
  using State = Tensor;
  int num_hiddens;
  Real sigma;                                   // of the initial weights
  Tensor W_xh, W_hh, b_h;

  RNNScratch(int num_inputs, int num_hiddens, Real sigma = Real(0.01))
      : num_hiddens(num_hiddens), sigma(sigma),
        W_xh(requires_grad(randn({num_inputs, num_hiddens}) * sigma)),
        W_hh(requires_grad(randn({num_hiddens, num_hiddens}) * sigma)),
        b_h(requires_grad(Tensor({num_hiddens}))) {}

  // inputs (num_steps, batch_size, num_inputs)
  // -> the states of all steps, and the last (batch_size, num_hiddens)
  std::pair<std::vector<Tensor>, Tensor> operator()(const Tensor& inputs, Tensor state = {}) const {
    if (!state) state = Tensor({inputs.dim(1), num_hiddens});
    std::vector<Tensor> outputs;
    for (const Tensor& X : unbind(inputs)) {
      state = tanh(matmul(X, W_xh) + matmul(state, W_hh) + b_h);         // Eq. (9.4.5)
      outputs.push_back(state);
    }
    return {outputs, state};
  }
  void fields(Visitor& f) override { f("W_xh", W_xh); f("W_hh", W_hh); f("b_h", b_h); }
};

// A vocabulary of ids: a token is its own number.
struct Ids {
  struct Tokens { int operator[](int id) const { return id; } };
  Tokens idx_to_token;
  int operator[](int token) const { return token; }
};

// D2L 9.5.2 RNN-Based Language Model. Any of the scratch layers can be the rnn. A batch has X as
// src, Y as label.
template <class Rnn>
struct RNNLMScratch : Module {
  Rnn rnn;
  int vocab_size;
  Tensor W_hq, b_q;

  RNNLMScratch(Rnn layer, int vocab_size) : rnn(std::move(layer)), vocab_size(vocab_size) {
    init_params();
  }
  void init_params() {
    W_hq = requires_grad(randn({rnn.num_hiddens, vocab_size}) * rnn.sigma);
    b_q = requires_grad(Tensor({vocab_size}));
  }

  // X (batch_size, num_steps) -> (num_steps, batch_size, vocab_size)
  Tensor one_hot(const Ints& X) const { return babelgrad::one_hot(transpose(X), vocab_size); }
  // -> (batch_size, num_steps, vocab_size)
  Tensor output_layer(const std::vector<Tensor>& rnn_outputs) const {
    std::vector<Tensor> outputs;
    for (const Tensor& H : rnn_outputs) outputs.push_back(matmul(H, W_hq) + b_q);
    return stack(outputs, 1);
  }
  Tensor operator()(const Ints& X, const typename Rnn::State& state = {}) const {
    Tensor embs = one_hot(X);
    auto [rnn_outputs, _] = rnn(embs, state);
    return output_layer(rnn_outputs);
  }
  Tensor loss(const Tensor& Y_hat, const Ints& Y) const { return cross_entropy(Y_hat, Y); }
  template <class Batch>
  Tensor training_step(const Batch& batch) const {
    Tensor l = loss((*this)(batch.src), batch.label);
    return l;
  }

  // D2L 9.5.5 Decoding. The prefix warms up the state; then each prediction is the next input.
  // Departs from D2L: nothing is plotted, as nn/trainer.h reports the losses, and C++ has no join.
  // A text is a row of tokens (letters of a string, words of a list), or of ids without `vocab`,
  // which has vocab[token] and vocab.idx_to_token[id].
  template <class Text = std::vector<int>, class Vocab = Ids>
  Text predict(const Text& prefix, int num_preds, const Vocab& vocab = {}) const {
    check(!prefix.empty(), "predict: needs a prefix of at least one token");
    check(num_preds >= 0, "predict: ", num_preds, " predictions");
    NoGrad guard;
    typename Rnn::State state;
    std::vector<int> outputs = {vocab[prefix[0]]};
    std::vector<Tensor> rnn_outputs;
    for (std::size_t i = 0; i < prefix.size() + num_preds - 1; i++) {
      Ints X = tensor({{outputs.back()}});
      Tensor embs = one_hot(X);
      std::tie(rnn_outputs, state) = rnn(embs, state);
      if (i < prefix.size() - 1) {
        outputs.push_back(vocab[prefix[i + 1]]);
      } else {
        Tensor Y = output_layer(rnn_outputs);
        outputs.push_back(reshape(argmax(Y, 2), 1).item());
      }
    }
    Text text;
    for (int i : outputs) text.push_back(vocab.idx_to_token[i]);
    return text;
  }
  void fields(Visitor& f) override { f("rnn", rnn); f("W_hq", W_hq); f("b_q", b_q); }
};

// D2L 9.6.1 Defining the Model. The same with nn's layers: rnn is an RNN, GRU or LSTM.
template <class Rnn>
struct RNNLM : Module {
  Rnn rnn;
  int vocab_size;
  Linear linear;

  RNNLM(Rnn layer, int vocab_size)
      : rnn(std::move(layer)), vocab_size(vocab_size),
        linear(rnn.num_hiddens * rnn.directions, vocab_size) {}
  Tensor output_layer(const Tensor& hiddens) const { return transpose(linear(hiddens), 0, 1); }
  Tensor operator()(const Ints& X) const {
    return output_layer(rnn(one_hot(transpose(X), vocab_size)).first);
  }
  Tensor loss(const Tensor& Y_hat, const Ints& Y) const { return cross_entropy(Y_hat, Y); }
  void fields(Visitor& f) override { f("rnn", rnn); f("linear", linear); }
};

}  // namespace babelgrad
