#include "data/batches.h"

#include <algorithm>
#include <functional>
#include <tuple>

#include "tensor/check.h"

namespace babelgrad {
namespace {

constexpr int batches_per_pool = 64;

// The ids of a sentence and <eos>, of which num_steps are kept; 0: all.
std::vector<int> ids_of(const Tokens& sentence, const Vocab& vocab, int num_steps) {
  std::vector<int> ids = vocab.ids(sentence);
  ids.push_back(vocab.eos());
  if (num_steps > 0) ids.resize(std::min<std::size_t>(ids.size(), num_steps));
  return ids;
}

Ints one_row(const std::vector<int>& ids) { return Ints(Shape{1, int(ids.size())}, ids); }

// (1, rows) -> (sentences, steps), each with padding behind it.
Ints table(const Ints& ids, const Ints& lens, int steps, int pad) {
  Ints out(Shape{int(lens.numel()), steps}, pad);
  for (int i = 0, row = 0; i < out.dim(0); i++)
    for (int t = 0; t < lens[i]; t++) out.at(i, t) = ids[row++];
  return out;
}

int src_steps(const Pair& pair) { return int(pair.src.size()) + 1; }  // with <eos>
int tgt_steps(const Pair& pair) { return int(pair.tgt.size()) + 1; }
int steps(const Pair& pair) { return std::max(src_steps(pair), tgt_steps(pair)); }

// Every `size` of the rows, the last part smaller.
Epoch cut(const std::vector<int>& rows, std::size_t size) {
  Epoch parts;
  for (std::size_t i = 0; i < rows.size(); i++) {
    if (i % size == 0) parts.emplace_back();
    parts.back().push_back(rows[i]);
  }
  return parts;
}

Epoch cut_by_budget(const std::vector<Pair>& pairs, const std::vector<int>& rows, Index budget) {
  Epoch parts;
  Index longest = 0;
  for (int row : rows) {
    longest = std::max<Index>(longest, steps(pairs[row]));
    bool full = parts.empty() || longest * Index(parts.back().size() + 1) > budget;
    if (full) parts.emplace_back(), longest = steps(pairs[row]);
    parts.back().push_back(row);
  }
  return parts;
}

using Cut = std::function<Epoch(const std::vector<int>& rows)>;

// Sorting everything would make each epoch's batches the same; sorting pools keeps them random.
Epoch by_length(const std::vector<Pair>& pairs, std::size_t pool_size, const Cut& cut_pool,
                Random& random) {
  Epoch batches, shuffled;
  for (std::vector<int>& pool : cut(random.permutation(int(pairs.size())), pool_size)) {
    auto lengths = [&](int row) { return std::tuple(steps(pairs[row]), tgt_steps(pairs[row])); };
    std::ranges::stable_sort(pool, std::less(), lengths);
    for (std::vector<int>& batch : cut_pool(pool)) batches.push_back(std::move(batch));
  }
  for (int i : random.permutation(int(batches.size()))) shuffled.push_back(std::move(batches[i]));
  return shuffled;
}

}  // namespace

Batch make_batch(const std::vector<Pair>& pairs, const std::vector<int>& rows,
                 const Vocab& src_vocab, const Vocab& tgt_vocab, int num_steps) {
  check(!rows.empty(), "make_batch: no rows; a batch has one or more");
  check(num_steps >= 0, "make_batch: num_steps must be 0 or more, got ", num_steps);
  std::vector<int> src, tgt, label;
  const Shape count{int(rows.size())};
  Lens lens(Ints(count, 0), Ints(count, 0));
  for (std::size_t i = 0; i < rows.size(); i++) {
    check(rows[i] >= 0 && std::size_t(rows[i]) < pairs.size(), "make_batch: row ", rows[i], " of ",
          pairs.size(), " pairs");
    const std::vector<int> source = ids_of(pairs[rows[i]].src, src_vocab, num_steps);
    const std::vector<int> target = ids_of(pairs[rows[i]].tgt, tgt_vocab, num_steps);
    lens.src[i] = int(source.size()), lens.tgt[i] = int(target.size());
    src.insert(src.end(), source.begin(), source.end());
    label.insert(label.end(), target.begin(), target.end());
    tgt.push_back(tgt_vocab.bos());
    tgt.insert(tgt.end(), target.begin(), target.end() - 1);
  }
  return {one_row(src), one_row(tgt), lens, one_row(label), rows, Index(label.size())};
}

Batch padded(const Batch& batch, const Vocab& src_vocab, const Vocab& tgt_vocab, int num_steps) {
  const auto& [src, tgt, lens, label, rows, tokens] = batch;
  auto steps = [&](const Ints& of) {
    return std::max(num_steps, *std::ranges::max_element(of.values()));
  };
  Ints labels = table(label, lens.tgt, steps(lens.tgt), tgt_vocab.pad()), inputs(labels.shape());
  for (int i = 0; i < inputs.dim(0); i++) {     // one step behind the labels
    for (int t = 0; t < inputs.dim(1); t++)
      inputs.at(i, t) = t == 0 ? tgt_vocab.bos() : labels.at(i, t - 1);
  }
  return {table(src, lens.src, steps(lens.src), src_vocab.pad()), inputs, lens.src, labels, rows,
          tokens};
}

Epoch shuffled_batches(int count, int batch_size, Random& random) {
  check(count >= 0, "shuffled_batches: count must be 0 or more, got ", count);
  check(batch_size > 0, "shuffled_batches: batch_size must be 1 or more, got ", batch_size);
  return cut(random.permutation(count), batch_size);
}

Epoch bucketed_batches(const std::vector<Pair>& pairs, int batch_size, Random& random) {
  check(batch_size > 0, "bucketed_batches: batch_size must be 1 or more, got ", batch_size);
  auto by_count = [&](const std::vector<int>& pool) { return cut(pool, batch_size); };
  return by_length(pairs, std::size_t(batch_size) * batches_per_pool, by_count, random);
}

Epoch budgeted_batches(const std::vector<Pair>& pairs, int token_budget, Random& random) {
  check(token_budget > 0, "budgeted_batches: token_budget must be 1 or more, got ", token_budget);
  auto by_budget = [&](const auto& pool) { return cut_by_budget(pairs, pool, token_budget); };
  // At least 8 tokens a sentence: pools of about as many batches as above, whatever the budget.
  std::size_t pool_size = std::max(token_budget / 8, 1) * std::size_t(batches_per_pool);
  return by_length(pairs, pool_size, by_budget, random);
}

}  // namespace babelgrad
