// N1: attention takes weighted means. What bends between them is the feed-forward network; without
// its activation, or without the network, the stack is nearly linear.
#include <cmath>

#include "tools/app/run/ablated.h"
#include "tools/app/run/train.h"
#include "tools/lab/experiments/ablation.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

constexpr int narrow = 64, wide = 80, halfway_pairs = 50;

double squares(const Tensor& x) {
  double total = 0;
  for (Real v : x.values()) total += double(v) * double(v);
  return total;
}

// How far the encoder is from linear. With x and y two sentences as vectors, before the first
// block: ‖f((x + y) / 2) − (f(x) + f(y)) / 2‖ / ‖(f(x) − f(y)) / 2‖, 0 of a linear f.
template <class Encoder>
double bend(Encoder& encoder, const Translator& model, const std::vector<Pair>& pairs) {
  NoGrad guard;
  auto vectors = [&](const Tokens& sentence) {
    const Ints ids = model.source_batch({sentence}).src;
    return encoder.pos_encoding(encoder.embedding(ids) * std::sqrt(Real(encoder.num_hiddens)),
                                positions({ids.dim(1)}));
  };
  auto f = [&](Tensor X) {
    for (auto& blk : encoder.blks) X = blk(X, {});
    return X;
  };
  double off = 0, size = 0;
  int count = 0;
  for (std::size_t i = 0; i + 1 < pairs.size() && count < halfway_pairs; i++) {
    if (pairs[i].src.size() != pairs[i + 1].src.size()) continue;
    const Tensor x = vectors(pairs[i].src), y = vectors(pairs[i + 1].src), a = f(x), b = f(y);
    off += squares(f((x + y) * Real(0.5)) - (a + b) * Real(0.5));
    size += squares((a - b) * Real(0.5));
    count++;
  }
  return count > 0 ? std::sqrt(off / size) : 0;
}

double bend(Translator& model, const std::vector<Pair>& pairs) {
  return with_encoder(model.module(), [&](auto& encoder) { return bend(encoder, model, pairs); });
}

// Before training, without these parts.
double untrained_bend(TrainSettings settings, const std::vector<std::string>& parts,
                      const Corpus& corpus) {
  settings.model.without = parts;
  auto model = begin_training(settings, {corpus.train, {}}).model;
  eval(model->module());
  return bend(*model, corpus.test);
}

PageTable bends(const std::vector<Ablated>& models, const TrainSettings& whole,
                const Corpus& corpus) {
  PageTable table{"How far the encoder halfway between two sentences is from halfway between its "
                  "outputs, relative to half their distance; floor: 0, a linear encoder",
                  {{"model", "bend"}}, "lr"};
  for (const Ablated& model : models) {
    std::vector<double> all;
    for (const Trained& it : model.trained) all.push_back(bend(*it.model, corpus.test));
    table.rows.push_back({model.name, with_spread(all)});
  }
  for (const auto& parts : {std::vector<std::string>{}, {"ffn"}, {"norm"}, {"ffn", "norm"}})
    table.rows.push_back({"untrained, " + (parts.empty() ? "whole" : "without " + join(parts)),
                          digits(untrained_bend(whole, parts, corpus))});
  return table;
}

}  // namespace

Outcome feed_forward(const LabOptions& options) {
  const Corpus corpus = corpus_of(options, {.pairs = 20000, .max_length = 10}, 1000);
  auto sized = [](int width) { return small_training("transformer", width, 2, 500, 0.003); };
  TrainSettings whole = sized(narrow);
  Variant bare = without("ffn", sized(wide)), small = without("ffn", sized(narrow));
  bare.name += join(", width ", wide), small.name += join(", width ", narrow);
  match_parameters(whole, &ModelConfig::ffn, parameters_of(bare.settings, corpus.train),
                   corpus.train);
  const std::vector<Variant> variants{{"whole", whole}, without("activation", whole), bare, small};
  Trials trials(options, int(variants.size() * Trials(options, 0).seeds().size()));
  const std::vector<Ablated> models = ablate(trials, variants, corpus);
  Chart bars = bars_of("What the feed-forward network is worth", models);
  add_group(bars, "sentences", models);
  return {{table_of("Unseen sentences", models, corpus), bends(models, whole, corpus)},
          {bars},
          {{"N1", "exact match lost by the linear part alone, in points",
            mean_lost(models[0], models[1]), Bound::above, 2},
           {"N1", "lost without the network, in points", mean_lost(models[0], models[2]),
            Bound::above, 2}},
          {join("Transformers of two layers, sentences of 3 to 10 words, 500 updates; width ",
                narrow, " with networks of ", whole.model.ffn, ", and without networks width ",
                wide, ", so that both are of like size. What bends most, with networks or "
                "without, is LayerNorm: the last table."),
           join("At equal size a model without the network is wider, and width is worth more "
                "here. At equal width it loses ", with_spread(points_lost(models[0].exact(),
                                                                           models[3].exact())),
                " points, with a third fewer parameters; this was looked at after the verdict "
                "and is no part of it.")}};
}

}  // namespace babelgrad::lab
