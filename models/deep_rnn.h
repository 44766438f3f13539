// Several recurrent layers: the states of one are the inputs of the next.
#pragma once

#include "models/rnn.h"

namespace babelgrad {

// D2L 10.3.1 Implementation from Scratch. Departs from D2L: the states of a layer are a list while
// they are made and become one tensor for the layer above.
struct StackedRNNScratch : Module {
  struct State : std::vector<Tensor> {          // of each layer
    using std::vector<Tensor>::vector;
    explicit operator bool() const { return !empty(); }
  };
  int num_layers, num_hiddens;
  Real sigma;
  std::vector<RNNScratch> rnns;

  StackedRNNScratch(int num_inputs, int num_hiddens, int num_layers, Real sigma = Real(0.01))
      : num_layers(num_layers), num_hiddens(num_hiddens), sigma(sigma) {
    for (int i = 0; i < num_layers; i++) {
      rnns.emplace_back(i == 0 ? num_inputs : num_hiddens, num_hiddens, sigma);
    }
  }

  // inputs (num_steps, batch_size, num_inputs) -> the top layer's states, and each layer's last
  std::pair<std::vector<Tensor>, State> operator()(const Tensor& inputs, State Hs = {}) const {
    std::vector<Tensor> outputs = unbind(inputs);
    if (!Hs) Hs = State(num_layers);
    for (int i = 0; i < num_layers; i++) {      // Eq. (10.3.1)
      std::tie(outputs, Hs[i]) = rnns[i](stack(outputs, 0), Hs[i]);
    }
    return {outputs, Hs};
  }
  void fields(Visitor& f) override { f("rnns", rnns); }
};

}  // namespace babelgrad
