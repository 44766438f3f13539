// Attention in one pass: a query is scored against the keys it can see, the scores become weights
// by a softmax, dropout may strike some out, and the result is the weighted mean of the values. A
// row of scores never leaves the first cache, and what a query cannot see costs nothing. Here is
// what the two kinds of scores share; each has its plain definition in its own file.
#pragma once

#include <algorithm>
#include <vector>

#include "autograd/dropout_mask.h"
#include "autograd/observer.h"
#include "autograd/ops.h"
#include "autograd/softmax_row.h"
#include "tensor/packed.h"
#include "tensor/parallel.h"
#include "tensor/views.h"

namespace babelgrad::one_pass {

inline Real dot(const Real* a, const Real* b, Index n) {
  return raw::sum_row(n, [=](Index j, Index left) {
    return load_some(a + j, left) * load_some(b + j, left);
  });
}

// y += Σ_i weight(i) row(i) over the i < n that count: a strip of y stays in registers meanwhile.
template <class Counts, class Weight, class Row>
void add_rows(Real* y, Index width, int n, Counts counts, Weight weight, Row row) {
  constexpr int strip = 4;
  Index c = 0;
  for (; c + strip * lanes <= width; c += strip * lanes) {
    Vec sums[strip];
    for (int v = 0; v < strip; v++) sums[v] = load(y + c + v * lanes);
    for (int i = 0; i < n; i++) {
      if (!counts(i)) continue;
      const Real* x = row(i) + c;
      Vec a = splat(weight(i));
      for (int v = 0; v < strip; v++) sums[v] += a * load(x + v * lanes);
    }
    for (int v = 0; v < strip; v++) store(y + c + v * lanes, sums[v]);
  }
  for (; c < width; c += lanes) {
    int some = int(std::min<Index>(lanes, width - c));
    Vec total = load_some(y + c, some);
    for (int i = 0; i < n; i++) {
      if (counts(i)) total += weight(i) * load_some(row(i) + c, some);
    }
    store_some(y + c, total, some);
  }
}

inline bool always(int) { return true; }

// (heads, rows, width) with any strides but the last, whose numbers lie side by side.
struct HeadRows {
  Tensor x;                                     // held as long as its numbers are looked at
  Real* at;
  Index head, row, width;
  explicit HeadRows(const Tensor& any)
      : x(any.strides()[2] == 1 ? any : raw::contiguous(any)), at(x.data()), head(x.strides()[0]),
        row(x.strides()[1]), width(x.dim(2)) {}
  Real* operator()(Index h, Index r) const { return at + h * head + r * row; }
};

// Zeros (heads, rows, width) whose heads lie side by side in a row: the layout projections have.
inline Tensor heads_in_rows(const Tensor& x, int width) {
  return raw::permute(Tensor({x.dim(1), x.dim(0), width}), {1, 0, 2});
}

// What every query sees, and the weights it gives to it. They lie without gaps, query after query,
// so that their memory is that of the pairs of a query and a key that it sees.
struct Look {
  Segments segments;
  std::vector<Index> groups;                    // first queries of the sentences, and the end
  std::vector<Index> pairs{0};                  // of all queries before this one; at the end, all
  Index heads, queries;
  bool drops;
  DropoutMask mask;                             // in a table (heads, queries, most keys seen)
  Tensor weights;                               // (heads, pairs), before dropout

  Look(const char* operation, const Segments& seen, Index heads, Index keys, Real p)
      : segments(seen), heads(heads), queries(seen.queries()),
        drops(p > 0), mask(p, heads * queries * seen.most, operation) {
    check(segments.most >= 0 && segments.count.numel() == queries, operation, ": ",
          segments.count.numel(), " counts of keys, at most ", segments.most, ", for ", queries,
          " queries");
    for (Index q = 0; q < queries; q++) {
      check(first(q) >= 0 && count(q) >= 0 && count(q) <= segments.most &&
                first(q) <= keys - count(q),
            operation, ": query ", q, " sees keys ", first(q), " and ", count(q) - 1, " more of ",
            keys);
      if (q == 0 || first(q) != first(q - 1)) groups.push_back(q);
      pairs.push_back(pairs.back() + count(q));
    }
    groups.push_back(queries);
    check(pairs.back() <= INT32_MAX, operation, ": ", pairs.back(), " pairs of a query and a key "
          "that it sees are more than a batch can have");
    weights = Tensor::empty({int(heads), int(pairs.back())});
  }
  Index first(Index q) const { return segments.begin[q]; }
  int count(Index q) const { return segments.count[q]; }
  Real* row(Index h, Index q) const {
    return const_cast<Real*>(weights.data()) + h * pairs.back() + pairs[q];
  }
  // The weights of some queries after dropout, which is drawn again, in `room` if it needs any.
  const Real* dropped(Index h, Index begin, Index end, std::vector<Real>& room) const {
    const Real* from = row(h, begin);
    if (!drops) return from;
    room.resize(pairs[end] - pairs[begin]);
    Real* to = room.data();
    for (Index q = begin; q < end; q++) {
      mask.factors((h * queries + q) * segments.most, count(q), to + pairs[q] - pairs[begin]);
    }
    raw::fill_row(to, Index(room.size()), [=](Index j, Index left) {
      return kept_part(load_some(to + j, left), load_some(from + j, left));
    });
    return to;
  }
  AttentionWeights seen() const {
    return {weights, segments.count, {int(heads), int(queries), segments.most}};
  }

