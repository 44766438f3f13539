// Two readers, one from each end: a state that knows what comes before and after.
#pragma once

#include <algorithm>

#include "models/rnn.h"

namespace babelgrad {

inline Tensor reversed(const Tensor& steps) { return flip(steps, 0); }
inline std::vector<Tensor> reversed(const std::vector<Tensor>& steps) {
  return {steps.rbegin(), steps.rend()};
}

// The pairs of elements with the same index in both.
inline std::vector<std::pair<Tensor, Tensor>> zip(const std::vector<Tensor>& a,
                                                  const std::vector<Tensor>& b) {
  std::vector<std::pair<Tensor, Tensor>> pairs;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); i++) pairs.push_back({a[i], b[i]});
  return pairs;
}

// D2L 10.4.1 Implementation from Scratch
struct BiRNNScratch : Module {
  struct State {
    Tensor f_H, b_H;
    explicit operator bool() const { return bool(f_H); }
  };
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
    auto [f_H, b_H] = Hs ? Hs : State{};
    std::vector<Tensor> f_outputs, b_outputs, outputs;
    std::tie(f_outputs, f_H) = f_rnn(inputs, f_H);
    std::tie(b_outputs, b_H) = b_rnn(reversed(inputs), b_H);
    for (const auto& [f, b] : zip(f_outputs, reversed(b_outputs)))
      outputs.push_back(cat({f, b}, -1));
    return {outputs, {f_H, b_H}};
  }
  void fields(Visitor& f) override { f("f_rnn", f_rnn); f("b_rnn", b_rnn); }
};

}  // namespace babelgrad
