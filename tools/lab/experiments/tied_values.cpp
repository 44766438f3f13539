// Q3: the Transformer finds words by one projection, keys, and fetches another, values. With one
// matrix for both, what finds a word is what is found.
#include <algorithm>
#include <cmath>

#include "tools/lab/experiments/ablation.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

constexpr int width = 64;

// Of the i-th row of W_k with the i-th of W_v, which are for the same head and place.
std::vector<double> cosines(const Tensor& keys, const Tensor& values) {
  const std::vector<Real> k = keys.values(), v = values.values();
  const std::size_t columns = keys.dim(1);
  std::vector<double> all;
  for (std::size_t row = 0; row < k.size(); row += columns) {
    double product = 0, kk = 0, vv = 0;
    for (std::size_t i = row; i < row + columns; i++)
      product += double(k[i]) * v[i], kk += double(k[i]) * k[i], vv += double(v[i]) * v[i];
    all.push_back(product / std::sqrt(kk * vv));
  }
  return all;
}

struct Alike { std::vector<double> signed_ones, sizes; };      // means of each attention and seed

void compare(Translator& model, Alike& all, PageTable* table) {
  const std::vector<Parameter> params = named_parameters(model.module());
  for (const Parameter& it : params) {
    if (!it.name.ends_with(".W_k.weight")) continue;
    const std::string attention = it.name.substr(0, it.name.size() - 11);
    const auto other = std::ranges::find(params, attention + ".W_v.weight", &Parameter::name);
    std::vector<double> rows = cosines(it.tensor, other->tensor);
    all.signed_ones.push_back(spread_of(rows).mean);
    for (double& cosine : rows) cosine = std::abs(cosine);
    all.sizes.push_back(spread_of(rows).mean);
    if (table)
      table->rows.push_back({attention, digits(all.signed_ones.back()), digits(all.sizes.back())});
  }
}

}  // namespace

Outcome tied_values(const LabOptions& options) {
  const Corpus corpus = corpus_of(options, {.pairs = 20000, .max_length = 10}, 1000);
  const TrainSettings s = small_training("transformer", width, 2, 500, 0.003);
  Variant tied = without("W_v", s), wider = tied;
  tied.name = "W_v = W_k";
  match_parameters(wider.settings, &ModelConfig::ffn, parameters_of(s, corpus.train), corpus.train);
  wider.name = "W_v = W_k, wider network";
  Trials trials(options, 3 * int(Trials(options, 0).seeds().size()));
  const std::vector<Ablated> models = ablate(trials, {{"whole", s}, tied, wider}, corpus);
  PageTable rows{"Cosine of rows of W_k with those of W_v after training, of the first seed; the "
                 "size of two random rows' cosine is 0.1",
                 {{"attention", "mean", "mean size"}}, "lr"};
  Alike alike;
  for (const Trained& it : models[0].trained)
    compare(*it.model, alike, &it == &models[0].trained[0] ? &rows : nullptr);
  Chart bars = bars_of("What values of their own are worth", models);
  add_group(bars, "sentences", models);
  return {{table_of("Unseen sentences", models, corpus), rows},
          {bars},
          {{"Q3", "size of the mean cosine between rows of W_k and W_v",
            std::abs(spread_of(alike.signed_ones).mean), Bound::below, 0.5},
           {"Q3", "exact match lost by tying, in points", mean_lost(models[0], models[1]),
            Bound::above, 1},
           {"Q3", "lost at equal parameters", mean_lost(models[0], models[2]), Bound::above, 1}},
          {join("Transformers of two layers, width ", width, ", sentences of 3 to 10 words, 500 "
                "updates. W_v is tied in all attentions, self and cross; its parameters go to the "
                "feed-forward networks, ", s.model.ffn, " to ", wider.settings.model.ffn,
                " wide. Mean size of all cosines: ", with_spread(alike.sizes), ".")}};
}

}  // namespace babelgrad::lab
