// S5: scores of random queries and keys have variance d, and a softmax over such scores picks one
// key whatever the keys are. Divided by √d their variance is 1, for every d.
#include <algorithm>
#include <cmath>

#include "autograd/ops.h"
#include "nn/init.h"
#include "tools/lab/lab.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

constexpr int num_keys = 64, num_queries = 16;  // of one sentence

struct Looked { double variance, entropy, passing; };

// Of queries and keys from N(0, 1): the variance of scores; the mean entropy of a row of weights,
// as a share of ln(num_keys), which is that of equal weights; and the mean of Σ p (1 − p), the
// trace of the softmax's derivative: what gradient comes through.
Looked look(int d, bool scaled, int sentences, std::uint64_t seed) {
  NoGrad guard;
  manual_seed(seed);
  Tensor queries = randn({sentences, num_queries, d});
  Tensor keys = randn({sentences, num_keys, d});
  const Real scale = scaled ? std::sqrt(Real(d)) : 1;
  std::vector<Real> scores = (matmul(queries, transpose(keys)) / scale).values();
  const int rows = sentences * num_queries;
  Looked it{};
  for (Real s : scores) it.variance += double(s) * double(s) / double(scores.size());
  for (int row = 0; row < rows; row++) {
    const Real* s = scores.data() + row * num_keys;
    double most = s[0], sum = 0;
    for (int j = 0; j < num_keys; j++) most = std::max(most, double(s[j]));
    for (int j = 0; j < num_keys; j++) sum += std::exp(double(s[j]) - most);
    for (int j = 0; j < num_keys; j++) {
      const double log_p = double(s[j]) - most - std::log(sum), p = std::exp(log_p);
      it.entropy -= p * log_p / std::log(num_keys) / rows;
      it.passing += p * (1 - p) / rows;
    }
  }
  return it;
}

struct Samples {                                // of one width, over the seeds
  std::vector<double> variance, entropy, passing;
};

Samples samples(int d, bool scaled, const LabOptions& options) {
  Samples all;
  for (int i = 0; i < (options.quick ? 2 : 5); i++) {
    Looked it = look(d, scaled, options.quick ? 8 : 64, options.seed + i);
    all.variance.push_back(it.variance);
    all.entropy.push_back(it.entropy);
    all.passing.push_back(it.passing);
  }
  return all;
}

Chart chart(const std::string& title, const Axis& y, const std::vector<Level>& levels) {
  return {.title = title, .x = {"d", "", true}, .y = y,
          .series = {{"q · k"}, {"q · k / √d"}}, .levels = levels,
          .note = "Lines: means over the seeds; bands: one standard deviation to each side."};
}

}  // namespace

Outcome scaling(const LabOptions& options) {
  Chart variance = chart("Variance of scores", {"variance", "", true}, {});
  Chart entropy = chart("Entropy of the weights", {"entropy", "1: equal weights"},
                        {{"equal weights", 1}, {"one key", 0}});
  Chart passing = chart("Gradient that passes the softmax", {"mean of Σ p (1 − p)"}, {});
  PageTable table{"Scores of random queries and keys; floor of the entropy: 0, one key has it all",
                  {{"d", "scores", "variance", "entropy", "Σ p (1 − p)"}}, "rlr"};
  const std::vector<int> widths{1, 4, 16, 64, 128, 256, 512, 1024};
  Samples at_512[2];
  for (std::size_t i = 0; i < widths.size(); i++) {
    options.tell(join("d = ", widths[i]), double(i) / double(widths.size()));
    for (int scaled : {0, 1}) {
      const Samples s = samples(widths[i], scaled, options);
      if (widths[i] == 512) at_512[scaled] = s;
      add_point(variance.series[scaled], widths[i], s.variance, 1e-3);
      add_point(entropy.series[scaled], widths[i], s.entropy);
      add_point(passing.series[scaled], widths[i], s.passing);
      table.rows.push_back({text(widths[i]), variance.series[scaled].name,
                            with_spread(s.variance), with_spread(s.entropy),
                            with_spread(s.passing)});
    }
  }
  auto power = [&](int scaled) {
    return exponent(variance.series[scaled].x, variance.series[scaled].y);
  };
  auto mean = [&](int scaled) { return spread_of(at_512[scaled].entropy).mean; };
  return {{table},
          {variance, entropy, passing},
          {{"S5", "variance of scores without the scale grows as d to the power", power(0),
            Bound::above, 0.9},
           {"S5", "with it, to the power", std::abs(power(1)), Bound::below, 0.1},
           {"S5", "entropy (of 1) without the scale at d = 512", mean(0), Bound::below, 0.5},
           {"S5", "entropy with it at d = 512", mean(1), Bound::above, 0.8}},
          {join("Queries and keys from N(0, 1), ", num_keys, " keys, ", options.quick ? 2 : 5,
                " seeds of ", options.quick ? 8 : 64, " sentences with ", num_queries,
                " queries each; untrained, so this is how attention begins, not how it ends.")}};
}

}  // namespace babelgrad::lab
