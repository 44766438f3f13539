#include "tools/app/report/pairs.h"

#include "tools/app/run/pairs.h"

namespace babelgrad::report {
namespace {

// Checked as train checks them. An option that the log lacks has its default.
PairSource logged_source(const NamedValues& options) {
  PairSource s;
  Args args("log.jsonl", "");
  declare_files(args, s);
  args.integer("seed", &s.built_in.seed, 0, UINT64_MAX, "");
  declare_corpus(args, s.built_in, 10);
  declare_keep_out(args, s.keep_out);
  args.integer("most-valid", &s.most_valid, 0, 1000000000, "");
  for (const auto& known : args.values())
    for (const auto& [name, value] : options)
      if (name == known.first) args.preset(name, value);
  return s;
}

enum class Match { same, other, unknown };

Match compare(const Stored& stored, const TrainingCorpus& corpus) {
  const Json* sum = stored.problem.empty() ? stored.run.find("corpus") : nullptr;
  if (!sum) return Match::unknown;
  return *sum == Json(std::int64_t(corpus_checksum(corpus))) ? Match::same : Match::other;
}

TrainingCorpus of_corpus(const CorpusOptions& options) {
  PairSource source;
  source.built_in = options;
  return read_pairs(source, Tokenizer::standard);
}

void take_seed(CorpusOptions& options, const Stored& stored) {
  if (const Json* seed = stored.problem.empty() ? stored.run.find("seed") : nullptr)
    options.seed = seed->as_uint("seed");
}

std::string file_name(const PairSource& s) {
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
  TrainingCorpus corpus = of_corpus(options);
  check(compare(stored, corpus) == Match::same, unknown);
  run.pairs = std::move(corpus.validation), run.pairs_from = "the built-in corpus";
}

}  // namespace

void take_own_pairs(ReportedRun& run, const RunLog& log, Tokenizer tokenizer) {
  const Stored stored = stored_of(run.folder);
  try {
    if (log.options.empty()) return take_default(run, stored);
    const PairSource s = logged_source(log.options);
    TrainingCorpus corpus = read_pairs(s, tokenizer);
    check(!corpus.validation.empty(), "the training had none");
    if (compare(stored, corpus) == Match::other)
      run.remarks.push_back("The pairs that the log names are no longer those of the training: a "
                            "file was changed, or this is another one of that name.");
    run.pairs = std::move(corpus.validation), run.pairs_from = file_name(s);
  } catch (const Error& error) {
    run.remarks.push_back(join("The validation pairs of the run cannot be had (", error.what(),
                               "). Others can be given with --data."));
  }
}

void take_built_in_pairs(ReportedRun& run, CorpusOptions options) {
  const Stored stored = stored_of(run.folder);
  take_seed(options, stored);
  TrainingCorpus corpus = of_corpus(options);
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
