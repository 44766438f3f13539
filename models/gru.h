// Gated recurrent units: the reset gate forgets, the update gate keeps.
#pragma once

#include "models/rnn.h"

namespace babelgrad {

// D2L 10.2.4 Implementation from Scratch. The reset gate acts before the product, as in the book's
// equation; nn's GRU, like PyTorch's, applies it after, which is another function.
struct GRUScratch : Module {
  Tensor W_xz, W_hz, b_z;                       // update gate
  Tensor W_xr, W_hr, b_r;                       // reset gate
  Tensor W_xh, W_hh, b_h;                       // candidate hidden state

  GRUScratch(int num_inputs, int num_hiddens, Real sigma = Real(0.01)) {
    auto triple = [&](Tensor& W_x, Tensor& W_h, Tensor& b) {
      W_x = normal_parameter({num_inputs, num_hiddens}, sigma);
      W_h = normal_parameter({num_hiddens, num_hiddens}, sigma);
      b = requires_grad(Tensor({num_hiddens}));
    };
    triple(W_xz, W_hz, b_z);
    triple(W_xr, W_hr, b_r);
    triple(W_xh, W_hh, b_h);
  }

  // inputs (num_steps, batch_size, num_inputs)
  // -> H of all steps, and the last (batch_size, num_hiddens)
  std::pair<std::vector<Tensor>, Tensor> operator()(const Tensor& inputs, Tensor H = {}) const {
    if (!H) H = Tensor({inputs.dim(1), W_hz.dim(0)});
    std::vector<Tensor> outputs;
    for (int t = 0; t < inputs.dim(0); t++) {
      Tensor X = select(inputs, 0, t);
      Tensor Z = sigmoid(matmul(X, W_xz) + matmul(H, W_hz) + b_z);       // Eq. (10.2.1)
      Tensor R = sigmoid(matmul(X, W_xr) + matmul(H, W_hr) + b_r);
      Tensor H_tilde = tanh(matmul(X, W_xh) + matmul(R * H, W_hh) + b_h);   // Eq. (10.2.2)
      H = Z * H + (1 - Z) * H_tilde;                                     // Eq. (10.2.3)
      outputs.push_back(H);
    }
    return {outputs, H};
  }
  void fields(Visitor& f) override {
    f("W_xz", W_xz); f("W_hz", W_hz); f("b_z", b_z);
    f("W_xr", W_xr); f("W_hr", W_hr); f("b_r", b_r);
    f("W_xh", W_xh); f("W_hh", W_hh); f("b_h", b_h);
  }
};

}  // namespace babelgrad
