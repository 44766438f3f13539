// N2, N3: stacks of 2 to 24 blocks, whole, without residual connections and without LayerNorm: what
// they learn in as many updates, and what numbers and gradients they begin with, block by block.
#include <algorithm>
#include <cmath>
#include <map>

#include "tools/app/run/ablated.h"
#include "tools/app/run/train.h"
#include "tools/lab/numbers.h"
#include "tools/lab/trial.h"

namespace babelgrad::lab {
namespace {

constexpr int width = 32, heads = 2, updates = 250, batch_size = 32, deepest = 24;
constexpr int window = 10;                      // updates whose losses are one point of a curve

struct Variant { const char *name, *without; };
const Variant variants[] = {{"whole", ""},
                            {"without residuals", "residual"},
                            {"without LayerNorm", "norm"}};
constexpr int variant_count = 3;

TrainSettings settings_of(const Variant& variant, int layers, double rate, std::uint64_t seed) {
  TrainSettings s = small_training("transformer", width, layers, updates, rate);
  s.model.heads = heads, s.model.without = parts_from(variant.without);
  s.batch_size = batch_size, s.seed = seed;
  s.schedule.warmup = updates * 3 / 10;         // a deep stack with its norms after the sums asks
  return s;
}

// On validation pairs. A run that diverged, or ends above it, counts with the loss of a guess.
double final_loss(const Trained& run, const Corpus& corpus) {
  const double guess = std::log(run.model->tgt_vocab.size());
  const double loss = run.diverged ? guess : loss_of(*run.model, corpus.validation);
  return loss < guess ? loss : guess;
}

// Of a guess by how often each word stands in the training targets, one added to each count.
double frequency_loss(const Corpus& corpus) {
  std::map<std::string, double> counts;
  double all = 0, loss = 0, words = 0;
  auto each = [](const std::vector<Pair>& pairs, const auto& work) {
    for (const Pair& pair : pairs) {
      for (const std::string& word : pair.tgt) work(word);
      work(std::string(eos_token));
    }
  };
  each(corpus.train, [&](const std::string& word) { counts[word]++, all++; });
  all += double(counts.size());
  each(corpus.validation, [&](const std::string& word) {
    loss -= std::log((counts[word] + 1) / all), words++;
  });
  return loss / words;
}

Grid rates_of(Trials& trials, const Variant& variant, const Corpus& corpus) {
  Grid grid{variant.name, {0.001, 0.002, 0.004}, {}};
  if (trials.options.quick) grid.rates = {0.002};
  for (double rate : grid.rates) {
    Trained run = trials.attempt(join(variant.name, " at ", rate),
                                 settings_of(variant, deepest, rate, trials.options.seed),
                                 corpus.train);
    grid.losses.push_back(final_loss(run, corpus));
    if (grid.losses.back() <= grid.losses[grid.best])
      grid.best = grid.losses.size() - 1, grid.trained = std::move(run);
  }
  return grid;
}

// --- learning

struct Learnt {                                 // of one variant at one depth, over the seeds
  std::vector<double> final = {};
  std::vector<std::vector<double>> curve = {};  // of each window, the runs that came so far
  int diverged = 0;

  void add(const Trained& run, const Corpus& corpus) {
    final.push_back(final_loss(run, corpus));
    diverged += run.diverged;
    const int n = std::min<int>(window, int(run.losses.size()));
    for (int end = n; n > 0 && end <= int(run.losses.size()); end += n) {
      double sum = 0;
      for (int i = end - n; i < end; i++) sum += run.losses[i];
      if (int(curve.size()) < end / n) curve.emplace_back();
      curve[end / n - 1].push_back(sum / n);
    }
  }
};
using ByDepth = std::map<int, Learnt>;

ByDepth learn_at_depths(Trials& trials, const Variant& variant, double rate,
                        const Corpus& corpus) {
  ByDepth all;
  for (int layers : {2, 6, 12, deepest})
    for (std::uint64_t seed : trials.seeds())
      all[layers].add(trials.attempt(join(variant.name, ", ", layers, " layers"),
                                     settings_of(variant, layers, rate, seed), corpus.train),
                      corpus);
  return all;
}

// --- beginning

struct Begun {                                  // by block of the encoder, natural logarithms
  std::vector<std::vector<double>> gradient, activation;
  std::vector<double> own = {};                 // of the last block's output, see own_share()

