#include "tools/app/run/training.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "data/file.h"
#include "nn/weights.h"
#include "tools/app/cli/signals.h"
#include "tools/app/run/checkpoint.h"
#include "tools/app/run/training_notes.h"

namespace babelgrad {
namespace {

Json identity_of(const TrainSettings& settings, const TrainingCorpus& corpus) {
  Json all = to_json(settings);
  all["precision"] = is_double ? "double" : "float";
  all["corpus"] = corpus_checksum(corpus);
  return all;
}

// A log may end in the middle of a line, and hold lines of others.
bool mean_is_logged(const std::string& path, long step) {
  if (!exists(path)) return false;
  std::istringstream in(read_stored_file(path));
  for (std::string text; std::getline(in, text);) {
    try {
      const Json line = parse_json(text, path);
      if (line.find("average") && line.get_int("step", 0) == step) return true;
    } catch (const Error&) {
      continue;
    }
  }
  return false;
}

// One call of run_training: Trainer turns the wheel, this looks after files, log and terminal.
struct Run {
  const TrainSettings& settings;
  const TrainingCorpus& corpus;
  std::string folder;
  Progress& progress;
  Checkpoint checkpoint;
  Learning state;
  double valid_loss = 0, valid_bleu = 0;
  double begun = clock_seconds();
  Index tokens = 0;  // of this call, for its speed
  long steps = 0;
  int batches = 1;  // in an epoch

  double elapsed() const { return clock_seconds() - begun; }
  double speed() const { return double(tokens) / std::max(elapsed(), 1e-9); }
  void log(Json line) const {
    line["tok_per_s"] = speed(), line["elapsed"] = elapsed();
    append_line(folder + "/log.jsonl", write_json(line));
  }

  void load() {
    checkpoint.load(state);
    state.kept.leave_out_gone([&](const std::string& note) { progress.say(note); });
  }

  // What a call that was killed has left.
  void tidy_up() const {
    remove_leftovers(folder);
    if (settings.average > 0) state.kept.remove_others();
  }

  TrainingProgress shown(const Position& p) const {
    TrainingProgress line{p.epoch + 1, settings.epochs, double(p.batch) / batches, p.mean_loss(),
                          speed()};
    const double left = double(settings.epochs - p.epoch) * batches - p.batch;
    const double done = double(std::max<long>(steps, 1)) * settings.accumulate;
    line.seconds_left = elapsed() / done * left;
    if (valid_loss > 0) line.extra = "val " + fixed(valid_loss, 3);
    if (valid_bleu > 0) line.extra += " BLEU " + fixed(valid_bleu, 2);
    return line;
  }

  bool after_step(const Position& p, const StepReport& report) {
    tokens += report.tokens;
    batches = report.batches;
    if (state.ema) state.ema->update(p.step - 1);
    steps++;
    progress.update(shown(p));
    if (p.step % 100 == 0) {
      log(Json::object({{"step", p.step},
                        {"epoch", p.epoch + 1},
                        {"loss", report.loss},
                        {"lr", report.lr},
                        {"grad_norm", report.grad_norm}}));
    }
    bool stop = pending_signal() != 0 || is_enough(p);
    bool due = settings.save_every > 0 && p.step % settings.save_every == 0;
    if (stop || due) state.at = p, checkpoint.save(state);
    return !stop;
  }

  // What a model is worth, lower is better, and its validation in the line of the log. What cannot
  // be told is the worst.
  double score_of(Translator& model, int epoch, Json& line) {
    if (corpus.validation.empty()) return -double(epoch);       // the last model is the best
    valid_loss = loss_of(model, corpus.validation);
    line["valid_loss"] = valid_loss, line["valid_ppl"] = std::exp(valid_loss);
    if (settings.valid_by == "bleu")
      line["valid_bleu"] = valid_bleu = greedy_bleu(model, corpus.validation);
    train(model.module());
    if (settings.valid_by == "bleu") return -valid_bleu;
    return std::isfinite(valid_loss) ? valid_loss : INFINITY;
  }

  bool is_enough(const Position& p) const {
    return settings.max_steps > 0 && p.step >= settings.max_steps;
  }

  bool patience_is_over() const {
    return settings.patience > 0 && state.at.epoch - state.best_epoch >= settings.patience;
  }

  bool after_epoch(const Position& p) {
    Translator& model = *state.model;
    check(all_finite(named_parameters(model.module())),
          "train: a parameter is not finite after step ", p.step);
    double train_loss = p.mean_loss();
    Json line = Json::object({{"step", p.step},
                              {"epoch", p.epoch + 1},
                              {"train_loss", train_loss},
                              {"train_ppl", std::exp(train_loss)}});
    if (state.ema) state.ema->swap();           // what is validated and kept is the mean
    const double score = score_of(model, p.epoch + 1, line);
    log(line);
    if (score < state.best) {
      state.best = score, state.best_epoch = p.epoch + 1;
      save_model(model, folder + "/model.safetensors");
      if (settings.average > 0) save_model(model, folder + "/best.safetensors");
    }
    state.kept.add(model, {p.epoch + 1, score});
    if (state.ema) state.ema->swap();
    state.at = {p.epoch + 1, 0, p.step, 0, 0};
    checkpoint.save(state);
    if (settings.average > 0) state.kept.remove_others();
    progress.end_epoch(shown(p));
    return pending_signal() == 0 && !patience_is_over();
  }

