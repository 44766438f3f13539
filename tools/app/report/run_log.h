// What a training wrote of itself: log.jsonl, a JSON object to a line, as a curve wants it. Nothing
// of it is trusted: a line may be cut off, come twice or be something else altogether.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tensor/shape.h"

namespace babelgrad::report {

struct StepLine {                               // one in a hundred updates; NaN: not in the line
  std::int64_t step = 0;
  double loss = NAN, lr = NAN, grad_norm = NAN; // loss: nats per target token, of one batch
  double tok_per_s = NAN;                       // mean since the call of train began
};

struct EpochLine {
  std::int64_t step = 0;                        // updates done when it ended
  double epoch = NAN, train_loss = NAN, valid_loss = NAN, valid_bleu = NAN;     // BLEU of 100
};

struct MeanLine {                               // of a model that is the mean of epochs' weights
  std::int64_t step = 0, epochs = 0;            // after this update; of so many epochs
  double valid_loss = NAN, valid_bleu = NAN;
};

using NamedValues = std::vector<std::pair<std::string, std::string>>;

struct RunLog {
  std::vector<StepLine> steps = {};             // by ascending step, each once
  std::vector<EpochLine> epochs = {};
  std::vector<MeanLine> means = {};             // by ascending step, each once
  NamedValues options = {}, environment = {};   // of the last call of train, if it logged them
  Index lines = 0, skipped = 0, first_skipped = 0;             // lines are counted from 1
  Index replaced = 0;                           // lines of updates that a later call did again
  int calls = 0;                                // of train, as far as the log shows them
  double seconds = 0, tokens = 0;               // of all calls, to the last line of each

  double speed() const { return seconds > 0 ? tokens / seconds : NAN; }        // tokens per second
  // The first epoch of least validation loss, of highest validation BLEU; null if there is none.
  const EpochLine* best_by_loss() const;
  const EpochLine* best_by_bleu() const;
};

// No text makes an error. A line counts if it is an object with a whole "step" and a "loss", a
// "train_loss" or a whole "average", or with a "config", an object of names and values, and with
// numbers (or null) where numbers belong; all others are skipped. Where a step comes again, after a
// resumption from before it, the later lines hold.
RunLog read_log(std::string_view text);

// Of the run's log.jsonl; empty if there is none. Error if it cannot be read as a file.
RunLog log_of(const std::string& folder);

// The line that log_settings() of tools/app/report/report.h appends.
std::string settings_line(const NamedValues& options, const NamedValues& environment);

}  // namespace babelgrad::report
