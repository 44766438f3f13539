// Long short-term memory: a cell C that gates decide to fill, keep and show.
#pragma once

#include "models/rnn.h"

namespace babelgrad {

// D2L 10.1.2 Implementation from Scratch
struct LSTMScratch : Module {
  struct State {
    Tensor H, C;
    explicit operator bool() const { return bool(H); }
  };
  int num_hiddens;
  Real sigma;
  Tensor W_xi, W_hi, b_i;                       // input gate
  Tensor W_xf, W_hf, b_f;                       // forget gate
  Tensor W_xo, W_ho, b_o;                       // output gate
  Tensor W_xc, W_hc, b_c;                       // input node

  LSTMScratch(int num_inputs, int num_hiddens, Real sigma = Real(0.01))
      : num_hiddens(num_hiddens), sigma(sigma) {
    auto init_weight = [&](const Shape& shape) { return requires_grad(randn(shape) * sigma); };
    auto triple = [&] { return std::tuple{init_weight({num_inputs, num_hiddens}),
                                          init_weight({num_hiddens, num_hiddens}),
                                          requires_grad(Tensor({num_hiddens}))}; };
    std::tie(W_xi, W_hi, b_i) = triple();
    std::tie(W_xf, W_hf, b_f) = triple();
    std::tie(W_xo, W_ho, b_o) = triple();
    std::tie(W_xc, W_hc, b_c) = triple();
  }

  // inputs (num_steps, batch_size, num_inputs) -> H of all steps, and the last H and C
  std::pair<std::vector<Tensor>, State> operator()(const Tensor& inputs, State H_C = {}) const {
    auto [H, C] = H_C;
    if (!H_C) {
      H = Tensor({inputs.dim(1), num_hiddens});
      C = Tensor({inputs.dim(1), num_hiddens});
    }
    std::vector<Tensor> outputs;
    for (const Tensor& X : unbind(inputs)) {
      Tensor I = sigmoid(matmul(X, W_xi) + matmul(H, W_hi) + b_i);       // Eq. (10.1.1)
      Tensor F = sigmoid(matmul(X, W_xf) + matmul(H, W_hf) + b_f);
      Tensor O = sigmoid(matmul(X, W_xo) + matmul(H, W_ho) + b_o);
      Tensor C_tilde = tanh(matmul(X, W_xc) + matmul(H, W_hc) + b_c);    // Eq. (10.1.2)
      C = F * C + I * C_tilde;                                           // Eq. (10.1.3)
      H = O * tanh(C);                                                   // Eq. (10.1.4)
      outputs.push_back(H);
    }
    return {outputs, {H, C}};
  }
  void fields(Visitor& f) override {
    f("W_xi", W_xi); f("W_hi", W_hi); f("b_i", b_i);
    f("W_xf", W_xf); f("W_hf", W_hf); f("b_f", b_f);
    f("W_xo", W_xo); f("W_ho", W_ho); f("b_o", b_o);
    f("W_xc", W_xc); f("W_hc", W_hc); f("b_c", b_c);
  }
};

}  // namespace babelgrad
