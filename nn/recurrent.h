// Layers that read a sequence step by step: h_t = cell(x_t, h_{t−1}).
#pragma once

#include <utility>

#include "autograd/ops.h"
#include "nn/layers.h"

namespace babelgrad {

struct RecurrentState {                         // (layers * directions, batch, h); C only for LSTM
  Tensor H, C;
  explicit operator bool() const { return bool(H); }
  Tensor back() const { return select(H, 0, -1); }         // of the top layer (batch, h)
};
RecurrentState take(const RecurrentState& state, const Ints& rows);      // of these sentences
RecurrentState first(const RecurrentState& state, int n);                // of the first n
// Those with the longest targets first, as unbind has them; of a padded batch as they are.
RecurrentState ranked(const RecurrentState& state, const Lens& lens);

// One to several layers, dropout between them, in one direction or both. Parameters are named and
// laid out as in PyTorch's nn.RNN, nn.GRU and nn.LSTM (gate rows r, z, n and i, f, g, o).
struct Recurrent : Module {
  Cell cell;
  int num_inputs, num_hiddens, num_layers, directions;
  Dropout dropout;
  // (gates h, in), (gates h, h), (gates h) x 2
  struct Weights {
    Tensor weight_ih, weight_hh, bias_ih, bias_hh;
    std::unique_ptr<Prepacked> packed_ih = {}, packed_hh = {};           // see decode_in_int8
  };
  std::vector<Weights> weights;                 // layer by layer, forwards before backwards

  Recurrent(Cell cell, int num_inputs, int num_hiddens, int num_layers = 1, Real dropout = 0,
            bool bidirectional = false);

  // X (steps, batch, in) -> all states of the top layer (steps, batch, directions h) and the last
  // of each layer. Past valid_lens (batch) a sentence is over: its outputs are zeros there, its
  // last state is that of its last token. Without valid_lens every step is read. Packed by them
  // (tensor/packed.h): X (rows, 1, in) -> (rows, 1, directions h). No state given: zeros.
  std::pair<Tensor, RecurrentState> operator()(const Tensor& X, const RecurrentState& state = {},
                                               const Ints& valid_lens = {}) const;
  void fields(Visitor& f) override;
  std::string extra_repr() const override;
};

// D2L 9.6.1 Defining the Model. Departs from D2L: the layer itself, not a wrapper of PyTorch's.
struct RNN : Recurrent {
  RNN(int num_inputs, int num_hiddens, int num_layers = 1, Real dropout = 0,
      bool bidirectional = false)
      : Recurrent(Cell::rnn, num_inputs, num_hiddens, num_layers, dropout, bidirectional) {}
};

// D2L 10.2.5 Concise Implementation
// D2L 10.3.2 Concise Implementation. Departs from D2L (D11): the layer itself; the reset gate acts
// after the product, as in PyTorch's.
struct GRU : Recurrent {
  GRU(int num_inputs, int num_hiddens, int num_layers = 1, Real dropout = 0,
      bool bidirectional = false)
      : Recurrent(Cell::gru, num_inputs, num_hiddens, num_layers, dropout, bidirectional) {}
};

// D2L 10.1.3 Concise Implementation. Departs from D2L: the layer itself.
struct LSTM : Recurrent {
  LSTM(int num_inputs, int num_hiddens, int num_layers = 1, Real dropout = 0,
       bool bidirectional = false)
      : Recurrent(Cell::lstm, num_inputs, num_hiddens, num_layers, dropout, bidirectional) {}
};

// ---- a batch of targets, X (steps, batch, e) or packed (rows, 1, e) -----------------------------
// Step by step (sentences that have not ended, e). Packed, the longest sentences are first, so that
// these are always the first ones; there is at least one step, even without sentences.
std::vector<Tensor> unbind(const Tensor& X, const Lens& lens);
// And back: of (1, sentences that go on, h) each.
Tensor cat(const std::vector<Tensor>& steps, const Lens& lens);
// The context (batch, h) for each word: (steps, batch, h) for times (steps, 1, 1); or packed
// (rows, 1, h), the context of a sentence as often as its target has words, `lens` (batch).
Tensor repeat(const Tensor& context, const Shape& times, const Ints& lens);

}  // namespace babelgrad
