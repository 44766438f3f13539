// A recurrent layer over a whole batch of sentences, as one operation. The product of all inputs
// with W_ih is the argument gi; the rest is a loop over the steps, h_t = cell(gi_t, h_{t−1} W_hhᵀ +
// b_hh), for the sentences that have not ended. models/rnn.h, gru.h and lstm.h do the same in plain
// operations; tests hold both equal.
#include "autograd/observer.h"
#include "autograd/ops.h"
#include "tensor/matmul.h"
#include "tensor/parallel.h"
#include "tensor/vector_math.h"
#include "tensor/views.h"

namespace babelgrad {
namespace {

using simd::sigmoid, simd::tanh;

// A vector's worth of columns in each part of a row: gates stand side by side, `width` wide each.
struct Columns {
  Index at, width;
  int n;                                        // columns in it, at most `lanes`
  Vec get(const Real* row, int part = 0) const {
    return load_some(row + part * width + at, n);
  }
  void put(Real* row, int part, Vec v) const { store_some(row + part * width + at, v, n); }
};

// One cell: `forward` turns the gates' inputs a = gi and b = h W_hhᵀ + b_hh and the state h (and c)
// into the next state, and keeps what `backward` needs to turn their gradients back.

// D2L 9.4.2 Recurrent Neural Networks with Hidden States
struct Tanh {                                   // h' = tanh(a + b): Eq. (9.4.5)
  static constexpr int gates = 1, kept = 1;
  static constexpr bool memory = false;
  static void forward(Columns x, const Real* a, const Real* b, Real* keep, Vec& h, Vec&) {
    h = tanh(x.get(a) + x.get(b));
    x.put(keep, 0, h);
  }
  // da = db = dh' (1 − h'²); the state before counts through b alone, so dh = 0
  static void backward(Columns x, const Real* keep, const Real*, Real* da, Real* db, Vec& dh,
                       Vec&) {
    Vec h = x.get(keep), d = dh * (1 - h * h);
    x.put(da, 0, d), x.put(db, 0, d);
    dh = Vec{};
  }
};

// D2L 10.2 Gated Recurrent Units (GRU)
//   r = σ(a_r + b_r)   z = σ(a_z + b_z)   n = tanh(a_n + r b_n)   h' = (1 − z) n + z h
// with the book's names R and Z of Eq. (10.2.1), H̃ of Eq. (10.2.2), and Eq. (10.2.3).
// Departs from D2L (D11): r acts after the product with W_hh, on b_n, as in PyTorch's GRU.
struct Gru {
  static constexpr int gates = 3, kept = 4;
  static constexpr bool memory = false;
  static void forward(Columns x, const Real* a, const Real* b, Real* keep, Vec& h, Vec&) {
    Vec r = sigmoid(x.get(a, 0) + x.get(b, 0)), z = sigmoid(x.get(a, 1) + x.get(b, 1));
    Vec bn = x.get(b, 2), n = tanh(x.get(a, 2) + r * bn);
    x.put(keep, 0, r), x.put(keep, 1, z), x.put(keep, 2, n), x.put(keep, 3, bn);
    h = (1 - z) * n + z * h;
  }
  // dn = dh' (1 − z)(1 − n²)   dz = dh' (h − n) z (1 − z)   dr = dn b_n r (1 − r)   dh = dh' z
  static void backward(Columns x, const Real* keep, const Real* before, Real* da, Real* db, Vec& dh,
                       Vec&) {
    Vec r = x.get(keep, 0), z = x.get(keep, 1), n = x.get(keep, 2), bn = x.get(keep, 3);
    Vec dn = dh * (1 - z) * (1 - n * n), dz = dh * (x.get(before) - n) * z * (1 - z);
    Vec dr = dn * bn * r * (1 - r);
    x.put(da, 0, dr), x.put(da, 1, dz), x.put(da, 2, dn);
    x.put(db, 0, dr), x.put(db, 1, dz), x.put(db, 2, dn * r);
    dh = dh * z;
  }
};

// D2L 10.1 Long Short-Term Memory (LSTM)
//   i, f, o = σ(a + b): Eq. (10.1.1)   g = tanh(a_g + b_g), the book's C̃: Eq. (10.1.2)
//   c' = f c + i g: Eq. (10.1.3)       h' = o tanh(c'): Eq. (10.1.4)
struct Lstm {
  static constexpr int gates = 4, kept = 6;
  static constexpr bool memory = true;
  static void forward(Columns x, const Real* a, const Real* b, Real* keep, Vec& h, Vec& c) {
    Vec i = sigmoid(x.get(a, 0) + x.get(b, 0)), f = sigmoid(x.get(a, 1) + x.get(b, 1));
    Vec g = tanh(x.get(a, 2) + x.get(b, 2)), o = sigmoid(x.get(a, 3) + x.get(b, 3));
    x.put(keep, 5, c);
    c = f * c + i * g;
    Vec t = tanh(c);
    x.put(keep, 0, i), x.put(keep, 1, f), x.put(keep, 2, g), x.put(keep, 3, o), x.put(keep, 4, t);
    h = o * t;
  }
  // do = dh' t o (1 − o), t = tanh(c')   and dc' grows by dh' o (1 − t²); then
  // di = dc' g i (1 − i)   df = dc' c f (1 − f)   dg = dc' i (1 − g²)   dc = dc' f
  static void backward(Columns x, const Real* keep, const Real*, Real* da, Real* db, Vec& dh,
                       Vec& dc) {
    Vec i = x.get(keep, 0), f = x.get(keep, 1), g = x.get(keep, 2), o = x.get(keep, 3);
    Vec t = x.get(keep, 4), c = x.get(keep, 5), dnext = dc + dh * o * (1 - t * t);
    Vec d[4] = {dnext * g * i * (1 - i), dnext * c * f * (1 - f), dnext * i * (1 - g * g),
                dh * t * o * (1 - o)};
    for (int part = 0; part < 4; part++) x.put(da, part, d[part]), x.put(db, part, d[part]);
    dh = Vec{}, dc = dnext * f;
  }
};

// body(rank, row) for the sentences of step t: ranks 0 .. size − 1, each with its row of gi and Y.
template <class Body>
void each_row(const PackedSequence& steps, int t, Index width, const Body& body) {
  Index grain = std::max<Index>(1, 4096 / std::max<Index>(width, 1));
  parallel_for(steps.size(t), grain, [&](Index begin, Index end) {
    for (Index i = begin; i < end; i++) body(i, steps.rows[steps.begins[t] + i]);
  });
}

template <class Body>
void each_columns(Index width, const Body& body) {
  for (Index c = 0; c < width; c += lanes)
    body(Columns{c, width, int(std::min<Index>(lanes, width - c))});
}

// Row i of a matrix that nobody else writes to.
Real* row_of(const Tensor& x, Index i) { return const_cast<Real*>(x.data()) + i * x.dim(1); }

Tensor some_rows(const Tensor& x, Index begin, Index count) {
  return raw::slice(x, 0, int(begin), int(begin + count));
}

// Rows of `from` to or from the order of `steps`: ranked[i] = from[order[i]].
Tensor ranked(const Tensor& from, Index first, const Ints& order) {
  Tensor out = Tensor::empty({order.dim(0), from.dim(1)});
  Index width = from.dim(1);
  for (Index i = 0; i < order.numel(); i++) {
    std::copy_n(from.data() + (first + order[i]) * width, width, out.data() + i * width);
  }
  return out;
}

void unrank(const Tensor& ranked, const Ints& order, Real* to) {
  Index width = ranked.dim(1);
  for (Index i = 0; i < order.numel(); i++) {
    std::copy_n(ranked.data() + i * width, width, to + order[i] * width);
  }
}

// A layer at work, and what its steps keep for backward, in the order of PackedSequence::rows.
template <class Kind>
struct Layer {
  static constexpr bool memory = Kind::memory;
  PackedSequence steps;
  Index rows, batch, w, gates;                  // rows of gi; widths of a state and its gates
  Tensor gi, W_hh;                              // (rows, gates), (gates, w)
  Tensor before, kept;                          // (all steps, w), (all steps, what Kind keeps)

