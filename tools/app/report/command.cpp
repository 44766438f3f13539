// babelgrad report: a run that is over, or still goes on, as one page.
#include "data/file.h"
#include "tensor/parallel.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/unknown.h"
#include "tools/app/corpus.h"
#include "tools/app/report/pairs.h"

namespace babelgrad {
namespace {

struct Options {
  std::string folder, data, out;
  bool swap = false, settings = false;
  bool built_in = false;                        // asked for, whatever the run was trained on
  int limit = 0, threads = 0;
  CorpusOptions corpus{.max_length = 15};
};

void check_together(const Args& args, const Options& o) {
  args.refuse({{{"swap"}, o.data.empty(), "is of the columns of --data; give that, too"},
               {{"data", "out"}, o.settings, "does not go with --settings, which only prints"}});
  const std::string prints = "no effect; --settings only prints";
  note(args.note_on({{{"limit", "threads", "task"}, o.settings, prints},
                     {corpus_options(), o.settings, prints},
                     built_in_beside(o.data)}));
}

void read_options(Options& o, int argc, const char* const* argv) {
  Args args("report", "babelgrad report run/");
  args.positional("run", &o.folder, "the folder train wrote");
  args.string("data", &o.data, "FILE",
              "pairs to score and show, source TAB target; none: those the run was validated on");
  args.flag("swap", &o.swap, "the second column is the source");
  args.integer("limit", &o.limit, 0, 1000000000, "only so many pairs; 0: all");
  args.string("out", &o.out, "FILE", "where the page goes; none: report.html in the run's folder");
  args.flag("settings", &o.settings, "print what the run was made of, and write no page");
  args.integer("threads", &o.threads, 0, 256, "0: as many as there are cores");
  declare_corpus(args, o.corpus, 10);
  args.parse(argc, argv);
  settle_corpus("report", args, o.corpus, o.data);
  check_together(args, o);
  o.built_in = args.given("task");
  for (const std::string& name : corpus_options()) o.built_in |= args.given(name);
  if (o.out.empty()) o.out = o.folder + "/report.html";
}

void take_pairs(ReportedRun& run, const Options& o, const report::RunLog& log,
                Tokenizer tokenizer) {
  if (!o.data.empty()) {
    const TsvCorpus read = read_tsv(o.data, {o.limit, tokenizer, 0, o.swap});
    const std::string lost = left_out(read);
    if (!lost.empty()) say(join("note: ", printable(o.data), ": ", lost));
    run.pairs = read.pairs;
    run.pairs_from = o.data + (o.swap ? ", columns swapped" : "");
  } else if (o.built_in) {
    report::take_built_in_pairs(run, o.corpus);
  } else {
    report::take_own_pairs(run, log, tokenizer);
  }
  if (o.limit > 0 && int(run.pairs.size()) > o.limit) run.pairs.resize(o.limit);
}

}  // namespace

int report_command(int argc, const char* const* argv) {
  Options o;
  read_options(o, argc, argv);
  if (o.threads > 0) set_threads(o.threads);
  check(is_folder(o.folder), printable(o.folder), ": is not a folder that train wrote");
  const report::RunLog log = report::log_of(o.folder);
  if (o.settings) return print(report::settings_text(*load_model(o.folder), o.folder)), 0;
  std::vector<std::string> read = report::files_read(log);     // train goes on with these
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
