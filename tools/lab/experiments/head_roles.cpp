// S7: what the heads of a Transformer look at, head by head: how far away, at how many words, and
// for the decoder's heads on the source, whether at the word that the target word translates.
#include <algorithm>
#include <cmath>

#include "tools/app/run/analysis.h"
#include "tools/lab/experiments/ablation.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

constexpr int role_layers = 2, role_heads = 4, heads_in_all = role_layers * role_heads;

AttentionView view_of(int head) { return {head / role_heads, head % role_heads}; }

using ByHead = std::vector<double>;             // layer by layer

struct Roles {                                  // of one model, means over all rows of weights
  ByHead aer = {};                              // of cross-attention
  ByHead cross_distance = ByHead(heads_in_all), encoder_distance = cross_distance;
  ByHead cross_entropy = cross_distance, encoder_entropy = cross_distance;
  double same = 0;                              // target words for which two heads of a layer, each
                                                // by its largest weight, look at one word: a share
};

// Entropy: of ln n, that of equal weights over n words. Distance: in words, from the place on the
// diagonal.
void add_look(const Weights& weights, double& entropy, double& distance) {
  const double n = double(weights[0].size()), last = std::max(1.0, double(weights.size()) - 1);
  for (std::size_t t = 0; t < weights.size(); t++) {
    for (std::size_t s = 0; s < weights[t].size(); s++) {
      const double p = weights[t][s];
      distance += p * std::abs(double(s) - double(t) * (n - 1) / last);
      if (p > 0) entropy -= p * std::log(p) / std::log(n);
    }
  }
}

Roles roles_of(Translator& model, const Corpus& corpus, std::size_t most) {
  Roles roles;
  const std::vector<Pair> some(corpus.test.begin(),
                               corpus.test.begin() + long(std::min(most, corpus.test.size())));
  const analysis::Study study = analysis::study_of(model, some, corpus.validation, {});
  const auto aer = analysis::heads_of(study, {analysis::everything(study.pairs)}).at(0).aer;
  std::vector<AttentionView> views;
  for (int i = 0; i < heads_in_all; i++) {
    views.push_back(view_of(i));
    roles.aer.push_back(aer[study.chosen(views[i].layer, views[i].head)]);
  }
  double same = 0, compared = 0, cross_rows = 0, encoder_rows = 0;
  for (const Pair& pair : some) {
    const auto maps = attention_maps(model, pair.src, pair.tgt);
    const AttentionMaps &cross = maps.at(0), &encoder = maps.at(1);
    for (int i = 0; i < heads_in_all; i++) {
      const auto [layer, head] = std::pair{views[i].layer, views[i].head};
      add_look(cross.weights[layer][head], roles.cross_entropy[i], roles.cross_distance[i]);
      add_look(encoder.weights[layer][head], roles.encoder_entropy[i], roles.encoder_distance[i]);
    }
    cross_rows += double(cross.weights[0][0].size());
    encoder_rows += double(encoder.weights[0][0].size());
    const auto links = analysis::links_of(cross, views);
    for (int a = 0; a < heads_in_all; a++)
      for (int b = a + 1; b < heads_in_all && views[b].layer == views[a].layer; b++)
        for (std::size_t t = 0; t < links[a].size(); t++)
          same += links[a][t] == links[b][t], compared++;
  }
  for (int i = 0; i < heads_in_all; i++) {
    roles.cross_entropy[i] /= cross_rows, roles.cross_distance[i] /= cross_rows;
    roles.encoder_entropy[i] /= encoder_rows, roles.encoder_distance[i] /= encoder_rows;
  }
  roles.same = same / compared;
  return roles;
}

Chart bars_of_heads(const std::string& title, const Axis& y, const ByHead& values) {
  Chart chart{.title = title, .y = y, .series = {{y.label, {}, values}},
              .kind = ChartKind::bars,
              .note = "First seed. Heads have no order: head 1 of another seed is another head."};
  for (int head = 0; head < heads_in_all; head++) chart.names.push_back(view_of(head).name());
  return chart;
}

// The heads of each model from the least to the most, and so comparable between seeds.
Series ranked(const std::string& name, const std::vector<Roles>& roles, ByHead Roles::*what) {
  std::vector<std::vector<double>> by_rank(heads_in_all);
  for (const Roles& it : roles) {
    ByHead values = it.*what;
    std::ranges::sort(values);
    for (int i = 0; i < heads_in_all; i++) by_rank[i].push_back(values[i]);
  }
  Series series{name};
  for (int i = 0; i < heads_in_all; i++) add_point(series, i + 1, by_rank[i], 0);
  return series;
}

