// What babelgrad train is told: on the command line, by a preset, or by default.
#pragma once

#include "tools/corpus.h"
#include "tools/training.h"

namespace babelgrad {

struct TrainOptions {
  TrainSettings settings;
  std::string preset = "default", data, val, out, without, keep_out, schedule = "constant";
  bool resume = false, overwrite = false, swap = false, dump_config = false, separate = false;
  CorpusOptions built_in = {.max_length = 15};
  int limit = 0, num_train = 0, max_tokens = 0, threads = 0;
  std::int64_t warmup = 0, decay_steps = 0;
};

// Declares and parses the options, fills in the preset, which never overrides the user, and refuses
// what does not go together: UsageError.
void read_options(Args& args, TrainOptions& options, int argc, const char* const* argv);

}  // namespace babelgrad
