// babelgrad train: one model on a corpus of pairs, or on the built-in one.
#include <algorithm>
#include <filesystem>

#include "data/file.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/guarded.h"
#include "tools/app/cli/output.h"
#include "tools/app/report/report.h"
#include "tools/app/run/record.h"
#include "tools/app/run/train.h"

namespace babelgrad {
namespace {

// Why there are no validation pairs, and how there would be some.
std::string nothing_validates(const TrainOptions& o, const TrainingCorpus& corpus) {
  if (!corpus.validation.empty()) return "";
  if (o.pairs.data.empty()) return "no built-in pair is left to validate; take more --pairs";
  if (o.pairs.num_train > 0)
    return join("--num-train ", o.pairs.num_train, " leaves none of ", corpus.train.size(),
                " pairs to validate; take less");
  return join("nothing is held out of ", corpus.train.size(), " pairs; give --val or a larger ",
              "--hold-out");
}

// What train may write over: of a run that has begun, and was killed before it had a checkpoint,
// only the log is there.
std::string not_ours(const std::string& folder) {
  for (const char* name : {"best.safetensors", "report.html", "log.jsonl"})
    if (exists(folder + "/" + name) && recorded_options(folder).empty()) return name;
  return "";
}

// A run is never replaced by mistake, nor is another file that has the name of one of its own.
void prepare_folder(const TrainOptions& o) {
  if (o.resume) return;                         // read_options() has seen that it can
  std::error_code none;
  if (!o.from.empty() && std::filesystem::equivalent(o.out, o.from, none))
    usage_error("train: --out is the run of --from, which is kept; choose another folder");
  for (const std::string& read : {o.from, o.pairs.data, o.pairs.val, o.codes, o.tgt_codes})
    for (const std::string& file : files_of_run(o.out))
      if (std::filesystem::equivalent(read, file, none))
        usage_error("train: ", in_quotes(read), " is a file to be read, and one of the run in ",
                    "--out; choose another folder");
  make_folder(o.out);
  if (files_of_run(o.out).empty()) note_on_others(o.out);
  if (o.overwrite) return;
  check(!exists(o.out + "/trainer.safetensors"), printable(o.out),
        ": already holds a run; --resume continues it, --overwrite replaces it");
  if (exists(o.out + "/model.safetensors")) check_resumable(o.out);
  const std::string other = not_ours(o.out);
  check(other.empty(), printable(o.out), ": holds a ", other, " that belongs to no run; ",
        "choose another folder, or --overwrite to replace it");
}

// For the model's file: all but where and how the work is done, and when it is interrupted. With
// the same --epochs, equal weights, learnt in one go or in several, are an equal file.
void keep_options(const Args& args, TrainSettings& settings) {
  static const std::vector<std::string> left_out{"out",       "resume",     "overwrite",
                                                 "threads",   "max-steps",  "save-every",
                                                 "check-nan", "dump-config"};
  for (const auto& option : args.values())
    if (std::ranges::find(left_out, option.first) == left_out.end())
      settings.options.emplace_back(option.first, printable(option.second));
}

// The run knows its options. A limit at which it stopped is not repeated: there it would stop at
// once.
std::string resume_command(const TrainOptions& o, long steps) {
  const bool beyond = o.settings.max_steps > steps;
  return join(program_name(), " train --resume --out ", for_shell(o.out),
              beyond ? join(" --max-steps ", o.settings.max_steps) : "");
}

// Were the columns read as they were meant, and is a word what one takes for a word?
void show_pair(const Pair& pair, Tokenizer tokenizer) {
  const bool cased = tokenizer == Tokenizer::cased;
  say(join("the first pair as it is read: ", clipped(join(pair.src)), " -> ",
           clipped(join(pair.tgt)), cased ? "" : "  (all in small letters, but with --tokenizer "
                                                 "cased)"));
}

}  // namespace

int train_command(int argc, const char* const* argv) {
  Args args("train", "babelgrad train --model transformer --data pairs.tsv --out run/");
  TrainOptions o;
  read_options(args, o, argc, argv);
  TrainingCorpus corpus;
  const bool wanted = !o.dump_config || o.preset == "auto";    // which looks at the pairs
  if (!o.dump_config) args.need("out");
  if (wanted) {
    corpus = read_pairs(o.pairs, o.settings.model.tokenizer, say);
    check(!corpus.train.empty(), "train: no pair is left to train on; take more --pairs");
    fit_to(args, o, size_of(corpus.train));
  }
  note(o.note), note(o.changed);
  if (o.dump_config) {
    for (const auto& [name, value] : args.values()) print(join(name, " = ", value));
    return 0;
  }

  // Look at everything before anything is written.
  if (!o.pairs.data.empty()) show_pair(corpus.train[0], o.settings.model.tokenizer);
  const std::string nothing = nothing_validates(o, corpus);
  check(o.settings.patience == 0 || corpus.validation.size() > 0,
        "train: --patience needs validation pairs: ", nothing);
  if (!nothing.empty()) say(join("note: ", nothing, ". The model of the last epoch is kept"));
  prepare_folder(o);
  FolderLock lock(o.out);
  keep_options(args, o.settings);
  auto ready = [&] {                         // what is there gives way to what can be trained
    if (!o.resume) clear_run(o.out);
    log_settings(o.out, args.values());
  };

  // Train; Ctrl-C ends it early, with everything saved.
  watch_signals();
  Progress progress(screen(2));
  TrainOutcome outcome = run_training(o.settings, corpus, o.out, o.resume, progress, ready);
  progress.finish();
  const std::string& val = o.pairs.val;
  write_report(*outcome.model,
               {o.out, corpus.validation, val.empty() ? "the validation pairs" : val});
  if (outcome.done_now == 0 && !o.changed.empty())
    say("note: what was changed has no effect, as nothing is left to learn");
  const std::string run = for_shell(o.out);
  if (outcome.complete) {
    say(join(outcome.steps > 0 && outcome.done_now == 0
                 ? ""
                 : join("trained ", outcome.steps, " steps",
                        outcome.done_now < outcome.steps
                            ? join(", the last ", outcome.done_now, " of them")
                            : "",
                        " in ", duration(outcome.seconds), "; "),
             "next: ", program_name(), " translate ", run, ", or evaluate ", run,
             "; how it went: ", run, "/report.html"));
  } else {
    say(join("stopped after step ", outcome.steps, ", saved; go on with: ",
             resume_command(o, outcome.steps)));
  }
  return exit_status();
}

}  // namespace babelgrad
