// S1: the gradient of a layer's last output with respect to the input k steps before it. In
// self-attention any input is one hop away; in a recurrent layer it passes k steps.
#include <cmath>

#include "models/multihead_attention.h"
#include "models/seq2seq.h"
#include "tools/lab/lab.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

constexpr int width = 64, most = 64, batch = 16;

enum class Start { own, xavier };               // U(±1/√h), or the book's init_seq2seq

Tensor last_output(int layer, Start start, const Tensor& X) {
  if (layer == 3) {
    MultiHeadAttention attention(width, 4, 0);
    Tensor rows = permute(X, {1, 0, 2});        // (batch, steps, width)
    return select(attention(rows, rows, rows), 1, -1);
  }
  Recurrent recurrent(Cell(layer), width, width);
  if (start == Start::xavier) init_seq2seq(recurrent);
  return select(recurrent(X).first, 0, -1);
}

// The root mean square of ‖v ∂y/∂x_{T−k}‖ over sentences, v from N(0, 1): an estimate of the
// Frobenius norm of the Jacobian, for k = 0 .. most.
std::vector<double> norms(int layer, Start start, std::uint64_t seed) {
  manual_seed(seed);
  Tensor X = requires_grad(randn({most + 1, batch, width}));
  Tensor y = last_output(layer, start, X);
  backward(y, randn(y.shape()));
  std::vector<Real> dx = grad(X).values();
  std::vector<double> all;
  for (int k = 0; k <= most; k++) {
    const Real* step = dx.data() + (most - k) * batch * width;
    double squares = 0;
    for (int i = 0; i < batch * width; i++) squares += double(step[i]) * double(step[i]);
    all.push_back(std::sqrt(squares / batch));
  }
  return all;
}

const char* const layer_names[] = {"RNN", "GRU", "LSTM", "self-attention"};

struct Measured {
  Series series;
  std::vector<std::string> row;
  double remaining;                             // geometric mean of norm(most) / norm(1)
};

// Means are geometric: one seed in five may have a norm ten times that of the others.
Measured measure(int layer, Start start, const LabOptions& options) {
  std::vector<std::vector<double>> logs(most + 1);
  std::vector<double> remaining;
  for (int i = 0; i < (options.quick ? 2 : 5); i++) {
    std::vector<double> all = norms(layer, start, options.seed + i);
    for (int k = 0; k <= most; k++) logs[k].push_back(std::log(std::max(all[k], 1e-37)));
    remaining.push_back(logs[most].back() - logs[1].back());
  }
  Measured it{{layer_names[layer]}, {layer_names[layer]}, std::exp(spread_of(remaining).mean)};
  for (int k = 0; k <= most; k++) {
    auto [mean, deviation] = spread_of(logs[k]);
    it.series.x.push_back(k), it.series.y.push_back(std::exp(mean));
    it.series.low.push_back(std::exp(mean - deviation));
    it.series.high.push_back(std::exp(mean + deviation));
    if (k == 1 || k == 4 || k == 16 || k == most) it.row.push_back(digits(std::exp(mean)));
  }
  it.row.push_back(digits(it.remaining));
  return it;
}

}  // namespace

Outcome signal(const LabOptions& options) {
  Outcome out;
  const char* const starts[] = {"as PyTorch's layers begin, U(±1/√h)",
                                "as the book's seq2seq begins, Xavier"};
  for (Start start : {Start::own, Start::xavier}) {
    const std::string how = starts[int(start)];
    Chart chart{.title = "Gradient from k steps back, " + how, .x = {"k", "steps"},
                .y = {"gradient norm", "", true},
                .note = "Geometric means over the seeds; bands: one standard deviation of logs."};
    PageTable table{how, {{"layer", "k = 1", "4", "16", "64", "64 to 1"}}};
    for (int layer = 0; layer < 4; layer++) {
      options.tell(layer_names[layer], (int(start) * 4 + layer) / 8.0);
      Measured it = measure(layer, start, options);
      chart.series.push_back(it.series);
      table.rows.push_back(it.row);
      if (start == Start::own) continue;        // the verdict is on the chapter's models
      const bool recurrent = layer < 3;
      out.findings.push_back({"S1", join(layer_names[layer], ", norm at k = 64 to that at 1"),
                              it.remaining, recurrent ? Bound::below : Bound::above,
                              recurrent ? 0.01 : 0.3});
    }
    out.charts.push_back(chart);
    out.tables.push_back(table);
  }
  out.remarks = {join("One layer of width ", width, " before any training, inputs from N(0, 1), ",
                      batch, " sentences of ", most + 1, " steps, ", options.quick ? 2 : 5,
                      " seeds. Self-attention begins with its own weights in both; it spreads "
                      "them over all ", most + 1, " words, and so words nearby reach it less than "
                      "they reach a recurrent layer.")};
  return out;
}

}  // namespace babelgrad::lab
