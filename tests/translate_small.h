// What tools_search.cpp and tools_translate.cpp share: small models of the three kinds.
#pragma once

#include "data/grammar.h"
#include "nn/weights.h"
#include "tests/close.h"
#include "tools/app/run/model.h"

namespace babelgrad {

inline const std::vector<Pair>& pairs() {
  static const std::vector<Pair> made = make_corpus(150, 3, {3, 12});
  return made;
}

inline std::vector<Tokens> sentences() {
  std::vector<Tokens> out;
  for (const Pair& pair : pairs()) out.push_back(pair.src);
  return out;
}

inline std::unique_ptr<Translator> made(const std::string& kind, int num_steps = 0) {
  ModelConfig config{.model = kind, .embed = 8, .hidden = 8, .layers = 1, .heads = 2, .ffn = 16,
                     .dropout = 0};
  config.num_steps = num_steps;
  std::vector<Tokens> src, tgt;
  for (const Pair& pair : pairs()) src.push_back(pair.src), tgt.push_back(pair.tgt);
  manual_seed(4);
  auto model = make_translator(config, Vocab(src), Vocab(tgt));
  for (Parameter& p : named_parameters(model->module()))     // large weights: it has opinions
    for (Index i = 0; i < p.tensor.numel(); i++) p.tensor.data()[i] *= 3;
  eval(model->module());
  return model;
}

// Its sentences end more, or less, readily.
inline void lean_to(Translator& model, int word, Real by) {
  for (Parameter& p : named_parameters(model.module()))
    if (p.name == "decoder.dense.bias") p.tensor.data()[word] += by;
}
inline void lean_to_the_end(Translator& model, Real by) {
  lean_to(model, model.tgt_vocab.eos(), by);
}

}  // namespace babelgrad
