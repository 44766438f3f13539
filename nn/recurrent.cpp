#include "nn/recurrent.h"

namespace babelgrad {
namespace {

// Blocks of num_hiddens rows in the weights: one, r z n, or i f g o.
int gates(Cell cell) { return cell == Cell::rnn ? 1 : cell == Cell::gru ? 3 : 4; }

}  // namespace

Recurrent::Recurrent(Cell cell, int num_inputs, int num_hiddens, int num_layers, Real dropout,
                     bool bidirectional)
    : cell(cell), num_inputs(num_inputs), num_hiddens(num_hiddens), num_layers(num_layers),
      directions(bidirectional ? 2 : 1), dropout(dropout) {
  check(num_inputs > 0 && num_hiddens > 0 && num_layers > 0 &&
            num_hiddens <= INT32_MAX / std::max(gates(cell), 2),
        "Recurrent: sizes must be positive, got inputs ", num_inputs, ", hiddens ", num_hiddens,
        ", layers ", num_layers);

  // Layer 0 reads the input, the others all directions of the layer below.
  int rows = gates(cell) * num_hiddens;
  Real bound = 1 / std::sqrt(Real(num_hiddens));
  for (int i = 0; i < num_layers * directions; i++) {
    int in = i < directions ? num_inputs : directions * num_hiddens;
    weights.push_back({uniform_parameter({rows, in}, bound),
                       uniform_parameter({rows, num_hiddens}, bound),
                       uniform_parameter({rows}, bound), uniform_parameter({rows}, bound)});
  }
}

// D2L 10.3 Deep Recurrent Neural Networks: a layer reads the states of the one below, Eq. (10.3.1).
// D2L 10.4 Bidirectional Recurrent Neural Networks: a second one reads from the end, Eq. (10.4.1).
std::pair<Tensor, RecurrentState> Recurrent::operator()(
    const Tensor& X, const RecurrentState& state, const Ints& valid_lens) const {
  check_given("Recurrent", X);
  // Packed: one long sentence. A sentence by itself that fills its steps is the same either way.
  Index words = 0;
  for (int len : valid_lens.values()) words += len;
  check(X.rank() == 3 && X.dim(-1) == num_inputs, "Recurrent: input ", X.shape(),
        " is not (steps, batch, ", num_inputs, "), or packed (rows, 1, ", num_inputs, ")");
  const bool packed = valid_lens && X.dim(1) == 1 && X.dim(0) == words;
  check(packed || X.dim(0) > 0, "Recurrent: input ", X.shape(), " has no steps");
  const int batch = packed ? int(valid_lens.numel()) : X.dim(1);
  Shape whole{num_layers * directions, batch, num_hiddens};
  check(!state || state.H.shape() == whole,
        "Recurrent: state ", state.H.shape(), " is not ", whole);
  check(!state.C || state.C.shape() == whole,
        "Recurrent: memory ", state.C.shape(), " is not ", whole);
  check(!valid_lens || valid_lens.shape() == Shape{batch},
        "Recurrent: valid_lens ", valid_lens.shape(), " for a batch of ", batch);
  for (int len : valid_lens.values()) check_length("Recurrent", len, X.dim(0));

  // Which rows belong to which step, for each direction.
  PackedSequence steps[2];
  for (int way = 0; way < directions; way++) {
    steps[way] = packed ? packed_sequence(valid_lens, way == 1)
                        : padded_sequence(valid_lens, X.dim(0), batch, way == 1);
  }

  // Layer by layer: Y (rows, features) becomes the states of all steps, side by side of both ways.
  Tensor zeros({batch, num_hiddens}), Y = reshape(X, {X.dim(0) * X.dim(1), num_inputs});
  std::vector<Tensor> last_H, last_C;
  for (int layer = 0; layer < num_layers; layer++) {
    if (layer > 0) Y = dropout(Y);
    std::vector<Tensor> ways;
    for (int way = 0; way < directions; way++) {
      int i = layer * directions + way;
      const Weights& w = weights[i];
      const Prepacked* ih = is_grad_enabled() ? nullptr : w.packed_ih.get();
      const Prepacked* hh = is_grad_enabled() ? nullptr : w.packed_hh.get();
      Tensor gi = linear(Y, w.weight_ih, w.bias_ih, ih);                 // all steps in one product
      auto [outputs, H, C] = recurrence(cell, gi, w.weight_hh, w.bias_hh,
                                        state ? select(state.H, 0, i) : zeros,
                                        state.C ? select(state.C, 0, i) : zeros, steps[way], hh);
      ways.push_back(outputs);
      last_H.push_back(H);
      if (C) last_C.push_back(C);
    }
    Y = directions == 1 ? ways[0] : cat(ways, 1);
  }
  Y = reshape(Y, {X.dim(0), X.dim(1), directions * num_hiddens});
  return {Y, {stack(last_H), last_C.empty() ? Tensor() : stack(last_C)}};
}

// PyTorch's names: weight_ih_l0, ..., bias_hh_l1_reverse.
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

std::string Recurrent::extra_repr() const {
  return join(num_inputs, ", ", num_hiddens,
              num_layers > 1 ? ", num_layers=" + text(num_layers) : "",
              dropout.p > 0 ? ", dropout=" + text(dropout.p) : "",
              directions > 1 ? ", bidirectional=true" : "");
}

RecurrentState take(const RecurrentState& state, const Ints& rows) {
  return {index_select(state.H, 1, rows), state.C ? index_select(state.C, 1, rows) : Tensor()};
}

RecurrentState first(const RecurrentState& state, int n) {
  if (state.H.dim(1) == n) return state;
  return {slice(state.H, 1, 0, n), state.C ? slice(state.C, 1, 0, n) : Tensor()};
}

RecurrentState ranked(const RecurrentState& state, const Lens& lens) {
  return lens.packed() ? take(state, packed_sequence(lens.tgt).order) : state;
}

std::vector<Tensor> unbind(const Tensor& X, const Lens& lens) {
  if (!lens.packed()) return unbind(X);
  PackedSequence steps = packed_sequence(lens.tgt);
  Tensor sorted = index_select(squeeze(X, 1), 0, steps.rows);            // in the order of steps
  if (steps.count() == 0) return {sorted};
  std::vector<Tensor> parts;
  for (int t = 0; t < steps.count(); t++)
    parts.push_back(slice(sorted, 0, steps.begins[t], steps.begins[t + 1]));
  return parts;
}

Tensor cat(const std::vector<Tensor>& parts, const Lens& lens) {
  if (!lens.packed()) return cat(parts, 0);
  Ints rows = packed_sequence(lens.tgt).rows, back(rows.shape());
  for (Index i = 0; i < rows.numel(); i++) back[rows[i]] = int(i);
  return transpose(index_select(cat(parts, 1), 1, back), 0, 1);
}

Tensor repeat(const Tensor& context, const Shape& times, const Ints& lens) {
  if (!lens) return repeat(context, times);
  return unsqueeze(index_select(context, 0, sentences(lens)), 1);
}

}  // namespace babelgrad