PageTable role_table(const Roles& it) {
  PageTable table{"Heads of the first seed; entropy 1: equal weights",
                  {{"head", "cross: AER", "distance (words)", "entropy",
                    "encoder: distance (words)", "entropy"}}};
  for (int i = 0; i < heads_in_all; i++)
    table.rows.push_back({view_of(i).name(), fixed(it.aer[i], 3), fixed(it.cross_distance[i], 2),
                          fixed(it.cross_entropy[i], 2), fixed(it.encoder_distance[i], 2),
                          fixed(it.encoder_entropy[i], 2)});
  return table;
}

// diagonal: the AER of the same relative place
std::vector<Chart> role_charts(const std::vector<Roles>& roles, double diagonal) {
  const std::string note = "The heads of each model in order of what is shown. Lines: means over "
                           "the seeds; bands: one standard deviation.";
  Chart aer{.title = "Alignment error of the heads, ranked", .x = {"rank"},
            .y = {"AER of cross-attention"}, .series = {ranked("AER", roles, &Roles::aer)},
            .levels = {{"diagonal", diagonal}}, .note = note};
  Chart distance{.title = "How far away the heads look, ranked", .x = {"rank"},
                 .y = {"mean distance", "words"},
                 .series = {ranked("encoder's self-attention", roles, &Roles::encoder_distance),
                            ranked("cross-attention", roles, &Roles::cross_distance)},
                 .note = note};
  return {bars_of_heads("Alignment error of the cross-attention", {"AER"}, roles[0].aer), aer,
          bars_of_heads("How far away the encoder's heads look", {"mean distance", "words"},
                        roles[0].encoder_distance), distance};
}

}  // namespace

Outcome head_roles(const LabOptions& options) {
  const Corpus corpus = corpus_of(options, sentences_to_12, 1000);
  Trials trials(options, 2 * int(options.seeds().size()));
  Variant one{"one head", small_training("transformer", 64, role_layers, 900, 0.003)};
  Variant several{join(role_heads, " heads"), one.settings};
  one.settings.model.heads = 1, several.settings.model.heads = role_heads;
  const Ablation it = ablate(trials, corpus, {one, several});
  PageTable models{"On test pairs", {{"model", "parameters", "exact match (%)", "loss (nats)"}},
                   "lr"};
  for (const Ablated& model : it.models)
    models.rows.push_back({model.name, text(model.trained[0].parameters),
                           with_spread(model.percent_exact()),
                           with_spread(model.each(&Evaluation::loss))});
  std::vector<Roles> roles;
  for (const Trained& run : it.models[1].trained)
    roles.push_back(roles_of(*run.model, corpus, 300));
  auto mean = [&](const auto& of) {
    std::vector<double> all;
    for (const Roles& of_seed : roles) all.push_back(of(of_seed));
    return mean_of(all);
  };
  auto range = [&](ByHead Roles::*what) {
    return mean([&](const Roles& of_seed) {
      const auto [low, high] = std::ranges::minmax(of_seed.*what);
      return high - low;
    });
  };
  return {{role_table(roles[0]), models},
          role_charts(roles, analysis::floors_of({}, corpus.test).floor_aer),
          {{"S7", "range of AER over heads, mean over seeds", range(&Roles::aer), above, 0.2},
           {"S7", "range of the mean distance over the encoder's heads, in words",
            range(&Roles::encoder_distance), above, 1},
           {"S7", "two heads of a layer look at the same source word, share of target words",
            mean([](const Roles& of_seed) { return of_seed.same; }), below, 0.5},
           {"S7", "exact match with four heads minus with one, in points",
            mean_of(it.models[1].percent_exact()) - mean_of(it.models[0].percent_exact()), above,
            0}},
          {join("Transformers of ", role_layers, " layers and width 64, in one head or in ",
                role_heads, "; ", corpus.train.size(), " of the grammar's pairs, sources of 3 to "
                "12 words, 900 updates of 64 sentences, ", options.seeds().size(),
                " seeds. Of each row of weights, <eos> included: entropy as a share of the most "
                "there can be, and mean distance from the same relative place, which for "
                "self-attention is the word itself. AER: each head at the shift that suits it "
                "on validation pairs.")}};
}

}  // namespace babelgrad::lab
