// The graph of one training step.
#pragma once

#include "tools/app/graph/graph.h"
#include "tools/app/run/model.h"

namespace babelgrad {

// Forward and back as in training, dropout included, with one pair as the batch. The parameters
// have their gradients afterwards, and are not updated.
Graph training_graph(Translator& model, const Pair& pair);

struct NewModel {
  std::unique_ptr<Translator> model;
  Pair pair;                                    // one that it could be trained on
};
// Untrained, with the vocabularies of a small built-in corpus; weights are drawn from `seed`.
NewModel new_model(const ModelConfig& config, std::uint64_t seed);

}  // namespace babelgrad
