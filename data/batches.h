// Pairs as arrays of ids, and the order in which an epoch visits them. Everything here is a pure
// function of its arguments and, where an order is drawn, of the Random handed in.
#pragma once

#include <vector>

#include "data/pair.h"
#include "data/vocab.h"
#include "tensor/ints.h"
#include "tensor/random.h"

namespace babelgrad {

struct Batch {
  Ints src, src_valid_len;                      // (B, S), (B): <eos> counts, padding does not
  Ints tgt, label;                              // (B, T): <bos> a b c;  a b c <eos>
  std::vector<int> rows = {};                   // which pairs these are
  Index tokens = 0;                             // label positions that are not padding
};

// D2L 10.5.3 Loading Sequences of Fixed Length
// Both sides end in <eos>, then are cut (which may lose it) or padded to num_steps.
// Error: no rows, a row that is no pair, num_steps < 1; this and the next.
Batch fixed_batch(const std::vector<Pair>& pairs, const std::vector<int>& rows,
                  const Vocab& src_vocab, const Vocab& tgt_vocab, int num_steps);

// Padded to the longest sentence of the batch on either side, never cut.
Batch padded_batch(const std::vector<Pair>& pairs, const std::vector<int>& rows,
                   const Vocab& src_vocab, const Vocab& tgt_vocab);

using Epoch = std::vector<std::vector<int>>;    // the rows of each batch; every row once

// The book's: shuffled, the last batch smaller. Error: batch_size < 1, here and below.
Epoch shuffled_batches(int count, int batch_size, Random& random);

// Like lengths together: large shuffled pools are sorted by length, cut, and the batches shuffled.
Epoch bucketed_batches(const std::vector<Pair>& pairs, int batch_size, Random& random);

// As above, each batch as large as it may be: rows times the longest side, <eos> included, stays
// within token_budget. A pair that is longer by itself has a batch of its own.
Epoch budgeted_batches(const std::vector<Pair>& pairs, int token_budget, Random& random);

}  // namespace babelgrad
