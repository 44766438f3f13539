// Two readers, one from each end: a state that knows what comes before and after.
#pragma once

#include <algorithm>

#include "models/rnn.h"

namespace babelgrad {

// D2L 10.4.1 Implementation from Scratch
struct BiRNNScratch : Module {
  RNNScratch f_rnn, b_rnn;
  struct State { Tensor f_H, b_H; };

  BiRNNScratch(int num_inputs, int num_hiddens, Real sigma = Real(0.01))
      : f_rnn(num_inputs, num_hiddens, sigma), b_rnn(num_inputs, num_hiddens, sigma) {}

  // inputs (num_steps, batch_size, num_inputs)
  // -> states of all steps (batch_size, 2 num_hiddens), and both last ones
  std::pair<std::vector<Tensor>, State> operator()(const Tensor& inputs, State Hs = {}) const {
    auto [f_outputs, f_H] = f_rnn(inputs, Hs.f_H);
    auto [b_outputs, b_H] = b_rnn(flip(inputs, 0), Hs.b_H);
    std::reverse(b_outputs.begin(), b_outputs.end());
    std::vector<Tensor> outputs;
    for (std::size_t t = 0; t < f_outputs.size(); t++) {
      outputs.push_back(cat({f_outputs[t], b_outputs[t]}, -1));
    }
    return {outputs, {f_H, b_H}};
  }
  void fields(Visitor& f) override { f("f_rnn", f_rnn); f("b_rnn", b_rnn); }
};

}  // namespace babelgrad
