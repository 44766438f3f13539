#include "tools/training.h"

#include <algorithm>
#include <cmath>

#include "nn/file.h"
#include "nn/weights.h"
#include "tools/signals.h"

namespace babelgrad {
namespace {

// What Trainer asks of data: the order of an epoch, drawn from (seed, epoch) alone, and its batches.
struct TrainingData {
  const TrainSettings& settings;
  const std::vector<Pair>& pairs;
  const Vocab &src, &tgt;

  Epoch epoch(int number) const {
    Random order(settings.seed, std::uint64_t(number) << 32);
    int count = int(pairs.size());
    if (settings.batching == "fixed") return shuffled_batches(count, settings.batch_size, order);
    if (settings.batching == "tokens") return budgeted_batches(pairs, settings.batch_size, order);
    return bucketed_batches(pairs, settings.batch_size, order);
  }
  Batch batch(const std::vector<int>& rows) const {
    int num_steps = settings.model.num_steps;
    return num_steps > 0 ? fixed_batch(pairs, rows, src, tgt, num_steps) : padded_batch(pairs, rows, src, tgt);
  }
};

Vocab make_vocab(const TrainSettings& s, const TrainingCorpus& corpus, bool target) {
  std::vector<Tokens> sentences;
  for (const Pair& pair : corpus.train) sentences.push_back(target ? pair.tgt : pair.src);
  if (s.model.tokenizer != "book") return Vocab(sentences, {s.min_freq, s.vocab_size});
  for (const Pair& pair : corpus.validation) sentences.push_back(target ? pair.tgt : pair.src);   // as the book does
  return Vocab::book(sentences, s.model.num_steps, target, s.min_freq);
}

std::unique_ptr<Optimizer> make_optimizer(const TrainSettings& s, Module& model) {
  auto params = named_parameters(model);
  if (s.optimizer == "sgd") return std::make_unique<SGD>(params, Real(s.schedule.peak), Real(s.momentum), false, Real(s.weight_decay));
  return std::make_unique<Adam>(params, Real(s.schedule.peak), Real(s.weight_decay), s.optimizer == "adamw");
}

// The run's whole state, in a file of its own: weights, moments, place in the data, random numbers.
struct Checkpoint {
  std::string path;
  std::string identity;                         // settings and corpus; another run's must not be continued

  void save(Translator& model, Optimizer& optim, const Position& at, double best) const {
    auto tensors = stored(named_parameters(model.module()), "param.");
    for (const StoredTensor& t : stored(optim.state(), "optim.")) tensors.push_back(t);
    Json place = Json::object({{"epoch", at.epoch}, {"batch", at.batch}, {"step", at.step}, {"loss_sum", at.loss_sum},
                               {"tokens", at.tokens}, {"best", best}, {"updates", optim.steps},
                               {"random_seed", generator().seed()}, {"random_counter", generator().counter()}});
    write_safetensors(path, tensors, {{"format_version", "1"}, {"place", write_json(place)}, {"run", identity}});
  }

  void load(Translator& model, Optimizer& optim, Position& at, double& best) const {
    SafeTensors file = read_safetensors(path, Checksum::required);
    check_same_run(file.metadata_at("run"));
    babelgrad::load(named_parameters(model.module()), file, "param.");
    babelgrad::load(optim.state(), file, "optim.");
    Json place = parse_json(file.metadata_at("place"), shown(path));
    at.epoch = int(place.get_int("epoch", 0, INT32_MAX)), at.batch = int(place.get_int("batch", 0, INT32_MAX));
    at.step = place.get_int("step", 0), at.tokens = place.get_int("tokens", 0), at.loss_sum = place.get_double("loss_sum");
    best = place.at("best").is_null() ? INFINITY : place.get_double("best");
    optim.steps = place.get_int("updates", 0);
    generator() = Random(place.get_uint("random_seed"), place.get_uint("random_counter"));
  }

