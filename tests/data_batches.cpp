#include "data/batches.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "data/text.h"

using namespace babelgrad;

namespace {

const std::vector<Pair> pairs = {
    {{"a", "b"}, {"x"}}, {{"a"}, {"x", "y", "z"}}, {{"b", "b", "a"}, {"y"}}};
const Vocab src(std::vector<Tokens>{{"a", "a", "b"}});                   // a 4, b 5
const Vocab tgt(std::vector<Tokens>{{"x", "x", "x", "y", "y", "z"}});    // x 4, y 5, z 6

std::vector<Pair> random_pairs(int count, Random& random) {
  std::vector<Pair> out(count);
  for (Pair& pair : out) {
    pair.src = Tokens(1 + random.below(30), "a");
    pair.tgt = Tokens(1 + random.below(5) + pair.src.size(), "x");
  }
  return out;
}

int steps(const Pair& pair) { return int(std::max(pair.src.size(), pair.tgt.size())) + 1; }

void check_each_once(const Epoch& epoch, int count) {
  std::vector<int> rows, expected;
  for (const auto& batch : epoch) rows.insert(rows.end(), batch.begin(), batch.end());
  for (int i = 0; i < count; i++) expected.push_back(i);
  std::ranges::sort(rows);
  CHECK(rows == expected);
}

Index padded_size(const Epoch& epoch, const std::vector<Pair>& data) {
  Index sum = 0;
  for (const auto& batch : epoch) {
    int longest = 0;
    for (int row : batch) longest = std::max(longest, steps(data[row]));
    sum += longest * Index(batch.size());
  }
  return sum;
}

}  // namespace

TEST_CASE("make_batch: one sentence after another, <eos>, and a decoder input that lags by one") {
  Batch batch = make_batch(pairs, {1, 2}, src, tgt);
  CHECK(batch.src == Ints(Shape{1, 6}, {4, 3, 5, 5, 4, 3}));
  CHECK(batch.tgt == Ints(Shape{1, 6}, {2, 4, 5, 6, 2, 5}));
  CHECK(batch.label == Ints(Shape{1, 6}, {4, 5, 6, 3, 5, 3}));
  CHECK(batch.lens.src == Ints{2, 4});
  CHECK(batch.lens.tgt == Ints{4, 2});
  CHECK(batch.rows == std::vector{1, 2});
  CHECK(batch.tokens == 6);
}

TEST_CASE("padded: the book's tables, with padding to num_steps") {
  Batch batch = padded(make_batch(pairs, {0, 1}, src, tgt, 5), src, tgt, 5);
  CHECK(batch.src == Ints(Shape{2, 5}, {4, 5, 3, 1, 1, 4, 3, 1, 1, 1}));
  CHECK(batch.lens.src == Ints(Shape{2}, {3, 2}));
  CHECK(!batch.lens.packed());
  CHECK(batch.label == Ints(Shape{2, 5}, {4, 3, 1, 1, 1, 4, 5, 6, 3, 1}));
  CHECK(batch.tgt == Ints(Shape{2, 5}, {2, 4, 3, 1, 1, 2, 4, 5, 6, 3}));
  CHECK(batch.rows == std::vector{0, 1});
  CHECK(batch.tokens == 6);
}

TEST_CASE("make_batch: cutting may take the <eos>") {
  Batch batch = make_batch(pairs, {2, 1}, src, tgt, 3);
  CHECK(batch.src == Ints(Shape{1, 5}, {5, 5, 4, 4, 3}));
  CHECK(batch.lens.src == Ints{3, 2});
  CHECK(batch.label == Ints(Shape{1, 5}, {5, 3, 4, 5, 6}));
  CHECK(batch.tgt == Ints(Shape{1, 5}, {2, 5, 2, 4, 5}));
  CHECK(batch.tokens == 5);
  Batch table = padded(batch, src, tgt, 3);
  CHECK(table.label == Ints(Shape{2, 3}, {5, 3, 1, 4, 5, 6}));
  CHECK(table.tgt == Ints(Shape{2, 3}, {2, 5, 3, 2, 4, 5}));
}

TEST_CASE("padded: as long as the longest of either side") {
  Batch batch = padded(make_batch(pairs, {1, 2}, src, tgt), src, tgt);
  CHECK(batch.src == Ints(Shape{2, 4}, {4, 3, 1, 1, 5, 5, 4, 3}));
  CHECK(batch.lens.src == Ints(Shape{2}, {2, 4}));
  CHECK(batch.label == Ints(Shape{2, 4}, {4, 5, 6, 3, 5, 3, 1, 1}));
  CHECK(batch.tgt == Ints(Shape{2, 4}, {2, 4, 5, 6, 2, 5, 3, 1}));
  CHECK(padded(make_batch(pairs, {0}, src, tgt), src, tgt).label.shape() == Shape{1, 2});
}

TEST_CASE("batches: a text that spells special tokens gives unknown words") {
  std::vector<Pair> hostile = {{{"<pad>", "<eos>", "a"}, {"<eos>", "<bos>", "x"}}};
  Batch batch = make_batch(hostile, {0}, src, tgt);
  CHECK(batch.src == Ints(Shape{1, 4}, {0, 0, 4, 3}));
  CHECK(batch.label == Ints(Shape{1, 4}, {0, 0, 4, 3}));
  CHECK(batch.lens.src == Ints{4});
}

