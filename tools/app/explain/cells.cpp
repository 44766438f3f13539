#include "tools/app/explain/cells.h"

#include "autograd/ops.h"

namespace babelgrad::explain {
namespace {

using Gates = Cells::Gates;

// a = W_i x + b_i and b = W_h h + b_h, for all gates side by side. h becomes the next state, and c
// of an LSTM the next memory.
Gates next(const Tensor& a, const Tensor& b, Tensor& h, Tensor& c) {
  const int width = h.dim(1), gates = a.dim(1) / width;
  const auto part = [&](const Tensor& side, int i) {
    return slice(side, 1, i * width, (i + 1) * width);
  };
  const auto sum = [&](int i) { return part(a, i) + part(b, i); };
  if (gates == 1) {
    h = tanh(a + b);
    return {{"h", h}};
  }
  if (gates == 3) {
    Tensor r = sigmoid(sum(0)), z = sigmoid(sum(1)), n = tanh(part(a, 2) + r * part(b, 2));
    h = z * h + (1 - z) * n;
    return {{"r", r}, {"z", z}, {"n", n}, {"h", h}};
  }
  Tensor i = sigmoid(sum(0)), f = sigmoid(sum(1)), g = tanh(sum(2)), o = sigmoid(sum(3));
  c = f * c + i * g;
  h = o * tanh(c);
  return {{"i", i}, {"f", f}, {"g", g}, {"o", o}, {"c", c}, {"h", h}};
}

}  // namespace

Cells::Cells(const Tensor& y, Tensor gi, Tensor W_hh, Tensor b_hh, Tensor h, Tensor c) {
  gi = detach(gi), W_hh = detach(W_hh), b_hh = detach(b_hh);
  h = has_grad(y) ? requires_grad(detach(h)) : detach(h), c = detach(c);
  std::vector<Tensor> states;
  for (int t = 0; t < gi.dim(0); t++) {
    steps.push_back(next(slice(gi, 0, t, t + 1), linear(h, W_hh, b_hh), h, c));
    states.push_back(h);
  }
  states.push_back(h);
  if (c) states.push_back(c);
  all = cat(states, 0);
}

}  // namespace babelgrad::explain