  // body(head, first query, last query + 1): a head of a sentence, which shares no key with others.
  template <class Body>
  void each(Index work_per_pair, const Body& body) const {
    Index sentences = Index(groups.size()) - 1;
    Index work = std::max<Index>(1, work_per_pair * segments.most);
    work *= std::max<Index>(1, queries / std::max<Index>(sentences, 1));
    parallel_for(heads * sentences, std::max<Index>(1, 40000 / work), [&](Index begin, Index end) {
      for (Index i = begin; i < end; i++) {
        body(i / sentences, groups[i % sentences], groups[i % sentences + 1]);
      }
    });
  }
};

// score(head, query, p) fills p with the scores of the keys that the query sees.
template <class Score>
Tensor attend(const Look& look, const HeadRows& v, const Score& score) {
  Tensor out = raw::permute(Tensor({int(look.queries), int(look.heads), int(v.width)}), {1, 0, 2});
  HeadRows y(out);
  look.each(4 * v.width, [&](Index h, Index begin, Index end) {
    std::vector<Real> room;
    for (Index q = begin; q < end; q++) {
      if (look.count(q) == 0) continue;         // no key: no weight, and a result of zeros
      Real* p = look.row(h, q);
      score(h, q, p);
      softmax_row(p, p, look.count(q));
      const Real* w = look.dropped(h, q, q + 1, room);
      add_rows(y(h, q), v.width, look.count(q), always, [=](int j) { return w[j]; },
               [&, first = look.first(q)](int j) { return v(h, first + j); });
    }
  });
  return out;
}

// From dy to the gradient of the scores, for one query. With w = p f, f what dropout leaves of p:
// dw = dy Vᵀ, and the softmax turns dp = dw f into ds = p (dp − Σ dp p) = dw w − p Σ dw w.
inline void score_gradients(const Look& look, const HeadRows& v, Index h, Index q, const Real* dy,
                            const Real* w, Real* ds) {
  const Real* p = look.row(h, q);
  int n = look.count(q);
  Real along = 0;
  for (int j = 0; j < n; j++) along += ds[j] = dot(dy, v(h, look.first(q) + j), v.width) * w[j];
  for (int j = 0; j < n; j++) ds[j] -= p[j] * along;
}

// to[key] += Σ_q weights[q, key] x[q], for the queries of one sentence that see the key; weights
// lie as Look has them.
inline void add_to_keys(const Look& look, const HeadRows& to, const HeadRows& x,
                        const Real* weights, Index h, Index begin, Index end) {
  auto counts = look.segments.count.values().begin() + begin;
  auto pairs = look.pairs.begin() + begin;
  int n = int(end - begin), most = *std::max_element(counts, counts + n);
  for (int j = 0; j < most; j++) {
    add_rows(to(h, look.first(begin) + j), x.width, n, [=](int q) { return j < counts[q]; },
             [=](int q) { return weights[pairs[q] - pairs[0] + j]; },
             [&](int q) { return x(h, begin + q); });
  }
}

// attend(Q, K, V, segments) takes (heads, rows, ..). The sentences of a padded batch follow one
// another, as in a packed one: they are rows of a single head.
template <class Attend>
Attended of_rows(const char* operation, const Tensor& Q, const Tensor& K, const Tensor& V,
                 const ValidLens& valid_lens, const Attend& attend) {
  check_given(operation, Q, K, V);
  check(Q.rank() == 3 && K.rank() == 3 && V.rank() == 3, operation, ": queries ", Q.shape(),
        ", keys ", K.shape(), ", values ", V.shape(), " are not of three axes each");
  const int heads = valid_lens.packed() ? K.dim(0) : 1;
  check(heads > 0 && (valid_lens.packed() || Q.dim(0) == K.dim(0)) && V.dim(0) == K.dim(0),
        operation, ": queries ", Q.shape(), ", keys ", K.shape(), ", values ", V.shape());
  auto rows = [&](const Tensor& X) {
    const Index all = Index(X.dim(0)) * X.dim(1);
    return X.dim(0) == heads ? X : reshape(X, {heads, int(all / heads), X.dim(2)});
  };
  auto [output, weights] =
      attend(rows(Q), rows(K), rows(V), valid_lens.of(Q.dim(0), Q.dim(1), K.dim(1)));
  output = reshape(output, {Q.dim(0), Q.dim(1), V.dim(2)});
  weights.table = {Q.dim(0), Q.dim(1), weights.table[2]};
  if (observer) [[unlikely]] record("attention_weights", weights, {}, nullptr);
  return {output, weights};
}

}  // namespace babelgrad::one_pass
