// babelgrad train: one model on a corpus of pairs, or on the built-in one.
#include <algorithm>

#include "data/file.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/guarded.h"
#include "tools/app/cli/output.h"
#include "tools/app/report/report.h"
#include "tools/app/run/train.h"

namespace babelgrad {
namespace {

// Why there are no validation pairs, where an option would have some.
std::string nothing_validates(const TrainOptions& o, const TrainingCorpus& corpus) {
  if (!corpus.validation.empty()) return "";
  if (o.pairs.data.empty()) return "no built-in pair is left to validate; take more --pairs";
  if (o.pairs.num_train > 0)
    return join("--num-train ", o.pairs.num_train, " leaves none of ", corpus.train.size(),
                " pairs to validate; take less");
  return o.settings.valid_by == ValidBy::bleu ? "--valid-by needs --val or --num-train" : "";
}

// A run is never replaced by mistake, and never resumed from nothing.
void prepare_folder(const TrainOptions& o) {
  if (!o.resume) make_folder(o.out);
  const bool begun = exists(o.out + "/trainer.safetensors");
  const bool model = exists(o.out + "/model.safetensors");
  if (o.overwrite || (o.resume && begun)) return;
  check(!begun, printable(o.out),
        ": already holds a run; --resume goes on with it, --overwrite replaces it");
  check(!model, printable(o.out), ": holds a model, but no trainer.safetensors to go on from, as ",
        "if killed in its first epoch; --overwrite begins anew");
  check(!o.resume, printable(o.out), ": holds no run to resume");
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

// An argument as it is typed again; flags that start a run anew are left out.
std::string for_shell(const std::string& word) {
  if (word == "--resume" || word == "--overwrite") return "";
  bool plain = !word.empty() && std::ranges::all_of(word, [](char c) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || std::string_view("_./=:,+-").find(c) != std::string_view::npos;
  });
  if (plain) return " " + word;
  std::string quoted = " '";
  for (char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return printable(quoted + "'");
}

// Without the limit at which it stopped, since there it would stop at once.
std::string resume_command(const TrainSettings& settings, long steps, int argc,
                           const char* const* argv) {
  const bool reached = settings.max_steps > 0 && steps >= settings.max_steps;
  std::string again = "babelgrad train --resume";
  for (int i = 1; i < argc; i++) {
    const std::string word = argv[i];
    if (!reached || !(word == "--max-steps" || word.starts_with("--max-steps=")))
      again += for_shell(word);
    else if (word == "--max-steps") i++;
  }
  return again;
}

}  // namespace

int train_command(int argc, const char* const* argv) {
  Args args("train", "babelgrad train --model transformer --data pairs.tsv --out run/");
  TrainOptions o;
  read_options(args, o, argc, argv);
  note(o.note);
  if (o.dump_config) {
    for (const auto& [name, value] : args.values()) print(join(name, " = ", value));
    return 0;
  }

  // Read everything before anything is written.
  args.need("out");
  TrainingCorpus corpus = read_pairs(o.pairs, o.settings.model.tokenizer, say);
  check(!corpus.train.empty(), "train: no pair is left to train on; take more --pairs");
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
  if (outcome.complete) {
    say(join("trained ", outcome.steps, " steps in ", duration(outcome.seconds),
             "; next: babelgrad translate ", printable(o.out)));
  } else {
    say(join("stopped after step ", outcome.steps, ", saved; go on with: ",
             resume_command(o.settings, outcome.steps, argc, argv)));
  }
  return exit_status();
}

}  // namespace babelgrad