  explicit Begun(int layers) : gradient(layers), activation(layers) {}
  // The geometric mean of what the last block has, to the first's.
  static double last_to_first(const std::vector<std::vector<double>>& logs) {
    return std::exp(spread_of(logs.back()).mean - spread_of(logs.front()).mean);
  }
};

double log_root(double squares) { return 0.5 * std::log(std::max(squares, 1e-74)); }

double squares_of(const Tensor& x) {
  double sum = 0;
  for (Real v : x.values()) sum += double(v) * double(v);
  return sum;
}

// Of vectors (1, rows, width), how much of their squares is not in their mean: 0 if all are equal.
double own_share(const Tensor& X) {
  return squares_of(X - mean(X, {1}, true)) / std::max(squares_of(X), 1e-74);
}

template <class Encoder>
void look_at_activations(Encoder& encoder, const Batch& batch, Begun& begun) {
  NoGrad guard;
  Tensor X = encoder.embedding(batch.src) * std::sqrt(Real(encoder.num_hiddens));
  X = encoder.pos_encoding(X, batch.lens.src_positions(batch.src.dim(1)));
  const ValidLens valid_lens = batch.lens.self();
  for (std::size_t i = 0; i < encoder.blks.size(); i++) {
    X = encoder.blks[i](X, valid_lens);
    begun.activation[i].push_back(log_root(squares_of(X) / double(X.numel())));
  }
  begun.own.push_back(own_share(X));
}

template <class Encoder>
void look_at_gradients(Translator& model, Encoder& encoder, const Batch& batch, Begun& begun) {
  backward(model.training_step(batch));
  for (std::size_t i = 0; i < encoder.blks.size(); i++) {
    double squares = 0;
    for (const Parameter& it : named_parameters(encoder.blks[i]))
      squares += squares_of(grad(it.tensor));
    begun.gradient[i].push_back(log_root(squares));
  }
}

Begun begin(const Trials& trials, const Variant& variant, const Corpus& corpus) {
  Begun begun(deepest);
  for (std::uint64_t seed : trials.seeds()) {
    TrainSettings settings = settings_of(variant, deepest, 0.001, seed);
    auto model = begin_training(settings, {corpus.train, {}}).model;
    TrainingData data{settings, corpus.train, *model};
    const Batch batch = data.batch(data.epoch(0)[0]);
    with_encoder(model->module(), [&](auto& encoder) {
      look_at_activations(encoder, batch, begun);
      look_at_gradients(*model, encoder, batch, begun);
    });
  }
  return begun;
}

// --- showing

Series by_block(const char* name, const std::vector<std::vector<double>>& logs) {
  Series series{name};
  for (std::size_t i = 0; i < logs.size(); i++) {
    const auto [mean, deviation] = spread_of(logs[i]);
    series.x.push_back(double(i + 1)), series.y.push_back(std::exp(mean));
    series.low.push_back(std::exp(mean - deviation));
    series.high.push_back(std::exp(mean + deviation));
  }
  return series;
}

struct Shown {
  std::vector<Grid> grids = {};
  std::vector<ByDepth> learnt = {};
  std::vector<Begun> begun = {};
  double floor = 0;
};

std::vector<Chart> charts_of(const Shown& it) {
  const std::string bands = "Lines: means over the seeds; bands: one standard deviation";
  const std::string logs = "Untrained, one batch. Geometric means over the seeds; bands: one "
                           "standard deviation of logs.";
  const std::vector<Level> floor{{"word frequencies alone", it.floor}};
  std::vector<Chart> all{
      {.title = join("Learning with ", deepest, " layers"), .x = {"update"},
       .y = {"loss in training", "nats", true}, .levels = floor,
       .note = join(bands, ". A point is the mean of ", window, " updates.")},
      {.title = "After training, by depth", .x = {"layers of encoder and decoder each"},
       .y = {"loss on validation pairs", "nats"}, .levels = floor, .note = bands + "."},
      {.title = join("Gradient by block, ", deepest, " layers"), .x = {"block of the encoder"},
       .y = {"gradient norm of its parameters", "", true}, .note = logs},
      {.title = join("Activations by block, ", deepest, " layers"), .x = {"block of the encoder"},
       .y = {"root mean square of its output", "", true}, .note = logs}};
  for (int v = 0; v < variant_count; v++) {
    for (int i : {0, 1}) all[i].series.push_back({variants[v].name});
    const Learnt& deep = it.learnt[v].at(deepest);
    for (std::size_t i = 0; i < deep.curve.size(); i++)
      add_point(all[0].series[v], double((i + 1) * window), deep.curve[i], 0.01);
    for (const auto& [layers, learnt] : it.learnt[v])
      add_point(all[1].series[v], layers, learnt.final);
    all[2].series.push_back(by_block(variants[v].name, it.begun[v].gradient));
    all[3].series.push_back(by_block(variants[v].name, it.begun[v].activation));
  }
  return all;
}

std::vector<PageTable> tables_of(const Shown& it) {
  PageTable losses{join("Loss on validation pairs, in nats; of word frequencies alone: ",
                        digits(it.floor)),
                   {{"", "2 layers", "6", "12", "24", "runs that diverged"}}};
  PageTable begun{join("Untrained, ", deepest, " layers: the encoder's first and last blocks"),
                  {{"", "gradient norm, first", "last", "activations, first", "last",
                    "words' own share, last"}}};
  std::vector<const Grid*> grids;
  for (int v = 0; v < variant_count; v++) {
    grids.push_back(&it.grids[v]);
    int diverged = 0;
    losses.rows.push_back({variants[v].name});
    for (const auto& [layers, learnt] : it.learnt[v]) {
      losses.rows.back().push_back(with_spread(learnt.final));
      diverged += learnt.diverged;
    }
    losses.rows.back().push_back(text(diverged));
    const Begun& start = it.begun[v];
    auto size = [](const std::vector<double>& logs) {
      return digits(std::exp(spread_of(logs).mean));
    };
    begun.rows.push_back({variants[v].name, size(start.gradient.front()),
                          size(start.gradient.back()), size(start.activation.front()),
                          size(start.activation.back()), with_spread(start.own)});
  }
  PageTable rates = table_of(grids);
  rates.caption = join("With ", deepest, " layers. ", rates.caption);
  return {losses, begun, rates};
}

std::vector<Finding> findings_of(const Shown& it) {
  auto worse = [&](int variant, int layers) {
    auto mean = [&](int v) { return spread_of(it.learnt[v].at(layers).final).mean; };
    return mean(variant) - mean(0);
  };
  auto gradient = [&](int v) { return 1 / Begun::last_to_first(it.begun[v].gradient); };
  auto activation = [&](int v) { return Begun::last_to_first(it.begun[v].activation); };
  const std::string norm = "gradient norm of the first block over the last one's, 24 layers, ";
  const std::string size = "activations of the last block over the first's, 24 layers, ";
  return {{"N2", "final loss without residuals less with them, 12 layers, in nats", worse(1, 12),
           Bound::above, 0.5},
          {"N2", "the same, 24 layers", worse(1, 24), Bound::above, 0.5},
          {"N2", norm + "without residuals", gradient(1), Bound::below, 0.01},
          {"N2", norm + "with them", gradient(0), Bound::above, 0.01},
          {"N3", size + "without LayerNorm", activation(2), Bound::above, 10},
          {"N3", size + "with it", activation(0), Bound::below, 2},
          {"N3", "final loss without LayerNorm less with it, 24 layers, in nats", worse(2, 24),
           Bound::above, 0.5}};
}

}  // namespace

Outcome deep_stacks(const LabOptions& options) {
  const Corpus corpus = corpus_of(options, {.pairs = 8000, .min_length = 3, .max_length = 8});
  Trials trials(options, variant_count * (options.quick ? 5 : 15));
  Shown it;
  it.floor = frequency_loss(corpus);
  for (const Variant& variant : variants) {
    it.grids.push_back(rates_of(trials, variant, corpus));
    it.learnt.push_back(learn_at_depths(trials, variant, it.grids.back().rate(), corpus));
    it.begun.push_back(begin(trials, variant, corpus));
  }
  return {tables_of(it), charts_of(it), findings_of(it),
          {join("Transformers of width ", width, " with ", heads, " heads, ",
                "as many blocks in the decoder as in the encoder, on the grammar's sentences of 3 "
                "to 8 words; ", updates, " updates of ", batch_size, " sentences, in the first ",
                updates * 3 / 10, " of which the rate rises, ", trials.seeds().size(), " seeds. "
                "Each variant at the rate that suits it best with ", deepest, " layers. A run "
                "that diverges counts with the loss of a guess among all words."),
           "Without residuals LayerNorm still brings every output back to size 1, so gradients "
           "shrink less than one would think. The words' own share, the part of their vectors' "
           "squares that is not in the mean vector, shrinks too: words become alike, and in the "
           "deep stacks the loss stays at that of word frequencies.",
           "Without LayerNorm gradients begin far larger, in all blocks alike; clipping and Adam, "
           "which divides by their size, take much of that out. A linear layer begins with a "
           "third of its input's variance, so blocks add little to the sum. With LayerNorm after "
           "the sum, as here and in the book, deep stacks learn slowly from the start. The rates "
           "may not be the best for fewer layers."}};
}

}  // namespace babelgrad::lab
