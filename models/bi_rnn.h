// Two readers, one from each end: a state that knows what comes before and after.
#pragma once

#include <algorithm>

#include "models/rnn.h"

namespace babelgrad {

inline Tensor reversed(const Tensor& steps) { return flip(steps, 0); }
inline std::vector<Tensor> reversed(const std::vector<Tensor>& steps) {
  return {steps.rbegin(), steps.rend()};
}

// D2L 10.4.1 Implementation from Scratch. Departs from D2L: no zip, no None.
struct BiRNNScratch : Module {
  struct State { Tensor f_H, b_H; };
  RNNScratch f_rnn, b_rnn;
  int num_hiddens;
  Real sigma;

  BiRNNScratch(int num_inputs, int num_hiddens, Real sigma = Real(0.01))
      : f_rnn(num_inputs, num_hiddens, sigma),
        b_rnn(num_inputs, num_hiddens, sigma),
        num_hiddens(num_hiddens), sigma(sigma) {
    this->num_hiddens *= 2;
  }

  // inputs (num_steps, batch_size, num_inputs)
  // -> states of all steps (batch_size, 2 num_hiddens), and both last ones
  std::pair<std::vector<Tensor>, State> operator()(const Tensor& inputs, State Hs = {}) const {
    auto [f_H, b_H] = Hs;
    std::vector<Tensor> f_outputs, b_outputs;
    std::tie(f_outputs, f_H) = f_rnn(inputs, f_H);
    std::tie(b_outputs, b_H) = b_rnn(reversed(inputs), b_H);
    b_outputs = reversed(b_outputs);
    std::vector<Tensor> outputs;
    for (std::size_t t = 0; t < f_outputs.size(); t++) {
      const Tensor &f = f_outputs[t], &b = b_outputs[t];
      outputs.push_back(cat({f, b}, -1));
    }
    return {outputs, {f_H, b_H}};
  }
  void fields(Visitor& f) override { f("f_rnn", f_rnn); f("b_rnn", b_rnn); }
};

}  // namespace babelgrad
