// What babelgrad train is told: on the command line, by a preset, or by default.
#pragma once

#include "tools/app/run/training_pairs.h"

namespace babelgrad {

struct TrainOptions {
  TrainSettings settings;
  PairSource pairs;
  std::string preset = "default", out, without, schedule = "constant", codes, tgt_codes;
  bool resume = false, overwrite = false, dump_config = false, separate = false;
  int threads = 0;
  std::int64_t warmup = 0, decay_steps = 0;
  std::string note = {};                        // on options that come to nothing, if there are any
};

// Declares and parses the options, fills in the preset, which never overrides the user, and refuses
// what does not go together: UsageError.
void read_options(Args& args, TrainOptions& options, int argc, const char* const* argv);

}  // namespace babelgrad
