#include "nn/recurrent.h"

#include <algorithm>

namespace babelgrad {
namespace {

int gates(Cell cell) { return cell == Cell::rnn ? 1 : cell == Cell::gru ? 3 : 4; }

// 1 for the sentences that have a token at step t, 0 for those that are over; none while all go on.
Tensor going_on(const Ints& valid_lens, int t) {
  auto goes_on = [t](int len) { return t < len; };
  if (!valid_lens || std::ranges::all_of(valid_lens.values(), goes_on)) return Tensor();
  Tensor mask({valid_lens.dim(0), 1});
  for (int i = 0; i < valid_lens.dim(0); i++) mask.data()[i] = t < valid_lens[i];
  return mask;
}

RecurrentState hold(const Tensor& mask, const RecurrentState& now, const RecurrentState& before) {
  if (!mask) return now;
  return {where(mask, now.H, before.H), now.C ? where(mask, now.C, before.C) : Tensor()};
}

}  // namespace

Recurrent::Recurrent(Cell cell, int num_inputs, int num_hiddens, int num_layers, Real dropout,
                     bool bidirectional)
    : cell(cell), num_inputs(num_inputs), num_hiddens(num_hiddens), num_layers(num_layers),
      directions(bidirectional ? 2 : 1), dropout(dropout) {
  check(num_inputs > 0 && num_hiddens > 0 && num_layers > 0,
        "Recurrent: sizes must be positive, got inputs ", num_inputs, ", hiddens ", num_hiddens,
        ", layers ", num_layers);
  int rows = gates(cell) * num_hiddens;
  Real bound = 1 / std::sqrt(Real(num_hiddens));
  for (int i = 0; i < num_layers * directions; i++) {
    int in = i < directions ? num_inputs : directions * num_hiddens;
    weights.push_back({uniform_parameter({rows, in}, bound),
                       uniform_parameter({rows, num_hiddens}, bound),
                       uniform_parameter({rows}, bound), uniform_parameter({rows}, bound)});
  }
}

RecurrentState Recurrent::step(const Weights& w, const Tensor& gi,
                               const RecurrentState& state) const {
  Tensor gh = linear(state.H, w.weight_hh, w.bias_hh);
  if (cell == Cell::rnn) return {tanh(gi + gh), Tensor()};
  if (cell == Cell::gru) return {gru_cell(gi, gh, state.H), Tensor()};
  Tensor sums = gi + gh, C = lstm_memory(sums, state.C);
  return {lstm_output(sums, C), C};
}

std::pair<Tensor, RecurrentState> Recurrent::run(
    const Weights& w, const Tensor& X, RecurrentState state, bool backwards,
    const Ints& valid_lens) const {
  int num_steps = X.dim(0);
  Tensor gi = linear(X, w.weight_ih, w.bias_ih);                         // all steps in one product
  std::vector<Tensor> outputs(num_steps);
  for (int i = 0; i < num_steps; i++) {
    int t = backwards ? num_steps - 1 - i : i;
    state = hold(going_on(valid_lens, t), step(w, select(gi, 0, t), state), state);
    outputs[t] = state.H;
  }
  return {stack(outputs), state};
}

std::pair<Tensor, RecurrentState> Recurrent::operator()(
    const Tensor& X, const RecurrentState& state, const Ints& valid_lens) const {
  check(X.rank() == 3 && X.dim(2) == num_inputs && X.dim(0) > 0, "Recurrent: input ", X.shape(),
        " is not (steps, batch, ", num_inputs, ") with at least one step");
  Shape whole{num_layers * directions, X.dim(1), num_hiddens};
  check(!state || state.H.shape() == whole,
        "Recurrent: state ", state.H.shape(), " is not ", whole);
  check(!state.C || state.C.shape() == whole,
        "Recurrent: memory ", state.C.shape(), " is not ", whole);
  check(!valid_lens || valid_lens.shape() == Shape{X.dim(1)},
        "Recurrent: valid_lens ", valid_lens.shape(), " for a batch of ", X.dim(1));
  Tensor zeros({X.dim(1), num_hiddens}), Y = X;
  std::vector<Tensor> last_H, last_C;
  for (int layer = 0; layer < num_layers; layer++) {
    if (layer > 0) Y = dropout(Y);
    std::vector<Tensor> ways;
    for (int way = 0; way < directions; way++) {
      int i = layer * directions + way;
      RecurrentState begin{state ? select(state.H, 0, i) : zeros, Tensor()};
      if (cell == Cell::lstm) begin.C = state.C ? select(state.C, 0, i) : zeros;
      auto [outputs, end] = run(weights[i], Y, begin, way == 1, valid_lens);
      ways.push_back(outputs);
      last_H.push_back(end.H);
      if (end.C) last_C.push_back(end.C);
    }
    Y = directions == 1 ? ways[0] : cat(ways, 2);
  }
  return {Y, {stack(last_H), last_C.empty() ? Tensor() : stack(last_C)}};
}

void Recurrent::fields(Visitor& f) {
  f("dropout", dropout);
  for (std::size_t i = 0; i < weights.size(); i++) {
    std::string suffix = "_l" + text(i / directions) + (i % directions == 1 ? "_reverse" : "");
    f("weight_ih" + suffix, weights[i].weight_ih);
    f("weight_hh" + suffix, weights[i].weight_hh);
    f("bias_ih" + suffix, weights[i].bias_ih);
    f("bias_hh" + suffix, weights[i].bias_hh);
  }
}

}  // namespace babelgrad
