// S7: what the heads of a Transformer look at, head by head: how far away, at how many words, and
// for the decoder's heads on the source, whether at the word that the target word translates.
#include <algorithm>
#include <cmath>

#include "tools/app/run/evaluate.h"
#include "tools/app/run/analysis.h"
#include "tools/lab/numbers.h"
#include "tools/lab/trial.h"

namespace babelgrad::lab {
namespace {

constexpr int width = 64, layers = 2, heads = 4, updates = 900;

// --- measuring

struct Look {                                   // of one head, the mean over all rows of weights
  double entropy = 0;                           // of ln n, that of equal weights over n words
  double distance = 0;                          // in words, from the place on the diagonal
  double rows = 0;

  void add(const Weights& weights) {
    const double n = double(weights[0].size()), last = std::max(1.0, double(weights.size()) - 1);
    for (std::size_t t = 0; t < weights.size(); t++, rows++) {
      for (std::size_t s = 0; s < weights[t].size(); s++) {
        const double p = weights[t][s];
        distance += p * std::abs(double(s) - double(t) * (n - 1) / last);
        if (p > 0) entropy -= p * std::log(p) / std::log(n);
      }
    }
  }
};

struct Roles {                                  // of one model; heads layer by layer
  std::vector<Look> encoder, cross;
  std::vector<double> aer;                      // of cross
  double same = 0, compared = 0;                // target words for which two heads look at one word
};

void add_looks(std::vector<Look>& looks, const AttentionMaps& maps) {
  looks.resize(std::size_t(layers * heads));
  for (int i = 0; i < layers * heads; i++) looks[i].add(maps.weights[i / heads][i % heads]);
}

// Pairs of heads of a layer, each by the source word of largest weight.
void compare_heads(Roles& roles, const AttentionMaps& cross) {
  std::vector<AttentionView> views;
  for (int i = 0; i < layers * heads; i++) views.push_back({i / heads, i % heads});
  const auto links = analysis::links_of(cross, views);
  for (int a = 0; a < layers * heads; a++) {
    for (int b = a + 1; b < (a / heads + 1) * heads; b++) {
      for (std::size_t t = 0; t < links[a].size(); t++)
        roles.same += links[a][t] == links[b][t], roles.compared++;
    }
  }
}

Roles roles_of(Translator& model, const Corpus& corpus, std::size_t most) {
  Roles roles;
  const std::vector<Pair> some(corpus.test.begin(),
                               corpus.test.begin() + long(std::min(most, corpus.test.size())));
  const analysis::Study study = analysis::study_of(model, some, corpus.validation, {});
  const auto aer = analysis::heads_of(study, {analysis::everything(study.pairs)}).at(0).aer;
  for (int i = 0; i < layers * heads; i++)
    roles.aer.push_back(aer[study.chosen(i / heads, i % heads)]);
  for (const Pair& pair : some) {
    const auto maps = attention_maps(model, pair.src, pair.tgt);
    add_looks(roles.cross, maps.at(0)), add_looks(roles.encoder, maps.at(1));
    compare_heads(roles, maps.at(0));
  }
  return roles;
}

std::vector<double> distances(const std::vector<Look>& looks) {
  std::vector<double> all;
  for (const Look& it : looks) all.push_back(it.distance / it.rows);
  return all;
}

std::vector<double> entropies(const std::vector<Look>& looks) {
  std::vector<double> all;
  for (const Look& it : looks) all.push_back(it.entropy / it.rows);
  return all;
}

// --- showing

std::string head_name(int i) { return AttentionView{i / heads, i % heads}.name(); }

Chart heat_of(const std::string& title, const Axis& shade, const std::vector<double>& values) {
  Chart chart{.title = title, .kind = ChartKind::heat_map, .shade = shade,
              .note = "First seed. Heads have no order: head 1 of another seed is another head."};
  for (int head = 0; head < heads; head++) chart.names.push_back(join("head ", head + 1));
  for (int layer = 0; layer < layers; layer++) {
    Series& row = chart.series.emplace_back(Series{join("layer ", layer + 1)});
    row.y.assign(values.begin() + layer * heads, values.begin() + (layer + 1) * heads);
  }
  return chart;
}

// The heads of each model from the least to the most, and so comparable between seeds.
Series ranked(const std::string& name, std::vector<std::vector<double>> of_seeds) {
  Series series{name};
  for (auto& values : of_seeds) std::ranges::sort(values);
  for (int rank = 0; rank < layers * heads; rank++) {
    std::vector<double> at;
    for (const auto& values : of_seeds) at.push_back(values[rank]);
    add_point(series, rank + 1, at, 0);
  }
  return series;
}

PageTable table_of_heads(const Roles& it) {
  PageTable table{"Heads of the first seed; entropy 1: equal weights",
                  {{"head", "cross: AER", "distance (words)", "entropy",
                    "encoder: distance (words)", "entropy"}}};
  const auto cross = distances(it.cross), encoder = distances(it.encoder);
  for (int i = 0; i < layers * heads; i++)
    table.rows.push_back({head_name(i), fixed(it.aer[i], 3), fixed(cross[i], 2),
                          fixed(entropies(it.cross)[i], 2), fixed(encoder[i], 2),
                          fixed(entropies(it.encoder)[i], 2)});
  return table;
}

struct Compared {
  std::vector<Roles> roles = {};                // of the models with four heads, by seed
  std::vector<double> exact[2] = {}, loss[2] = {};       // with one head, with four
  Index parameters[2] = {};
  double diagonal = 0;                          // the AER of the same relative place

