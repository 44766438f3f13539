// What one vector for a whole sentence loses. P1: translations by the length of their source, by
// the vector's width, and by where in the source a word stands. P4: the bottleneck without
// reordering, and reordering without a bottleneck.
#include <algorithm>
#include <set>

#include "data/alignment.h"
#include "tools/app/run/analysis.h"
#include "tools/lab/experiments/three_models.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

using Said = std::vector<std::vector<Tokens>>;  // by seed, then by pair

Said translations(const std::vector<Trained>& runs, const std::vector<Pair>& pairs) {
  std::vector<Tokens> sources;
  for (const Pair& pair : pairs) sources.push_back(pair.src);
  Said said;
  for (const Trained& run : runs) said.push_back(run.model->translate(sources));
  return said;
}

// Percent of the pairs with such sources that are wholly right, by seed; 0 if there are no pairs.
std::vector<double> exact_match(const Said& said, const std::vector<Pair>& pairs,
                                const analysis::Band& band = {1, 0}) {
  std::vector<double> percent;
  for (const std::vector<Tokens>& of_seed : said) {
    int count = 0, right = 0;
    for (std::size_t i = 0; i < pairs.size(); i++) {
      if (!band.holds(int(pairs[i].src.size()))) continue;
      count++;
      right += of_seed[i] == pairs[i].tgt;
    }
    percent.push_back(100.0 * right / std::max(1, count));
  }
  return percent;
}

// Exact match by band of lengths: the lines of a chart, and the rows of a table.
struct LengthFigure {
  std::vector<analysis::Band> bands;
  const std::vector<Pair>& pairs;
  Chart chart;
  PageTable table;

  LengthFigure(const std::string& title, const std::vector<analysis::Band>& bands,
               const std::vector<Pair>& pairs)
      : bands(bands), pairs(pairs),
        chart{.title = title, .x = {"source length", "tokens"}, .y = {"exact match", "%"},
              .note = join("Each point stands in the middle of its lengths. ", means_and_bands,
                           " to each side.")},
        table{title + ", %", {{"source tokens"}, {"test pairs"}}} {
    for (const analysis::Band& band : bands) {
      table.rows[0].push_back(band.name());
      table.rows[1].push_back(text(std::ranges::count_if(
          pairs, [&](const Pair& pair) { return band.holds(int(pair.src.size())); })));
    }
    table.rows[0].push_back("all"), table.rows[1].push_back(text(pairs.size()));
  }
  void add(const std::string& name, const Said& said) {
    Series& line = chart.series.emplace_back(Series{name});
    std::vector<std::string>& row = table.rows.emplace_back(std::vector{name});
    for (const analysis::Band& band : bands) {
      const std::vector<double> exact = exact_match(said, pairs, band);
      add_point(line, (band.low + band.high) / 2.0, exact, 0);
      row.push_back(with_spread(exact));
    }
    row.push_back(with_spread(exact_match(said, pairs)));
  }
};

// --- P1: one vector of fixed size must hold a whole sentence

const std::vector<analysis::Band> sentence_bands{{3, 4}, {5, 6}, {7, 8}, {9, 10}, {11, 12}};

// A source word goes wrong at its own place and at that of its translation.
struct SourceWord {
  int position, length;                         // in the source
  int source_third, target_third;               // the latter of the first target word it leads to
  bool is_mark, wrong;
};

void add_words(std::vector<SourceWord>& words, const Pair& pair, const Tokens& said) {
  static const std::set<std::string> marks{".", "?", "!"};
  const analysis::Edits edits = analysis::edits(pair.tgt, said);
  const int n = int(pair.src.size()), m = int(pair.tgt.size());
  for (int s = 0; s < n; s++) {
    int first = m;
    bool wrong = false;
    for (const Link& link : pair.gold) {
      if (link.src != s || !link.sure) continue;
      first = std::min(first, link.tgt);
      wrong |= edits.words[link.tgt] != analysis::Fate::right;
    }
    if (first < m)
      words.push_back({s, n, s * 3 / n, first * 3 / m, marks.contains(pair.src[s]), wrong});
  }
}

using Words = std::vector<std::vector<SourceWord>>;      // by seed

