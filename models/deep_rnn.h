// Several recurrent layers: the states of one are the inputs of the next.
#pragma once

#include "models/rnn.h"

namespace babelgrad {

// D2L 10.3.1 Implementation from Scratch
struct StackedRNNScratch : Module {
  int num_layers;
  std::vector<RNNScratch> rnns;

  StackedRNNScratch(int num_inputs, int num_hiddens, int num_layers, Real sigma = Real(0.01))
      : num_layers(num_layers) {
    for (int i = 0; i < num_layers; i++) {
      rnns.emplace_back(i == 0 ? num_inputs : num_hiddens, num_hiddens, sigma);
    }
  }

  // inputs (num_steps, batch_size, num_inputs) -> the top layer's states, and each layer's last
  std::pair<std::vector<Tensor>, std::vector<Tensor>> operator()(
      const Tensor& inputs, std::vector<Tensor> Hs = {}) const {
    Hs.resize(num_layers);
    std::vector<Tensor> outputs;
    for (int i = 0; i < num_layers; i++) {      // Eq. (10.3.1)
      std::tie(outputs, Hs[i]) = rnns[i](i == 0 ? inputs : stack(outputs, 0), Hs[i]);
    }
    return {outputs, Hs};
  }
  void fields(Visitor& f) override { f("rnns", rnns); }
};

}  // namespace babelgrad
