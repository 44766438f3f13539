#include "tools/training.h"

#include <algorithm>
#include <cmath>

#include "nn/file.h"
#include "nn/weights.h"
#include "tools/checkpoint.h"
#include "tools/signals.h"
#include "tools/training_data.h"

namespace babelgrad {
namespace {

Json identity_of(const TrainSettings& settings, const TrainingCorpus& corpus) {
  std::uint32_t sum = 0;
  for (const auto* pairs : {&corpus.train, &corpus.validation}) {
    for (const Pair& pair : *pairs)
      sum = crc32(join(join(pair.src), '\t', join(pair.tgt), '\n'), sum);
  }
  Json all = to_json(settings);
  all["precision"] = is_double ? "double" : "float";
  all["corpus"] = sum;
  return all;
}

// One call of run_training: Trainer turns the wheel, this looks after files, log and terminal.
struct Run {
  const TrainSettings& settings;
  const TrainingCorpus& corpus;
  std::string folder;
  Progress& progress;
  std::unique_ptr<Translator> model;
  std::unique_ptr<Optimizer> optim;
  Checkpoint checkpoint;
  Position at;
  double best = INFINITY, valid_loss = 0;
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

  TrainingProgress shown(const Position& p) const {
    TrainingProgress line{p.epoch + 1, settings.epochs, double(p.batch) / batches, p.mean_loss(),
                          speed()};
    double left = double(settings.epochs - p.epoch) * batches - p.batch;
    line.seconds_left = elapsed() / double(std::max<long>(steps, 1)) * left;
    if (valid_loss > 0) line.extra = "val " + fixed(valid_loss, 3);
    return line;
  }

  bool after_step(const Position& p, const StepReport& report) {
    tokens += report.tokens;
    batches = report.batches;
    steps++;
    progress.update(shown(p));
    if (p.step % 100 == 0) {
      log(Json::object({{"step", p.step},
                        {"epoch", p.epoch + 1},
                        {"loss", report.loss},
                        {"lr", report.lr},
                        {"grad_norm", report.grad_norm}}));
    }
    bool enough = settings.max_steps > 0 && p.step >= settings.max_steps;
    bool stop = pending_signal() != 0 || enough;
    bool due = settings.save_every > 0 && p.step % settings.save_every == 0;
    if (stop || due) checkpoint.save(*model, *optim, p, best);
    return !stop;
  }

  bool after_epoch(const Position& p) {
    check(all_finite(named_parameters(model->module())),
          "train: a parameter is not finite after step ", p.step);
    double train_loss = p.mean_loss();
    Json line = Json::object({{"step", p.step},
                              {"epoch", p.epoch + 1},
                              {"train_loss", train_loss},
                              {"train_ppl", std::exp(train_loss)}});
    double score = -double(p.epoch);  // without validation pairs the last model is the best
    if (!corpus.validation.empty()) {
      score = valid_loss = loss_of(*model, corpus.validation);
      train(model->module());
      line["valid_loss"] = valid_loss, line["valid_ppl"] = std::exp(valid_loss);
    }
    log(line);
    if (score < best) {
      best = score;
      save_model(*model, folder + "/model.safetensors");
    }
    checkpoint.save(*model, *optim, {p.epoch + 1, 0, p.step, 0, 0}, best);
    progress.end_epoch(shown(p));
    return pending_signal() == 0;
  }
};

}  // namespace

Json to_json(const TrainSettings& s) {
  static const char* kinds[] = {"constant", "inverse_sqrt", "cosine"};
  Json json = to_json(s.model);
  json["batching"] = s.batching, json["batch_size"] = s.batch_size;
  json["optimizer"] = s.optimizer, json["weight_decay"] = s.weight_decay,
  json["momentum"] = s.momentum;
  json["schedule"] = kinds[s.schedule.kind], json["lr"] = s.schedule.peak;
  json["warmup"] = s.schedule.warmup, json["decay_steps"] = s.schedule.total, json["clip"] = s.clip;
  json["min_freq"] = s.min_freq, json["vocab_size"] = s.vocab_size, json["seed"] = s.seed;
  json["bpe_dropout"] = s.bpe_dropout;
  return json;
}

void clear_run(const std::string& folder) {
  for (const char* name : {"/trainer.safetensors", "/model.safetensors", "/log.jsonl"}) {
    remove_file(folder + name);
  }
}

double loss_of(Translator& model, const std::vector<Pair>& words) {
  NoGrad guard;
  eval(model.module());
  std::vector<Pair> pairs;
  for (const Pair& pair : words) pairs.push_back(model.pieces(pair));
  double sum = 0;
  Index tokens = 0;
  constexpr int at_once = 128;
  for (int begin = 0; begin < int(pairs.size()); begin += at_once) {
    std::vector<int> rows;
    for (int i = begin; i < std::min(begin + at_once, int(pairs.size())); i++) rows.push_back(i);
    Batch batch = make_batch(model.config, pairs, rows, model.src_vocab, model.tgt_vocab);
    sum += double(model.training_step(batch).item()) * double(batch.tokens);
    tokens += batch.tokens;
  }
  return tokens > 0 ? sum / double(tokens) : 0;
}

TrainOutcome run_training(const TrainSettings& settings, const TrainingCorpus& corpus,
                          const std::string& folder, bool resume, Progress& progress) {
  set_check_nan(settings.check_nan);
  Beginning begin = begin_training(settings, corpus);
  Run run{settings,
          corpus,
          folder,
          progress,
          std::move(begin.model),
          std::move(begin.optim),
          {folder + "/trainer.safetensors", identity_of(settings, corpus)},
          {}};
  Index parameters = parameter_count(run.model->module());
  progress.say(join(settings.model.model, ": ", parameters, " parameters, ", corpus.train.size(),
                    " pairs, vocabularies of ", run.model->src_vocab.size(), " and ",
                    run.model->tgt_vocab.size()));
  if (resume) run.checkpoint.load(*run.model, *run.optim, run.at, run.best);

  Trainer trainer{.max_epochs = settings.epochs,
                  .gradient_clip_val = settings.clip,
                  .schedule = settings.schedule};
  trainer.on_step = [&](const Position& p, const StepReport& report) {
    return run.after_step(p, report);
  };
  trainer.on_epoch = [&](const Position& p) { return run.after_epoch(p); };
  TrainingData data{settings, corpus.train, *run.model};
  train(run.model->module());
  TrainOutcome out;
  out.complete = trainer.fit(*run.model, data, *run.optim, run.at);
  std::string model_path = folder + "/model.safetensors";
  if (!exists(model_path)) save_model(*run.model, model_path);  // stopped within the first epoch
  out.model = load_model(model_path);
  out.seconds = run.elapsed(), out.steps = run.at.step;
  set_check_nan(false);
  return out;
}

}  // namespace babelgrad
