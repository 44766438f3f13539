// P4: the bottleneck without any reordering, which is copying as sentences grow; and reordering at
// one short length, where memory is no trouble. Does attention mend both?
#include "tools/lab/experiments/three_models.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

constexpr int fixed_length = 8;

Corpus symbols(const LabOptions& options, const std::string& task, int low, int high) {
  return corpus_of(options, {.task = task, .pairs = 20000, .min_length = low, .max_length = high},
                   1000);
}

std::vector<Contender> copy_longer(Trials& trials, const ThreeSizes& sizes, Outcome& out) {
  const std::vector<analysis::Band> bands{{2, 4}, {5, 8}, {9, 12}, {13, 16}, {17, 20}};
  const Corpus corpus = symbols(trials.options, "copy", 2, 20);
  LengthFigure figure = length_figure("Copying: exact match by length", bands, corpus.test);
  std::vector<Contender> all = contend_three(trials, sizes, corpus);
  std::vector<double> short_ones, long_ones;    // shares, of each model
  for (const Contender& it : all) {
    const Said said = translations(it.runs, corpus.test);
    figure.add(it.name, said, corpus.test);
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
        {"P4", i == 0   ? "short: plain model's exact match on copy less that on swap and reverse, "
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
                      " sentences, greedy decoding. Equal parameters within 2 %: states of width ",
                      sizes.width, " in the recurrent models, one GRU layer; width ",
                      sizes.transformer, " in the Transformer of 2 + 2 blocks. At length ",
                      fixed_length, " each model keeps the learning rate that suited its "
                      "copying.")};
  return out;
}

}  // namespace babelgrad::lab
