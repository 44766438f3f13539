// Weights laid out anew for products of which nothing is recorded: for a search, which multiplies
// with each of them step after step. They must stay as they are meanwhile.
#pragma once

#include "nn/recurrent.h"

namespace babelgrad {

// While one of these lives, those of the linear layers below `module`, for products of many rows.
// No bit changes. What is packed already stays so; a recurrent layer packs its own.
struct PrepackedWeights {
  PrepackedWeights(Module& module, Index most_rows) {
    module.apply([&](Module& it) {
      auto* layer = dynamic_cast<Linear*>(&it);
      if (!layer || !layer->weight || layer->packed) return;             // without a weight: unused
      layer->packed = prepacked(layer->weight, most_rows);
      packed.push_back(layer);
    });
  }
  ~PrepackedWeights() { for (Linear* layer : packed) layer->packed = nullptr; }
  PrepackedWeights(const PrepackedWeights&) = delete;

 private:
  std::vector<Linear*> packed;
};

// From now on, those of the linear and recurrent layers below `module` are rounded to int8: see
// tensor/gemm_int8.h. All else, as embeddings, stays Real. Error: a row of more than 65536 weights.
inline void decode_in_int8(Module& module) {
  module.apply([](Module& it) {
    if (auto* layer = dynamic_cast<Linear*>(&it); layer && layer->weight)
      layer->packed = prepacked_in_int8(layer->weight);
    if (auto* layer = dynamic_cast<Recurrent*>(&it)) {
      for (Recurrent::Weights& w : layer->weights) {
        w.packed_ih = prepacked_in_int8(w.weight_ih);
        w.packed_hh = prepacked_in_int8(w.weight_hh);
      }
    }
  });
}

}  // namespace babelgrad
