// S6: a target word may depend on those before it, as only they are there when it is written. The
// decoder's mask sees to that in training. Without it the next word is there to be read.
#include <algorithm>

#include "tools/app/run/without.h"
#include "tools/lab/experiments/ablation.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

constexpr int vocabulary = 100, words = 10, width = 64;

// The largest change that another last target word makes in the logits of an untrained decoder at
// the steps before it.
double leak(bool mask, std::uint64_t seed) {
  NoGrad guard;
  manual_seed(seed);
  AblatedPostDecoder decoder(vocabulary, width, 128, 4, 2, 0);
  if (!mask) take_away(decoder, "mask");
  const Tensor source = randn({1, words, width});
  auto logits = [&](const Ints& ids) {
    return decoder(ids, decoder.init_state(source, Ints{words})).first;
  };
  Random random(seed);
  double largest = 0;
  for (int later = 1; later < words; later++) {
    Ints ids(Shape{1, words});
    for (Index i = 0; i < words; i++) ids[i] = random.below(vocabulary);
    const Tensor before = slice(logits(ids), 1, 0, later);
    ids[later] = (ids[later] + 1 + random.below(vocabulary - 1)) % vocabulary;
    largest = std::max(largest, largest_difference(before, slice(logits(ids), 1, 0, later)));
  }
  return largest;
}

// Means over ten updates, with their spread over seeds.
Chart curves(const std::vector<Ablated>& models) {
  Chart chart{.title = "Loss in training", .x = {"update"}, .y = {"loss", "nats", true},
              .note = "Lines: means over ten updates and the seeds; bands: one standard deviation "
                      "to each side."};
  for (const Ablated& model : models) {
    Series& series = chart.series.emplace_back(Series{model.name});
    for (std::size_t end = 10; end <= model.trained[0].losses.size(); end += 10) {
      std::vector<double> means;
      for (const Trained& it : model.trained)
        means.push_back(spread_of({it.losses.begin() + end - 10, it.losses.begin() + end}).mean);
      add_point(series, double(end), means, 1e-4);
    }
  }
  return chart;
}

}  // namespace

Outcome causal_mask(const LabOptions& options) {
  const Corpus corpus = corpus_of(options, {.pairs = 20000, .max_length = 10}, 1000);
  const TrainSettings s = small_training("transformer", width, 2, 600, 0.003);
  Trials trials(options, 2 * int(Trials(options, 0).seeds().size()));
  const std::vector<Ablated> models = ablate(trials, {{"whole", s}, without("mask", s)}, corpus);
  const double kept = leak(true, options.seed), open = leak(false, options.seed);
  Chart bars = bars_of("What the mask is worth", models);
  add_group(bars, "sentences", models);
  auto mean = [](const std::vector<double>& values) { return spread_of(values).mean; };
  return {{{"An untrained decoder: the largest change of earlier logits by a later target word",
            {{"mask", "change"}, {"with", digits(kept)}, {"without", digits(open)}}, "lr"},
           table_of("Unseen sentences, and the loss at the end of training", models, corpus)},
          {curves(models), bars},
          {{"S6", "change of earlier logits with the mask", kept, Bound::below, 1e-12},
           {"S6", "change of earlier logits without it", open, Bound::above, 0.001},
           {"S6", "training loss without the mask", mean(models[1].final_losses()), Bound::below,
            0.05},
           {"S6", "exact match of its translations", mean(models[1].exact()), Bound::below, 0.05},
           {"S6", "exact match with the mask", mean(models[0].exact()), Bound::above, 0.5}},
          {join("Transformers of two layers, width ", width, ", sentences of 3 to 10 words, 600 "
                "updates. Loss is that of the whole target given at once, BLEU and exact match "
                "are of what is written word by word.")}};
}

}  // namespace babelgrad::lab
