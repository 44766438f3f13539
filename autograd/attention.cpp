// Attention in one pass: a query is scored against the keys it can see, the scores become weights by
// a softmax, dropout may strike some out, and the result is the weighted mean of the values. A row
// of scores never leaves the first cache, and what a query cannot see costs nothing.
// models/attention_scoring.h says the same in plain operations; tests hold both equal.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "autograd/dice.h"
#include "autograd/ops.h"
#include "autograd/profile.h"
#include "autograd/shared.h"
#include "tensor/parallel.h"
#include "tensor/vector_math.h"
#include "tensor/views.h"

namespace babelgrad {
namespace {

Real dot(const Real* a, const Real* b, Index n) {
  Vec sums[2] = {};
  Index i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    sums[0] += load(a + i) * load(b + i);
    sums[1] += load(a + i + lanes) * load(b + i + lanes);
  }
  for (; i < n; i += lanes) {
    int some = int(std::min<Index>(lanes, n - i));
    sums[0] += load_some(a + i, some) * load_some(b + i, some);
  }
  return sum(sums[0] + sums[1]);
}

void add_scaled(Real* __restrict y, Real a, const Real* __restrict x, Index n) {    // y += a x
  for (Index i = 0; i < n; i++) y[i] += a * x[i];
}

// (heads, rows, width) with any strides but the last, whose numbers lie side by side.
struct Rows {
  Tensor x;                                     // held as long as its numbers are looked at
  Real* at;
  Index head, row, width;
  explicit Rows(const Tensor& any)
      : x(any.strides()[2] == 1 ? any : raw::contiguous(any)), at(x.data()), head(x.strides()[0]),
        row(x.strides()[1]), width(x.dim(2)) {}
  Real* operator()(Index h, Index r) const { return at + h * head + r * row; }
};

// Zeros (heads, rows, width) whose heads lie side by side in a row: the layout projections have.
Tensor heads_in_rows(const Tensor& x, int width) {
  return raw::permute(Tensor({x.dim(1), x.dim(0), width}), {1, 0, 2});
}

// What every query shares: its keys, its weights, its luck.
struct Look {
  Spans spans;
  std::vector<Index> groups;                    // first queries of the sentences, and the end
  Index heads, queries;
  int most;                                     // keys that a query sees
  bool drops;
  Dice dice;
  Tensor weights;                               // (heads, queries, most), before dropout

  Look(const Spans& seen, Index heads, Index keys, Real p)
      : spans(seen), heads(heads), queries(seen.queries()), most(seen.most),
        drops(p > 0), dice(p, heads * queries * most) {
    weights = Tensor({int(heads), int(queries), most});
    for (Index q = 0; q < queries; q++) {
      check(spans.begin[q] >= 0 && spans.count[q] >= 0 && spans.count[q] <= most &&
                spans.begin[q] + spans.count[q] <= keys,
            "attention: query ", q, " sees keys ", spans.begin[q], " and ", spans.count[q] - 1,
            " more of ", keys);
      if (q == 0 || spans.begin[q] != spans.begin[q - 1]) groups.push_back(q);
    }
    groups.push_back(queries);
  }
  Index first(Index q) const { return spans.begin[q]; }
  int count(Index q) const { return spans.count[q]; }
  Real* row(Index h, Index q) const {
    return const_cast<Real*>(weights.data()) + (h * queries + q) * most;
  }
  // Of weight j: 0 if dropped, else 1 / (1 − p).
  Real kept(Index h, Index q, int j) const {
    return drops ? dice.factor((h * queries + q) * most + j) : 1;
  }

  double pairs() const {                        // of queries and the keys they see, in all heads
    auto counts = spans.count.values();
    return double(heads) * double(std::accumulate(counts.begin(), counts.end(), Index(0)));
  }

