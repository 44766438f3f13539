// What layers are like before any training. S1: the gradient of a layer's last output with respect
// to the input k steps before it. S5: the softmax of scores of random queries and keys.
#include <algorithm>
#include <cmath>

#include "models/multihead_attention.h"
#include "models/seq2seq.h"
#include "tools/lab/lab.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

// --- S1: in self-attention any input is one hop away; in a recurrent layer it passes k steps.

constexpr int signal_width = 64, most_steps = 64, sentences = 16;
const char* const layer_names[] = {"RNN", "GRU", "LSTM", "self-attention"};
const char* const starts[] = {"as PyTorch's layers begin, U(±1/√h)",
                              "as the book's seq2seq begins, Xavier"};

Tensor last_output(int layer, bool xavier, const Tensor& X) {
  if (layer == 3) {
    MultiHeadAttention attention(signal_width, 4, 0);
    Tensor rows = permute(X, {1, 0, 2});        // (batch, steps, width)
    return select(attention(rows, rows, rows), 1, -1);
  }
  Recurrent recurrent(Cell(layer), signal_width, signal_width);
  if (xavier) init_seq2seq(recurrent);
  return select(recurrent(X).first, 0, -1);
}

// The root mean square of ‖v ∂y/∂x_{T−k}‖ over sentences, v from N(0, 1): an estimate of the
// Frobenius norm of the Jacobian, for k = 0 .. most_steps.
std::vector<double> norms(int layer, bool xavier, std::uint64_t seed) {
  manual_seed(seed);
  Tensor X = requires_grad(randn({most_steps + 1, sentences, signal_width}));
  Tensor y = last_output(layer, xavier, X);
  backward(y, randn(y.shape()));
  std::vector<double> all;
  for (int k = 0; k <= most_steps; k++)
    all.push_back(std::sqrt(squares_of(select(grad(X), 0, most_steps - k)) / sentences));
  return all;
}

struct Signal {
  Series series;
  std::vector<std::string> row;
  double remaining;                             // geometric mean of norm(most_steps) / norm(1)
};

// Means are geometric: one seed in five may have a norm ten times that of the others.
Signal measure_signal(int layer, bool xavier, const LabOptions& options) {
  std::vector<std::vector<double>> logs(most_steps + 1);
  std::vector<double> remaining;
  for (int i = 0; i < (options.tiny ? 2 : 5); i++) {
    std::vector<double> all = norms(layer, xavier, options.seed + i);
    for (int k = 0; k <= most_steps; k++) logs[k].push_back(std::log(std::max(all[k], 1e-37)));
    remaining.push_back(logs[most_steps].back() - logs[1].back());
  }
  Signal it{{layer_names[layer]}, {layer_names[layer]}, std::exp(mean_of(remaining))};
  for (int k = 0; k <= most_steps; k++) add_geometric(it.series, k, logs[k]);
  for (int k : {1, 4, 16, most_steps}) it.row.push_back(digits(it.series.y[k]));
  it.row.push_back(digits(it.remaining));
  return it;
}

}  // namespace

Outcome signal(const LabOptions& options) {
  Outcome out;
  for (bool xavier : {false, true}) {
    const std::string how = starts[xavier];
    Chart chart{.title = "Gradient from k steps back, " + how, .x = {"k", "steps"},
                .y = {"gradient norm", "", true},
                .note = "Geometric means over the seeds; bands: one standard deviation of logs."};
    PageTable table{how, {{"layer", "k = 1", "4", "16", "64", "64 to 1"}}};
    for (int layer = 0; layer < 4; layer++) {
      options.tell(layer_names[layer], (xavier * 4 + layer) / 8.0);
      Signal it = measure_signal(layer, xavier, options);
      chart.series.push_back(it.series);
      table.rows.push_back(it.row);
      if (!xavier) continue;                    // the verdict is on the chapter's models
      out.findings.push_back({"S1", join(layer_names[layer], ", norm at k = 64 to that at 1"),
                              it.remaining, layer < 3 ? below : above, layer < 3 ? 0.01 : 0.3});
    }
    out.charts.push_back(chart);
    out.tables.push_back(table);
  }
  out.remarks = {join("One layer of width ", signal_width, " before any training, inputs from "
                      "N(0, 1), ", sentences, " sentences of ", most_steps + 1, " steps, ",
                      options.tiny ? 2 : 5, " seeds. Self-attention begins with its own weights "
                      "in both; it spreads them over all ", most_steps + 1, " words, and so words "
                      "nearby reach it less than they reach a recurrent layer.")};
  return out;
}

