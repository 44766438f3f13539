#include "tools/report/pairs.h"

#include <algorithm>

#include "data/grammar.h"
#include "data/tsv.h"
#include "tools/corpus.h"
#include "tools/training.h"

namespace babelgrad::report {
namespace {

struct Source {                                 // what train was told of its pairs
  std::string data, val, keep_out;
  bool swap = false;
  int limit = 0, num_train = 0, max_tokens = 0;
  CorpusOptions built_in{.max_length = 15};
};

// Checked as train checks them. An option that the log lacks has its default.
Source logged_source(const NamedValues& options) {
  Source s;
  Args args("log.jsonl", "");
  args.string("data", &s.data, "FILE", "");
  args.string("val", &s.val, "FILE", "");
  args.flag("swap", &s.swap, "");
  args.integer("limit", &s.limit, 0, 1000000000, "");
  args.integer("num-train", &s.num_train, 0, 1000000000, "");
  args.integer("max-tokens", &s.max_tokens, 0, 100000, "");
  args.integer("seed", &s.built_in.seed, 0, UINT64_MAX, "");
  declare_corpus(args, s.built_in, 10);
  declare_keep_out(args, s.keep_out);
  for (const auto& known : args.values())
    for (const auto& [name, value] : options)
      if (name == known.first) args.preset(name, value);
  return s;
}

TrainingCorpus built_in(const CorpusOptions& options, const std::string& kinds) {
  std::vector<Pair> pairs = built_in_corpus(options);
  std::erase_if(pairs, [](const Pair& pair) { return split_of(pair.src) == Split::test; });
  if (!kinds.empty()) keep_out(kinds, pairs);
  const auto rest = std::ranges::stable_partition(
      pairs, [](const Pair& pair) { return split_of(pair.src) == Split::train; });
  TrainingCorpus corpus;
  corpus.validation.assign(rest.begin(), rest.end());
  pairs.erase(rest.begin(), rest.end());
  corpus.train = std::move(pairs);
  return corpus;
}

TrainingCorpus of_files(const Source& s, Tokenizer tokenizer) {
  TrainingCorpus corpus;
  if (!s.val.empty()) corpus.validation = read_tsv(s.val, {0, tokenizer, 0, s.swap}).pairs;
  corpus.train = read_tsv(s.data, {s.limit, tokenizer, s.max_tokens, s.swap}).pairs;
  const std::size_t first = s.num_train;
  if (!s.val.empty() || first == 0 || first >= corpus.train.size()) return corpus;
  corpus.validation = {corpus.train.begin() + first, corpus.train.end()};
  corpus.train.resize(first);
  return corpus;
}

enum class Match { same, other, unknown };

Match compare(const Stored& stored, const TrainingCorpus& corpus) {
  const Json* sum = stored.problem.empty() ? stored.run.find("corpus") : nullptr;
  if (!sum) return Match::unknown;
  return *sum == Json(std::int64_t(corpus_checksum(corpus))) ? Match::same : Match::other;
}

void take_seed(CorpusOptions& options, const Stored& stored) {
  if (const Json* seed = stored.problem.empty() ? stored.run.find("seed") : nullptr)
    options.seed = seed->as_uint("seed");
}

std::string name_of(const Source& s) {
  const std::string swapped = s.swap ? ", columns swapped" : "";
  if (s.data.empty()) return "the built-in corpus";
  if (!s.val.empty()) return s.val + swapped;
  return join(s.data, swapped, ", after the first ", s.num_train, " pairs");
}

// A log of before there were options in it: only the checkpoint can tell.
void take_default(ReportedRun& run, const Stored& stored) {
  CorpusOptions options{.max_length = 15};
  const std::string unknown = "log.jsonl does not say which they were";
  check(stored.problem.empty(), unknown);
  take_seed(options, stored);
  TrainingCorpus corpus = built_in(options, "");
  check(compare(stored, corpus) == Match::same, unknown);
  run.pairs = std::move(corpus.validation), run.pairs_from = "the built-in corpus";
}

}  // namespace

void take_own_pairs(ReportedRun& run, const RunLog& log, Tokenizer tokenizer) {
  const Stored stored = stored_of(run.folder);
  try {
    if (log.options.empty()) return take_default(run, stored);
    const Source s = logged_source(log.options);
    TrainingCorpus corpus = s.data.empty() ? built_in(s.built_in, s.keep_out)
                                           : of_files(s, tokenizer);
    check(!corpus.validation.empty(), "the training had none");
    if (compare(stored, corpus) == Match::other)
      run.remarks.push_back("The pairs that the log names are no longer those of the training: a "
                            "file was changed, or this is another one of that name.");
    run.pairs = std::move(corpus.validation), run.pairs_from = name_of(s);
  } catch (const Error& error) {
    run.remarks.push_back(join("The validation pairs of the run cannot be had (", error.what(),
                               "). Others can be given with --data."));
  }
}

void take_built_in_pairs(ReportedRun& run, CorpusOptions options) {
  const Stored stored = stored_of(run.folder);
  take_seed(options, stored);
  TrainingCorpus corpus = built_in(options, "");
  if (compare(stored, corpus) == Match::other)
    run.remarks.push_back(
        "These are validation pairs of the built-in corpus, but the run was trained on other "
        "pairs: on a file, with --keep-out, or with other options of the corpus.");
  run.pairs = std::move(corpus.validation), run.pairs_from = "the built-in corpus";
}

std::vector<std::string> files_read(const RunLog& log) {
  std::vector<std::string> files;
  for (const auto& [name, value] : log.options)
    if ((name == "data" || name == "val") && !value.empty()) files.push_back(value);
  return files;
}

}  // namespace babelgrad::report
