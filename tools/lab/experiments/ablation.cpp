#include "tools/lab/experiments/ablation.h"

#include <algorithm>

#include "tools/app/run/analysis.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

// Of shares, seed by seed, in points: percentages' differences.
std::vector<double> points_lost(const std::vector<double>& whole, const std::vector<double>& less) {
  std::vector<double> lost;
  for (std::size_t i = 0; i < whole.size(); i++) lost.push_back(100 * (whole[i] - less.at(i)));
  return lost;
}

}  // namespace

Variant without(const std::string& part, TrainSettings settings) {
  settings.model.without.push_back(part);
  return {"without " + part, settings};
}

Variant as_large(Variant variant, const TrainSettings& whole, const std::vector<Pair>& pairs) {
  match_parameters(variant.settings, &ModelConfig::ffn, parameters_of(whole, pairs), pairs);
  return variant;
}

std::vector<double> Ablated::each(double Evaluation::*number) const {
  std::vector<double> all;
  for (const Evaluation& e : scores) all.push_back(e.*number);
  return all;
}

std::vector<double> Ablated::percent_exact() const {
  std::vector<double> percent = exact();
  for (double& share : percent) share *= 100;
  return percent;
}

std::vector<double> Ablated::final_losses() const {
  std::vector<double> means;
  for (const Trained& it : trained) {
    const std::size_t count = std::max<std::size_t>(it.losses.size() / 10, 1);
    means.push_back(mean_of({it.losses.end() - count, it.losses.end()}));
  }
  return means;
}

Ablation ablate(Trials& trials, const Corpus& corpus, const std::vector<Variant>& variants) {
  Ablation all{corpus};
  for (const Variant& variant : variants) {
    Ablated it{variant.name, trials.train_each(variant.name, variant.settings, corpus.train)};
    for (const Trained& run : it.trained) it.scores.push_back(evaluate(*run.model, corpus.test));
    all.models.push_back(std::move(it));
  }
  return all;
}

std::vector<double> Ablation::exact(int variant, const std::vector<int>& members) const {
  std::vector<double> shares;
  for (const Evaluation& e : models.at(variant).scores) {
    const auto count = std::ranges::count_if(
        members, [&](int i) { return e.translations[i] == corpus.test[i].tgt; });
    shares.push_back(double(count) / double(std::max<std::size_t>(members.size(), 1)));
  }
  return shares;
}

std::vector<double> Ablation::lost(int variant) const {
  return points_lost(models[0].exact(), models.at(variant).exact());
}

std::vector<double> Ablation::lost(int variant, const std::vector<int>& members) const {
  return points_lost(exact(0, members), exact(variant, members));
}

Finding Ablation::finding(const std::string& claim, const std::string& text, int variant,
                          double threshold) const {
  return {claim, text, mean_of(lost(variant)), above, threshold};
}

PageTable Ablation::table(const std::string& caption) const {
  PageTable table{caption,
                  {{"model", "parameters", "exact match, %", "BLEU", "loss", "in training"}}, "lr"};
  for (const Ablated& it : models) {
    std::vector<double> bleu;
    for (const Evaluation& e : it.scores) bleu.push_back(e.bleu_tokens.score);
    table.rows.push_back({it.name, text(it.trained[0].parameters), with_spread(it.percent_exact()),
                          with_spread(bleu), with_spread(it.each(&Evaluation::loss)),
                          with_spread(it.final_losses())});
  }
  const analysis::Row floor = analysis::floors_of(corpus.train, corpus.test);
  table.rows.push_back({"floor: word by word", "", digits(100 * floor.floor_exact),
                        digits(floor.floor_bleu), "", ""});
  return table;
}

Chart bars_of(const std::string& title, const std::string& group, const Ablation& first) {
  Chart bars{.title = title, .y = {"exact match", "%"}, .kind = ChartKind::bars,
             .note = bars_note};
  for (const Ablated& variant : first.models) bars.series.push_back({variant.name});
  add_group(bars, group, first);
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

void add_group(Chart& bars, const std::string& name, const Ablation& ablation) {
  std::vector<std::vector<double>> shares;
  for (const Ablated& variant : ablation.models) shares.push_back(variant.exact());
  add_group(bars, name, shares);
}

}  // namespace babelgrad::lab
