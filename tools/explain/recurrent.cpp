#include "tools/explain/recurrent.h"

namespace babelgrad::explain {
namespace {

// The rows of one gate in a product of all gates: (1, gates h) -> (1, h).
Tensor gate(const Tensor& all, int number, int units) {
  return slice(all, 1, number * units, (number + 1) * units);
}

// In all three cells a = W_i x + b_i and b = W_h h + b_h, for every gate at once.
struct CellInputs {
  Tensor a, b;
  Memory before;
  const std::vector<Axis>& axes;
  const Teller& tell;
};

Memory plain_cell(const CellInputs& cell) {
  Tensor h = tanh(cell.a + cell.b);
  cell.tell({"state h", Kind::output, "h = tanh(W_i x + b_i + W_h h' + b_h)", "rnn.state",
             "the new state: this word x, and all before it in h'", {equation("9.4.5")}},
            h, cell.axes);
  return {h, {}};
}

Memory gru_cell(const CellInputs& cell) {
  auto& [a, b, before, axes, tell] = cell;
  const int units = before.H.dim(1);
  Tensor r = sigmoid(gate(a, 0, units) + gate(b, 0, units));
  tell({"reset gate r", Kind::gate, "r = σ(W_ir x + b_ir + W_hr h' + b_hr)", "gru.reset",
        "at 0 the candidate forgets the old state h', at 1 it uses all of it",
        {equation("10.2.1")}}, r, axes);
  Tensor z = sigmoid(gate(a, 1, units) + gate(b, 1, units));
  tell({"update gate z", Kind::gate, "z = σ(W_iz x + b_iz + W_hz h' + b_hz)", "gru.update",
        "0 takes the candidate, 1 keeps the old state", {equation("10.2.1")}}, z, axes);
  Tensor n = tanh(gate(a, 2, units) + r * gate(b, 2, units));
  tell({"candidate n", Kind::gate, "n = tanh(W_in x + b_in + r ⊙ (W_hn h' + b_hn))",
        "gru.candidate",
        "what the state would be if nothing were kept; r acts after the product, as in PyTorch, "
        "not before it as in the book", {equation("10.2.2")}}, n, axes);
  Tensor h = z * before.H + (1 - z) * n;
  tell({"state h", Kind::output, "h = z ⊙ h' + (1 − z) ⊙ n", "gru.state",
        "the new state, unit by unit a mixture of the old one and the candidate",
        {equation("10.2.3")}}, h, axes);
  return {h, {}};
}

Memory lstm_cell(const CellInputs& cell) {
  auto& [a, b, before, axes, tell] = cell;
  const int units = before.H.dim(1);
  Tensor i = sigmoid(gate(a, 0, units) + gate(b, 0, units));
  tell({"input gate i", Kind::gate, "i = σ(W_ii x + b_ii + W_hi h' + b_hi)", "lstm.input",
        "how much of the new enters the memory", {equation("10.1.1")}}, i, axes);
  Tensor f = sigmoid(gate(a, 1, units) + gate(b, 1, units));
  tell({"forget gate f", Kind::gate, "f = σ(W_if x + b_if + W_hf h' + b_hf)", "lstm.forget",
        "how much of the old memory stays", {equation("10.1.1")}}, f, axes);
  Tensor g = tanh(gate(a, 2, units) + gate(b, 2, units));
  tell({"input node g", Kind::gate, "g = tanh(W_ig x + b_ig + W_hg h' + b_hg)", "lstm.node",
        "what may enter the memory", {equation("10.1.2")}}, g, axes);
  Tensor o = sigmoid(gate(a, 3, units) + gate(b, 3, units));
  tell({"output gate o", Kind::gate, "o = σ(W_io x + b_io + W_ho h' + b_ho)", "lstm.output",
        "how much of the memory shows", {equation("10.1.1")}}, o, axes);
  Tensor c = f * before.C + i * g;
  tell({"memory c", Kind::inner, "c = f ⊙ c' + i ⊙ g", "lstm.memory",
        "the cell's memory: part of the old, part of the new", {equation("10.1.3")}}, c, axes);
  Tensor h = o * tanh(c);
  tell({"state h", Kind::output, "h = o ⊙ tanh(c)", "lstm.state",
        "what the rest of the network sees of the memory", {equation("10.1.4")}}, h, axes);
  return {h, c};
}

std::vector<Memory> empty_memory(const Recurrent& rnn) {
  Tensor zeros({1, rnn.num_hiddens});
  return std::vector<Memory>(rnn.num_layers, {zeros, zeros});
}

}  // namespace

Memory recurrent_step(const Recurrent& rnn, int layer, const Tensor& x, const Memory& before,
                      const std::vector<Axis>& axes, const Teller& tell) {
  const Recurrent::Weights& w = rnn.weights[layer];
  CellInputs cell{linear(x, w.weight_ih, w.bias_ih), linear(before.H, w.weight_hh, w.bias_hh),
                  before, axes, tell};
  return rnn.cell == Cell::rnn   ? plain_cell(cell)
         : rnn.cell == Cell::gru ? gru_cell(cell)
                                 : lstm_cell(cell);
}

Tensor recurrent_layers(const Recurrent& rnn, Tensor x, std::vector<Memory>& memory,
                        const std::vector<Axis>& axes, const Teller& tell) {
  for (int layer = 0; layer < rnn.num_layers; layer++) {
    memory[layer] = recurrent_step(rnn, layer, x, memory[layer], axes, tell.layer(layer + 1));
    x = memory[layer].H;
  }
  return x;
}

Encoded encode_recurrently(const Seq2SeqEncoder& encoder, const std::vector<int>& ids,
                           const Tokens& words, const Teller& tell) {
  const int n = int(ids.size());
  Tensor embs = encoder.embedding(Ints(Shape{n}, ids));
  tell({"embeddings x", Kind::embedding, "x = row `id` of the embedding table",
        "seq2seq.encoder.embedding", "each word as a vector that was learned"}, embs,
       {source(words), units()});
  std::vector<Memory> memory = empty_memory(encoder.rnn);
  std::vector<Tensor> outputs;
  for (int t = 0; t < n; t++) {
    Teller now = tell;
    now.where.time = t + 1;
    outputs.push_back(recurrent_layers(encoder.rnn, slice(embs, 0, t, t + 1), memory,
                                       {source({words[t]}), units()}, now));
  }
  return {cat(outputs, 0), memory};
}

}  // namespace babelgrad::explain
