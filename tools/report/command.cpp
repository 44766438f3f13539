// babelgrad report: a run that is over, or still goes on, as one page.
#include "data/grammar.h"
#include "data/tsv.h"
#include "nn/file.h"
#include "nn/safetensors.h"
#include "tensor/parallel.h"
#include "tools/commands.h"
#include "tools/corpus.h"
#include "tools/output.h"
#include "tools/report/report.h"
#include "tools/training.h"

namespace babelgrad {
namespace {

// As train makes it, without --keep-out.
TrainingCorpus built_in(const CorpusOptions& options) {
  TrainingCorpus corpus;
  for (Pair& pair : built_in_corpus(options)) {
    const Split split = split_of(pair.src);
    if (split != Split::test)
      (split == Split::train ? corpus.train : corpus.validation).push_back(std::move(pair));
  }
  return corpus;
}

// The checksum by which a checkpoint knows its corpus again.
std::int64_t checksum_of(const TrainingCorpus& corpus) {
  std::uint32_t sum = 0;
  auto add = [&](const Pair& pair) {
    sum = crc32(join(join(pair.src), '\t', join(pair.tgt), '\n'), sum);
  };
  for (const Pair& pair : corpus.train) add(pair);
  for (const Pair& pair : corpus.validation) add(pair);
  return sum;
}

// With the run's seed the built-in corpus is that of its training, if that read it at all.
void take_built_in(ReportedRun& run, CorpusOptions options) {
  const report::Stored stored = report::stored_of(run.folder);
  const bool known = stored.problem.empty();
  if (const Json* seed = known ? stored.run.find("seed") : nullptr) options.seed = seed->as_uint();
  TrainingCorpus corpus = built_in(options);
  const Json* sum = known ? stored.run.find("corpus") : nullptr;
  if (sum && !(*sum == Json(checksum_of(corpus))))
    run.remarks.push_back(
        "These are validation pairs of the built-in corpus, but the run was trained on other "
        "pairs: on a file, with --keep-out, or with other options of the corpus. Its own "
        "validation pairs can be given with --data.");
  run.pairs = std::move(corpus.validation);
  run.pairs_from = "the built-in corpus";
}

}  // namespace

int report_command(int argc, const char* const* argv) {
  ReportedRun run;
  std::string data, out;
  bool swap = false;
  int limit = 0, threads = 0;
  CorpusOptions corpus{.max_length = 15};
  Args args("report", "babelgrad report run/ --data val.tsv");
  args.positional("run", &run.folder, "the folder train wrote");
  args.string("data", &data, "FILE",
              "pairs to score and show, source TAB target; none: the built-in validation pairs");
  args.flag("swap", &swap, "the second column is the source");
  args.integer("limit", &limit, 0, 1000000000, "only so many pairs; 0: all");
  args.string("out", &out, "FILE", "where the page goes; none: report.html in the run's folder");
  args.integer("threads", &threads, 0, 256, "0: as many as there are cores");
  declare_corpus(args, corpus, 10);
  args.parse(argc, argv);
  settle_corpus("report", args, corpus, data);
  if (threads > 0) set_threads(threads);
  check(is_folder(run.folder), printable(run.folder), ": is not a folder that train wrote");
  auto model = load_model(run.folder);
  if (data.empty()) {
    take_built_in(run, corpus);
  } else {
    run.pairs = read_tsv(data, {limit, model->tokenizer(), 0, swap}).pairs;
    run.pairs_from = data + (swap ? ", columns swapped" : "");
  }
  if (limit > 0 && int(run.pairs.size()) > limit) run.pairs.resize(limit);
  if (out.empty()) out = run.folder + "/report.html";
  write_report(*model, run, out);
  say(join("wrote ", printable(out)));
  return 0;
}

}  // namespace babelgrad