  void check_same_run(const std::string& stored) const {                 // names the first key that differs
    Json before = parse_json(stored, shown(path) + ": run"), now = parse_json(identity, "run");
    for (const auto& [key, value] : now.as_object()) {
      const Json* old = before.find(key);
      check(old && *old == value, shown(path), ": was trained with ", key, " ", old ? shown(write_json(*old)) : "unset",
            ", not ", write_json(value), "; resume with the same settings");
    }
  }
};

std::string identity_of(const TrainSettings& settings, const TrainingCorpus& corpus) {
  std::uint32_t sum = 0;
  for (const auto* pairs : {&corpus.train, &corpus.validation}) {
    for (const Pair& pair : *pairs) sum = crc32(join(pair.src) + '\t' + join(pair.tgt) + '\n', sum);
  }
  Json all = to_json(settings);
  all["precision"] = is_double ? "double" : "float";
  all["corpus"] = sum;
  return write_json(all);
}

}  // namespace

Json to_json(const TrainSettings& s) {
  static const char* kinds[] = {"constant", "inverse_sqrt", "cosine"};
  Json json = to_json(s.model);
  json["batching"] = s.batching, json["batch_size"] = s.batch_size;
  json["optimizer"] = s.optimizer, json["weight_decay"] = s.weight_decay, json["momentum"] = s.momentum;
  json["schedule"] = kinds[s.schedule.kind], json["lr"] = s.schedule.peak, json["warmup"] = s.schedule.warmup;
  json["decay_steps"] = s.schedule.total, json["clip"] = s.clip;
  json["min_freq"] = s.min_freq, json["vocab_size"] = s.vocab_size, json["seed"] = s.seed;
  return json;
}

double loss_of(Translator& model, const std::vector<Pair>& pairs) {
  NoGrad guard;
  eval(model.module());
  double sum = 0;
  Index tokens = 0;
  constexpr int at_once = 128;
  for (int begin = 0; begin < int(pairs.size()); begin += at_once) {
    std::vector<int> rows;
    for (int i = begin; i < std::min(begin + at_once, int(pairs.size())); i++) rows.push_back(i);
    int num_steps = model.config.num_steps;
    Batch batch = num_steps > 0 ? fixed_batch(pairs, rows, model.src_vocab, model.tgt_vocab, num_steps)
                                : padded_batch(pairs, rows, model.src_vocab, model.tgt_vocab);
    sum += double(model.training_step(batch).item()) * double(batch.tokens);
    tokens += batch.tokens;
  }
  return tokens > 0 ? sum / double(tokens) : 0;
}

TrainOutcome run_training(const TrainSettings& s, const TrainingCorpus& corpus, const std::string& folder, bool resume,
                          Progress& progress) {
  double begun = clock_seconds();
  manual_seed(s.seed);
  set_check_nan(s.check_nan);
  Vocab src = make_vocab(s, corpus, false), tgt = make_vocab(s, corpus, true);
  TrainOutcome out;
  out.model = make_translator(s.model, src, tgt);
  auto optim = make_optimizer(s, out.model->module());
  Checkpoint checkpoint{folder + "/trainer.safetensors", identity_of(s, corpus)};
  std::string model_path = folder + "/model.safetensors", log_path = folder + "/log.jsonl";
  Position at;
  double best = INFINITY;
  if (resume) checkpoint.load(*out.model, *optim, at, best);

  TrainingData data{s, corpus.train, src, tgt};
  Index tokens = 0;                             // of this call, for the speed
  long first_step = at.step;
  auto speed = [&] { return double(tokens) / std::max(clock_seconds() - begun, 1e-9); };
  auto show = [&](const Position& p, int batches) {
    TrainingProgress line{p.epoch + 1, s.epochs, double(p.batch) / std::max(batches, 1), p.mean_loss(), speed()};
    double done = double(p.epoch) * batches + p.batch, all = double(s.epochs) * batches;
    line.seconds_left = (clock_seconds() - begun) * (all - done) / std::max<double>(double(p.step - first_step), 1);
    if (out.valid_loss > 0) line.extra = "val " + fixed(out.valid_loss, 3);
    return line;
  };
  int batches = 0;

  Trainer trainer{.max_epochs = s.epochs, .gradient_clip_val = s.clip, .schedule = s.schedule};
  trainer.on_step = [&](const Position& p, const StepReport& report) {
    tokens += report.tokens;
    batches = report.batches;
    progress.update(show(p, batches));
    if (p.step % 100 == 0) {
      append_line(log_path, write_json(Json::object({{"step", p.step}, {"epoch", p.epoch + 1}, {"loss", report.loss},
                                                     {"lr", report.lr}, {"grad_norm", report.grad_norm},
                                                     {"tok_per_s", speed()}, {"elapsed", clock_seconds() - begun}})));
    }
    bool stop = pending_signal() != 0 || (s.max_steps > 0 && p.step >= s.max_steps);
    if (stop || (s.save_every > 0 && p.step % s.save_every == 0)) checkpoint.save(*out.model, *optim, p, best);
    return !stop;
  };
  trainer.on_epoch = [&](const Position& p) {
    out.train_loss = p.mean_loss();
    Json line = Json::object({{"epoch", p.epoch + 1}, {"step", p.step}, {"train_loss", out.train_loss},
                              {"train_ppl", std::exp(out.train_loss)}, {"tok_per_s", speed()}});
    double score = -double(p.epoch);            // without a validation set the last model is the best
    if (!corpus.validation.empty()) {
      score = out.valid_loss = loss_of(*out.model, corpus.validation);
      train(out.model->module());
      line["valid_loss"] = out.valid_loss, line["valid_ppl"] = std::exp(out.valid_loss);
    }
    line["elapsed"] = clock_seconds() - begun;
    append_line(log_path, write_json(line));
    check(all_finite(named_parameters(out.model->module())), "train: a parameter is not finite after step ", p.step);
    if (score < best) {
      best = score;
      save_model(*out.model, model_path);
    }
    checkpoint.save(*out.model, *optim, {p.epoch + 1, 0, p.step, 0, 0}, best);
    progress.end_epoch(show(p, std::max(batches, 1)));
    return pending_signal() == 0;
  };
  train(out.model->module());
  out.complete = trainer.fit(*out.model, data, *optim, at);
  out.steps = at.step;
  out.seconds = clock_seconds() - begun;
  if (!exists(model_path)) save_model(*out.model, model_path);
  if (out.complete) out.model = load_model(model_path);
  set_check_nan(false);
  return out;
}

}  // namespace babelgrad