// --- S5: scores of random queries and keys have variance d, and a softmax over such scores picks
// one key whatever the keys are. Divided by √d their variance is 1, for every d.

namespace {

constexpr int num_keys = 64, num_queries = 16;  // of one sentence

struct Scores {                                 // of one width; a number for each seed
  std::vector<double> variance = {}, entropy = {}, passing = {};

  // Of queries and keys from N(0, 1): the variance of scores; the mean entropy of a row of weights,
  // as a share of ln(num_keys), which is that of equal weights; and the mean of Σ p (1 − p), the
  // trace of the softmax's derivative: what gradient comes through.
  void add(int d, bool scaled, int sentence_count, std::uint64_t seed) {
    NoGrad guard;
    manual_seed(seed);
    Tensor queries = randn({sentence_count, num_queries, d});
    Tensor keys = randn({sentence_count, num_keys, d});
    const Real scale = scaled ? std::sqrt(Real(d)) : 1;
    std::vector<Real> scores = (matmul(queries, transpose(keys)) / scale).values();
    const int rows = sentence_count * num_queries;
    double squares = 0, entropies = 0, passes = 0;
    for (Real s : scores) squares += double(s) * double(s) / double(scores.size());
    for (int row = 0; row < rows; row++) {
      const Real* s = scores.data() + row * num_keys;
      double most = s[0], sum = 0;
      for (int j = 0; j < num_keys; j++) most = std::max(most, double(s[j]));
      for (int j = 0; j < num_keys; j++) sum += std::exp(double(s[j]) - most);
      for (int j = 0; j < num_keys; j++) {
        const double log_p = double(s[j]) - most - std::log(sum), p = std::exp(log_p);
        entropies -= p * log_p / std::log(num_keys) / rows;
        passes += p * (1 - p) / rows;
      }
    }
    variance.push_back(squares), entropy.push_back(entropies), passing.push_back(passes);
  }
};

}  // namespace

Outcome scaling(const LabOptions& options) {
  const int seeds = options.tiny ? 2 : 5, sentence_count = options.tiny ? 8 : 64;
  auto chart = [](const std::string& title, const Axis& y, const std::vector<Level>& levels) {
    return Chart{.title = title, .x = {"d", "", true}, .y = y,
                 .series = {{"q · k"}, {"q · k / √d"}}, .levels = levels,
                 .note = join(means_and_bands, " to each side.")};
  };
  Chart variance = chart("Variance of scores", {"variance", "", true}, {});
  Chart entropy = chart("Entropy of the weights", {"entropy", "1: equal weights"},
                        {{"equal weights", 1}, {"one key", 0}});
  Chart passing = chart("Gradient that passes the softmax", {"mean of Σ p (1 − p)"}, {});
  PageTable table{"Scores of random queries and keys; floor of the entropy: 0, one key has it all",
                  {{"d", "scores", "variance", "entropy", "Σ p (1 − p)"}}, "rlr"};
  const std::vector<int> widths{1, 4, 16, 64, 128, 256, 512, 1024};
  double entropy_at_512[2] = {};
  for (std::size_t i = 0; i < widths.size(); i++) {
    options.tell(join("d = ", widths[i]), double(i) / double(widths.size()));
    for (int scaled : {0, 1}) {
      Scores s;
      for (int k = 0; k < seeds; k++) s.add(widths[i], scaled, sentence_count, options.seed + k);
      if (widths[i] == 512) entropy_at_512[scaled] = mean_of(s.entropy);
      add_point(variance.series[scaled], widths[i], s.variance, 1e-3);
      add_point(entropy.series[scaled], widths[i], s.entropy);
      add_point(passing.series[scaled], widths[i], s.passing);
      table.rows.push_back({text(widths[i]), variance.series[scaled].name,
                            with_spread(s.variance), with_spread(s.entropy),
                            with_spread(s.passing)});
    }
  }
  auto power = [&](const Series& it) { return exponent(it.x, it.y); };
  return {{table},
          {variance, entropy, passing},
          {{"S5", "variance of scores without the scale grows as d to the power",
            power(variance.series[0]), above, 0.9},
           {"S5", "with it, to the power", std::abs(power(variance.series[1])), below, 0.1},
           {"S5", "entropy (of 1) without the scale at d = 512", entropy_at_512[0], below, 0.5},
           {"S5", "entropy with it at d = 512", entropy_at_512[1], above, 0.8}},
          {join("Queries and keys from N(0, 1), ", num_keys, " keys, ", seeds, " seeds of ",
                sentence_count, " sentences with ", num_queries, " queries each; untrained, so "
                "this is how attention begins, not how it ends.")}};
}

}  // namespace babelgrad::lab
