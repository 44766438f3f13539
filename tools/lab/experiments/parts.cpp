// What a part of the Transformer is worth: models without it beside the whole one, and what the
// part does to an untrained model. S6 the decoder's mask, Q3 values of their own, N1 the
// feed-forward network, S4 positions.
#include <algorithm>
#include <cmath>

#include "data/lexicon.h"
#include "tools/app/run/train.h"
#include "tools/app/run/without.h"
#include "tools/lab/experiments/ablation.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

constexpr int part_width = 64, vocabulary = 100, words_said = 10;

double largest_difference(const Tensor& a, const Tensor& b) {    // |a − b|, of all numbers
  check(a.shape() == b.shape(), "lab: numbers of ", a.shape(), " beside ", b.shape());
  const std::vector<Real> x = a.values(), y = b.values();
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); i++)
    largest = std::max(largest, std::abs(double(x[i]) - double(y[i])));
  return largest;
}

// --- S6: a target word may depend on those before it, as only they are there when it is written.
// The decoder's mask sees to that in training. Without it the next word is there to be read.

// The largest change that another last target word makes in the logits of an untrained decoder at
// the steps before it.
double leak(bool mask, std::uint64_t seed) {
  NoGrad guard;
  manual_seed(seed);
  AblatedPostDecoder decoder(vocabulary, part_width, 128, 4, 2, 0);
  if (!mask) take_away(decoder, "mask");
  const Tensor source = randn({1, words_said, part_width});
  auto logits = [&](const Ints& ids) {
    return decoder(ids, decoder.init_state(source, Ints{words_said})).first;
  };
  Random random(seed);
  double largest = 0;
  for (int later = 1; later < words_said; later++) {
    Ints ids(Shape{1, words_said});
    for (Index i = 0; i < words_said; i++) ids[i] = random.below(vocabulary);
    const Tensor before = slice(logits(ids), 1, 0, later);
    ids[later] = (ids[later] + 1 + random.below(vocabulary - 1)) % vocabulary;
    largest = std::max(largest, largest_difference(before, slice(logits(ids), 1, 0, later)));
  }
  return largest;
}

}  // namespace

Outcome causal_mask(const LabOptions& options) {
  const Corpus corpus = corpus_of(options, short_sentences, 1000);
  const TrainSettings s = small_training("transformer", part_width, 2, 600, 0.003);
  Trials trials(options, 2 * int(options.seeds().size()));
  const Ablation it = ablate(trials, corpus, {{"whole", s}, without("mask", s)});
  const Ablated &whole = it.models[0], &unmasked = it.models[1];
  const double kept = leak(true, options.seed), open = leak(false, options.seed);
  Chart curves{.title = "Loss in training", .x = {"update"}, .y = {"loss", "nats", true},
               .note = "Lines: means over ten updates and the seeds; bands: one standard deviation "
                       "to each side."};
  for (const Ablated& model : it.models) {
    std::vector<std::vector<double>> losses;
    for (const Trained& run : model.trained) losses.push_back(run.losses);
    curves.series.push_back(learning_curve(model.name, losses, 1e-4));
  }
  return {{{"An untrained decoder: the largest change of earlier logits by a later target word",
            {{"mask", "change"}, {"with", digits(kept)}, {"without", digits(open)}}, "lr"},
           it.table("Unseen sentences, and the loss at the end of training")},
          {curves, bars_of("What the mask is worth", "sentences", it)},
          {{"S6", "change of earlier logits with the mask", kept, below, 1e-12},
           {"S6", "change of earlier logits without it", open, above, 0.001},
           {"S6", "training loss without the mask", mean_of(unmasked.final_losses()), below, 0.05},
           {"S6", "exact match of its translations", mean_of(unmasked.exact()), below, 0.05},
           {"S6", "exact match with the mask", mean_of(whole.exact()), above, 0.5}},
          {join("Transformers of two layers, width ", part_width, ", sentences of 3 to 10 words, "
                "600 updates. Loss is that of the whole target given at once, BLEU and exact match "
                "are of what is written word by word.")}};
}

// --- Q3: the Transformer finds words by one projection, keys, and fetches another, values. With
// one matrix for both, what finds a word is what is found.

namespace {

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

void compare_rows(Translator& model, Alike& all, PageTable* table) {
  const std::vector<Parameter> params = named_parameters(model.module());
  for (const Parameter& it : params) {
    if (!it.name.ends_with(".W_k.weight")) continue;
    const std::string attention = it.name.substr(0, it.name.size() - 11);
    const auto other = std::ranges::find(params, attention + ".W_v.weight", &Parameter::name);
    std::vector<double> rows = cosines(it.tensor, other->tensor);
    all.signed_ones.push_back(mean_of(rows));
    for (double& cosine : rows) cosine = std::abs(cosine);
    all.sizes.push_back(mean_of(rows));
    if (table)
      table->rows.push_back({attention, digits(all.signed_ones.back()), digits(all.sizes.back())});
  }
}

}  // namespace

