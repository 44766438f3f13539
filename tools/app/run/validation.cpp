// What an epoch is judged by.
#include <algorithm>

#include "data/bleu.h"
#include "tools/app/run/training.h"

namespace babelgrad {

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

}  // namespace babelgrad
