// One step of a recurrent layer in one pass over its gates. The products x W_ihᵀ + b_ih and
// h W_hhᵀ + b_hh are done before; what is left is element-wise, and fused here because it runs at
// every step. models/gru.h and models/lstm.h do it in plain operations; tests hold both equal.
#include <cmath>

#include "autograd/ops.h"
#include "tensor/parallel.h"
#include "tensor/map.h"

namespace babelgrad {
namespace {

Real sigma(Real x) { return 1 / (1 + std::exp(-x)); }

Tensor gate(const Tensor& gates, int which, int h) {                     // columns of one gate
  return raw::slice(gates, 1, which * h, (which + 1) * h);
}

void check_cell(const char* name, const Tensor& gates, int parts, const Tensor& state) {
  check(gates.rank() == 2 && state.rank() == 2 &&
            gates.shape() == Shape{state.dim(0), parts * state.dim(1)},
        name, ": gates ", gates.shape(), " for a state ", state.shape());
}

// body(row, column) for every element of a (rows, columns) result.
template <class Body>
void each(const Tensor& state, const Body& body) {
  Index columns = state.dim(1), grain = std::max<Index>(1, 4096 / std::max<Index>(columns, 1));
  parallel_for(state.dim(0), grain, [&](Index begin, Index end) {
    for (Index r = begin; r < end; r++) {
      for (Index c = 0; c < columns; c++) body(r, c);
    }
  });
}

}  // namespace

// r = σ(gi_r + gh_r)   z = σ(gi_z + gh_z)   n = tanh(gi_n + r gh_n)   h' = (1 − z) n + z h
// D2L 10.2, with the reset gate after the product as in PyTorch's nn.GRU.
Tensor gru_cell(const Tensor& gi, const Tensor& gh, const Tensor& h) {
  check_cell("gru_cell", gi, 3, h);
  check_cell("gru_cell", gh, 3, h);
  Index w = h.dim(1);
  Tensor i = raw::contiguous(gi), g = raw::contiguous(gh), old = raw::contiguous(h);
  Tensor rzn = Tensor::empty(gi.shape()), y = Tensor::empty(h.shape());
  each(h, [=, a = i.data(), b = g.data(), s = rzn.data(), out = y.data()](Index row, Index c) {
    Index at = row * 3 * w + c;
    Real r = sigma(a[at] + b[at]), z = sigma(a[at + w] + b[at + w]);
    Real n = std::tanh(a[at + 2 * w] + r * b[at + 2 * w]);
    s[at] = r, s[at + w] = z, s[at + 2 * w] = n;
    out[row * w + c] = (1 - z) * n + z * old.data()[row * w + c];
  });
  // dn = dy (1 − z)(1 − n²)   dz = dy (h − n) z (1 − z)   dr = dn gh_n r (1 − r)
  // gh_n gets dn r instead of dn.
  auto dgates = [=](const Tensor& dy, bool hidden) {
    Tensor dg = Tensor::empty(rzn.shape()), d = raw::contiguous(dy);
    each(h, [=, s = rzn.data(), b = g.data(), out = dg.data()](Index row, Index c) {
      Index at = row * 3 * w + c;
      Real r = s[at], z = s[at + w], n = s[at + 2 * w], dh = d.data()[row * w + c];
      Real dn = dh * (1 - z) * (1 - n * n);
      out[at] = dn * b[at + 2 * w] * r * (1 - r);
      out[at + w] = dh * (old.data()[row * w + c] - n) * z * (1 - z);
      out[at + 2 * w] = hidden ? dn * r : dn;
    });
    return dg;
  };
  auto dold = [=](const Tensor& dy) { return dy * gate(rzn, 1, int(w)); };   // dh = dy z
  return record("gru_cell", y, {{gi, [=](const Tensor& dy) { return dgates(dy, false); }},
                                {gh, [=](const Tensor& dy) { return dgates(dy, true); }},
                                {h, dold}});
}

// i, f, g, o = gates   c' = σ(f) c + σ(i) tanh(g)
Tensor lstm_memory(const Tensor& gates, const Tensor& c) {
  check_cell("lstm_memory", gates, 4, c);
  Index w = c.dim(1);
  Tensor a = raw::contiguous(gates), old = raw::contiguous(c);
  Tensor ifg = Tensor::empty(gates.shape()), y = Tensor::empty(c.shape());
  each(c, [=, x = a.data(), s = ifg.data(), out = y.data()](Index row, Index k) {
    Index at = row * 4 * w + k;
    s[at] = sigma(x[at]), s[at + w] = sigma(x[at + w]), s[at + 2 * w] = std::tanh(x[at + 2 * w]);
    out[row * w + k] = s[at + w] * old.data()[row * w + k] + s[at] * s[at + 2 * w];
  });
  auto dgates = [=](const Tensor& dy) {
    Tensor dg = Tensor::empty(gates.shape()), d = raw::contiguous(dy);
    each(c, [=, s = ifg.data(), out = dg.data()](Index row, Index k) {
      Index at = row * 4 * w + k;
      Real i = s[at], f = s[at + w], g = s[at + 2 * w], dc = d.data()[row * w + k];
      out[at] = dc * g * i * (1 - i);
      out[at + w] = dc * old.data()[row * w + k] * f * (1 - f);
      out[at + 2 * w] = dc * i * (1 - g * g);
      out[at + 3 * w] = 0;
    });
    return dg;
  };
  auto dold = [=](const Tensor& dy) { return dy * gate(ifg, 1, int(w)); };   // dc = dy f
  return record("lstm_memory", y, {{gates, dgates}, {c, dold}});
}

// h' = σ(o) tanh(c')
Tensor lstm_output(const Tensor& gates, const Tensor& c) {
  check_cell("lstm_output", gates, 4, c);
  int w = c.dim(1);
  Place output_gate = [=](const Tensor& all) { return gate(all, 3, w); };
  Tensor o = sigmoid(detach(output_gate(gates))), t = tanh(detach(c));
  return record("lstm_output", o * t, {
      {gates, [=](const Tensor& dy) {
         Tensor dg(gates.shape()), part = output_gate(dg);
         raw::copy_into(part, dy * t * o * (1 - o));
         return dg;
       }},
      {c, [=](const Tensor& dy) { return dy * o * (1 - square(t)); }}});
}

}  // namespace babelgrad
