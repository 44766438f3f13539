#include "tools/app/run/sample.h"

#include <algorithm>
#include <cmath>

#include "models/encoder_decoder.h"

namespace babelgrad {
namespace {

// The place among the k likeliest at which the sum of their probabilities, p_i^(1 / temperature),
// passes a share of the whole that is drawn. What can never be said has probability 0.
int drawn_of(const TopK& top, double temperature, Random& random) {
  const int k = top.values.dim(-1);
  const Real* log_p = top.values.data();
  std::vector<double> p(k);
  double sum = 0;
  for (int i = 0; i < k; i++)
    sum += p[i] = std::exp((double(log_p[i]) - double(log_p[0])) / temperature);
  double rest = double(random.uniform()) * sum;
  for (int i = 0; i < k; i++)
    if ((rest -= p[i]) < 0) return i;
  return 0;                                     // rounding left a share that no word has
}

}  // namespace

Hypothesis sample(Translator& model, const Tokens& src, const SampleOptions& options,
                  Random& random) {
  check(options.temperature > 0 && std::isfinite(options.temperature), "sample: a temperature of ",
        options.temperature, "; it is a positive number");
  check(options.top_k >= 0 && options.max_len >= 0, "sample: top_k ", options.top_k,
        " and max_len ", options.max_len, "; neither can be negative");
  check(!src.empty(), "sample: the sentence has no words");
  NoGrad guard;
  const Batch batch = model.source_batch({src});
  const auto next = model.word_by_word(batch.src, [] {});
  const Vocab& vocab = model.tgt_vocab;
  const int most = options.max_len > 0 ? options.max_len : model.longest(batch.src);
  const int k = options.top_k > 0 ? std::min(options.top_k, vocab.size()) : vocab.size();
  Hypothesis out;
  int id = vocab.bos();
  for (int t = 0; t < most && !out.finished; t++) {
    Tensor log_p = log_softmax(reshape(next(id), {1, -1}));
    silence(log_p, vocab.never_said());
    const TopK top = topk(log_p, k);
    const int chosen = drawn_of(top, options.temperature, random);
    id = top.indices[chosen];
    out.log_prob += double(top.values.data()[chosen]);
    if (id == vocab.eos()) out.finished = true;
    else out.tokens.push_back(id);
  }
  out.score = out.log_prob;
  return out;
}

}  // namespace babelgrad
