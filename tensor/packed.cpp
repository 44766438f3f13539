#include "tensor/packed.h"

#include <algorithm>
#include <numeric>

namespace babelgrad {
namespace {

int total(const Ints& lens) {
  for (int len : lens.values()) check(len >= 0, "packed: a sentence of ", len, " tokens");
  Index tokens = std::accumulate(lens.values().begin(), lens.values().end(), Index(0));
  check(tokens <= INT32_MAX, "packed: ", tokens, " tokens are more than a batch can have");
  return int(tokens);
}

int longest(const Ints& lens) { return lens.numel() ? std::ranges::max(lens.values()) : 0; }

// f(row, sentence, position) for every row.
template <class F>
Ints of_each_row(const Ints& lens, F f) {
  Ints out(Shape{total(lens)});
  for (int i = 0, row = 0; i < lens.numel(); i++) {
    for (int t = 0; t < lens[i]; t++, row++) out[row] = f(row, i, t);
  }
  return out;
}

// Step t has the t-th token, from the front or the back, of every sentence longer than t: the first
// ranks, since the longest come first. row_of(sentence, position) says where a token lies.
template <class RowOf>
PackedSequence steps_of(const Ints& lens, bool backwards, RowOf row_of) {
  PackedSequence steps{Ints(lens.shape()), Ints(Shape{total(lens)}), {0}};
  std::vector<int> order(lens.numel());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater(), [&](int i) { return lens[i]; });
  int longest = order.empty() ? 0 : lens[order[0]], row = 0;
  for (int t = 0; t < longest; t++) {
    for (int i : order) {
      if (t >= lens[i]) break;
      steps.rows[row++] = row_of(i, backwards ? lens[i] - 1 - t : t);
    }
    steps.begins.push_back(row);
  }
  steps.order = Ints(lens.shape(), std::move(order));
  return steps;
}

}  // namespace

void check_length(const char* operation, int len, int most) {
  check(len >= 0 && len <= most, operation, ": a valid length of ", len, " is outside 0 .. ", most);
}

Ints lengths(const Ints& ids, int pad) {
  check(ids.shape().rank() == 2, "lengths: ids ", ids.shape(), " are not (batch, steps)");
  Ints lens(Shape{ids.dim(0)});
  for (int i = 0; i < ids.dim(0); i++) {
    for (int t = 0; t < ids.dim(1); t++) if (ids.at(i, t) != pad) lens[i] = t + 1;
  }
  return lens;
}

Ints pack(const Ints& ids, const Ints& lens) {
  check(ids.shape().rank() == 2 && lens.shape() == Shape{ids.dim(0)},
        "pack: lens ", lens.shape(), " for ids ", ids.shape());
  for (int len : lens.values()) {
    check(len <= ids.dim(1), "pack: a sentence of ", len, " tokens in ", ids.shape());
  }
  Ints rows = of_each_row(lens, [&](int, int i, int t) { return ids.at(i, t); });
  return reshape(rows, {1, int(rows.numel())});
}

Ints positions(const Ints& lens) {
  return of_each_row(lens, [](int, int, int t) { return t; });
}

Ints sentences(const Ints& lens) {
  return of_each_row(lens, [](int, int i, int) { return i; });
}

// Row by row of the queries: where the keys of the same sentence begin, and how many there are.
Segments packed_segments(const Ints& query_lens, const Ints& key_lens) {
  check(query_lens.shape() == key_lens.shape(),
        "packed_segments: queries of ", query_lens.shape(), " sentences, keys of ",
        key_lens.shape());
  total(key_lens);                              // an error if one is negative, or all are too many
  Ints begins(key_lens.shape());
  for (int i = 1; i < begins.numel(); i++) begins[i] = begins[i - 1] + key_lens[i - 1];
  return {of_each_row(query_lens, [&](int, int i, int) { return begins[i]; }),
          of_each_row(query_lens, [&](int, int i, int) { return key_lens[i]; }), longest(key_lens)};
}

