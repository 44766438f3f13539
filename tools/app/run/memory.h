// Has memory room for a model? Asked before there is one.
#pragma once

#include "tools/app/run/model.h"

namespace babelgrad {

// How many numbers such a model learns, without making it; parts that are taken away count.
double parameters_of(const ModelConfig& config, int src_words, int tgt_words);
// Before it is made: Error if memory has no room for that many numbers `copies` times, which are
// its `copies_are`, "weights and gradients", say.
void check_fits(const ModelConfig& config, int src_words, int tgt_words, int copies,
                const std::string& copies_are);

}  // namespace babelgrad
