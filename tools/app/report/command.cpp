// babelgrad report: a run that is over, or still goes on, as one page.
#include "data/file.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"
#include "tools/app/corpus.h"
#include "tools/app/report/report.h"
#include "tools/app/run/pairs.h"
#include "tools/app/run/unknown.h"

namespace babelgrad {
namespace report {
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

struct ReportOptions {
  std::string folder, data, out;
  bool swap = false, settings = false;
  bool built_in = false;                        // asked for, whatever the run was trained on
  int limit = 0;
  CorpusOptions corpus{.max_length = 15};
};

void check_together(const Args& args, const ReportOptions& o) {
  args.refuse({{{"swap"}, o.data.empty(), "is of the columns of --data; give that, too"},
               {{"data", "out"}, o.settings, "does not go with --settings, which only prints"}});
  const std::string prints = "no effect; --settings only prints";
  note(args.note_on({{{"limit", "threads", "task"}, o.settings, prints},
                     {corpus_options(), o.settings, prints},
                     built_in_beside(o.data)}));
}

void read_options(ReportOptions& o, int argc, const char* const* argv) {
  Args args("report", "babelgrad report run/");
  args.about("Writes a page about a run, with curves, scores, samples, alignments and settings. "
             "It takes seconds, most of them to translate.");
  args.positional("run", &o.folder, "the folder train wrote");
  args.string("data", &o.data, "FILE",
              "pairs to score and show, source TAB target; none: those the run was validated on");
  args.flag("swap", &o.swap, "the second column is the source");
  args.integer("limit", &o.limit, 0, 1000000000, "only so many pairs; 0: all");
  args.string("out", &o.out, "FILE", "where the page goes; none: report.html in the run's folder");
  args.flag("settings", &o.settings, "print what the run was made of, and write no page");
  args.threads();
  declare_corpus(args, o.corpus, 10);
  args.parse(argc, argv);
  settle_corpus("report", args, o.corpus, o.data);
  check_together(args, o);
  o.built_in = args.given("task");
  for (const std::string& name : corpus_options()) o.built_in |= args.given(name);
  if (o.out.empty()) o.out = o.folder + "/report.html";
}

void take_pairs(ReportedRun& run, const ReportOptions& o, const RunLog& log,
                Tokenizer tokenizer) {
  if (!o.data.empty()) {
    const TsvCorpus read = read_tsv(o.data, {o.limit, tokenizer, 0, o.swap});
    const std::string lost = left_out(read);
    if (!lost.empty()) say(join("note: ", printable(o.data), ": ", lost));
    run.pairs = read.pairs;
    run.pairs_from = o.data + (o.swap ? ", columns swapped" : "");
  } else if (o.built_in) {
    take_built_in_pairs(run, o.corpus);
  } else {
    take_own_pairs(run, log, tokenizer);
  }
  if (o.limit > 0 && int(run.pairs.size()) > o.limit) run.pairs.resize(o.limit);
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

std::vector<std::string> files_read(const RunLog& log) {
  std::vector<std::string> files;
  for (const auto& [name, value] : log.options)
    if ((name == "data" || name == "val") && !value.empty()) files.push_back(value);
  return files;
}

}  // namespace report

int report_command(int argc, const char* const* argv) {
  using namespace report;
  ReportOptions o;
  read_options(o, argc, argv);
  check(is_folder(o.folder), printable(o.folder), ": is no run: not a folder that train wrote");
  const RunLog log = log_of(o.folder);
  if (o.settings) return print(settings_text(*load_model(o.folder), o.folder)), 0;
  std::vector<std::string> read = files_read(log);     // train goes on with these
  read.insert(read.end(), {o.folder, o.data});
  check_not_read("report", o.out, read);
  auto model = load_model(o.folder);
  ReportedRun run{o.folder};
  take_pairs(run, o, log, model->tokenizer());
  note(note_on_known(*model, run.pairs, run.pairs_from));
  for (const std::string& remark : run.remarks) say("note: " + printable(remark));
  write_report(*model, run, o.out);
  say(join("wrote ", printable(o.out)));
  return 0;
}

}  // namespace babelgrad
