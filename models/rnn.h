// Recurrent language models: predict the next token from all tokens before it.
#pragma once

#include "autograd/ops.h"
#include "nn/recurrent.h"

namespace babelgrad {

// D2L 9.5.1 RNN Model
struct RNNScratch : Module {
  Tensor W_xh, W_hh, b_h;

  RNNScratch(int num_inputs, int num_hiddens, Real sigma = Real(0.01))
      : W_xh(normal_parameter({num_inputs, num_hiddens}, sigma)),
        W_hh(normal_parameter({num_hiddens, num_hiddens}, sigma)),
        b_h(requires_grad(Tensor({num_hiddens}))) {}

  // inputs (num_steps, batch_size, num_inputs)
  // -> the states of all steps, and the last (batch_size, num_hiddens)
  std::pair<std::vector<Tensor>, Tensor> operator()(const Tensor& inputs, Tensor state = {}) const {
    if (!state) state = Tensor({inputs.dim(1), W_hh.dim(0)});
    std::vector<Tensor> outputs;
    for (int t = 0; t < inputs.dim(0); t++) {
      state = tanh(matmul(select(inputs, 0, t), W_xh) + matmul(state, W_hh) + b_h);   // Eq. (9.4.5)
      outputs.push_back(state);
    }
    return {outputs, state};
  }
  void fields(Visitor& f) override { f("W_xh", W_xh); f("W_hh", W_hh); f("b_h", b_h); }
};

// (..., ids) -> (..., num_classes), 1 at the id
inline Tensor one_hot(const Ints& ids, int num_classes) {
  Shape shape = ids.shape();
  shape.append(num_classes);
  Tensor out(shape);
  for (Index i = 0; i < ids.numel(); i++) {
    check(ids[i] >= 0 && ids[i] < num_classes,
          "one_hot: id ", ids[i], " of ", num_classes, " classes");
    out.data()[i * num_classes + ids[i]] = 1;
  }
  return out;
}

// D2L 9.5.2 RNN-Based Language Model. Any of the scratch layers can be the rnn.
template <class Rnn>
struct RNNLMScratch : Module {
  Rnn rnn;
  int vocab_size;
  Tensor W_hq, b_q;

  RNNLMScratch(Rnn rnn, int num_hiddens, int vocab_size, Real sigma = Real(0.01))
      : rnn(std::move(rnn)), vocab_size(vocab_size),
        W_hq(normal_parameter({num_hiddens, vocab_size}, sigma)),
        b_q(requires_grad(Tensor({vocab_size}))) {}

  // -> (batch_size, num_steps, vocab_size)
  Tensor output_layer(const std::vector<Tensor>& rnn_outputs) const {
    std::vector<Tensor> outputs;
    for (const Tensor& H : rnn_outputs) outputs.push_back(matmul(H, W_hq) + b_q);
    return stack(outputs, 1);
  }
  Tensor operator()(const Ints& X) const {      // X (batch_size, num_steps)
    return output_layer(rnn(one_hot(transpose(X), vocab_size)).first);
  }
  Tensor loss(const Tensor& Y_hat, const Ints& Y) const { return cross_entropy(Y_hat, Y); }

  // D2L 9.5.4 Decoding. The prefix warms up the state; then each prediction is the next input.
  std::vector<int> predict(const std::vector<int>& prefix, int num_preds) const {
    check(!prefix.empty(), "predict: needs a prefix of at least one token");
    NoGrad guard;
    std::vector<int> outputs = {prefix[0]};
    auto [rnn_outputs, state] = rnn(one_hot(Ints(Shape{1, 1}, prefix[0]), vocab_size));
    for (std::size_t i = 1; i < prefix.size() + num_preds; i++) {
      int next = i < prefix.size() ? prefix[i] : raw::argmax(output_layer(rnn_outputs))[0];
      outputs.push_back(next);
      std::tie(rnn_outputs, state) = rnn(one_hot(Ints(Shape{1, 1}, next), vocab_size), state);
    }
    return outputs;
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
  Tensor operator()(const Ints& X) const {
    return transpose(linear(rnn(one_hot(transpose(X), vocab_size)).first), 0, 1);
  }
  Tensor loss(const Tensor& Y_hat, const Ints& Y) const { return cross_entropy(Y_hat, Y); }
  void fields(Visitor& f) override { f("rnn", rnn); f("linear", linear); }
};

}  // namespace babelgrad
