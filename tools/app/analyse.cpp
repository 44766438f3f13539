// babelgrad analyse: where a model goes wrong, by phenomenon, length, position, word order, head
// and held-out split.
#include "data/grammar.h"
#include "tensor/parallel.h"
#include "tools/app/analyse_report.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/cli/unknown.h"
#include "tools/app/corpus.h"
#include "tools/app/run/study.h"

namespace babelgrad {
namespace {

using namespace analysis;

struct AnalyseOptions {
  std::string run, data, by = "all";
  CorpusOptions built_in;
  int trained = 15, limit = 0, threads = 0;
  bool swap = false, json = false;
};

void declare_analyse(Args& args, AnalyseOptions& o) {
  args.positional("run", &o.run, "the folder train wrote, or a model file");
  args.string("data", &o.data, "FILE",
              "pairs, source TAB target, and gold links TAB if known; none: the built-in test "
              "pairs, whose phenomena are known");
  args.choice("by", &o.by, {"tag", "length", "order", "position", "head", "split", "all"},
              "one kind of table; order: monotone or reordered; split: what training lacked");
  args.integer("trained-length", &o.trained, 1, 1000,
               "the longest source in training, for --by split");
  args.integer("limit", &o.limit, 0, 1000000000, "only so many pairs; 0: all");
  args.flag("swap", &o.swap, "the second column of --data is the source");
  args.flag("json", &o.json, "one JSON object");
  args.integer("threads", &o.threads, 0, 256, "0: as many as there are cores");
  args.integer("seed", &o.built_in.seed, 0, UINT64_MAX, "of the built-in pairs");
  declare_corpus(args, o.built_in, 1);
}

struct Parts { std::vector<Pair> test, validation, train; };

// By a hash of the source: no test pair was in any training, whatever its seed.
Parts built_in_parts(const AnalyseOptions& o) {
  constexpr std::size_t enough = 400;           // validation pairs, to choose a view
  Parts parts;
  for (Pair& pair : built_in_corpus(o.built_in)) {
    Split split = split_of(pair.src);
    auto& part = split == Split::test    ? parts.test
                 : split == Split::train ? parts.train
                                         : parts.validation;
    part.push_back(std::move(pair));
  }
  check(!parts.test.empty(), "analyse: none of ", o.built_in.pairs,
        " built-in pairs is for testing; take more --pairs");
  if (o.limit > 0 && std::size_t(o.limit) < parts.test.size()) parts.test.resize(o.limit);
  if (parts.validation.size() > enough) parts.validation.resize(enough);
  return parts;
}

// A longer sentence than a Transformer has positions for could not be read.
Parts file_parts(const AnalyseOptions& o, const Translator& model) {
  constexpr int longest = 400;
  TsvCorpus read = read_tsv(o.data, {o.limit, model.tokenizer(), longest, o.swap});
  const std::string lost = left_out(read, longest);
  if (!lost.empty()) say("note: " + lost);
  return {std::move(read.pairs), {}, {}};
}

}  // namespace

int analyse_command(int argc, const char* const* argv) {
  AnalyseOptions o;
  Args args("analyse", "babelgrad analyse run/ --by tag");
  declare_analyse(args, o);
  args.parse(argc, argv);
  settle_corpus("analyse", args, o.built_in, o.data);
  args.refuse({{{"swap"}, o.data.empty(), "is of the columns of --data; give that, too"}});
  Idle built_in = built_in_beside(o.data);
  built_in.names.push_back("seed");
  const bool split = o.by == "split" || o.by == "all";
  note(args.note_on({{{"trained-length"}, !split, "no effect; it is of --by split"}, built_in}));
  if (o.threads > 0) set_threads(o.threads);
  auto model = load_model(o.run);
  Parts parts = o.data.empty() ? built_in_parts(o) : file_parts(o, *model);
  note(note_on_known(*model, parts.test, o.data.empty() ? "the built-in pairs" : o.data));
  Study study = study_of(*model, parts.test, parts.validation, parts.train);
  AnalysisReport report = report_on(study, o.by, o.trained);
  if (o.json) print(write_json(to_json(report, study)));
  else print(as_text(report, study));
  return 0;
}

}  // namespace babelgrad
