#include "tools/training_data.h"

namespace babelgrad {
namespace {

Vocab make_vocab(const TrainSettings& s, const TrainingCorpus& corpus, bool target) {
  std::vector<Tokens> sentences;
  auto add = [&](const std::vector<Pair>& pairs) {
    for (const Pair& pair : pairs) sentences.push_back(target ? pair.tgt : pair.src);
  };
  add(corpus.train);
  if (s.model.tokenizer != "book") return Vocab(sentences, {s.min_freq, s.vocab_size});
  add(corpus.validation);  // as the book does
  return Vocab::book(sentences, s.model.num_steps, target, s.min_freq);
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
  Beginning begin{make_translator(s.model, make_vocab(s, corpus, false),
                                  make_vocab(s, corpus, true)), nullptr};
  begin.optim = make_optimizer(s, begin.model->module());
  return begin;
}

Epoch TrainingData::epoch(int number) const {
  Random order(settings.seed, std::uint64_t(number) << 32);
  int size = settings.batch_size;
  if (settings.batching == "fixed") return shuffled_batches(int(pairs.size()), size, order);
  if (settings.batching == "tokens") return budgeted_batches(pairs, size, order);
  return bucketed_batches(pairs, size, order);
}

Batch TrainingData::batch(const std::vector<int>& rows) const {
  return make_batch(settings.model, pairs, rows, model.src_vocab, model.tgt_vocab);
}

}  // namespace babelgrad
