// Gated recurrent units: the reset gate forgets, the update gate keeps.
#pragma once

#include "models/rnn.h"

namespace babelgrad {

// D2L 10.2.4 Implementation from Scratch
// (D11) The reset gate comes before the product; in nn's GRU, as in PyTorch's and so in the book's
// models, after it, which is another function.
struct GRUScratch : Module {
  using State = Tensor;
  int num_hiddens;
  Real sigma;
  Tensor W_xz, W_hz, b_z;                       // update gate
  Tensor W_xr, W_hr, b_r;                       // reset gate
  Tensor W_xh, W_hh, b_h;                       // candidate hidden state

  GRUScratch(int num_inputs, int num_hiddens, Real sigma = Real(0.01))
      : num_hiddens(num_hiddens), sigma(sigma) {
    auto init_weight = [&](const Shape& shape) { return requires_grad(randn(shape) * sigma); };
    auto triple = [&] { return std::tuple{init_weight({num_inputs, num_hiddens}),
                                          init_weight({num_hiddens, num_hiddens}),
                                          requires_grad(Tensor({num_hiddens}))}; };
    std::tie(W_xz, W_hz, b_z) = triple();
    std::tie(W_xr, W_hr, b_r) = triple();
    std::tie(W_xh, W_hh, b_h) = triple();
  }

  // inputs (num_steps, batch_size, num_inputs)
  // -> H of all steps, and the last (batch_size, num_hiddens)
  std::pair<std::vector<Tensor>, Tensor> operator()(const Tensor& inputs, Tensor H = {}) const {
    if (!H) H = Tensor({inputs.dim(1), num_hiddens});
    std::vector<Tensor> outputs;
    for (const Tensor& X : unbind(inputs)) {
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
