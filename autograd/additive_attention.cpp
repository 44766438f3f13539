// Attention with Bahdanau's scores, s_j = w · tanh(q + k_j): what it is, and the same in one pass
// (one_pass.h). The backward pass computes the tanh again: a vector of it for every query and key
// would be the largest tensor of the model.
#include "autograd/one_pass.h"

namespace babelgrad {

// D2L 11.3.4 Additive Attention
// Departs from D2L: queries and keys are projected already, and the probability `p` of dropout
// comes with the call.
Tensor additive_attention_plain(const Tensor& queries, const Tensor& keys, const Tensor& w,
                                const Tensor& values, const Ints& valid_lens, Real p,
                                Tensor& attention_weights) {
  // (batch, queries, 1, h) + (batch, 1, keys, h)
  Tensor features = unsqueeze(queries, 2) + unsqueeze(keys, 1);
  features = tanh(features);
  auto w_v = [&](const Tensor& x) { return linear(x, reshape(w, {1, -1})); };
  Tensor scores = squeeze(w_v(features), -1);   // Eq. (11.3.7)
  attention_weights = masked_softmax(scores, valid_lens);
  return matmul(dropout(attention_weights, p), values);
}

namespace {

using namespace one_pass;

// What both ways look at: Q (1, queries, h), K (1, keys, h) and w (h), row-major.
struct Additive {
  Tensor Q, K, w;
  HeadRows v;                                       // (1, keys, width)
  Look look;
  Index h;

  Additive(const Tensor& Q, const Tensor& K, const Tensor& w, const Tensor& V,
           const Segments& segments, Real p)
      : Q(raw::contiguous(Q)), K(raw::contiguous(K)), w(raw::contiguous(w)),
        v(V), look("additive_attention", segments, 1, K.dim(1), p), h(Q.dim(2)) {}
  const Real* query(Index i) const { return Q.data() + i * h; }
  const Real* keys(Index i) const { return K.data() + look.first(i) * h; }   // all that it sees

  void scores(Index i, Real* s) const {         // of query i
    const Real *q = query(i), *k = keys(i), *weight = w.data();
    for (int j = 0; j < look.count(i); j++, k += h) {
      s[j] = raw::sum_row(h, [=](Index c, Index n) {
        return load_some(weight + c, n) * simd::tanh(load_some(q + c, n) + load_some(k + c, n));
      });
    }
  }

  struct Way { Tensor dQ, g, dw; };             // g (pairs, h), dw (sentences, h): yet to be summed

  // Of query i, with ds from the softmax and t_j = tanh(q + k_j):
  //   g_j = ds_j w (1 − t_j²)   dq = Σ g_j   dk_j += g_j   dw += Σ ds_j t_j
  void query_gradients(Index i, const Real* ds, Real* dq, Real* g, Real* dw) const {
    const Real *q = query(i), *k = keys(i);
    int count = look.count(i);
    for (Index c = 0; c < h; c += lanes) {
      int n = int(std::min<Index>(lanes, h - c));
      Vec q_c = load_some(q + c, n), w_c = load_some(w.data() + c, n);
      Vec to_query = {}, to_weight = load_some(dw + c, n);
      for (int j = 0; j < count; j++) {
        Vec t = simd::tanh(q_c + load_some(k + j * h + c, n));
        Vec slope = ds[j] * w_c * (1 - t * t);
        to_query += slope, to_weight += ds[j] * t;
        store_some(g + j * h + c, slope, n);
      }
      store_some(dq + c, to_query, n);
      store_some(dw + c, to_weight, n);
    }
  }

  Way backward(const Tensor& dY) const {
    Tensor d = raw::contiguous(dY);
    Way out{Tensor(Q.shape()), Tensor::empty({int(look.pairs.back()), int(h)}),
            Tensor({int(look.groups.size()) - 1, int(h)})};
    look.each(20 * h, [&, dq = out.dQ.data(), g = out.g.data(), dw = out.dw.data()](
                          Index, Index begin, Index end) {
      std::vector<Real> room, ds(look.segments.most);
      const Real* weights = look.dropped(0, begin, end, room);
      Index sentence = std::ranges::lower_bound(look.groups, begin) - look.groups.begin();
      for (Index i = begin; i < end; i++) {
        score_gradients(look, v, 0, i, d.data() + i * v.width, weights, ds.data());
        query_gradients(i, ds.data(), dq + i * h, g + look.pairs[i] * h, dw + sentence * h);
        weights += look.count(i);
      }
    });
    return out;
  }

  // dk += g, from the pairs to their keys.
  void add_to_dK(const Tensor& g, Tensor& dK) const {
    if (!dK) dK = Tensor(K.shape());
    look.each(h, [&, to = dK.data()](Index, Index begin, Index end) {
      for (Index i = begin; i < end; i++) {
        Real* dk = to + look.first(i) * h;
        const Real* from = g.data() + look.pairs[i] * h;
        for (Index c = 0; c < look.count(i) * h; c++) dk[c] += from[c];
      }
    });
  }

  // dv_j += Σ_i weight_ij dy_i
  void add_to_dV(const Tensor& dY, Tensor& dV) const {
    if (!dV) dV = Tensor(v.x.shape());
    HeadRows to(dV), dy(dY);
    look.each(v.width, [&](Index head, Index begin, Index end) {
      std::vector<Real> room;
      add_to_keys(look, to, dy, look.dropped(head, begin, end, room), head, begin, end);
    });
  }
};

Attended additive_rows(const Tensor& w, const Tensor& Q, const Tensor& K, const Tensor& V,
                       const Segments& segments, Real p) {
  check(K.dim(0) == 1 && Q.dim(0) == 1 && V.dim(0) == 1 && Q.dim(2) == K.dim(2) &&
            K.dim(1) == V.dim(1) && w.numel() == Q.dim(2) && segments.queries() == Q.dim(1),
        "additive_attention: queries ", Q.shape(), ", keys ", K.shape(), ", w_v ", w.shape(),
        ", values ", V.shape());
  Additive a(Q, K, w, V, segments, p);
  Tensor Y = attend(a.look, a.v, [&](Index, Index i, Real* s) { a.scores(i, s); });
  double flops = 2 * double(a.look.weights.numel()) * double(a.h + a.v.width);
  count_flops(flops);
  Tensor y = record("additive_attention", Y, {Q, K, w, V},
                    [=, shape = w.shape()](const Tensor& dY, Gradients d) {
    count_flops(2 * flops);
    auto [dQ, g, dw] = a.backward(dY);
    d[0] += dQ;
    d[1].in_place([&, g = g](Tensor& dK) { a.add_to_dK(g, dK); });
    if (d[2]) d[2] += raw::reshape(raw::sum(dw, {0}), shape);
    d[3].in_place([&](Tensor& dV) { a.add_to_dV(dY, dV); });
  });
  return {y, a.look.seen()};
}

}  // namespace

Attended additive_attention(const Tensor& Q, const Tensor& K, const Tensor& w, const Tensor& V,
                            const ValidLens& valid_lens, Real p) {
  check_given("additive_attention", w);
  return of_rows("additive_attention", Q, K, V, valid_lens,
                 [&](const auto&... in) { return additive_rows(w, in..., p); });
}

}  // namespace babelgrad
