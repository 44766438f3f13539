#include "tools/lab/experiments/ablation.h"

#include <algorithm>
#include <cmath>

#include "tools/app/run/analysis.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

std::vector<bool> right_ones(const std::vector<Tokens>& said, const std::vector<Pair>& pairs) {
  std::vector<bool> right;
  for (std::size_t i = 0; i < pairs.size(); i++) right.push_back(said[i] == pairs[i].tgt);
  return right;
}

std::string percent(std::vector<double> shares) {
  for (double& share : shares) share *= 100;
  return with_spread(shares);
}

std::vector<std::string> row_of(const Ablated& variant) {
  std::vector<double> bleu, losses;
  for (const Evaluation& e : variant.scores)
    bleu.push_back(e.bleu_tokens.score), losses.push_back(e.loss);
  return {variant.name, text(variant.trained[0].parameters), percent(variant.exact()),
          with_spread(bleu), with_spread(losses), with_spread(variant.final_losses())};
}

}  // namespace

Variant without(const std::string& part, TrainSettings settings) {
  settings.model.without.push_back(part);
  return {"without " + part, settings};
}

std::vector<double> Ablated::exact() const {
  std::vector<double> shares;
  for (const Evaluation& e : scores) shares.push_back(e.exact);
  return shares;
}

std::vector<double> Ablated::exact(const std::vector<int>& members) const {
  std::vector<double> shares;
  for (const std::vector<bool>& it : right) {
    const auto count = std::ranges::count_if(members, [&](int i) { return it[i]; });
    shares.push_back(double(count) / double(std::max<std::size_t>(members.size(), 1)));
  }
  return shares;
}

std::vector<double> Ablated::final_losses() const {
  std::vector<double> means;
  for (const Trained& it : trained) {
    const std::size_t count = std::max<std::size_t>(it.losses.size() / 10, 1);
    means.push_back(spread_of({it.losses.end() - count, it.losses.end()}).mean);
  }
  return means;
}

std::vector<Ablated> ablate(Trials& trials, const std::vector<Variant>& variants,
                            const Corpus& corpus) {
  std::vector<Ablated> all;
  for (const Variant& variant : variants) {
    Ablated& it = all.emplace_back(Ablated{variant.name});
    for (std::uint64_t seed : trials.seeds()) {
      TrainSettings settings = variant.settings;
      settings.seed = seed;
      it.trained.push_back(trials.train(variant.name, settings, corpus.train));
      it.scores.push_back(evaluate(*it.trained.back().model, corpus.test));
      it.right.push_back(right_ones(it.scores.back().translations, corpus.test));
    }
  }
  return all;
}

std::vector<double> points_lost(const std::vector<double>& whole,
                                const std::vector<double>& less) {
  std::vector<double> lost;
  for (std::size_t i = 0; i < whole.size(); i++) lost.push_back(100 * (whole[i] - less.at(i)));
  return lost;
}

double mean_lost(const Ablated& whole, const Ablated& less) {
  return spread_of(points_lost(whole.exact(), less.exact())).mean;
}

PageTable table_of(const std::string& caption, const std::vector<Ablated>& variants,
                   const Corpus& corpus) {
  PageTable table{caption,
                  {{"model", "parameters", "exact match, %", "BLEU", "loss", "in training"}}, "lr"};
  for (const Ablated& variant : variants) table.rows.push_back(row_of(variant));
  const analysis::Row floor = analysis::floors_of(corpus.train, corpus.test);
  table.rows.push_back({"floor: word by word", "", digits(100 * floor.floor_exact),
                        digits(floor.floor_bleu), "", ""});
  return table;
}

Chart bars_of(const std::string& title, const std::vector<Ablated>& variants) {
  Chart bars{.title = title, .y = {"exact match", "%"}, .kind = ChartKind::bars,
             .note = "Bars: means over the seeds; whiskers: one standard deviation to each side."};
  for (const Ablated& variant : variants) bars.series.push_back({variant.name});
  return bars;
}

void add_group(Chart& bars, const std::string& name,
               const std::vector<std::vector<double>>& shares) {
  bars.names.push_back(name);
  for (std::size_t i = 0; i < shares.size(); i++) {
    auto [mean, deviation] = spread_of(shares[i]);
    Series& series = bars.series.at(i);
    series.y.push_back(100 * mean);
    series.low.push_back(100 * std::max(mean - deviation, 0.0));
    series.high.push_back(100 * (mean + deviation));
  }
}

void add_group(Chart& bars, const std::string& name, const std::vector<Ablated>& variants) {
  std::vector<std::vector<double>> shares;
  for (const Ablated& variant : variants) shares.push_back(variant.exact());
  add_group(bars, name, shares);
}

double largest_difference(const Tensor& a, const Tensor& b) {
  check(a.shape() == b.shape(), "lab: numbers of ", a.shape(), " beside ", b.shape());
  const std::vector<Real> x = a.values(), y = b.values();
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); i++)
    largest = std::max(largest, std::abs(double(x[i]) - double(y[i])));
  return largest;
}

}  // namespace babelgrad::lab
