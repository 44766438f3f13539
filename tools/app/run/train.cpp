#include "tools/app/run/train.h"

#include <algorithm>
#include <cmath>

#include "data/bleu.h"
#include "data/file.h"
#include "data/lines.h"
#include "nn/weights.h"
#include "tools/app/cli/guarded.h"
#include "tools/app/run/checkpoint.h"
#include "tools/app/run/memory.h"
#include "tools/app/run/record.h"
#include "tools/app/run/unknown.h"

namespace babelgrad {
namespace {

// --- what it begins with

std::vector<Tokens> side(const std::vector<Pair>& pairs, bool target) {
  std::vector<Tokens> sentences;
  for (const Pair& pair : pairs) sentences.push_back(target ? pair.tgt : pair.src);
  return sentences;
}

void append(std::vector<Tokens>& all, const std::vector<Tokens>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

struct Reading {                                // of one language
  Vocab vocab;
  Subwords subwords = {};
};

// Subwords, if wanted, of this language or of both: given, or learnt.
Subwords learn_subwords(const TrainSettings& s, const TrainingCorpus& corpus, bool target) {
  if (s.model.merges == 0) return {};
  if (!s.src_codes.empty()) return target ? s.tgt_codes : s.src_codes;
  std::vector<Tokens> sentences = side(corpus.train, target);
  if (s.model.joint) append(sentences, side(corpus.train, !target));
  return Subwords::learn(sentences, s.model.merges);
}

// What dropout may leave of words: the pieces on the way to those without it.
std::vector<Tokens> every_piece(const std::vector<Tokens>& sentences, const Subwords& subwords) {
  std::vector<Tokens> all;
  Random dice;
  for (double p : {0.1, 0.5, 1.0})
    for (const Tokens& sentence : sentences) all.push_back(subwords.encode(sentence, p, dice));
  return all;
}

Reading learn_reading(const TrainSettings& s, const TrainingCorpus& corpus, bool target,
                      const Subwords& subwords) {
  std::vector<Tokens> sentences = side(corpus.train, target);
  if (s.model.tie == Tying::all)                // one vocabulary
    append(sentences, side(corpus.train, !target));
  if (s.model.tokenizer == Tokenizer::book) {
    append(sentences, side(corpus.validation, target));        // as the book does
    return {Vocab::book(sentences, s.model.num_steps, target, s.min_freq)};
  }
  const std::vector<Tokens> words = sentences;
  for (Tokens& sentence : sentences) sentence = subwords.encode(sentence);
  if (s.bpe_dropout > 0) append(sentences, every_piece(words, subwords));
  return {Vocab(sentences, {s.min_freq, s.vocab_size}), subwords};
}

void check_memory(const TrainSettings& s, const Vocab& src, const Vocab& tgt) {
  const int moments = s.optimizer != Descent::sgd ? 2 : s.momentum > 0;
  check_fits(s.model, src.size(), tgt.size(), 2 + moments + (s.ema > 0),
             join("weights, gradients", moments > 0 ? ", moments" : "",
                  s.ema > 0 ? ", moving mean" : ""));
}

std::unique_ptr<Translator> new_model(const TrainSettings& s, const TrainingCorpus& corpus) {
  const Subwords first = learn_subwords(s, corpus, false);
  const Reading src = learn_reading(s, corpus, false, first);
  const Reading tgt =                           // of one table, one vocabulary
      s.model.tie == Tying::all ? src
                           : learn_reading(s, corpus, true,
                                           s.model.joint ? first : learn_subwords(s, corpus, true));
  check_memory(s, src.vocab, tgt.vocab);
  std::unique_ptr<Translator> model = make_translator(s.model, src.vocab, tgt.vocab);
  model->src_subwords = src.subwords, model->tgt_subwords = tgt.subwords;
  return model;
}

// With the vocabularies and weights of another run, but dropout as this one has it.
std::unique_ptr<Translator> model_from(const TrainSettings& s) {
  const std::unique_ptr<Translator> old = load_model(s.from);
  check_memory(s, old->src_vocab, old->tgt_vocab);
  std::unique_ptr<Translator> model = make_translator(s.model, old->src_vocab, old->tgt_vocab);
  model->src_subwords = old->src_subwords, model->tgt_subwords = old->tgt_subwords;
  const std::vector<Parameter> numbers = named_parameters(old->module());
  std::vector<Parameter> params = named_parameters(model->module());
  for (std::size_t i = 0; i < params.size(); i++)
    std::copy_n(numbers[i].tensor.data(), numbers[i].tensor.numel(),
                overwrite(params[i].tensor, "from"));
  return model;
}

std::unique_ptr<Optimizer> make_optimizer(const TrainSettings& s, Module& model) {
  auto params = named_parameters(model);
  Real lr = Real(s.schedule.peak), decay = Real(s.weight_decay);
  if (s.optimizer == Descent::sgd)
    return std::make_unique<SGD>(params, lr, Real(s.momentum), false, decay);
  return std::make_unique<Adam>(params, lr, decay, s.optimizer == Descent::adamw);
}

// --- what can be seen before the first update

std::string counted(long n, const char* what) { return join(n, " ", what, n == 1 ? "" : "s"); }

// Of the training pairs, what makes words unknown is an option.
std::string note_on_words(const TrainSettings& s, const TrainingCorpus& corpus,
                          const Translator& model) {
  const std::string line = note_on_known(model, corpus.train, "the training pairs");
  if (line.empty()) return "";
  return line + (s.vocab_size > 0 ? join("; --vocab-size is ", s.vocab_size)
                                  : join("; --min-freq is ", s.min_freq));
}

// Of merges from a file all are there.
std::string note_on_merges(const TrainSettings& s, const Translator& model) {
  const int least = std::min(model.src_subwords.merges(), model.tgt_subwords.merges());
  if (least >= s.model.merges || !s.src_codes.empty()) return "";
  return join("note: only ", least, " of --merges ", s.model.merges,
              " are learnt; no other pair of pieces occurs twice");
}

// Of sentences cut short the model never sees the end.
std::string note_on_cuts(const TrainSettings& s, const std::vector<Pair>& pairs) {
  const std::size_t most = std::size_t(s.model.num_steps);
  const auto cut = std::ranges::count_if(pairs, [&](const Pair& pair) {
    return std::max(pair.src.size(), pair.tgt.size()) >= most;           // <eos> counts
  });
  if (most == 0 || 2 * cut <= std::ssize(pairs)) return "";
  return join("note: --num-steps ", most, " cuts ", cut, " of ", pairs.size(), " pairs short");
}

// Whether the schedule of a run of that many updates never reaches --lr, or is at 0 too early.
std::string note_on_schedule(const Schedule& schedule, long updates) {
  if (schedule.warmup > updates)
    return join("note: --warmup ", schedule.warmup, " is longer than the run, of ",
                counted(updates, "update"), "; the learning rate never reaches --lr ",
                schedule.peak);
  if (schedule.kind == Schedule::cosine && schedule.total < updates)
    return join("note: --decay-steps ", schedule.total, " is before the end of the run; nothing ",
                "is learnt in the last ", updates - schedule.total, " of its ",
                counted(updates, "update"));
  return "";
}

// --- the run

Json identity_of(const TrainSettings& settings, const TrainingCorpus& corpus) {
  Json all = to_json(settings);
  all["precision"] = settings.precision.word();
  all["corpus"] = corpus_checksum(corpus);
  return all;
}

bool mean_is_logged(const std::string& folder, long step) {
  bool found = false;
  each_log_line(log_text(folder), [&](const Json& line) {
    const Json* its = line.is_object() && line.find("average") ? line.find("step") : nullptr;
    found |= its && *its == Json(std::int64_t(step));
  });
  return found;
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
  double train_loss = 0;                        // of the last epoch that this call ended
  Index tokens = 0;  // of this call, for its speed
  long steps = 0;
  int batches = 1;  // in an epoch

  bool by_bleu() const { return settings.valid_by == ValidBy::bleu; }
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
    line.smoothed = settings.model.label_smoothing > 0;
    if (valid_loss > 0) line.extra = "val " + fixed(valid_loss, 3);
    if (valid_bleu > 0) line.extra += " BLEU " + fixed(valid_bleu, 2);
    return line;
  }

  // One update in a hundred, but at least twenty of a run.
  long log_every() const {
    const long updates = long(batches / settings.accumulate) * settings.epochs;
    return std::clamp(updates / 20, 1L, 100L);
  }

  bool after_step(const Position& p, const StepReport& report) {
    tokens += report.tokens;
    batches = report.batches;
    if (state.ema) state.ema->update(p.step - 1);
    steps++;
    progress.update(shown(p));
    if (p.step % log_every() == 0) {
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
    const WithPrecision as_it_translates(Precision::full);
    valid_loss = loss_of(model, corpus.validation);
    line["valid_loss"] = valid_loss, line["valid_ppl"] = std::exp(valid_loss);
    if (by_bleu())
      line["valid_bleu"] = valid_bleu = greedy_bleu(model, corpus.validation);
    train(model.module());
    if (by_bleu()) return -valid_bleu;
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
    train_loss = p.mean_loss();
    Json line = Json::object({{"step", p.step},
                              {"epoch", p.epoch + 1},
                              {"train_loss", train_loss}});
    if (settings.model.label_smoothing == 0) line["train_ppl"] = std::exp(train_loss);
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
      const std::string why = patience_is_over()
                                  ? "and --patience is over"
                                  : join("all of --epochs ", settings.epochs, "; --epochs ",
                                         2 * at.epoch, " goes on");
      progress.say(join("nothing to do: ", at.epoch, " epochs are done, ", why));
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
    // An epoch's file may come from a shorter run, or from one with another dropout.
    mean->training = state.model->training, mean->config = state.model->config;
    Json line = Json::object({{"step", state.at.step}, {"average", state.kept.all.size()}});
    const double score = score_of(*mean, state.at.epoch, line);
    if (!mean_is_logged(folder, state.at.step)) log(line);
    save_model(*mean, folder + "/model.safetensors");
    const bool worse = score > state.best;
    std::string scores = join(": ", told(score), "; epoch ", state.best_epoch, " alone, ",
                              "in best.safetensors: ", told(state.best),
                              worse ? ", which is better; --average 0 would have kept it" : "");
    progress.say(join("kept the mean of ", state.kept.all.size(), " epochs, as --average ",
                      settings.average, " says", corpus.validation.empty() ? "" : scores));
    progress.say("epoch-*.safetensors may be deleted, unless --resume is to add --epochs");
  }

  std::string told(double score) const {
    return by_bleu() ? "BLEU " + fixed(-score, 2) : "val " + fixed(score, 3);
  }

  // Far above what all words alike would have.
  void tell_of_nothing_learnt() const {
    const double guessing = std::log(double(state.model->tgt_vocab.size()));
    if (train_loss <= 2 * guessing) return;
    progress.say(join("note: nothing was learnt: the loss of the last epoch is ",
                      human(train_loss), ", and guessing among all words has ", fixed(guessing, 2),
                      "; take a smaller --lr than ", settings.schedule.peak));
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

Beginning begin_training(const TrainSettings& s, const TrainingCorpus& corpus) {
  manual_seed(s.seed);
  Beginning begin{s.from.empty() ? new_model(s, corpus) : model_from(s), nullptr};
  begin.model->training = write_json(training_of(s));
  begin.optim = make_optimizer(s, begin.model->module());
  return begin;
}

Schedule schedule_of(const TrainSettings& settings, TrainingData& data, int epochs) {
  Schedule schedule = settings.schedule;
  if (schedule.kind != Schedule::cosine) return schedule;
  if (schedule.total == 0) {
    const long batches = long(data.epoch(0).size());
    schedule.total = (batches + settings.accumulate - 1) / settings.accumulate * epochs;
    check(schedule.total > schedule.warmup, "train: --warmup ", schedule.warmup,
          " fills the run of ", schedule.total, " updates; use less, or more --epochs");
  }
  check(schedule.total > schedule.warmup, "train: --decay-steps ", schedule.total,
        " must be above --warmup ", schedule.warmup);
  return schedule;
}

TrainingData::TrainingData(const TrainSettings& settings, const std::vector<Pair>& pairs,
                           const Translator& model)
    : settings_(settings), words_(pairs), model_(model) {
  for (const Pair& pair : pairs) pieces_.push_back(model.pieces(pair));
}

Epoch TrainingData::epoch(int number) {
  Random order(settings_.seed, std::uint64_t(number) << 32);
  if (settings_.bpe_dropout > 0) {
    Random dice(~settings_.seed, std::uint64_t(number) << 32);
    for (std::size_t i = 0; i < words_.size(); i++)
      pieces_[i] = model_.pieces(words_[i], settings_.bpe_dropout, &dice);
  }
  const int size = settings_.batch_size;
  switch (settings_.batching) {
    case Batching::fixed: return shuffled_batches(int(pieces_.size()), size, order);
    case Batching::tokens: return budgeted_batches(pieces_, size, order);
    default: return bucketed_batches(pieces_, size, order);
  }
}

Batch TrainingData::batch(const std::vector<int>& rows) const {
  return make_batch(settings_.model, pieces_, rows, model_.src_vocab, model_.tgt_vocab);
}

std::vector<std::string> notes_on(const TrainSettings& s, const TrainingCorpus& corpus,
                                  const Translator& model, TrainingData& data,
                                  const Schedule& schedule) {
  const long pairs = long(corpus.train.size()), batches = long(data.epoch(0).size());
  const long updates = (batches + s.accumulate - 1) / s.accumulate * s.epochs;
  const bool tokens = s.batching == Batching::tokens;
  std::vector<std::string> notes{note_on_merges(s, model), note_on_words(s, corpus, model),
                                 note_on_known(model, corpus.validation, "the validation pairs"),
                                 note_on_cuts(s, corpus.train),
                                 note_on_schedule(schedule, updates)};
  if (batches == 1 && (tokens || s.batch_size > pairs))
    notes.push_back(join("note: --batch-size ", s.batch_size, tokens ? " tokens" : "",
                         " is more than there is; an epoch is one batch of ",
                         counted(pairs, "pair")));
  if (s.accumulate > batches)
    notes.push_back(join("note: --accumulate ", s.accumulate,
                         " batches are more than an epoch has, ", batches));
  if (s.precision == Precision::bf16 && !has_amx())
    notes.push_back(no_amx);
  if (s.save_every > updates)
    notes.push_back(join("note: --save-every ", s.save_every, " is longer than the run, of ",
                         counted(updates, "update"), "; only whole epochs are saved"));
  std::erase(notes, "");
  return notes;
}

// --- what an epoch is judged by

double greedy_bleu(Translator& model, const std::vector<Pair>& pairs) {
  eval(model.module());
  std::vector<Tokens> sources;
  for (const Pair& pair : pairs) sources.push_back(pair.src);
  std::vector<std::string> hyps, refs;
  for (const Tokens& said : model.translate(sources)) hyps.push_back(join(said));
  for (const Pair& pair : pairs) refs.push_back(join(pair.tgt));
  return corpus_bleu(hyps, refs, BleuTokens::none).score;
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

// --- the run

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
  run.state.kept = {folder, settings.average, settings.average_of == AverageOf::best};
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
  // A resume of it finds the vocabularies here.
  else if (!settings.from.empty()) save_model(model, folder + "/model.safetensors");

  trainer.on_step = [&](const Position& p, const StepReport& report) {
    return run.after_step(p, report);
  };
  trainer.on_epoch = [&](const Position& p) { return run.after_epoch(p); };
  train(model.module());
  TrainOutcome out;
  {
    const WithPrecision learning(settings.precision);
    out.complete = run.fit(trainer, data);
  }
  if (out.complete && settings.average > 0) run.keep_mean();
  run.tell_of_nothing_learnt();
  std::string model_path = folder + "/model.safetensors";
  if (!exists(model_path)) save_model(model, model_path);  // stopped within the first epoch
  out.model = load_model(model_path);
  out.seconds = run.elapsed(), out.steps = run.state.at.step;
  out.done_now = run.steps;
  set_check_nan(false);
  return out;
}

}  // namespace babelgrad
