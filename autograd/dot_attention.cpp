// Attention with the Transformer's scores, s_j = q · k_j / √d: what it is, and the same in one
// pass (one_pass.h), with the whole backward pass in another.
#include <cmath>

#include "autograd/one_pass.h"

namespace babelgrad {

// D2L 11.3.3 Scaled Dot Product Attention
// Departs from D2L: the probability `p` of dropout and d come with the call; d = 1 leaves the
// scores as they are.
Tensor dot_attention_plain(const Tensor& queries, const Tensor& keys, const Tensor& values,
                           const Ints& valid_lens, Real d, Real p, Tensor& attention_weights) {
  Tensor scores = matmul(queries, transpose(keys, 1, 2)) / std::sqrt(d);    // Eq. (11.3.2)
  attention_weights = masked_softmax(scores, valid_lens);
  return matmul(dropout(attention_weights, p), values);    // Eq. (11.3.6)
}

AttentionWeights::operator Tensor() const {
  if (!count) return seen;
  Tensor all(table);
  const Index heads = seen.dim(0), most = table[-1];
  const Real* from = seen.data();
  Real* to = all.data();
  for (Index h = 0; h < heads; h++) {
    for (int n : count.values()) std::copy_n(from, n, to), from += n, to += most;
  }
  return all;
}

std::vector<Tensor> tables(const std::vector<AttentionWeights>& weights) {
  return {weights.begin(), weights.end()};
}

namespace {

using namespace one_pass;

Attended dot_rows(const Tensor& Q, const Tensor& K, const Tensor& V, const Segments& segments,
                  Real d, Real p) {
  check(Q.dim(0) == K.dim(0) && K.dim(0) == V.dim(0) && K.dim(1) == V.dim(1) &&
            Q.dim(2) == K.dim(2) && segments.queries() == Q.dim(1),
        "dot_attention: queries ", Q.shape(), ", keys ", K.shape(), ", values ", V.shape());
  check(d > 0 && std::isfinite(d), "dot_attention: d ", d, " must be positive");
  const Real scale = 1 / std::sqrt(d);
  // Score, weigh and add up, a query at a time.
  HeadRows q(Q), k(K), v(V);
  Look look("dot_attention", segments, Q.dim(0), K.dim(1), p);
  Tensor Y = attend(look, v, [&](Index h, Index i, Real* s) {
    const Real* query = q(h, i);
    for (int j = 0; j < look.count(i); j++) {
      s[j] = scale * dot(query, k(h, look.first(i) + j), k.width);
    }
  });
  double flops = 2 * double(look.weights.numel()) * double(q.width + v.width);
  count_flops(flops);

  // Backwards: dq = scale Σ_j ds_j k_j   dk_j = scale Σ_q ds_j q   dv_j = Σ_q weight_j dy
  Tensor y = record("dot_attention", Y, {Q, K, V}, [=](const Tensor& dY, Gradients to) {
    count_flops(2 * flops);
    Tensor dQ = heads_in_rows(q.x, int(q.width)), dK = heads_in_rows(k.x, int(k.width)),
           dV = heads_in_rows(v.x, int(v.width));
    HeadRows dy(dY), dq(dQ), dk(dK), dv(dV);
    look.each(10 * v.width, [&](Index h, Index begin, Index end) {
      std::vector<Real> room, scores(look.pairs[end] - look.pairs[begin]);
      const Real* weights = look.dropped(h, begin, end, room);
      for (Index i = begin; i < end; i++) {
        const Index before = look.pairs[i] - look.pairs[begin];
        Real* ds = scores.data() + before;
        score_gradients(look, v, h, i, dy(h, i), weights + before, ds);
        for (int j = 0; j < look.count(i); j++) ds[j] *= scale;
        add_rows(dq(h, i), k.width, look.count(i), always, [=](int j) { return ds[j]; },
                 [&, first = look.first(i)](int j) { return k(h, first + j); });
      }
      add_to_keys(look, dk, q, scores.data(), h, begin, end);
      add_to_keys(look, dv, dy, weights, h, begin, end);
    });
    to[0] += dQ;
    to[1] += dK;
    to[2] += dV;
  });
  return {y, look.seen()};
}

}  // namespace

Attended dot_attention(const Tensor& Q, const Tensor& K, const Tensor& V,
                       const ValidLens& valid_lens, Real d, Real p) {
  return of_rows("dot_attention", Q, K, V, valid_lens,
                 [=](const auto&... in) { return dot_rows(in..., d, p); });
}

}  // namespace babelgrad
