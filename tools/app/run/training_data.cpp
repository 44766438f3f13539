#include "tools/app/run/training_data.h"

namespace babelgrad {
namespace {

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
  if (s.model.tie == "all") append(sentences, side(corpus.train, !target));      // one vocabulary
  if (s.model.tokenizer == "book") {
    append(sentences, side(corpus.validation, target));        // as the book does
    return {Vocab::book(sentences, s.model.num_steps, target, s.min_freq)};
  }
  const std::vector<Tokens> words = sentences;
  for (Tokens& sentence : sentences) sentence = subwords.encode(sentence);
  if (s.bpe_dropout > 0) append(sentences, every_piece(words, subwords));
  return {Vocab(sentences, {s.min_freq, s.vocab_size}), subwords};
}

std::unique_ptr<Optimizer> make_optimizer(const TrainSettings& s, Module& model) {
  auto params = named_parameters(model);
  Real lr = Real(s.schedule.peak), decay = Real(s.weight_decay);
  if (s.optimizer == "sgd")
    return std::make_unique<SGD>(params, lr, Real(s.momentum), false, decay);
  return std::make_unique<Adam>(params, lr, decay, s.optimizer == "adamw");
}

}  // namespace

Beginning begin_training(const TrainSettings& s, const TrainingCorpus& corpus) {
  manual_seed(s.seed);
  const Subwords first = learn_subwords(s, corpus, false);
  const Reading src = learn_reading(s, corpus, false, first);
  const Reading tgt =                           // of one table, one vocabulary
      s.model.tie == "all" ? src
                           : learn_reading(s, corpus, true,
                                           s.model.joint ? first : learn_subwords(s, corpus, true));
  Beginning begin{make_translator(s.model, src.vocab, tgt.vocab), nullptr};
  begin.model->src_subwords = src.subwords, begin.model->tgt_subwords = tgt.subwords;
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
          " leaves nothing of a run of ", schedule.total, " updates; take less, or more --epochs");
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
  int size = settings_.batch_size;
  if (settings_.batching == "fixed") return shuffled_batches(int(pieces_.size()), size, order);
  if (settings_.batching == "tokens") return budgeted_batches(pieces_, size, order);
  return bucketed_batches(pieces_, size, order);
}

Batch TrainingData::batch(const std::vector<int>& rows) const {
  return make_batch(settings_.model, pieces_, rows, model_.src_vocab, model_.tgt_vocab);
}

}  // namespace babelgrad