  std::vector<std::vector<double>> of_seeds(
      const std::function<std::vector<double>(const Roles&)>& what) const {
    std::vector<std::vector<double>> all;
    for (const Roles& it : roles) all.push_back(what(it));
    return all;
  }
};

std::vector<double> aer_of(const Roles& it) { return it.aer; }
std::vector<double> encoder_distances(const Roles& it) { return distances(it.encoder); }
std::vector<double> cross_distances(const Roles& it) { return distances(it.cross); }

std::vector<Chart> charts_of(const Compared& it) {
  const Roles& first = it.roles[0];
  const std::string note = "The heads of each model in order of what is shown. Lines: means over "
                           "the seeds; bands: one standard deviation.";
  Chart aer{.title = "Alignment error of the heads, ranked", .x = {"rank"},
            .y = {"AER of cross-attention"},
            .series = {ranked("AER", it.of_seeds(aer_of))},
            .levels = {{"diagonal", it.diagonal}}, .note = note};
  Chart distance{.title = "How far away the heads look, ranked", .x = {"rank"},
                 .y = {"mean distance", "words"},
                 .series = {ranked("encoder's self-attention", it.of_seeds(encoder_distances)),
                            ranked("cross-attention", it.of_seeds(cross_distances))},
                 .note = note};
  return {heat_of("Alignment error of the cross-attention", {"AER"}, first.aer), aer,
          heat_of("How far away the encoder's heads look", {"mean distance", "words"},
                  distances(first.encoder)), distance};
}

std::vector<Finding> findings_of(const Compared& it) {
  auto range = [&](const std::function<std::vector<double>(const Roles&)>& what) {
    double sum = 0;
    for (const Roles& roles : it.roles) {
      const auto [low, high] = std::ranges::minmax(what(roles));
      sum += high - low;
    }
    return sum / double(it.roles.size());
  };
  double same = 0;
  for (const Roles& roles : it.roles) same += roles.same / roles.compared;
  return {{"S7", "range of AER over heads, mean over seeds", range(aer_of), Bound::above, 0.2},
          {"S7", "range of the mean distance over the encoder's heads, in words",
           range(encoder_distances), Bound::above, 1},
          {"S7", "two heads of a layer look at the same source word, share of target words",
           same / double(it.roles.size()), Bound::below, 0.5},
          {"S7", "exact match with four heads less with one, in points",
           spread_of(it.exact[1]).mean - spread_of(it.exact[0]).mean, Bound::above, 0}};
}

PageTable table_of_models(const Compared& it) {
  PageTable table{"On test pairs", {{"model", "parameters", "exact match (%)", "loss (nats)"}},
                  "lr"};
  for (int i : {0, 1})
    table.rows.push_back({i == 0 ? "one head" : join(heads, " heads"), text(it.parameters[i]),
                          with_spread(it.exact[i]), with_spread(it.loss[i])});
  return table;
}

}  // namespace

Outcome head_roles(const LabOptions& options) {
  const Corpus corpus = corpus_of(options, {.pairs = 30000, .min_length = 3, .max_length = 12},
                                  1000);
  Trials trials(options, options.quick ? 2 : 6);
  TrainSettings settings = small_training("transformer", width, layers, updates, 0.003);
  Compared it;
  for (std::uint64_t seed : trials.seeds()) {
    settings.seed = seed;
    for (int i : {0, 1}) {
      settings.model.heads = i == 0 ? 1 : heads;
      Trained run = trials.train(i == 0 ? "one head" : "several heads", settings, corpus.train);
      const Evaluation found = evaluate(*run.model, corpus.test);
      it.exact[i].push_back(100 * found.exact), it.loss[i].push_back(found.loss);
      it.parameters[i] = run.parameters;
      if (i == 1) it.roles.push_back(roles_of(*run.model, corpus, 300));
    }
  }
  it.diagonal = analysis::floors_of({}, corpus.test).floor_aer;
  return {{table_of_heads(it.roles[0]), table_of_models(it)},
          charts_of(it),
          findings_of(it),
          {join("Transformers of ", layers, " layers and width ", width, ", in one head or in ",
                heads, "; ", corpus.train.size(), " of the grammar's pairs, sources of 3 to 12 "
                "words, ", updates, " updates of 64 sentences, ", trials.seeds().size(),
                " seeds. Of each row of weights, <eos> included: entropy as a share of the most "
                "there can be, and mean distance from the same relative place, which for "
                "self-attention is the word itself. AER: each head at the shift that suits it "
                "on validation pairs.")}};
}

}  // namespace babelgrad::lab