Words words_of(const Said& said, const std::vector<Pair>& pairs) {
  Words words(said.size());
  for (std::size_t seed = 0; seed < said.size(); seed++)
    for (std::size_t i = 0; i < pairs.size(); i++)
      add_words(words[seed], pairs[i], said[seed][i]);
  return words;
}

// By seed; none if there are no such words.
template <class Which>
std::vector<double> wrong_percent(const Words& words, const Which& which) {
  std::vector<double> percent;
  for (const auto& of_seed : words) {
    int count = 0, wrong = 0;
    for (const SourceWord& word : of_seed)
      if (which(word)) count++, wrong += word.wrong;
    if (count > 0) percent.push_back(100.0 * wrong / count);
  }
  return percent;
}

// Percent of the source words with a sure gold link that lead to a wrong target word. The chart has
// each position of sentences of some lengths; the table has thirds, of all sentences.
struct PositionFigure {
  Chart chart = {.title = "Wrong words by source position, sentences of 11 and 12 tokens",
                 .x = {"position in the source", "tokens"}, .y = {"words wrong", "%"},
                 .note = join("The last is the final mark. ", means_and_bands, " to each side.")};
  PageTable table = {"Source words whose translation is wrong, %",
                     {{"model", "source: first third", "second", "last", "last, no final mark",
                       "target: first third", "second", "last"}}};

  void add_line(const std::string& name, const Words& words, const analysis::Band& lengths) {
    Series& line = chart.series.emplace_back(Series{name});
    for (int s = 0; s < lengths.high; s++) {
      auto percent = wrong_percent(words, [&](const SourceWord& w) {
        return w.position == s && lengths.holds(w.length);
      });
      if (!percent.empty()) add_point(line, s + 1, percent, 0);
    }
  }
  void add_row(const std::string& name, const Words& words) {
    std::vector<std::string>& row = table.rows.emplace_back(std::vector{name});
    auto add = [&](const auto& which) {
      auto percent = wrong_percent(words, which);
      row.push_back(percent.empty() ? "-" : with_spread(percent));
    };
    for (int third = 0; third < 3; third++)
      add([=](const SourceWord& word) { return word.source_third == third; });
    add([](const SourceWord& word) { return word.source_third == 2 && !word.is_mark; });
    for (int third = 0; third < 3; third++)
      add([=](const SourceWord& word) { return word.target_third == third; });
  }
};

// In points: the first third of the source minus its last third, the final mark included.
double early_less_late(const Words& words) {
  auto wrong = [&](int third) {
    return mean_of(
        wrong_percent(words, [=](const SourceWord& w) { return w.source_third == third; }));
  };
  return wrong(0) - wrong(2);
}

struct Bottleneck {
  Trials& trials;
  const ThreeSizes& sizes;
  const Corpus& corpus;
  LengthFigure models = {"Exact match by source length", sentence_bands, corpus.test};
  LengthFigure widths = {"The plain model's, by its width", sentence_bands, corpus.test};
  PositionFigure positions = {};
  std::vector<Finding> findings = {};
};

Said lexicon_floor(const Corpus& corpus) {
  LexiconFloor lexicon;
  for (const Pair& pair : corpus.train) lexicon.learn(pair);
  Said said(1);
  for (const Pair& pair : corpus.test) said[0].push_back(lexicon.translate(pair.src));
  return said;
}

void compare_models(Bottleneck& it, const std::vector<Contender>& contenders) {
  const std::vector<Pair>& pairs = it.corpus.test;
  it.models.add("word by word (floor)", lexicon_floor(it.corpus));
  std::vector<double> falls;                    // points that the shortest are ahead of the longest
  for (const Contender& model : contenders) {
    const Said said = translations(model.runs, pairs);
    const Words words = words_of(said, pairs);
    it.models.add(model.name, said);
    it.positions.add_line(model.name, words, sentence_bands.back());
    it.positions.add_row(model.name, words);
    falls.push_back(mean_of(exact_match(said, pairs, sentence_bands.front())) -
                    mean_of(exact_match(said, pairs, sentence_bands.back())));
  }
  const double plain = std::max(1e-9, falls[0]);
  it.findings = {{"P1", "plain: exact match of the shortest sentences minus the longest, in points",
                  falls[0], above, 30},
                 {"P1", "attention: that fall as a share of the plain one's", falls[1] / plain,
                  below, 0.5},
                 {"P1", "Transformer: the same", falls[2] / plain, below, 0.5}};
}

