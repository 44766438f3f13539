// Depth. N2, N3: stacks of 2 to 24 blocks, whole, without residual connections and without
// LayerNorm: what they learn in as many updates, and what numbers and gradients they begin with,
// block by block. N4: the attention model and the Transformer with 1 to 6 layers.
#include <algorithm>
#include <cmath>
#include <map>
#include <span>

#include "tools/app/run/ablated.h"
#include "tools/app/run/evaluate.h"
#include "tools/app/run/analysis.h"
#include "tools/app/run/train.h"
#include "tools/lab/numbers.h"
#include "tools/lab/trial.h"

namespace babelgrad::lab {
namespace {

// --- N2, N3

constexpr int stack_width = 32, stack_heads = 2, stack_updates = 250, stack_batch = 32;
// A deep stack with its norms after the sums asks for so long a warm-up.
constexpr int stack_warmup = stack_updates * 3 / 10, deepest = 24;

using ByBlock = std::vector<std::vector<double>>;              // of each block, by seed

struct Stack {                                  // one variant
  const char *name, *without;
  Grid grid = {};
  std::map<int, std::vector<double>> losses = {};              // final ones, by depth and seed
  std::vector<std::vector<double>> curves = {};                // in training, of the deepest
  int diverged = 0;
  // Untrained, of the encoder, as natural logarithms.
  ByBlock gradient = ByBlock(deepest), activation = ByBlock(deepest);
  std::vector<double> own = {};                 // of the last block's output, see own_share()

