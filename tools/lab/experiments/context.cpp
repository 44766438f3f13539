// P5: the encoder's self-attention lets a word take in its neighbours before the decoder looks. So
// without it most is lost where other words of the source decide what a word becomes.
#include <algorithm>
#include <map>

#include "tools/app/run/analysis.h"
#include "tools/lab/experiments/ablation.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

using namespace analysis;

// The phenomena in which another word of the source decides a French form. By
// data/rules.h: the noun that of my, this, 's; the word after it mon, l', du, some; the verb le
// or lui; the clause qui or que; a far subject the verb; negation de. Not among them: agreement. It
// is in 93 of 100 pairs, and with it one pair in 100 would be left to compare with. So it stays on
// both sides, and that makes the difference between them smaller; the same holds of verbs and
// adjectives next to what they agree with.
const std::vector<std::string> context_tags = {
    "clitic",   "contraction",    "demonstrative", "elision",    "euphony",
    "genitive", "long-agreement", "partitive",     "possessive", "relative"};

bool decides(const std::string& tag) { return std::ranges::count(context_tags, tag) > 0; }

struct Sides { std::vector<int> context, others; };            // test pairs of one length

std::map<std::size_t, Sides> by_source_length(const std::vector<Pair>& pairs) {
  std::map<std::size_t, Sides> lengths;
  for (std::size_t i = 0; i < pairs.size(); i++) {
    Sides& sides = lengths[pairs[i].src.size()];
    (std::ranges::any_of(pairs[i].tags, decides) ? sides.context : sides.others).push_back(int(i));
  }
  return lengths;
}

struct Compared {                               // the whole model and the one without
  const Ablated &whole, &less;
  std::vector<double> lost(const std::vector<int>& members) const {
    return points_lost(whole.exact(members), less.exact(members));
  }
};

// Points lost on pairs with context less those lost on the others of the same length, of each seed;
// lengths are weighed by the smaller of the two groups.
std::vector<double> lost_by_context(const Compared& models,
                                    const std::map<std::size_t, Sides>& lengths) {
  std::vector<double> sums(models.whole.right.size());
  double weight = 0;
  for (const auto& [_, sides] : lengths) {
    const double pairs = double(std::min(sides.context.size(), sides.others.size()));
    const std::vector<double> here = models.lost(sides.context), there = models.lost(sides.others);
    for (std::size_t i = 0; i < sums.size(); i++) sums[i] += pairs * (here[i] - there[i]);
    weight += pairs;
  }
  for (double& sum : sums) sum /= std::max(weight, 1.0);
  return sums;
}

PageTable length_table(const Compared& models, const std::map<std::size_t, Sides>& lengths) {
  PageTable table{"Points of exact match lost, by source length: pairs with words decided by "
                  "context, and the others",
                  {{"words", "with context", "lost", "others", "lost"}}, "r"};
  auto lost = [&](const std::vector<int>& members) {
    return members.empty() ? "-" : with_spread(models.lost(members));
  };
  for (const auto& [length, sides] : lengths)
    table.rows.push_back({text(length), text(sides.context.size()), lost(sides.context),
                          text(sides.others.size()), lost(sides.others)});
  return table;
}

void add_phenomena(Outcome& out, const Compared& models, const std::vector<Pair>& pairs) {
  std::vector<Scored> scored;
  for (const Pair& pair : pairs) scored.push_back({pair});
  PageTable table{"By phenomenon; * words decided by context",
                  {{"phenomenon", "pairs", "mean length", "points lost"}}, "lr"};
  Chart bars{.title = "Exact match lost without the encoder's self-attention",
             .y = {"exact match lost", "points"}, .series = {{"grammar"}}, .kind = ChartKind::bars,
             .note = "Bars: means over the seeds; whiskers: one standard deviation to each side."};
  for (const Group& group : by_tag(scored).groups) {
    double words = 0;
    for (int i : group.members) words += double(pairs[i].src.size());
    const std::vector<double> lost = models.lost(group.members);
    auto [mean, deviation] = spread_of(lost);
    const std::string name = group.name + (decides(group.name) ? " *" : "");
    table.rows.push_back({name, text(group.members.size()),
                          digits(words / double(group.members.size())), with_spread(lost)});
    bars.names.push_back(name);
    bars.series[0].y.push_back(mean);
    bars.series[0].low.push_back(mean - deviation);
    bars.series[0].high.push_back(mean + deviation);
  }
  out.tables.push_back(table), out.charts.push_back(bars);
}

struct Task {
  CorpusOptions kind;
  int width, layers, updates;
  Corpus corpus = {};
  std::vector<Ablated> models = {};             // whole, without self-attention
};

void learn(Task& task, Trials& trials) {
  task.corpus = corpus_of(trials.options, task.kind, 1000);
  const TrainSettings s = small_training("transformer", task.width, task.layers,
                                         task.updates, 0.003);
  Variant less = without("self-attention", s);
  match_parameters(less.settings, &ModelConfig::ffn, parameters_of(s, task.corpus.train),
                   task.corpus.train);
  task.models = ablate(trials, {{"whole", s}, less}, task.corpus);
}

}  // namespace

Outcome context(const LabOptions& options) {
  const CorpusOptions counting{.task = "numbers", .pairs = 20000, .min_length = 1,
                               .max_length = 10};
  Task grammar{{.pairs = 20000, .max_length = 10}, 64, 2, 500};
  Task numbers{counting, 32, 2, 300}, shallow{counting, 32, 1, 300};
  Trials trials(options, 6 * int(Trials(options, 0).seeds().size()));
  learn(grammar, trials), learn(numbers, trials), learn(shallow, trials);
  const Compared models{grammar.models[0], grammar.models[1]};
  const std::map<std::size_t, Sides> lengths = by_source_length(grammar.corpus.test);
  Outcome out{{table_of("Unseen sentences", grammar.models, grammar.corpus),
               table_of("Unseen numbers", numbers.models, numbers.corpus),
               table_of("Unseen numbers, models of one layer", shallow.models, shallow.corpus),
               length_table(models, lengths)},
              {bars_of("What the encoder's self-attention is worth", grammar.models)}};
  add_group(out.charts[0], "grammar", grammar.models);
  add_group(out.charts[0], "number words", numbers.models);
  add_group(out.charts[0], "number words, one layer", shallow.models);
  add_phenomena(out, models, grammar.corpus.test);
  const std::vector<double> more = lost_by_context(models, lengths);
  out.findings = {
      {"P5", "exact match lost, in points", mean_lost(grammar.models[0], grammar.models[1]),
       Bound::above, 2},
      {"P5", "lost on pairs with words decided by context less lost on the others, in points",
       spread_of(more).mean, Bound::above, 0},
      {"P5", "number words: exact match lost, in points",
       mean_lost(numbers.models[0], numbers.models[1]), Bound::above, 2}};
  out.remarks = {
      join("Transformers of two layers; sentences of 3 to 10 words, width 64, 500 updates; numbers "
           "of 1 to 10 words, width 32, 300 updates. What self-attention leaves goes to the "
           "feed-forward networks. Pairs with context are compared with others of the same "
           "length: ", with_spread(more), " points."),
      join("Number words depend on near neighbours, and the decoder has four heads to look at both "
           "at once. It need not be the depth that helps it: of models of one layer, looked at "
           "after the verdict, the loss is ",
           with_spread(points_lost(shallow.models[0].exact(), shallow.models[1].exact())),
           " points. The spread of three seeds is wider than the threshold, so a loss as small as "
           "that would not be seen.")};
  return out;
}

}  // namespace babelgrad::lab