TEST_CASE("batches: the book's vocabularies, and empty sentences") {
  std::vector<Pair> data = {{{"a"}, {"x"}}, {{}, {}}};
  std::vector<Tokens> sources = {{"a"}, {"a"}}, targets = {{"x"}};
  Vocab book_src = Vocab::book(sources, 9, false), book_tgt = Vocab::book(targets, 9, true, 1);
  Batch batch = padded(make_batch(data, {0, 1}, book_src, book_tgt, 2), book_src, book_tgt);
  CHECK(batch.src == Ints(Shape{2, 2}, {3, 0, 0, 1}));
  CHECK(batch.tgt == Ints(Shape{2, 2}, {0, 4, 0, 1}));
  CHECK(batch.lens.src == Ints(Shape{2}, {2, 1}));
  CHECK_THROWS_AS(make_batch(data, {0}, book_src, book_src, 2), Error);  // no <bos>
}

TEST_CASE("batches: bad rows and sizes are refused") {
  CHECK_THROWS_WITH(make_batch(pairs, {}, src, tgt, 9),
                    "make_batch: no rows; a batch has one or more");
  CHECK_THROWS_WITH(make_batch(pairs, {0, 3}, src, tgt), "make_batch: row 3 of 3 pairs");
  CHECK_THROWS_WITH(make_batch(pairs, {-1}, src, tgt), "make_batch: row -1 of 3 pairs");
  CHECK_THROWS_WITH(make_batch(pairs, {0}, src, tgt, -1),
                    "make_batch: num_steps must be 0 or more, got -1");
  Random random;
  CHECK_THROWS_WITH(shuffled_batches(-1, 2, random),
                    "shuffled_batches: count must be 0 or more, got -1");
  CHECK_THROWS_WITH(shuffled_batches(3, 0, random),
                    "shuffled_batches: batch_size must be 1 or more, got 0");
  CHECK_THROWS_WITH(bucketed_batches(pairs, 0, random),
                    "bucketed_batches: batch_size must be 1 or more, got 0");
  CHECK_THROWS_WITH(budgeted_batches(pairs, -5, random),
                    "budgeted_batches: token_budget must be 1 or more, got -5");
}

TEST_CASE("shuffled_batches: every row once, the last batch smaller, decided by the seed") {
  Random random(4), same(4), other(5);
  Epoch epoch = shuffled_batches(641, 128, random);
  CHECK(epoch.size() == 6);
  for (int i = 0; i < 5; i++) CHECK(epoch[i].size() == 128);
  CHECK(epoch[5].size() == 1);
  check_each_once(epoch, 641);
  CHECK(shuffled_batches(641, 128, same) == epoch);
  CHECK(shuffled_batches(641, 128, other) != epoch);
  CHECK(shuffled_batches(641, 128, random) != epoch);     // the next epoch is another
  CHECK(shuffled_batches(0, 4, random).empty());
  CHECK(shuffled_batches(3, 1000, random).size() == 1);
}

TEST_CASE("bucketed_batches: like lengths together, every row once, decided by the seed") {
  Random data_random(1), random(4), same(4);
  std::vector<Pair> data = random_pairs(3003, data_random);
  Epoch epoch = bucketed_batches(data, 10, random);
  check_each_once(epoch, 3003);
  CHECK(epoch.size() == 301);
  CHECK(std::ranges::count_if(epoch, [](auto& batch) { return batch.size() == 10; }) == 300);
  CHECK(bucketed_batches(data, 10, same) == epoch);
  CHECK(bucketed_batches(data, 10, random) != epoch);
  Index real = 0;
  for (const Pair& pair : data) real += steps(pair);
  CHECK(padded_size(epoch, data) < 1.05 * real);
  CHECK(padded_size(shuffled_batches(3003, 10, random), data) > 1.5 * real);
  CHECK(bucketed_batches({}, 10, random).empty());
}

TEST_CASE("bucketed_batches: the order of batches does not follow their length") {
  Random data_random(1), random(4);
  std::vector<Pair> data = random_pairs(600, data_random);
  std::vector<int> lengths;
  for (const auto& batch : bucketed_batches(data, 10, random))
    lengths.push_back(steps(data[batch[0]]));
  CHECK_FALSE(std::ranges::is_sorted(lengths));
}

TEST_CASE("budgeted_batches: no batch is larger than its budget but a pair that is") {
  Random data_random(2), random(4), same(4);
  std::vector<Pair> data = random_pairs(3000, data_random);
  data[17].src = Tokens(500, "a");
  Epoch epoch = budgeted_batches(data, 200, random);
  check_each_once(epoch, 3000);
  for (const auto& batch : epoch) {
    if (batch == std::vector{17}) continue;
    Index size = padded_size({batch}, data);
    CHECK(size <= 200);
  }
  CHECK(std::ranges::count(epoch, std::vector{17}) == 1);
  CHECK(budgeted_batches(data, 200, same) == epoch);
  CHECK(budgeted_batches(data, 200, random) != epoch);
  CHECK(budgeted_batches(data, 1, random).size() == 3000);
  CHECK(budgeted_batches(data, 2000000000, random).size() == 1);
}
