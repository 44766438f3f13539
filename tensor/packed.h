// Sentences of different lengths without padding ("packed"): the words of the first sentence, then
// those of the second, and so on, one long sentence (1, rows) in which each word sees only its own.
// What differs from a padded batch (batch, steps) are functions of the lengths: who sees whom,
// where a word stands, and in which order a recurrent layer reads.
#pragma once

#include "tensor/ints.h"

namespace babelgrad {

Ints lengths(const Ints& ids, int pad);         // (batch, steps) -> (batch): tokens before padding
Ints pack(const Ints& ids, const Ints& lens);   // (batch, steps) -> (1, rows)
Ints positions(const Ints& lens);               // of each row in its sentence: 0 .. len - 1
Ints sentences(const Ints& lens);               // of each row, the number of its sentence
void check_length(const char* operation, int len, int most);             // error outside 0 .. most

// The keys that each query, a row of its own, can see: rows begin .. begin + count - 1. Queries of
// one sentence stand together and share `begin`; sentences share no keys.
struct Segments {
  Ints begin, count;                            // (queries)
  int most = 0;                                 // no query sees more keys than this
  Index queries() const { return begin.numel(); }
};
// All keys of its sentence.
Segments packed_segments(const Ints& query_lens, const Ints& key_lens);
Segments causal_segments(const Ints& lens);           // itself and what comes before it
// Padded: (batch, num_queries) queries and (batch, num_keys) keys, one after another; valid_lens
// (batch) or (batch, num_queries) or none.
Segments padded_segments(const Ints& valid_lens, int batch, int num_queries, int num_keys);

// What a query may see: the first `lens` keys, as the book says it (see padded_segments), or in a
// packed batch the keys of its segment.
struct ValidLens {
  Ints lens;
  Segments segments;
  ValidLens() = default;
  ValidLens(const Ints& lens) : lens(lens) {}
  ValidLens(std::initializer_list<int> lens) : lens(lens) {}
  ValidLens(const Segments& segments) : segments(segments) {}
  bool packed() const { return bool(segments.begin); }
  explicit operator bool() const { return lens || packed(); }            // or is all there to see?
  Segments of(int batch, int num_queries, int num_keys) const;              // either, as segments
};
// Repeated for each head; in a packed batch all heads see the same anyway. Axis 0.
ValidLens repeat_interleave(const ValidLens& x, int times, int axis);
ValidLens first(const ValidLens& x, int n);     // of the first n queries, or sentences

// The lengths of the sentences of a batch. Padded, as the book has it: of the sources, or none, and
// targets are as long as their table. Packed: of both sides.
struct Lens {
  Ints src, tgt;
  Lens() = default;
  Lens(const Ints& src, const Ints& tgt = {}) : src(src), tgt(tgt) {}
  Lens(std::initializer_list<int> src) : src(src) {}
  bool packed() const { return bool(tgt); }

  // Who sees whom. self: source words see their whole sentence. cross: target words see its source.
  // causal: they see no later word; in a padded table the first of `steps` is at `position`.
  ValidLens self() const;
  ValidLens cross() const;
  ValidLens causal(int batch, int steps, int position) const;
  ValidLens step() const;                       // the target word of each sentence: see unbind

  // Where the words stand in their sentences, row by row or step by step.
  Ints src_positions(int steps) const;
  Ints tgt_positions(int steps, int position) const;
};
Lens take(const Lens& lens, const Ints& rows);  // of these sentences; of a padded batch

// The order in which a recurrent layer reads a batch: step by step, the longest sentences first, so
// that those which go on at step t are the first size(t) ones.
struct PackedSequence {
  Ints order;                                   // (batch): sentence of rank 0, 1, ...
  Ints rows;                                    // step by step, the row of each that goes on
  std::vector<int> begins;                      // of each step in `rows`, and the end

  int count() const { return int(begins.size()) - 1; }
  int size(int t) const { return begins[t + 1] - begins[t]; }
};
PackedSequence packed_sequence(const Ints& lens, bool backwards = false);
// Padded, time-major: row t batch + i is token t of sentence i. No lens given: all of num_steps.
PackedSequence padded_sequence(const Ints& lens, int num_steps, int batch, bool backwards = false);

}  // namespace babelgrad