  // body(head, first query, last query + 1): a head of a sentence, which shares no key with others.
  template <class Body>
  void each(Index work_per_pair, const Body& body) const {
    Index sentences = Index(groups.size()) - 1, work = std::max<Index>(1, work_per_pair * most);
    work *= std::max<Index>(1, queries / std::max<Index>(sentences, 1));
    parallel_for(heads * sentences, std::max<Index>(1, 40000 / work), [&](Index begin, Index end) {
      for (Index i = begin; i < end; i++) {
        body(i / sentences, groups[i % sentences], groups[i % sentences + 1]);
      }
    });
  }
};

void softmax(Real* x, int n) {
  Real largest = x[0], buffer[lanes];
  for (int j = 1; j < n; j++) largest = std::max(largest, x[j]);
  Real total = 0;
  for (int j = 0; j < n; j += lanes) {
    int some = std::min(lanes, n - j);
    store(buffer, simd::exp(load_some(x + j, some) - largest));
    for (int i = 0; i < some; i++) total += x[j + i] = buffer[i];
  }
  Real scale = 1 / total;
  for (int j = 0; j < n; j++) x[j] *= scale;
}

// score(head, query, p) fills p with the scores of the keys that the query sees.
template <class Score>
Tensor attend(const Look& look, const Rows& v, const Score& score) {
  Tensor out = heads_in_rows(look.weights, int(v.width));
  Rows y(out);
  look.each(4 * v.width, [&](Index h, Index begin, Index end) {
    for (Index q = begin; q < end; q++) {
      Real* p = look.row(h, q);
      int n = look.count(q);
      if (n == 0) continue;                     // no key: no weight, and a result of zeros
      score(h, q, p);
      softmax(p, n);
      for (int j = 0; j < n; j++) {
        Real w = p[j] * look.kept(h, q, j);
        if (w != 0) add_scaled(y(h, q), w, v(h, look.first(q) + j), v.width);
      }
    }
  });
  return out;
}

// From dy of one query to the gradient of its scores: dw = dy Vᵀ, dp = dw where kept, and then the
// softmax's ds = p (dp − Σ dp p).
void score_gradients(const Look& look, const Rows& v, Index h, Index q, const Real* dy, Real* ds) {
  const Real* p = look.row(h, q);
  int n = look.count(q);
  Real along = 0;
  for (int j = 0; j < n; j++) {
    ds[j] = dot(dy, v(h, look.first(q) + j), v.width) * look.kept(h, q, j);
    along += ds[j] * p[j];
  }
  for (int j = 0; j < n; j++) ds[j] = p[j] * (ds[j] - along);
}

// dV += wᵀ dy for the sentences of one head.
void add_value_gradients(const Look& look, const Rows& dv, Index h, Index q, const Real* dy) {
  for (int j = 0; j < look.count(q); j++) {
    Real w = look.row(h, q)[j] * look.kept(h, q, j);
    if (w != 0) add_scaled(dv(h, look.first(q) + j), w, dy, dv.width);
  }
}

}  // namespace

// s_j = scale q · k_j
Attended dot_attention(const Tensor& Q, const Tensor& K, const Tensor& V, const Spans& spans,
                       Real scale, Real p) {
  check(Q.rank() == 3 && K.rank() == 3 && V.rank() == 3 && Q.dim(0) == K.dim(0) &&
            K.dim(0) == V.dim(0) && K.dim(1) == V.dim(1) && Q.dim(2) == K.dim(2) &&
            spans.queries() == Q.dim(1),
        "dot_attention: queries ", Q.shape(), ", keys ", K.shape(), ", values ", V.shape());
  Rows q(Q), k(K), v(V);
  Look look(spans, Q.dim(0), K.dim(1), p);
  Tensor Y = attend(look, v, [&](Index h, Index i, Real* s) {
    const Real* query = q(h, i);
    for (int j = 0; j < look.count(i); j++) {
      s[j] = scale * dot(query, k(h, look.first(i) + j), k.width);
    }
  });
  double flops = 2 * look.pairs() * double(q.width + v.width);
  profile::add_flops(flops);
  struct Back { Tensor dQ, dK, dV; };
  auto back = shared([=](const Tensor& dY) {
    profile::add_flops(2 * flops);
    Back g{heads_in_rows(q.x, int(q.width)), heads_in_rows(k.x, int(k.width)),
           heads_in_rows(v.x, int(v.width))};
    Rows dy(dY), dq(g.dQ), dk(g.dK), dv(g.dV);
    look.each(10 * v.width, [&](Index h, Index begin, Index end) {
      std::vector<Real> ds(look.most);
      for (Index i = begin; i < end; i++) {
        score_gradients(look, v, h, i, dy(h, i), ds.data());
        add_value_gradients(look, dv, h, i, dy(h, i));
        for (int j = 0; j < look.count(i); j++) {                        // ds_j k_j and ds_j q
          add_scaled(dq(h, i), scale * ds[j], k(h, look.first(i) + j), k.width);
          add_scaled(dk(h, look.first(i) + j), scale * ds[j], q(h, i), q.width);
        }
      }
    });
    return g;
  });
  return {record("dot_attention", Y, {{Q, [=](const Tensor& dY) { return back(dY).dQ; }},
                                      {K, [=](const Tensor& dY) { return back(dY).dK; }},
                                      {V, [=](const Tensor& dY) { return back(dY).dV; }}}),
          look.weights};
}

