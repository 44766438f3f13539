// How good a model is on pairs it has not seen.
#pragma once

#include "data/bleu.h"
#include "tools/model.h"

namespace babelgrad {

struct Evaluation {
  BleuScore bleu;                               // of detokenised text, as sacreBLEU would score it
  BleuScore bleu_tokens;                        // of the tokens as they are
  double exact = 0;                             // share of sentences
  double loss = 0;                              // per target token
  std::vector<Tokens> translations;
};

Evaluation evaluate(Translator& model, const std::vector<Pair>& pairs, int beam = 1,
                    double alpha = 0.75);

}  // namespace babelgrad
