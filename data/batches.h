// Pairs as arrays of ids, and the order in which an epoch visits them. Everything here is a pure
// function of its arguments and, where an order is drawn, of the Random handed in.
#pragma once

#include <vector>

#include "data/pair.h"
#include "data/vocab.h"
#include "tensor/packed.h"
#include "tensor/random.h"

namespace babelgrad {

// Packed: sentences of different lengths stand one after another (tensor/packed.h).
struct Batch {
  Ints src, tgt;                                // (1, rows): a b c <eos>;  <bos> a b c
  Lens lens;                                    // of both sides, <eos> counts
  Ints label;                                   // (1, rows) as tgt: a b c <eos>
  std::vector<int> rows = {};                   // which pairs these are
  Index tokens = 0;                             // of all labels
};

// D2L 10.5.3 Loading Sequences of Fixed Length
// Both sides end in <eos>, then are cut (which may lose it) to num_steps; 0: never cut.
// Error: no rows, a row that is no pair, num_steps < 0.
Batch make_batch(const std::vector<Pair>& pairs, const std::vector<int>& rows,
                 const Vocab& src_vocab, const Vocab& tgt_vocab, int num_steps = 0);

// The same sentences as the book shows them: ids (B, steps) with padding to num_steps, or with 0 to
// the longest of either side; lens of the sources alone.
Batch padded(const Batch& batch, const Vocab& src_vocab, const Vocab& tgt_vocab,
             int num_steps = 0);

using Epoch = std::vector<std::vector<int>>;    // the rows of each batch; every row once

// The book's: shuffled, the last batch smaller. Error: batch_size < 1, here and below.
Epoch shuffled_batches(int count, int batch_size, Random& random);

// Like lengths together: large shuffled pools are sorted by length, cut, and the batches shuffled.
Epoch bucketed_batches(const std::vector<Pair>& pairs, int batch_size, Random& random);

// As above, each batch as large as it may be: rows times the longest side, <eos> included, stays
// within token_budget. A pair that is longer by itself has a batch of its own.
Epoch budgeted_batches(const std::vector<Pair>& pairs, int token_budget, Random& random);

}  // namespace babelgrad
