#include "data/batches.h"

#include <algorithm>
#include <functional>
#include <tuple>

#include "tensor/check.h"

namespace babelgrad {
namespace {

constexpr int batches_per_pool = 64;

// The ids of a sentence and <eos>, cut or padded to the width of `table`, as its row i.
// Returns how many of them are not padding.
int put_sentence(Ints& table, int i, const Tokens& sentence, const Vocab& vocab) {
  std::vector<int> ids = vocab.ids(sentence);
  ids.push_back(vocab.eos());
  int length = std::min(int(ids.size()), table.dim(1));
  for (int j = 0; j < table.dim(1); j++) table.at(i, j) = j < length ? ids[j] : vocab.pad();
  return length;
}

Batch make_batch(const std::vector<Pair>& pairs, const std::vector<int>& rows,
                 const Vocab& src_vocab, const Vocab& tgt_vocab, int src_steps, int tgt_steps) {
  int count = int(rows.size());
  Batch batch = {Ints(Shape{count, src_steps}), Ints(Shape{count}), Ints(Shape{count, tgt_steps}),
                 Ints(Shape{count, tgt_steps}), rows};
  for (int i = 0; i < count; i++) {
    const Pair& pair = pairs[rows[i]];
    batch.src_valid_len[i] = put_sentence(batch.src, i, pair.src, src_vocab);
    batch.tokens += put_sentence(batch.label, i, pair.tgt, tgt_vocab);
    batch.tgt.at(i, 0) = tgt_vocab.bos();
    for (int j = 1; j < tgt_steps; j++) batch.tgt.at(i, j) = batch.label.at(i, j - 1);
  }
  return batch;
}

void check_rows(const char* name, const std::vector<Pair>& pairs, const std::vector<int>& rows) {
  check(!rows.empty(), name, ": no rows; a batch has one or more");
  for (int row : rows)
    check(row >= 0 && std::size_t(row) < pairs.size(), name, ": row ", row, " of ", pairs.size(),
          " pairs");
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

Batch fixed_batch(const std::vector<Pair>& pairs, const std::vector<int>& rows,
                  const Vocab& src_vocab, const Vocab& tgt_vocab, int num_steps) {
  check_rows("fixed_batch", pairs, rows);
  check(num_steps > 0, "fixed_batch: num_steps must be 1 or more, got ", num_steps);
  return make_batch(pairs, rows, src_vocab, tgt_vocab, num_steps, num_steps);
}

Batch padded_batch(const std::vector<Pair>& pairs, const std::vector<int>& rows,
                   const Vocab& src_vocab, const Vocab& tgt_vocab) {
  check_rows("padded_batch", pairs, rows);
  int src = 0, tgt = 0;
  for (int row : rows) {
    src = std::max(src, src_steps(pairs[row]));
    tgt = std::max(tgt, tgt_steps(pairs[row]));
  }
  return make_batch(pairs, rows, src_vocab, tgt_vocab, src, tgt);
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
