#include "autograd/one_pass.h"
#include "autograd/ops.h"
#include "autograd/profile.h"
#include "autograd/shared.h"

namespace babelgrad {

using namespace one_pass;

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
      s[j] = raw::sum_row(width, [=](Index c, Index n) {
        return load_some(weight + c, n) *
               simd::tanh(load_some(query + c, n) + load_some(key + c, n));
      });
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
        Real* dk_i = to + look.first(i) * width;
        const Real* from = g.data() + pairs[i] * width;
        for (Index c = 0; c < look.count(i) * width; c++) dk_i[c] += from[c];
      }
    });
  };
  auto dV = [=, shape = V.shape()](const Tensor& dY, Tensor& dv) {
    if (!dv) dv = Tensor(shape);
    Rows to(raw::unsqueeze(dv, 0)), dy(raw::unsqueeze(dY, 0));
    look.each(v.width, [&](Index h, Index begin, Index end) {
      add_to_keys(look, to, dy, look.row(look.dropped, h, begin), h, begin, end);
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