  // False: there is more to do. A run that had ended is left as it is.
  bool fit(Trainer& trainer, TrainingData& data) {
    Position at = state.at;
    if (patience_is_over() || at.epoch >= settings.epochs) {
      progress.say(join("nothing to do: ", at.epoch, " epochs are done, ",
                        patience_is_over() ? "and --patience is over" : "all of --epochs"));
      return true;
    }
    if (is_enough(at) && at.epoch < settings.epochs) {
      progress.say(join("nothing to do: ", at.step, " updates are done, and --max-steps is ",
                        settings.max_steps));
      return false;
    }
    return trainer.fit(*state.model, data, *state.optim, at) ||
           (patience_is_over() && pending_signal() == 0);
  }

  // In the place of the best model, even if that was better, which stays as best.safetensors, the
  // mean of the epochs kept. Again, it is the same.
  void keep_mean() {
    if (state.kept.all.empty())
      return progress.say("note: no epoch is left for the mean of --average; the model stays");
    std::unique_ptr<Translator> mean = state.kept.mean();
    mean->training = state.model->training;     // an epoch's file may be of a shorter run
    Json line = Json::object({{"step", state.at.step}, {"average", state.kept.all.size()}});
    const double score = score_of(*mean, state.at.epoch, line);
    if (!mean_is_logged(folder + "/log.jsonl", state.at.step)) log(line);
    save_model(*mean, folder + "/model.safetensors");
    std::string scores = join(": ", told(score), "; epoch ", state.best_epoch,
                              " alone, in best.safetensors: ", told(state.best));
    progress.say(join("kept the mean of ", state.kept.all.size(), " epochs",
                      corpus.validation.empty() ? "" : scores));
  }

  std::string told(double score) const {
    return settings.valid_by == "bleu" ? "BLEU " + fixed(-score, 2) : "val " + fixed(score, 3);
  }

  // A longer run is not the one that was begun, if its learning rate falls until the end.
  void tell_of_another_end(TrainingData& data) const {
    const bool known = state.epochs > 0 && state.epochs != settings.epochs;
    if (!known || settings.schedule.kind != Schedule::cosine || settings.schedule.total > 0) return;
    const Schedule before = schedule_of(settings, data, state.epochs);
    const Schedule now = schedule_of(settings, data, settings.epochs);
    const long step = state.at.step;
    progress.say(join("note: the cosine now ends with --epochs ", settings.epochs, ", not ",
                      state.epochs, "; update ", step + 1, " learns at ", now.at(step),
                      " instead of ", before.at(step)));
  }
};

}  // namespace

void clear_run(const std::string& folder) {
  for (const char* name : {"/trainer.safetensors", "/model.safetensors", "/best.safetensors",
                           "/log.jsonl", "/report.html"}) {
    remove_file(folder + name);
  }
  KeptEpochs{folder}.remove_others();
  remove_leftovers(folder);
}

TrainOutcome run_training(const TrainSettings& settings, const TrainingCorpus& corpus,
                          const std::string& folder, bool resume, Progress& progress,
                          const std::function<void()>& ready) {
  set_check_nan(settings.check_nan);
  Beginning begin = begin_training(settings, corpus);
  Run run{settings,
          corpus,
          folder,
          progress,
          {folder + "/trainer.safetensors", identity_of(settings, corpus)},
          {std::move(begin.model), std::move(begin.optim), nullptr}};
  Translator& model = *run.state.model;
  run.state.kept = {folder, settings.average, settings.average_of == "best"};
  if (settings.ema > 0)
    run.state.ema =
        std::make_unique<MovingAverage>(named_parameters(model.module()), settings.ema);
  Index parameters = parameter_count(model.module());
  progress.say(join(settings.model.model, ": ", parameters, " parameters, ", corpus.train.size(),
                    " pairs, vocabularies of ", model.src_vocab.size(), " and ",
                    model.tgt_vocab.size()));
  if (resume) run.load();
  check_storable(model);
  run.checkpoint.check_storable(run.state);
  TrainingData data{settings, corpus.train, model};
  Trainer trainer{.max_epochs = settings.epochs,
                  .gradient_clip_val = settings.clip,
                  .accumulate = settings.accumulate,
                  .schedule = schedule_of(settings, data, settings.epochs)};
  run.tell_of_another_end(data);
  for (const std::string& note : notes_on(settings, corpus, model, data, trainer.schedule))
    progress.say(note);
  run.state.epochs = settings.epochs;
  if (ready) ready();
  if (resume) run.tidy_up();

  trainer.on_step = [&](const Position& p, const StepReport& report) {
    return run.after_step(p, report);
  };
  trainer.on_epoch = [&](const Position& p) { return run.after_epoch(p); };
  train(model.module());
  TrainOutcome out;
  out.complete = run.fit(trainer, data);
  if (out.complete && settings.average > 0) run.keep_mean();
  std::string model_path = folder + "/model.safetensors";
  if (!exists(model_path)) save_model(model, model_path);  // stopped within the first epoch
  out.model = load_model(model_path);
  out.seconds = run.elapsed(), out.steps = run.state.at.step;
  set_check_nan(false);
  return out;
}

}  // namespace babelgrad
