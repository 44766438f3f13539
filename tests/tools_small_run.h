// A run of a few steps, for the tests of training.
#pragma once

#include <memory>

#include "data/file.h"
#include "data/grammar.h"
#include "data/lines.h"
#include "tests/close.h"
#include "tests/folder.h"
#include "tools/app/run/train.h"

namespace babelgrad {

inline TrainingCorpus corpus_of(int count) {
  TrainingCorpus corpus;
  corpus.train = make_corpus(count, 3, {3, 8});
  corpus.validation = {corpus.train.begin(), corpus.train.begin() + 5};
  return corpus;
}

inline TrainSettings settings(const std::string& model = "transformer") {
  TrainSettings s;
  s.model = {.model = model, .embed = 8, .hidden = 8, .layers = 1, .heads = 2, .ffn = 16,
             .dropout = 0};
  s.batch_size = 8, s.epochs = 3, s.seed = 7;
  s.schedule.peak = 0.01;
  return s;
}

// run_training() that says nothing.
inline TrainOutcome quiet_run(const TrainSettings& s, const TrainingCorpus& corpus,
                              const std::string& folder, bool resume = false) {
  Progress silent({.fd = -1});
  return run_training(s, corpus, folder, resume, silent);
}

struct Ran {
  Folder folder;
  TrainOutcome outcome;
  std::string file(const std::string& name) const { return read_file(folder.path + "/" + name); }
};

inline std::unique_ptr<Ran> run(const TrainSettings& s, const TrainingCorpus& corpus) {
  auto ran = std::make_unique<Ran>();
  ran->outcome = quiet_run(s, corpus, ran->folder.path);
  return ran;
}

// The same run, stopped and resumed after every `stride` steps.
inline std::unique_ptr<Ran> in_pieces(TrainSettings s, const TrainingCorpus& corpus, int stride) {
  auto ran = std::make_unique<Ran>();
  s.max_steps = stride;
  for (bool resume = false; !quiet_run(s, corpus, ran->folder.path, resume).complete; resume = true)
    s.max_steps += stride;
  return ran;
}

inline std::vector<Json> log_of(const Ran& ran) {
  std::vector<Json> read;
  Lines lines = Lines::of_file(ran.folder.path + "/log.jsonl");
  for (std::string line; lines.next(line);) read.push_back(parse_json(line, "log"));
  return read;
}

inline void check_same_numbers(Module& one, Module& other) {
  const auto a = named_parameters(one), b = named_parameters(other);
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); i++) {
    CHECK(a[i].name == b[i].name);
    CHECK(same_bits(a[i].tensor, b[i].tensor));
  }
}

}  // namespace babelgrad
