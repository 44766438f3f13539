// A Translator's searches, of any number of sentences: sorted into batches of like lengths, and
// back into their own order.
#include <algorithm>
#include <functional>
#include <numeric>

#include "tools/app/run/model.h"

namespace babelgrad {
namespace {

// Source positions of a batch, each as often as it has hypotheses: enough of them to keep a core
// busy, few enough for the numbers of a step to stay near it.
constexpr Index budget = 4096;

// The rows of each batch: like lengths together, so that there is little padding. Sentences times
// the longest of them times `hypotheses` stays within the budget; what is longer is alone.
std::vector<std::vector<int>> by_length(const std::vector<Pair>& pairs, int hypotheses) {
  std::vector<int> order(pairs.size());
  std::iota(order.begin(), order.end(), 0);
  auto length = [&](int i) { return pairs[i].src.size(); };
  std::ranges::stable_sort(order, {}, length);
  std::vector<std::vector<int>> batches;
  for (int row : order) {
    Index longest = Index(length(row)) + 1;     // with <eos>; in this order the last is the longest
    bool full = batches.empty() ||
                Index(batches.back().size() + 1) * longest * hypotheses > budget;
    if (full) batches.emplace_back();
    batches.back().push_back(row);
  }
  return batches;
}

// search(batch, max_lens) for batches that have every sentence once; batch.rows says which these
// are, max_lens (B) the longest translation that each may have.
void each_batch(const Translator& model, const std::vector<Tokens>& sentences, int hypotheses,
                int max_len, const std::function<void(const Batch&, const Ints&)>& search) {
  std::vector<Pair> pairs;
  for (const Tokens& sentence : sentences) pairs.push_back(model.pieces({sentence, {}}));
  for (const std::vector<int>& rows : by_length(pairs, hypotheses)) {
    Batch batch = padded(make_batch(model.config, pairs, rows, model.src_vocab, model.tgt_vocab),
                         model.src_vocab, model.tgt_vocab);
    Ints max_lens = batch.lens.src;
    for (Index i = 0; i < max_lens.numel(); i++)
      max_lens[i] = max_len > 0 ? max_len : model.longest(max_lens[i]);
    search(batch, max_lens);
  }
}

}  // namespace

int Translator::longest(int src_tokens) const {
  return config.num_steps > 0 ? config.num_steps : 2 * src_tokens + 10;
}

// A beam of one is greedy search, and each sentence leaves its batch at its own end.
std::vector<Tokens> Translator::translate(const std::vector<Tokens>& sentences, int max_len) {
  std::vector<Tokens> out;
  for (const auto& found : search(sentences, {.beam_size = 1, .max_len = max_len}))
    out.push_back(target_words(found[0].tokens));
  return out;
}

std::vector<std::vector<Hypothesis>> Translator::search(const std::vector<Tokens>& sentences,
                                                        const BeamOptions& options) {
  std::vector<std::vector<Hypothesis>> out(sentences.size());
  const PrepackedWeights fixed(module(), Index(sentences.size()) * options.beam_size);
  each_batch(*this, sentences, options.beam_size, options.max_len,
             [&](const Batch& batch, const Ints& max_lens) {
    auto found = beam(batch.src, batch.lens.src, max_lens, options);
    for (std::size_t i = 0; i < found.size(); i++) out[batch.rows[i]] = std::move(found[i]);
  });
  return out;
}

}  // namespace babelgrad