Outcome tied_values(const LabOptions& options) {
  const Corpus corpus = corpus_of(options, short_sentences, 1000);
  const TrainSettings s = small_training("transformer", part_width, 2, 500, 0.003);
  Variant tied = without("W_v", s), wider = as_large(tied, s, corpus.train);
  tied.name = "W_v = W_k", wider.name = "W_v = W_k, wider network";
  Trials trials(options, 3 * int(options.seeds().size()));
  const Ablation it = ablate(trials, corpus, {{"whole", s}, tied, wider});
  PageTable rows{"Cosine of rows of W_k with those of W_v after training, of the first seed; the "
                 "size of two random rows' cosine is 0.1",
                 {{"attention", "mean", "mean size"}}, "lr"};
  Alike alike;
  for (const Trained& run : it.models[0].trained)
    compare_rows(*run.model, alike, &run == &it.models[0].trained[0] ? &rows : nullptr);
  return {{it.table("Unseen sentences"), rows},
          {bars_of("What values of their own are worth", "sentences", it)},
          {{"Q3", "size of the mean cosine between rows of W_k and W_v",
            std::abs(mean_of(alike.signed_ones)), below, 0.5},
           it.finding("Q3", "exact match lost by tying, in points", 1, 1),
           it.finding("Q3", "lost at equal parameters", 2, 1)},
          {join("Transformers of two layers, width ", part_width, ", sentences of 3 to 10 words, "
                "500 updates. W_v is tied in all attentions, self and cross; its parameters go to "
                "the feed-forward networks, ", s.model.ffn, " to ", wider.settings.model.ffn,
                " wide. Mean size of all cosines: ", with_spread(alike.sizes), ".")}};
}

// --- N1: attention takes weighted means. What bends between them is the feed-forward network;
// without its activation, or without the network, the stack is nearly linear.

namespace {

// How far the encoder is from linear. With x and y two sentences as vectors, before the first
// block: ‖f((x + y) / 2) − (f(x) + f(y)) / 2‖ / ‖(f(x) − f(y)) / 2‖, 0 of a linear f.
double bend(Translator& model, const std::vector<Pair>& pairs) {
  NoGrad guard;
  return with_encoder(model.module(), [&](auto& encoder) {
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
    for (std::size_t i = 0; i + 1 < pairs.size() && count < 50; i++) {
      if (pairs[i].src.size() != pairs[i + 1].src.size()) continue;
      const Tensor x = vectors(pairs[i].src), y = vectors(pairs[i + 1].src), a = f(x), b = f(y);
      off += squares_of(f((x + y) * Real(0.5)) - (a + b) * Real(0.5));
      size += squares_of((a - b) * Real(0.5));
      count++;
    }
    return count > 0 ? std::sqrt(off / size) : 0;
  });
}

PageTable bends(const Ablation& it, TrainSettings whole) {
  PageTable table{"How far the encoder halfway between two sentences is from halfway between its "
                  "outputs, relative to half their distance; floor: 0, a linear encoder",
                  {{"model", "bend"}}, "lr"};
  for (const Ablated& model : it.models) {
    std::vector<double> all;
    for (const Trained& run : model.trained) all.push_back(bend(*run.model, it.corpus.test));
    table.rows.push_back({model.name, with_spread(all)});
  }
  for (const auto& parts : {std::vector<std::string>{}, {"ffn"}, {"norm"}, {"ffn", "norm"}}) {
    whole.model.without = parts;
    auto model = begin_training(whole, {it.corpus.train, {}}).model;
    eval(model->module());
    table.rows.push_back({"untrained, " + (parts.empty() ? "whole" : "without " + join(parts)),
                          digits(bend(*model, it.corpus.test))});
  }
  return table;
}

}  // namespace

Outcome feed_forward(const LabOptions& options) {
  constexpr int narrow = part_width, wide = 80;
  const Corpus corpus = corpus_of(options, short_sentences, 1000);
  auto sized = [](int width) { return small_training("transformer", width, 2, 500, 0.003); };
  Variant bare = without("ffn", sized(wide)), small = without("ffn", sized(narrow));
  bare.name += join(", width ", wide), small.name += join(", width ", narrow);
  const Variant whole = as_large({"whole", sized(narrow)}, bare.settings, corpus.train);
  const std::vector<Variant> variants{whole, without("activation", whole.settings), bare, small};
  Trials trials(options, int(variants.size() * options.seeds().size()));
  const Ablation it = ablate(trials, corpus, variants);
  return {{it.table("Unseen sentences"), bends(it, whole.settings)},
          {bars_of("What the feed-forward network is worth", "sentences", it)},
          {it.finding("N1", "exact match lost by the linear part alone, in points", 1, 2),
           it.finding("N1", "lost without the network, in points", 2, 2)},
          {join("Transformers of two layers, sentences of 3 to 10 words, 500 updates; width ",
                narrow, " with networks of ", whole.settings.model.ffn, ", and without networks "
                "width ", wide, ", so that both are of like size. What bends most, with networks "
                "or without, is LayerNorm: the last table."),
           join("At equal size a model without the network is wider, and width is worth more "
                "here. At equal width it loses ", with_spread(it.lost(3)),
                " points, with a third fewer parameters; this was looked at after the verdict "
                "and is no part of it.")}};
}