  Layer(const Tensor& gi, const Tensor& W_hh, Index batch, const PackedSequence& steps)
      : steps(steps), rows(gi.dim(0)), batch(batch), w(W_hh.dim(1)), gates(gi.dim(1)),
        gi(raw::contiguous(gi)), W_hh(W_hh), before(Tensor::empty({total(), int(w)})),
        kept(Tensor::empty({total(), int(Kind::kept * w)})) {}

  int total() const { return int(steps.rows.numel()); }    // states computed, over all steps
  Index most_rows() const { return steps.count() > 0 ? steps.size(0) : 0; }
  bool all_rows() const { return total() == rows; }        // each row of gi belongs to a step

  // A row for each of gi, zeros where no step wrote, then the last h, then the last c, of each
  // sentence. Everything has one gradient, which the loop backwards reads the same way.
  Tensor forward(const Tensor& b_hh, const Tensor& H, const Tensor& C, const Prepacked* packed) {
    Tensor h = ranked(raw::contiguous(H), 0, steps.order), c = h;
    if (memory) c = ranked(raw::contiguous(C), 0, steps.order);
    Shape shape{int(rows + batch * (memory ? 2 : 1)), int(w)};
    Tensor Y = all_rows() ? Tensor::empty(shape) : Tensor(shape);
    Tensor b = Tensor::empty({int(batch), int(gates)}), bias = raw::contiguous(b_hh);
    std::unique_ptr<Prepacked> own = packed ? nullptr : prepacked(W_hh, most_rows());
    const Prepacked& W = packed ? *packed : *own;
    for (int t = 0; t < steps.count(); t++) {   // b = h W_hhᵀ + b_hh, of those who go on
      W.multiply(some_rows(h, 0, steps.size(t)), b, false, bias.data());
      step(t, b, h, c, Y);
    }
    unrank(h, steps.order, Y.data() + rows * w);
    if (memory) unrank(c, steps.order, Y.data() + (rows + batch) * w);
    return Y;
  }

