// One step of a recurrent layer, gate by gate, and the encoder that is made of such steps.
#pragma once

#include "models/seq2seq.h"
#include "tools/explain/teller.h"

namespace babelgrad::explain {

struct Memory { Tensor H, C; };                 // of one layer, (1, units); C only for LSTM

// x (1, inputs) and the memory of the step before -> the memory of this one.
Memory recurrent_step(const Recurrent& rnn, int layer, const Tensor& x, const Memory& before,
                      const std::vector<Axis>& axes, const Teller& tell);

// x through all layers, from the lowest; their memories go one step on. -> the top layer's state
Tensor recurrent_layers(const Recurrent& rnn, Tensor x, std::vector<Memory>& memory,
                        const std::vector<Axis>& axes, const Teller& tell);

struct Encoded {
  Tensor outputs;                               // (source tokens, units), of the top layer
  std::vector<Memory> memory;                   // of each layer after the last token
};
Encoded encode_recurrently(const Seq2SeqEncoder& encoder, const std::vector<int>& ids,
                           const Tokens& words, const Teller& tell);

}  // namespace babelgrad::explain
