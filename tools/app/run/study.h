// A model and pairs it has not seen, made into what tools/app/run/analysis.h counts.
#pragma once

#include "tools/app/run/analysis.h"

namespace babelgrad::analysis {

// The model's translations (greedy) and where it looked when it wrote the reference. The view that
// stands for the model is chosen on the validation pairs; if none has gold links, on the test
// pairs themselves. The lexicon is learnt from gold links of the training pairs, if any has some.
Study study_of(Translator& model, const std::vector<Pair>& test,
               const std::vector<Pair>& validation, const std::vector<Pair>& train);

// Each layer with each head and, of several, their mean; both shifts for the Transformer.
std::vector<AttentionView> every_view(Translator& model);

// What each view links, target word by target word, of one kind of attention with its <eos>.
std::vector<std::vector<Link>> links_of(const AttentionMaps& cross,
                                        const std::vector<AttentionView>& views);

// The floors alone: word by word, and along the diagonal.
Row floors_of(const std::vector<Pair>& train, const std::vector<Pair>& test);

}  // namespace babelgrad::analysis