// s_j = w · tanh(q + k_j), Bahdanau's. On the way back the tanh is computed again: one vector of it
// for every query and key would be the largest tensor of the model.
Attended additive_attention(const Tensor& Q, const Tensor& K, const Tensor& w, const Tensor& V,
                            const Spans& spans, Real p) {
  check(Q.rank() == 2 && K.rank() == 2 && V.rank() == 2 && Q.dim(1) == K.dim(1) &&
            K.dim(0) == V.dim(0) && w.numel() == Q.dim(1) && spans.queries() == Q.dim(0),
        "additive_attention: queries ", Q.shape(), ", keys ", K.shape(), ", w_v ", w.shape(),
        ", values ", V.shape());
  Tensor qs = raw::contiguous(Q), ks = raw::contiguous(K), ws = raw::contiguous(w);
  Rows v(raw::unsqueeze(V, 0));
  Index width = Q.dim(1);
  Look look(spans, 1, K.dim(0), p);
  Tensor Y = attend(look, v, [&](Index, Index i, Real* s) {
    const Real *query = qs.data() + i * width, *weight = ws.data();
    for (int j = 0; j < look.count(i); j++) {
      const Real* key = ks.data() + (look.first(i) + j) * width;
      Vec total = {};
      for (Index c = 0; c < width; c += lanes) {
        int n = int(std::min<Index>(lanes, width - c));
        total += load_some(weight + c, n) *
                 simd::tanh(load_some(query + c, n) + load_some(key + c, n));
      }
      s[j] = sum(total);
    }
  });
  // With ds from the softmax: g_j = ds_j w (1 − t_j²), dq = Σ g_j, dk_j = g_j, dw = Σ ds_j t_j.
  std::vector<Index> pairs(look.queries + 1);   // of each query, its first g
  for (Index i = 0; i < look.queries; i++) pairs[i + 1] = pairs[i] + look.count(i);
  double flops = 2 * look.pairs() * double(width + v.width);
  profile::add_flops(flops);
  struct Back { Tensor dq, g, dw; };            // dw: one row for each sentence, to be summed
  auto back = shared([=](const Tensor& dY) {
    profile::add_flops(2 * flops);
    Tensor d = raw::contiguous(dY);
    Back out{Tensor(qs.shape()), Tensor::empty({int(pairs.back()), int(width)}),
             Tensor({int(look.groups.size()) - 1, int(width)})};
    look.each(20 * width, [&, dq = out.dq.data(), g = out.g.data(), dw = out.dw.data()](
                              Index, Index begin, Index end) {
      std::vector<Real> ds(look.most);
      Index group = std::ranges::lower_bound(look.groups, begin) - look.groups.begin();
      for (Index i = begin; i < end; i++) {
        score_gradients(look, v, 0, i, d.data() + i * v.width, ds.data());
        for (Index c = 0; c < width; c += lanes) {
          int n = int(std::min<Index>(lanes, width - c));
          Vec query = load_some(qs.data() + i * width + c, n), weight = load_some(ws.data() + c, n);
          Vec to_query = {}, to_weight = load_some(dw + group * width + c, n);
          for (int j = 0; j < look.count(i); j++) {
            Vec t = simd::tanh(query + load_some(ks.data() + (look.first(i) + j) * width + c, n));
            Vec slope = ds[j] * weight * (1 - t * t);
            to_query += slope, to_weight += ds[j] * t;
            store_some(g + (pairs[i] + j) * width + c, slope, n);
          }
          store_some(dq + i * width + c, to_query, n);
          store_some(dw + group * width + c, to_weight, n);
        }
      }
    });
    return out;
  });
  auto dK = [=](const Tensor& dY, Tensor& dk) {
    const Tensor& g = back(dY).g;
    if (!dk) dk = Tensor(ks.shape());
    look.each(width, [&, to = dk.data()](Index, Index begin, Index end) {
      for (Index i = begin; i < end; i++) {
        add_scaled(to + look.first(i) * width, 1, g.data() + pairs[i] * width,
                   look.count(i) * width);
      }
    });
  };
  auto dV = [=, shape = V.shape()](const Tensor& dY, Tensor& dv) {
    Tensor d = raw::contiguous(dY);
    if (!dv) dv = Tensor(shape);
    Rows to(raw::unsqueeze(dv, 0));
    look.each(v.width, [&](Index, Index begin, Index end) {
      for (Index i = begin; i < end; i++) {
        add_value_gradients(look, to, 0, i, d.data() + i * v.width);
      }
    });
  };
  auto dw = [=, shape = w.shape()](const Tensor& dY) {
    return raw::reshape(raw::sum(back(dY).dw, {0}), shape);
  };
  return {record("additive_attention", raw::squeeze(Y, 0),
                 {{Q, [=](const Tensor& dY) { return back(dY).dq; }},
                  {K, nullptr, dK},
                  {w, dw},
                  {V, nullptr, dV}}),
          look.weights};
}

}  // namespace babelgrad
