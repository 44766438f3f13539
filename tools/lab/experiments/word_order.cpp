// S4: what self-attention makes of a word depends on which words there are, not on where they are.
// So the encoder without positions says of a permuted source what it says of the source, permuted;
// and of three tasks it can do the one in which the source's order does not matter.
#include <algorithm>
#include <cmath>

#include "data/lexicon.h"
#include "tools/app/run/without.h"
#include "tools/lab/experiments/ablation.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

constexpr int symbols = 12, sentences = 20, words = 10;

double typical(const Tensor& x) {               // root mean square
  double squares = 0;
  for (Real v : x.values()) squares += double(v) * double(v) / double(x.numel());
  return std::sqrt(squares);
}

// The largest difference between what an untrained encoder says of a permuted sentence and what it
// says of the sentence, permuted; relative to a typical number of its output.
double difference(bool positions, std::uint64_t seed) {
  NoGrad guard;
  manual_seed(seed);
  AblatedPostEncoder encoder(100, 64, 128, 4, 2, 0);
  if (!positions) take_away(encoder, "positions");
  Random random(seed);
  double largest = 0;
  for (int i = 0; i < sentences; i++) {
    const Ints order(Shape{words}, random.permutation(words));
    Ints ids(Shape{1, words}), permuted = ids;
    for (Index at = 0; at < words; at++) ids[at] = random.below(100);
    for (Index at = 0; at < words; at++) permuted[at] = ids[order[at]];
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

struct Task {
  CorpusOptions kind;
  int width, updates;
  Corpus corpus = {};
  std::vector<Ablated> models = {};             // whole, without positions
};

void learn(Task& task, Trials& trials) {
  task.kind.alphabet = symbols;
  task.corpus = corpus_of(trials.options, task.kind, 1000);
  const TrainSettings s = small_training("transformer", task.width, 2, task.updates, 0.003);
  task.models = ablate(trials, {{"whole", s}, without("positions", s)}, task.corpus);
}

PageTable untrained(double without, double with) {
  return {join("An untrained encoder: the largest difference that permuting ", words,
               " words makes beyond permuting the output, whose typical number is 1"),
          {{"positions", "difference"}, {"without", digits(without)}, {"with", digits(with)}},
          "lr"};
}

}  // namespace

Outcome word_order(const LabOptions& options) {
  Task tasks[] = {{{.task = "reverse", .pairs = 20000, .max_length = 8}, 32, 300},
                  {{.task = "sort", .pairs = 20000, .max_length = 8}, 32, 300},
                  {{.task = "grammar", .pairs = 20000, .max_length = 10}, 64, 500}};
  Trials trials(options, 6 * int(Trials(options, 0).seeds().size()));
  for (Task& task : tasks) learn(task, trials);
  const double bare = difference(false, options.seed), placed = difference(true, options.seed);
  Outcome out{{untrained(bare, placed)}, {bars_of("What positions are worth", tasks[0].models)}};
  for (const Task& task : tasks) {
    out.tables.push_back(table_of(task.kind.task + ", unseen pairs", task.models, task.corpus));
    add_group(out.charts[0], task.kind.task, task.models);
  }
  const Task& grammar = tasks[2];
  const std::vector<int> nouns = with_two_nouns(grammar.corpus.test);
  const std::vector<double> whole = grammar.models[0].exact(nouns),
                            less = grammar.models[1].exact(nouns);
  add_group(out.charts[0], "two nouns", {whole, less});
  auto mean = [&](int task, int model) {
    return spread_of(tasks[task].models[model].exact()).mean;
  };
  out.findings = {
      {"S4", "difference by order, without positions", bare, Bound::below, 1e-4},
      {"S4", "difference by order, with positions", placed, Bound::above, 0.01},
      {"S4", "reverse: exact match with positions", mean(0, 0), Bound::above, 0.8},
      {"S4", "reverse: without", mean(0, 1), Bound::below, 0.2},
      {"S4", "sort (the source's order does not matter): without", mean(1, 1), Bound::above, 0.8},
      {"S4", "grammar: exact match lost without positions by sentences with two nouns or more, in "
       "points", spread_of(points_lost(whole, less)).mean, Bound::above, 20}};
  out.remarks = {join("Transformers of two layers and four heads; ", symbols, " symbols, 3 to 8 of "
                      "them, width 32, 300 updates; sentences of 3 to 10 words, width "
                      "64, 500 updates, ", nouns.size(), " of ", grammar.corpus.test.size(),
                      " test sentences with two nouns. Positions are taken from both sides.")};
  return out;
}

}  // namespace babelgrad::lab
