// P4: the bottleneck without any reordering, which is copying as sentences grow; and reordering at
// one short length, where memory is no trouble. Does attention mend both?
#include "tools/lab/experiments/three_models.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

constexpr int shortest = 2, longest = 20, fixed_length = 8;
constexpr ThreeSizes sizes{.width = 64, .transformer = 40, .steps = 1000};
const std::vector<double> rates{0.008, 0.004, 0.016};
const std::vector<analysis::Band> bands{{2, 4}, {5, 8}, {9, 12}, {13, 16}, {17, 20}};
const std::vector<std::string> tasks{"copy", "swap", "reverse", "sort"};

Corpus symbols(const LabOptions& options, const std::string& task, int low, int high) {
  return corpus_of(options, {.task = task, .pairs = 20000, .min_length = low, .max_length = high},
                   1000);
}

std::vector<Contender> copy_longer(Trials& trials, Outcome& out) {
  const Corpus corpus = symbols(trials.options, "copy", shortest, longest);
  const std::vector<TrainSettings> settings = three_models(sizes, corpus.train);
  LengthFigure figure = length_figure("Copying: exact match by length", bands, corpus.test);
  std::vector<Contender> all;
  std::vector<double> short_ones, long_ones;    // shares, of each model
  for (int i = 0; i < 3; i++) {
    all.push_back(contend(trials, three_names[i], settings[i], rates, corpus));
    const Said said = translations(all[i].runs, corpus.test);
    add_to(figure, all[i].name, said, corpus.test);
    short_ones.push_back(mean_exact(said, corpus.test, bands.front()) / 100);
    long_ones.push_back(mean_exact(said, corpus.test, bands.back()) / 100);
  }
  out.findings = {
      {"P4", "copy: plain model's exact match on the shortest band", short_ones[0], Bound::above,
       0.8},
      {"P4", "on the longest", long_ones[0], Bound::below, 0.2},
      {"P4", "attention on the longest", long_ones[1], Bound::above, 0.8},
      {"P4", "Transformer on the longest", long_ones[2], Bound::above, 0.8}};
  out.tables = {figure.table, rates_table(all)};
  out.charts = {figure.chart};
  return all;
}

// Exact match, in percent, by task and seed, of one model at the rate that suited its copying.
std::vector<std::vector<double>> reorder(Trials& trials, const Contender& model) {
  std::vector<std::vector<double>> exact;
  for (const std::string& task : tasks) {
    const Corpus corpus = symbols(trials.options, task, fixed_length, fixed_length);
    TrainSettings settings = model.settings;
    Said said;
    for (std::uint64_t seed : trials.seeds()) {
      settings.seed = seed;
      std::vector<Trained> run;
      run.push_back(trials.train(model.name + ", " + task, settings, corpus.train));
      said.push_back(translations(run, corpus.test).front());
    }
    exact.push_back(exact_match(said, corpus.test));
  }
  return exact;
}

void reorder_short(Trials& trials, const std::vector<Contender>& models, Outcome& out) {
  const std::string title = join("Exact match at length ", fixed_length);
  Chart chart{.title = title, .y = {"exact match", "%"}, .kind = ChartKind::bars, .names = tasks,
              .note = "Bars: means over the seeds; whiskers: one standard deviation."};
  PageTable table{title + ", %", {{"model"}}};
  for (const std::string& task : tasks) table.rows[0].push_back(task);
  for (std::size_t i = 0; i < models.size(); i++) {
    const auto exact = reorder(trials, models[i]);
    Series bars{models[i].name};
    table.rows.push_back({models[i].name});
    for (const std::vector<double>& of_task : exact) {
      add_point(bars, 0, of_task, 0);
      table.rows.back().push_back(with_spread(of_task));
    }
    bars.x.clear();
    const double gap = bars.y[0] - (bars.y[1] + bars.y[2]) / 2;
    out.findings.push_back(
        {"P4", i == 0   ? "short: plain model's exact match on copy less that on swap and reverse, "
                          "in points"
               : i == 1 ? "attention: the same"
                        : "Transformer: the same",
         gap, i == 0 ? Bound::above : Bound::below, 5});
    chart.series.push_back(bars);
  }
  out.tables.push_back(table);
  out.charts.push_back(chart);
}

}  // namespace

Outcome two_problems(const LabOptions& options) {
  const int seeds = int(Trials(options, 1).seeds().size());
  Trials trials(options, 3 * (trainings(options, rates) + int(tasks.size()) * seeds));
  Outcome out;
  const std::vector<Contender> models = copy_longer(trials, out);
  reorder_short(trials, models, out);
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