// --- S4: what self-attention makes of a word depends on which words there are, not on where they
// are. So the encoder without positions says of a permuted source what it says of the source,
// permuted; and of three tasks it can do the one in which the source's order does not matter.

namespace {

double typical(const Tensor& x) {               // root mean square
  double squares = 0;
  for (Real v : x.values()) squares += double(v) * double(v) / double(x.numel());
  return std::sqrt(squares);
}

// The largest difference between what an untrained encoder says of a permuted sentence and what it
// says of the sentence, permuted; relative to a typical number of its output.
double difference_by_order(bool positions, std::uint64_t seed) {
  NoGrad guard;
  manual_seed(seed);
  AblatedPostEncoder encoder(vocabulary, part_width, 128, 4, 2, 0);
  if (!positions) take_away(encoder, "positions");
  Random random(seed);
  double largest = 0;
  for (int sentence = 0; sentence < 20; sentence++) {
    const Ints order(Shape{words_said}, random.permutation(words_said));
    Ints ids(Shape{1, words_said}), permuted = ids;
    for (Index at = 0; at < words_said; at++) ids[at] = random.below(vocabulary);
    for (Index at = 0; at < words_said; at++) permuted[at] = ids[order[at]];
    const Tensor rows = index_select(encoder(ids), 1, order);
    largest = std::max(largest, largest_difference(encoder(permuted), rows) / typical(rows));
  }
  return largest;
}

// Two nouns or more: those of whom the order must tell who does what to whom.
std::vector<int> with_two_nouns(const std::vector<Pair>& pairs) {
  auto is_noun = [](const std::string& token) {
    return std::ranges::any_of(lexicon().nouns, [&](const Noun& noun) {
      return token == noun.en[0] || token == noun.en[1];
    });
  };
  std::vector<int> members;
  for (std::size_t i = 0; i < pairs.size(); i++)
    if (std::ranges::count_if(pairs[i].src, is_noun) >= 2) members.push_back(int(i));
  return members;
}

}  // namespace

Outcome word_order(const LabOptions& options) {
  constexpr int symbols = 12;
  Trials trials(options, 6 * int(options.seeds().size()));
  Chart bars;
  std::vector<PageTable> tables(1);             // the first is of untrained encoders
  auto learn = [&](CorpusOptions kind, int width, int updates) {
    kind.alphabet = symbols;
    const TrainSettings s = small_training("transformer", width, 2, updates, 0.003);
    Ablation it = ablate(trials, corpus_of(options, kind, 1000),
                         {{"whole", s}, without("positions", s)});
    tables.push_back(it.table(kind.task + ", unseen pairs"));
    if (bars.series.empty()) bars = bars_of("What positions are worth", kind.task, it);
    else add_group(bars, kind.task, it);
    return it;
  };
  const Ablation reverse = learn({.task = "reverse", .pairs = 20000, .max_length = 8}, 32, 300);
  const Ablation sort = learn({.task = "sort", .pairs = 20000, .max_length = 8}, 32, 300);
  const Ablation grammar = learn(short_sentences, part_width, 500);
  const std::vector<int> nouns = with_two_nouns(grammar.corpus.test);
  add_group(bars, "two nouns", {grammar.exact(0, nouns), grammar.exact(1, nouns)});
  const double without_them = difference_by_order(false, options.seed),
               with_them = difference_by_order(true, options.seed);
  tables[0] = {join("An untrained encoder: the largest difference that permuting ", words_said,
                    " words makes beyond permuting the output, whose typical number is 1"),
               {{"positions", "difference"}, {"without", digits(without_them)},
                {"with", digits(with_them)}}, "lr"};
  return {tables,
          {bars},
          {{"S4", "difference by order, without positions", without_them, below, 1e-4},
           {"S4", "difference by order, with positions", with_them, above, 0.01},
           {"S4", "reverse: exact match with positions", mean_of(reverse.models[0].exact()), above,
            0.8},
           {"S4", "reverse: without", mean_of(reverse.models[1].exact()), below, 0.2},
           {"S4", "sort (the source's order does not matter): without",
            mean_of(sort.models[1].exact()), above, 0.8},
           {"S4", "grammar: exact match lost without positions by sentences with two nouns or "
            "more, in points", mean_of(grammar.lost(1, nouns)), above, 20}},
          {join("Transformers of two layers and four heads; ", symbols, " symbols, 3 to 8 of them, "
                "width 32, 300 updates; sentences of 3 to 10 words, width 64, 500 updates, ",
                nouns.size(), " of ", grammar.corpus.test.size(), " test sentences with two nouns. "
                "Positions are taken from both sides.")}};
}

}  // namespace babelgrad::lab
