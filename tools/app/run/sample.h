// Drawing a translation by chance, instead of looking for the likeliest.
#pragma once

#include "tensor/random.h"
#include "tools/app/run/model.h"

namespace babelgrad {

struct SampleOptions {
  double temperature = 1;                       // logits are divided by it; near 0: the likeliest
  int top_k = 0;                                // only the likeliest k words are drawn; 0: any
  int max_len = 0;                              // <eos> included; 0: as Translator::translate
};

// One translation of a sentence, which has a word or more. Its log_prob is that of the words as the
// model has them, whatever the temperature; score is the same. Never <pad> or <bos>.
// Error: a temperature that is not positive and finite, a top_k or max_len below 0.
Hypothesis sample(Translator& model, const Tokens& src, const SampleOptions& options,
                  Random& random);

}  // namespace babelgrad
