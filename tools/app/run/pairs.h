// The pairs of a training: of files, or built in. Train is told which on the command line; a report
// finds them again by what the run's log says of it.
#pragma once

#include <functional>

#include "data/text.h"
#include "tools/app/corpus.h"

namespace babelgrad {

struct TrainingCorpus {
  std::vector<Pair> train, validation;          // validation may be empty
  std::vector<Pair> test = {};                  // of a built-in corpus, in no training
};
std::uint32_t corpus_checksum(const TrainingCorpus& corpus);   // by which a run knows its pairs

struct PairSource {
  std::string data, val, keep_out;              // none in `data`: the built-in corpus
  bool swap = false;
  int limit = 0, num_train = 0, max_tokens = 0;
  double hold_out = 0.1;                        // of a file, without val and num_train
  CorpusOptions built_in = {.max_length = 15};  // its seed is the run's
  int most_valid = 0;                           // at most this many validate, in the demo; 0: all
};

// --data, --val, --swap, --limit, --num-train, --hold-out and --max-tokens, bound to `source`.
void declare_files(Args& args, PairSource& source);

// The built-in corpus is split by a hash of the source, a file by --val, by --num-train, or so that
// a share of its pairs validates: those of some sources, chosen by hash, so that no source is on
// both sides. Either side may be empty. `said` is given lines for what was read, left out or kept
// out. Errors of read_tsv() and built_in_corpus().
TrainingCorpus read_pairs(const PairSource& source, Tokenizer tokenizer,
                          const std::function<void(const std::string&)>& said = nullptr);

}  // namespace babelgrad
