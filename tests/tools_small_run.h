// A run of a few steps, for the tests of training.
#pragma once

#include <memory>

#include "data/file.h"
#include "data/grammar.h"
#include "data/lines.h"
#include "tensor/parallel.h"
#include "tests/close.h"
#include "tests/folder.h"
#include "tools/app/run/train.h"
#include "tools/app/run/without.h"

namespace babelgrad {

struct OneThread {                              // threads that wait for a core would take seconds
  int before = threads();
  OneThread() { set_threads(1); }
  ~OneThread() { set_threads(before); }
};

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

inline ModelConfig without_part(const std::string& model, const std::string& part) {
  ModelConfig config{.model = model, .score = "scaled_dot", .embed = 8, .hidden = 8, .layers = 2,
                     .heads = 2, .ffn = 16, .dropout = 0.3};
  config.without = parts_from(part);
  return config;
}

// test(configuration) without each part, of each model that has it.
template <class Test>
void every_part(const Test& test) {
  for (const Part& part : parts()) {
    for (const char* model : {"attention", "transformer"}) {
      if (part.models.find(model) == std::string::npos) continue;
      INFO(model, " without ", part.name);
      test(without_part(model, part.name));
    }
  }
}

// Of the words of these pairs, with the weights that it begins with.
inline std::unique_ptr<Translator> untrained(const ModelConfig& config,
                                             const std::vector<Pair>& pairs, int seed = 4) {
  std::vector<Tokens> src, tgt;
  for (const Pair& pair : pairs) src.push_back(pair.src), tgt.push_back(pair.tgt);
  manual_seed(seed);
  return make_translator(config, Vocab(src), Vocab(tgt));
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
