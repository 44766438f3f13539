// One pair forward and back, and a small model where no trained one is at hand.
#include "tools/app/graph/training.h"

#include <cmath>

#include "data/grammar.h"
#include "data/text.h"
#include "tensor/random.h"

namespace babelgrad {

Graph training_graph(Translator& model, const Pair& pair) {
  Batch batch =
      make_batch(model.config, {model.pieces(pair)}, {0}, model.src_vocab, model.tgt_vocab);
  train(model.module());
  std::vector<Parameter> parameters = named_parameters(model.module());
  for (const Parameter& p : parameters) zero_grad(p.tensor);
  Graph graph = differentiate(model.training_step(batch), parameters);
  graph.title = join(model.config.model, ": one training step, ", join(pair.src), " → ",
                     join(pair.tgt));
  return graph;
}

NewModel new_model(const ModelConfig& config, std::uint64_t seed) {
  std::vector<Pair> pairs = make_corpus(100, 0, {4, 6});
  std::vector<Tokens> src, tgt;
  for (const Pair& pair : pairs) src.push_back(pair.src), tgt.push_back(pair.tgt);
  ModelConfig own = config;
  if (own.model == "transformer") own.embedding_std = 1 / std::sqrt(double(own.hidden));
  manual_seed(seed);
  return {make_translator(own, Vocab(src), Vocab(tgt)), pairs[0]};
}

}  // namespace babelgrad