Segments causal_segments(const Ints& lens) {
  return {of_each_row(lens, [](int row, int, int t) { return row - t; }),
          of_each_row(lens, [](int, int, int t) { return t + 1; }), longest(lens)};
}

Segments padded_segments(const Ints& valid_lens, int batch, int num_queries, int num_keys) {
  Index queries = Index(batch) * num_queries, keys = Index(batch) * num_keys;
  check(batch >= 0 && num_queries >= 0 && num_keys >= 0 && std::max(queries, keys) <= INT32_MAX,
        "attention: ", batch, " times ", num_queries, " queries and ", num_keys, " keys");
  check(!valid_lens || valid_lens.shape() == Shape{batch} ||
            valid_lens.shape() == Shape{batch, num_queries},
        "attention: valid_lens ", valid_lens.shape(), " for ", batch, " times ", num_queries,
        " queries");
  Segments segments{Ints(Shape{int(queries)}), Ints(Shape{int(queries)}, num_keys), num_keys};
  Index per_len = valid_lens ? queries / std::max<Index>(valid_lens.numel(), 1) : 1;
  for (Index q = 0; q < queries; q++) {
    segments.begin[q] = int(q / num_queries) * num_keys;
    if (!valid_lens) continue;
    segments.count[q] = valid_lens[q / per_len];
    check_length("attention", segments.count[q], num_keys);
  }
  return segments;
}

PackedSequence packed_sequence(const Ints& lens, bool backwards) {
  std::vector<int> begins(lens.numel() + 1);
  total(lens);
  for (int i = 0; i < lens.numel(); i++) begins[i + 1] = begins[i] + lens[i];
  return steps_of(lens, backwards, [&](int i, int t) { return begins[i] + t; });
}

PackedSequence padded_sequence(const Ints& lens, int num_steps, int batch, bool backwards) {
  Ints all = lens ? lens : Ints(Shape{batch}, num_steps);
  check(all.shape() == Shape{batch}, "steps: valid_lens ", all.shape(), " for a batch of ", batch);
  for (int len : all.values()) check_length("steps", len, num_steps);
  return steps_of(all, backwards, [&](int i, int t) { return t * batch + i; });
}

Segments ValidLens::of(int batch, int num_queries, int num_keys) const {
  return packed() ? segments : padded_segments(lens, batch, num_queries, num_keys);
}

ValidLens repeat_interleave(const ValidLens& x, int times, int axis) {
  check(axis == 0, "repeat_interleave: axis ", axis, " of lengths; there is axis 0 only");
  return x.packed() ? x : repeat_interleave(x.lens, times);
}

ValidLens first(const ValidLens& x, int n) {
  if (!x.packed()) return take(x.lens, positions({n}));
  return Segments{take(x.segments.begin, positions({n})), take(x.segments.count, positions({n})),
                  x.segments.most};
}

ValidLens Lens::self() const { return packed() ? packed_segments(src, src) : ValidLens(src); }

ValidLens Lens::cross() const { return packed() ? packed_segments(tgt, src) : ValidLens(src); }

ValidLens Lens::causal(int batch, int steps, int position) const {
  if (packed()) return causal_segments(tgt);
  Ints lens(Shape{batch, steps});
  for (Index i = 0; i < lens.numel(); i++) lens[i] = position + int(i % steps) + 1;
  return lens;
}

ValidLens Lens::step() const {
  if (!packed()) return src;
  Segments segments = packed_segments(Ints(tgt.shape(), 1), src);
  Ints order = packed_sequence(tgt).order;
  return Segments{take(segments.begin, order), take(segments.count, order), segments.most};
}

Ints Lens::src_positions(int steps) const { return positions(packed() ? src : Ints{steps}); }

Ints Lens::tgt_positions(int steps, int position) const {
  if (packed()) return positions(tgt);
  Ints at = positions({steps});
  for (Index i = 0; i < at.numel(); i++) at[i] += position;
  return at;
}

Lens take(const Lens& lens, const Ints& rows) {
  check(!lens.packed(), "take: sentences of a packed batch stand one after another");
  return take(lens.src, rows);
}

}  // namespace babelgrad