  // Step t of the sentences that go on: the next state, also theirs in Y, and what is kept of it.
  void step(int t, const Tensor& b, Tensor& h, Tensor& c, Tensor& Y) {
    each_row(steps, t, w, [&](Index i, Index row) {
      Index place = steps.begins[t] + i;        // among all steps
      const Real *in = row_of(gi, row), *hidden = row_of(b, i);
      Real *old = row_of(before, place), *keep = row_of(kept, place);
      Real *h_i = row_of(h, i), *c_i = row_of(c, i), *out = row_of(Y, row);
      each_columns(w, [=](Columns x) {
        Vec state = x.get(h_i), cell = memory ? x.get(c_i) : Vec{};
        x.put(old, 0, state);
        Kind::forward(x, in, hidden, keep, state, cell);
        x.put(h_i, 0, state), x.put(out, 0, state);
        if (memory) x.put(c_i, 0, cell);
      });
    });
  }

  struct Way { Tensor da, db, dh, dc; };        // db: step by step, as `before`

  // dh and dc go from the last step to the first: they begin as the gradients of the last states,
  // and end as the gradients of H and C, by rank.
  Way backward(const Tensor& dY) const {
    Tensor d = raw::contiguous(dY);
    Way g{all_rows() ? Tensor::empty(gi.shape()) : Tensor(gi.shape()),
          Tensor::empty({total(), int(gates)}), ranked(d, rows, steps.order), Tensor()};
    g.dc = memory ? ranked(d, rows + batch, steps.order) : g.dh;
    raw::Prepacked W(W_hh, raw::Side::W, most_rows());
    for (int t = steps.count() - 1; t >= 0; t--) {         // dh += db W_hh
      step_back(t, d, g);
      W.multiply(some_rows(g.db, steps.begins[t], steps.size(t)), g.dh, true);
    }
    return g;
  }