// Rates of the plain model's other widths, found beforehand on validation pairs.
struct OtherWidth { int width; double rate; };
constexpr OtherWidth other_widths[] = {{32, 0.016}, {128, 0.008}, {256, 0.006}};

void compare_widths(Bottleneck& it, const Contender& plain) {
  const std::vector<Pair>& pairs = it.corpus.test;
  const Said said = translations(plain.runs, pairs);
  std::vector<double> exact;
  for (auto [width, rate] : other_widths) {
    const std::string name = join("width ", width);
    if (exact.size() == 1) it.widths.add(join("width ", it.sizes.width), said);
    const auto runs = it.trials.train_each("plain, " + name, it.sizes.plain(width, rate),
                                           it.corpus.train);
    const Said other = translations(runs, pairs);
    it.widths.add(name, other);
    exact.push_back(mean_of(exact_match(other, pairs)));
  }
  it.findings.push_back({"P1", "plain: exact match at width 256 minus at width 32, in points",
                         exact[2] - exact[0], above, 10});
  it.findings.push_back({"P1", "plain: errors of the first third of the source minus the last "
                         "third, in points", early_less_late(words_of(said, pairs)), above, 0});
}

// What the verdicts leave open. Is attention's fall there to stay? And is it the source position
// that counts or the target position? Copying says the first words first, reversing the last.
void look_further(Bottleneck& it, const Contender& attention) {
  TrainSettings longer = attention.settings;
  longer.max_steps = longer.schedule.total = 2 * it.sizes.steps, longer.schedule.warmup *= 2;
  std::vector<Trained> run;
  run.push_back(it.trials.train("attention, twice the updates", longer, it.corpus.train));
  it.models.add("attention, twice the updates, one seed", translations(run, it.corpus.test));
  for (const std::string task : {"copy", "reverse"}) {
    const Corpus symbols = corpus_of(it.trials.options, {.task = task, .pairs = 20000,
                                                         .min_length = 3, .max_length = 10});
    const auto runs = it.trials.train_each("plain, " + task, it.sizes.plain(it.sizes.width, 0.008),
                                           symbols.train);
    it.positions.add_row("plain, " + task,
                         words_of(translations(runs, symbols.test), symbols.test));
  }
}

}  // namespace

Outcome bottleneck(const LabOptions& options) {
  const ThreeSizes sizes{.width = 64, .transformer = 48};
  const Corpus corpus = corpus_of(options, sentences_to_12, 1500);
  const int seeds = int(options.seeds().size());
  Trials trials(options, trainings_of_three(options, sizes) +
                             int(std::size(other_widths)) * seeds + 1 + 2 * seeds);
  Bottleneck it{trials, sizes, corpus};
  const std::vector<Contender> contenders = contend_three(trials, sizes, corpus);
  compare_models(it, contenders);
  compare_widths(it, contenders[0]);
  look_further(it, contenders[1]);
  return {{it.models.table, it.widths.table, it.positions.table, table_of(contenders)},
          {it.models.chart, it.widths.chart, it.positions.chart},
          it.findings,
          {join("Grammar, 3 to 12 tokens, ", corpus.train.size(), " pairs to train on, ",
                sizes.steps, " updates of ", sizes.batch_size, " sentences, greedy decoding, three "
                "seeds. ", sizes.told(), " Other widths of the plain model take rates found "
                "beforehand on validation pairs."),
           "Added after the verdict, and no part of it: attention with twice the updates, as it is "
           "still learning; and the plain model on two tasks of symbols. Where it copies, most "
           "words are wrong at the end of the source, where it reverses, at its beginning: what is "
           "written late goes wrong, be it forgotten or led astray by the words before. In the "
           "grammar the last third holds the final mark, which is easily guessed."}};
}

