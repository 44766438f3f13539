// babelgrad report: a run that has ended, or is still training, as one page.
#include "data/file.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"
#include "tools/app/corpus.h"
#include "tools/app/report/report.h"
#include "tools/app/run/unknown.h"

namespace babelgrad {
namespace report {
namespace {

struct ReportOptions {
  std::string folder, data, out;
  bool swap = false, settings = false;
  int limit = 0;
  CorpusOptions corpus{.max_length = 15};
};

void check_together(const Args& args, const ReportOptions& o) {
  args.refuse({{{"swap"}, o.data.empty(), "exchanges the columns of --data, which is missing"},
               {{"data", "out"}, o.settings, "does not go with --settings, which only prints"}});
  const std::string prints = "no effect; --settings only prints";
  note(args.note_on({{{"limit", "threads", "task"}, o.settings, prints},
                     {corpus_options(), o.settings, prints},
                     built_in_beside(o.data)}));
}

void read_options(Args& args, ReportOptions& o, int argc, const char* const* argv) {
  args.about("Writes a page about a run, with curves, scores, samples, alignments and settings. "
             "It takes seconds, most of them to translate.");
  args.positional("run", &o.folder, "the folder train wrote");
  args.string("data", &o.data, "FILE",
              "pairs to score and show, source TAB target; none: those the run was validated on");
  args.flag("swap", &o.swap, "the second column is the source");
  args.integer("limit", &o.limit, 0, 1000000000, "only this many pairs; 0: all");
  args.string("out", &o.out, "FILE", "where the page goes; none: report.html in the run's folder");
  args.flag("settings", &o.settings, "print what the run was made of, and write no page");
  args.threads();
  declare_corpus(args, o.corpus, 10);
  args.parse(argc, argv);
  settle_corpus("report", args, o.corpus, o.data);
  check_together(args, o);
  if (o.out.empty()) o.out = o.folder + "/report.html";
}

void take_pairs(ReportedRun& run, const ReportOptions& o, const Args& args, Tokenizer tokenizer) {
  if (!o.data.empty()) {
    const TsvCorpus read = read_tsv(o.data, {o.limit, tokenizer, 0, o.swap});
    const std::string lost = left_out(read);
    if (!lost.empty()) say(join("note: ", printable(o.data), ": ", lost));
    run.pairs = read.pairs;
    run.pairs_from = o.data + (o.swap ? ", columns swapped" : "");
  } else {
    take_own_pairs(run, tokenizer, &args);
  }
  if (o.limit > 0 && int(run.pairs.size()) > o.limit) run.pairs.resize(o.limit);
}

// Nothing of a page is lost, if its pairs are.
void check_not_poorer(const ReportedRun& run, const std::string& out) {
  if (!run.pairs.empty() || !exists(out)) return;
  const bool has_samples = read_file(out).find(join(samples_title, "</h2>")) != std::string::npos;
  check(!has_samples, printable(out), ": shows samples, and the new page would have none; give ",
        "--data, or another --out. ", run.remarks.empty() ? "" : printable(run.remarks.back()));
}

}  // namespace

void take_own_pairs(ReportedRun& run, Tokenizer tokenizer, const Args* own) {
  try {
    RunPairs pairs = pairs_of_run(run.folder, tokenizer, own);
    check(pairs.known || pairs.same == SamePairs::yes, "log.jsonl does not say which they were");
    check(!pairs.corpus.validation.empty(), "the training had none");
    if (pairs.same == SamePairs::no)
      run.remarks.push_back(
          pairs.built_in()
              ? "These are validation pairs of the built-in corpus, but the run was trained on "
                "other pairs: on a file, with --keep-out, or with other options of the corpus."
              : "The pairs that the log names are no longer those of the training: a file was "
                "changed, or this is another one of that name.");
    run.pairs = std::move(pairs.corpus.validation), run.pairs_from = pairs.validated_on();
  } catch (const Error& error) {
    run.remarks.push_back(join("The validation pairs of the run are not available (", error.what(),
                               "). Others can be given with --data."));
  }
}

}  // namespace report

int report_command(int argc, const char* const* argv) {
  using namespace report;
  ReportOptions o;
  Args args("report", "babelgrad report run/");
  read_options(args, o, argc, argv);
  check(is_folder(o.folder), printable(o.folder), ": is no run: not a folder that train wrote");
  if (o.settings) return print(settings_text(*load_model(o.folder), o.folder)), 0;
  check_not_read("report", "--out", o.out, {o.folder, o.data}, page_file,
                 o.folder + "/report.html");
  auto model = load_model(o.folder);
  ReportedRun run{o.folder};
  take_pairs(run, o, args, model->tokenizer());
  check_not_poorer(run, o.out);
  note(note_on_known(*model, run.pairs, run.pairs_from));
  for (const std::string& remark : run.remarks) say("note: " + printable(remark));
  write_report(*model, run, o.out);
  say(join("wrote ", printable(o.out)));
  return 0;
}

}  // namespace babelgrad