  // The gradient of the outputs of step t is added to dh, which then passes back through the cell.
  void step_back(int t, const Tensor& d, Way& g) const {
    each_row(steps, t, w, [&](Index i, Index row) {
      Index place = steps.begins[t] + i;
      const Real *dy = row_of(d, row), *old = row_of(before, place), *keep = row_of(kept, place);
      Real *da = row_of(g.da, row), *db = row_of(g.db, place);
      Real *dh = row_of(g.dh, i), *dc = row_of(g.dc, i);
      each_columns(w, [=](Columns x) {
        Vec h_grad = x.get(dh) + x.get(dy), c_grad = memory ? x.get(dc) : Vec{};
        Kind::backward(x, keep, old, da, db, h_grad, c_grad);
        x.put(dh, 0, h_grad);
        if (memory) x.put(dc, 0, c_grad);
      });
    });
  }
};

template <class Kind>
Tensor run(const Tensor& gi, const Tensor& W_hh, const Tensor& b_hh, const Tensor& H,
           const Tensor& C, const PackedSequence& steps, const Prepacked* packed) {
  Layer<Kind> layer(gi, W_hh, H.dim(0), steps);
  Tensor Y = layer.forward(b_hh, H, C, packed);
  double flops = 2.0 * layer.total() * double(W_hh.numel());
  count_flops(flops);
  return record("recurrence", Y, {gi, W_hh, b_hh, H, Kind::memory ? C : Tensor()},
                [=](const Tensor& dY, Gradients d) {
    auto state = [&](const Tensor& ranked) {    // from ranks back to sentences
      Tensor out = Tensor::empty(ranked.shape());
      unrank(ranked, layer.steps.order, out.data());
      return out;
    };
    count_flops(flops);
    auto [da, db, dh, dc] = layer.backward(dY);
    d[0] += da;
    d[1].in_place([&, db = db](Tensor& dW) {    // dW_hh = Σ_t db_tᵀ h_{t−1}: one product for all
      raw::add_matmul(dW, raw::transpose(db), layer.before);
      count_flops(flops);
    });
    if (d[2]) d[2] += raw::sum(db, {0});        // db_hh = Σ_t db_t
    if (d[3]) d[3] += state(dh);
    if (d[4]) d[4] += state(dc);
  });
}

// They say where numbers are, and may be made by hand.
void check_steps(const PackedSequence& steps, int batch, int rows) {
  check(steps.order.numel() == batch && !steps.begins.empty() && steps.begins[0] == 0 &&
            steps.begins.back() == steps.rows.numel(),
        "recurrence: steps of ", steps.order.numel(), " sentences and ", steps.rows.numel(),
        " rows for a batch of ", batch);
  std::vector<bool> seen(batch);
  for (int i : steps.order.values()) {
    check(i >= 0 && i < batch && !seen[i], "recurrence: sentence ", i, " of ", batch,
          " is named twice or not there");
    seen[i] = true;
  }
  for (int t = 0; t < steps.count(); t++) {
    check(steps.size(t) >= 0 && steps.size(t) <= (t ? steps.size(t - 1) : batch),
          "recurrence: ", steps.size(t), " sentences go on at step ", t);
  }
  for (int row : steps.rows.values()) {
    check(row >= 0 && row < rows, "recurrence: row ", row, " of ", rows);
  }
}

}  // namespace

Recurrence recurrence(Cell cell, const Tensor& gi, const Tensor& W_hh, const Tensor& b_hh,
                      const Tensor& H, const Tensor& C, const PackedSequence& steps,
                      const Prepacked* packed) {
  check_given("recurrence", gi, W_hh, b_hh, H);
  Index gates = cell == Cell::rnn ? Tanh::gates : cell == Cell::gru ? Gru::gates : Lstm::gates;
  check(gi.rank() == 2 && H.rank() == 2 && W_hh.rank() == 2 && gi.dim(1) == gates * H.dim(1) &&
            W_hh.shape() == Shape{gi.dim(1), H.dim(1)} && b_hh.shape() == Shape{gi.dim(1)},
        "recurrence: inputs ", gi.shape(), ", weights ", W_hh.shape(), " and bias ", b_hh.shape(),
        " for a state ", H.shape());
  int batch = H.dim(0), rows = gi.dim(0);
  if (cell == Cell::lstm) {
    check_given("recurrence", C);
    check(C.shape() == H.shape(), "recurrence: memory ", C.shape(), " for a state ", H.shape());
  }
  check_steps(steps, batch, rows);
  auto layer = cell == Cell::rnn ? run<Tanh> : cell == Cell::gru ? run<Gru> : run<Lstm>;
  Tensor Y = layer(gi, W_hh, b_hh, H, C, steps, packed);
  return {slice(Y, 0, 0, rows), slice(Y, 0, rows, rows + batch),
          cell == Cell::lstm ? slice(Y, 0, rows + batch, rows + 2 * batch) : Tensor()};
}

}  // namespace babelgrad