// --- P4: the bottleneck without any reordering, which is copying as sentences grow; and reordering
// at one short length, where memory is no trouble. Does attention solve both?

namespace {

constexpr int fixed_length = 8;

Corpus symbols(const LabOptions& options, const std::string& task, int low, int high) {
  return corpus_of(options, {.task = task, .pairs = 20000, .min_length = low, .max_length = high},
                   1000);
}

std::vector<Contender> copy_longer(Trials& trials, const ThreeSizes& sizes, Outcome& out) {
  const std::vector<analysis::Band> bands{{2, 4}, {5, 8}, {9, 12}, {13, 16}, {17, 20}};
  const Corpus corpus = symbols(trials.options, "copy", 2, 20);
  LengthFigure figure("Copying: exact match by length", bands, corpus.test);
  std::vector<Contender> all = contend_three(trials, sizes, corpus);
  std::vector<double> short_ones, long_ones;    // shares, of each model
  for (const Contender& it : all) {
    const Said said = translations(it.runs, corpus.test);
    figure.add(it.name, said);
    short_ones.push_back(mean_of(exact_match(said, corpus.test, bands.front())) / 100);
    long_ones.push_back(mean_of(exact_match(said, corpus.test, bands.back())) / 100);
  }
  out.findings = {
      {"P4", "copy: plain model's exact match on the shortest band", short_ones[0], above, 0.8},
      {"P4", "on the longest", long_ones[0], below, 0.2},
      {"P4", "attention on the longest", long_ones[1], above, 0.8},
      {"P4", "Transformer on the longest", long_ones[2], above, 0.8}};
  out.tables = {figure.table, table_of(all)};
  out.charts = {figure.chart};
  return all;
}

// Each model at the rate that suited its copying.
void reorder_short(Trials& trials, const std::vector<std::string>& tasks,
                   const std::vector<Contender>& models, Outcome& out) {
  const std::string title = join("Exact match at length ", fixed_length);
  Chart chart{.title = title, .y = {"exact match", "%"}, .kind = ChartKind::bars, .names = tasks,
              .note = "Bars: means over the seeds; whiskers: one standard deviation."};
  PageTable table{title + ", %", {{"model"}}};
  for (const std::string& task : tasks) table.rows[0].push_back(task);
  for (std::size_t i = 0; i < models.size(); i++) {
    Series& bars = chart.series.emplace_back(Series{models[i].name});
    table.rows.push_back({models[i].name});
    for (const std::string& task : tasks) {
      const Corpus corpus = symbols(trials.options, task, fixed_length, fixed_length);
      const auto runs = trials.train_each(models[i].name + ", " + task, models[i].settings,
                                          corpus.train);
      const auto exact = exact_match(translations(runs, corpus.test), corpus.test);
      add_bar(bars, exact, 0);
      table.rows.back().push_back(with_spread(exact));
    }
    const double gap = bars.y[0] - (bars.y[1] + bars.y[2]) / 2;
    out.findings.push_back(
        {"P4", i == 0   ? "short: plain model's exact match on copy minus swap and reverse, "
                          "in points"
               : i == 1 ? "attention: the same"
                        : "Transformer: the same",
         gap, i == 0 ? above : below, 5});
  }
  out.tables.push_back(table);
  out.charts.push_back(chart);
}

}  // namespace

Outcome two_problems(const LabOptions& options) {
  const ThreeSizes sizes{.width = 64, .transformer = 40};
  const std::vector<std::string> tasks{"copy", "swap", "reverse", "sort"};
  Trials trials(options, trainings_of_three(options, sizes) +
                             3 * int(tasks.size() * options.seeds().size()));
  Outcome out;
  const std::vector<Contender> models = copy_longer(trials, sizes, out);
  reorder_short(trials, tasks, models, out);
  out.remarks = {join("Sources are drawn from 26 symbols, 20,000 pairs, of which nine in ten to "
                      "train on, ", sizes.steps, " updates of ", sizes.batch_size,
                      " sentences, greedy decoding. ", sizes.told(), " At length ",
                      fixed_length, " each model keeps the learning rate that suited its "
                      "copying.")};
  return out;
}

}  // namespace babelgrad::lab
