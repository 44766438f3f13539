// Options that say what a model is made of, where a model of that kind has no such thing.
#pragma once

#include "tools/app/cli/args.h"
#include "tools/app/run/model_config.h"

namespace babelgrad {

bool attends_to_source(const ModelConfig& model);        // does its decoder?
// An attention_dropout below 0 is that of --dropout, as the user left it.
std::vector<Idle> idle_of_model(const ModelConfig& model);

}  // namespace babelgrad