  TrainSettings settings(int layers, double rate, std::uint64_t seed) const {
    TrainSettings s = small_training("transformer", stack_width, layers, stack_updates, rate);
    s.model.heads = stack_heads, s.model.without = parts_from(without);
    s.batch_size = stack_batch, s.seed = seed, s.schedule.warmup = stack_warmup;
    return s;
  }
};

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

void learn_stack(Stack& it, Trials& trials, const Corpus& corpus) {
  std::vector<double> rates{0.001, 0.002, 0.004};
  if (trials.options.brief()) rates = {0.002};
  it.grid = try_rates(trials, it.name, it.settings(deepest, 0, trials.options.seed), rates, corpus,
                      [&](const Trained& run) { return final_loss(run, corpus); });
  for (int layers : {2, 6, 12, deepest}) {
    for (std::uint64_t seed : trials.options.seeds()) {
      const Trained run = trials.attempt(join(it.name, ", ", layers, " layers"),
                                         it.settings(layers, it.grid.rate(), seed), corpus.train);
      it.losses[layers].push_back(final_loss(run, corpus));
      if (layers == deepest) it.curves.push_back(run.losses);
      it.diverged += run.diverged;
    }
  }
}

double log_root(double squares) { return 0.5 * std::log(std::max(squares, 1e-74)); }

// Of vectors (1, rows, width), how much of their squares is not in their mean: 0 if all are equal.
double own_share(const Tensor& X) {
  return squares_of(X - mean(X, {1}, true)) / std::max(squares_of(X), 1e-74);
}

template <class Encoder>
void look_at_activations(Stack& it, Encoder& encoder, const Batch& batch) {
  NoGrad guard;
  Tensor X = encoder.embedding(batch.src) * std::sqrt(Real(encoder.num_hiddens));
  X = encoder.pos_encoding(X, batch.lens.src_positions(batch.src.dim(1)));
  const ValidLens valid_lens = batch.lens.self();
  for (int i = 0; i < deepest; i++) {
    X = encoder.blks[i](X, valid_lens);
    it.activation[i].push_back(log_root(squares_of(X) / double(X.numel())));
  }
  it.own.push_back(own_share(X));
}

void look_at_beginnings(Stack& it, const Trials& trials, const Corpus& corpus) {
  for (std::uint64_t seed : trials.options.seeds()) {
    const TrainSettings settings = it.settings(deepest, 0.001, seed);
    auto model = begin_training(settings, {corpus.train, {}}).model;
    TrainingData data{settings, corpus.train, *model};
    const Batch batch = data.batch(data.epoch(0)[0]);
    with_encoder(model->module(), [&](auto& encoder) {
      look_at_activations(it, encoder, batch);
      backward(model->training_step(batch));
      for (int i = 0; i < deepest; i++) {
        double squares = 0;
        for (const Parameter& p : named_parameters(encoder.blks[i]))
          squares += squares_of(grad(p.tensor));
        it.gradient[i].push_back(log_root(squares));
      }
    });
  }
}

std::vector<Chart> stack_charts(std::span<const Stack> stacks, double frequency) {
  const std::string logs = "Untrained, one batch. Geometric means over the seeds; bands: one "
                           "standard deviation of logs.";
  const std::vector<Level> floor{{"word frequencies alone", frequency}};
  std::vector<Chart> all{
      {.title = join("Learning with ", deepest, " layers"), .x = {"update"},
       .y = {"loss in training", "nats", true}, .levels = floor,
       .note = join(means_and_bands, ". A point is the mean of 10 updates.")},
      {.title = "After training, by depth", .x = {"layers of encoder and decoder each"},
       .y = {"loss on validation pairs", "nats"}, .levels = floor,
       .note = join(means_and_bands, ".")},
      {.title = join("Gradient by block, ", deepest, " layers"), .x = {"block of the encoder"},
       .y = {"gradient norm of its parameters", "", true}, .note = logs},
      {.title = join("Activations by block, ", deepest, " layers"), .x = {"block of the encoder"},
       .y = {"root mean square of its output", "", true}, .note = logs}};
  for (const Stack& it : stacks) {
    all[0].series.push_back(learning_curve(it.name, it.curves, 0.01));
    for (int i : {1, 2, 3}) all[i].series.push_back({it.name});
    for (const auto& [layers, losses] : it.losses) add_point(all[1].series.back(), layers, losses);
    for (int i = 0; i < deepest; i++) {
      add_geometric(all[2].series.back(), i + 1, it.gradient[i]);
      add_geometric(all[3].series.back(), i + 1, it.activation[i]);
    }
  }
  return all;
}

std::vector<PageTable> stack_tables(std::span<const Stack> stacks, double frequency) {
  PageTable losses{join("Loss on validation pairs, in nats; of word frequencies alone: ",
                        digits(frequency)),
                   {{"", "2 layers", "6", "12", "24", "runs that diverged"}}};
  PageTable begun{join("Untrained, ", deepest, " layers: the encoder's first and last blocks"),
                  {{"", "gradient norm, first", "last", "activations, first", "last",
                    "words' own share, last"}}};
  std::vector<const Grid*> grids;
  auto size = [](const std::vector<double>& logs) { return digits(std::exp(mean_of(logs))); };
  for (const Stack& it : stacks) {
    grids.push_back(&it.grid);
    losses.rows.push_back({it.name});
    for (const auto& [layers, of_seeds] : it.losses)
      losses.rows.back().push_back(with_spread(of_seeds));
    losses.rows.back().push_back(text(it.diverged));
    begun.rows.push_back({it.name, size(it.gradient.front()), size(it.gradient.back()),
                          size(it.activation.front()), size(it.activation.back()),
                          with_spread(it.own)});
  }
  PageTable rates = table_of(grids);
  rates.caption = join("With ", deepest, " layers. ", rates.caption);
  return {losses, begun, rates};
}

std::vector<Finding> stack_findings(const Stack& whole, const Stack& no_residual,
                                 const Stack& no_norm) {
  auto worse = [&](const Stack& it, int layers) {
    return mean_of(it.losses.at(layers)) - mean_of(whole.losses.at(layers));
  };
  // The geometric mean of what the last block has, to the first's.
  auto last_to_first = [](const ByBlock& logs) {
    return std::exp(mean_of(logs.back()) - mean_of(logs.front()));
  };
  auto gradient = [&](const Stack& it) { return 1 / last_to_first(it.gradient); };
  const std::string norm = "gradient norm of the first block over the last one's, 24 layers, ";
  const std::string size = "activations of the last block over the first's, 24 layers, ";
  return {{"N2", "final loss without residuals minus with them, 12 layers, in nats",
           worse(no_residual, 12), above, 0.5},
          {"N2", "the same, 24 layers", worse(no_residual, 24), above, 0.5},
          {"N2", norm + "without residuals", gradient(no_residual), below, 0.01},
          {"N2", norm + "with them", gradient(whole), above, 0.01},
          {"N3", size + "without LayerNorm", last_to_first(no_norm.activation), above, 10},
          {"N3", size + "with it", last_to_first(whole.activation), below, 2},
          {"N3", "final loss without LayerNorm minus with it, 24 layers, in nats",
           worse(no_norm, 24), above, 0.5}};
}

}  // namespace

Outcome deep_stacks(const LabOptions& options) {
  const Corpus corpus = corpus_of(options, {.pairs = 8000, .max_length = 8});
  Stack stacks[] = {{"whole", ""}, {"without residuals", "residual"},
                    {"without LayerNorm", "norm"}};
  Trials trials(options, int(std::size(stacks)) * (options.brief() ? 5 : 15));
  for (Stack& it : stacks) {
    learn_stack(it, trials, corpus);
    look_at_beginnings(it, trials, corpus);
  }
  const double frequency = frequency_loss(corpus);
  return {stack_tables(stacks, frequency), stack_charts(stacks, frequency),
          stack_findings(stacks[0], stacks[1], stacks[2]),
          {join("Transformers of width ", stack_width, " with ", stack_heads, " heads, as many "
                "blocks in the decoder as in the encoder, on the grammar's sentences of 3 to 8 "
                "words; ", stack_updates, " updates of ", stack_batch, " sentences, in the first ",
                stack_warmup, " of which the rate rises, ", options.seeds().size(), " seeds. "
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


// --- N4: all equally wide, after as many updates. Recurrent layers have no residual connections,
// and deep stacks of them learn slowly.

namespace {

struct Family {
  const char *model, *name;
  std::vector<double> rates;                    // tried for every depth
};

struct Deep {                                   // one model at one depth
  Contender model;
  std::vector<double> exact = {}, loss = {};    // on test pairs, percent and nats, by seed
};
using ByDepth = std::map<int, Deep>;

ByDepth learn_at_depths(Trials& trials, const Family& family, int width, int updates,
                        const Corpus& corpus) {
  ByDepth all;
  for (int layers : {1, 2, 4, 6}) {
    Deep deep{contend(trials, join(family.name, ", ", layers, layers == 1 ? " layer" : " layers"),
                      small_training(family.model, width, layers, updates, 0), family.rates,
                      corpus)};
    for (const Trained& run : deep.model.runs) {
      const Evaluation found = evaluate(*run.model, corpus.test);
      deep.exact.push_back(100 * found.exact), deep.loss.push_back(found.loss);
    }
    all.emplace(layers, std::move(deep));
  }
  return all;
}

PageTable rates_of(const ByDepth& learnt) {
  std::vector<const Grid*> grids;
  for (const auto& [layers, deep] : learnt) grids.push_back(&deep.model.grid);
  return table_of(grids);
}

std::vector<Finding> depth_findings(const ByDepth& attention, const ByDepth& transformer) {
  auto exact = [](const ByDepth& it, int layers) { return mean_of(it.at(layers).exact); };
  auto best = [&](int a, int b) { return std::max(exact(attention, a), exact(attention, b)); };
  return {{"N4", "attention model: best exact match with 4 or 6 layers minus best with 1 or 2, in "
                 "points", best(4, 6) - best(1, 2), below, 2},
          {"N4", "Transformer: exact match with 6 layers minus with 1, in points",
           exact(transformer, 6) - exact(transformer, 1), above, 2},
          {"N4", "Transformer of 6+6 layers: exact match", exact(transformer, 6) / 100, above,
           0.5}};
}

}  // namespace

Outcome typical_depth(const LabOptions& options) {
  constexpr int width = 48, updates = 500;
  const Corpus corpus = corpus_of(options, {.pairs = 20000, .max_length = 8});
  const Family families[] = {{"attention", "attention model", {0.005, 0.01}},
                             {"transformer", "Transformer", {0.002, 0.004}}};
  Trials trials(options, options.brief() ? 16 : 32);
  const double floor = 100 * analysis::floors_of(corpus.train, corpus.test).floor_exact;
  Chart exact{.title = "Exact match by depth", .x = {"layers"}, .y = {"exact match", "%"},
              .levels = {{"word by word", floor}}, .note = join(means_and_bands, ".")};
  Chart loss{.title = "Loss by depth", .x = {"layers"}, .y = {"loss on test pairs", "nats", true},
             .note = exact.note};
  PageTable scores{"On test pairs", {{"model", "layers", "parameters", "exact match (%)",
                                      "loss (nats)"}}, "lr"};
  std::vector<ByDepth> learnt;
  for (const Family& family : families) {
    learnt.push_back(learn_at_depths(trials, family, width, updates, corpus));
    exact.series.push_back({family.name}), loss.series.push_back({family.name});
    for (const auto& [layers, deep] : learnt.back()) {
      add_point(exact.series.back(), layers, deep.exact, 0);
      add_point(loss.series.back(), layers, deep.loss, 0.001);
      scores.rows.push_back({family.name, text(layers), text(deep.model.runs[0].parameters),
                             with_spread(deep.exact), with_spread(deep.loss)});
    }
  }
  scores.rows.push_back({"word by word", "", "", digits(floor), ""});
  return {{scores, rates_of(learnt[0]), rates_of(learnt[1])},
          {exact, loss},
          depth_findings(learnt[0], learnt[1]),
          {join("Width ", width, ", GRUs in the attention model, as many layers in the decoder as "
                "in the encoder; ", corpus.train.size(), " of the grammar's pairs, sources of 3 "
                "to 8 words, ", updates, " updates of 64 sentences, ", options.seeds().size(),
                " seeds; for every depth the better of two learning rates. After so few updates "
                "this is how fast a depth learns, not how far it comes in the end.")}};
}

}  // namespace babelgrad::lab
