// What can be seen of a run before its first update: that little or nothing can come of it.
#pragma once

#include "tools/app/run/training_data.h"

namespace babelgrad {

// A line each: words that are not in the vocabularies, updates that nothing is learnt in, batches
// and checkpoints that can never be.
std::vector<std::string> notes_on(const TrainSettings& settings, const TrainingCorpus& corpus,
                                  const Translator& model, TrainingData& data,
                                  const Schedule& schedule);

}  // namespace babelgrad
