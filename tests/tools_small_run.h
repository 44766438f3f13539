// A run of a few steps, for the tests of training.
#pragma once

#include <memory>
#include <sstream>

#include "data/file.h"
#include "data/grammar.h"
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

struct Ran {
  Folder folder;
  TrainOutcome outcome;
  std::string file(const std::string& name) const { return read_file(folder.path + "/" + name); }
};

inline std::unique_ptr<Ran> run(const TrainSettings& s, const TrainingCorpus& corpus) {
  auto ran = std::make_unique<Ran>();
  Progress silent({.fd = -1});
  ran->outcome = run_training(s, corpus, ran->folder.path, false, silent);
  return ran;
}

inline std::vector<Json> log_of(const Ran& ran) {
  std::vector<Json> lines;
  std::istringstream in(ran.file("log.jsonl"));
  for (std::string line; std::getline(in, line);) lines.push_back(parse_json(line, "log"));
  return lines;
}

}  // namespace babelgrad
