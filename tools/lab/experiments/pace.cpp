// T3: seconds, updates and target words until a model's translations first reach a BLEU, for the
// three models side by side.
#include <algorithm>

#include "tools/app/cli/terminal.h"
#include "tools/app/run/evaluate.h"
#include "tools/lab/experiments/three_models.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

constexpr int most_updates = 2000;
const std::vector<double> bleu_targets{30, 50, 70, 90};

struct Tried { double updates, seconds, bleu; };

struct TimedRun {                               // of one seed
  std::vector<Tried> tried;
  Tried total = {};                             // of the whole training
  double tokens_per_update = 0;
};

// Seconds count from the end of the first update, and stand still while the model is tried.
TimedRun timed_run(Trials& trials, const std::string& name, const TrainSettings& settings,
                   const Corpus& corpus) {
  const int every = trials.options.tiny ? 4 : 50;
  TimedRun run;
  double begin = 0, trying = 0;
  auto on_step = [&](Translator& model, long step) {
    const double now = clock_seconds();
    if (step == 1) begin = now;
    run.total = {double(step), now - begin - trying, 0};
    if (step % every != 0) return true;
    run.total.bleu = greedy_bleu(model, corpus.validation);
    run.tried.push_back(run.total);
    trying += clock_seconds() - now;
    return true;
  };
  const Trained trained = trials.train(name, settings, corpus.train, on_step);
  run.tokens_per_update = double(trained.tokens) / run.total.updates;
  return run;
}

struct Pace {
  Grid grid;                                    // of rates, with half as many updates
  std::vector<TimedRun> runs = {};              // by seed, at the best of them
};

// Where each seed first has such a BLEU. Those that never have it count with their whole training.
struct Reached {
  std::vector<double> seconds, updates, tokens;
  int missed = 0;
};

Reached reach(const Pace& pace, double bleu) {
  Reached it;
  for (const TimedRun& run : pace.runs) {
    auto first = std::ranges::find_if(run.tried, [&](const Tried& t) { return t.bleu >= bleu; });
    it.missed += first == run.tried.end();
    const Tried& at = first == run.tried.end() ? run.total : *first;
    it.seconds.push_back(at.seconds), it.updates.push_back(at.updates);
    it.tokens.push_back(at.updates * run.tokens_per_update);
  }
  return it;
}

PageTable pace_table(const std::vector<Pace>& all) {
  PageTable table{"Until BLEU on validation pairs first reaches a value",
                  {{"model", "BLEU", "seconds", "updates", "target tokens"}}};
  for (const Pace& pace : all) {
    for (double bleu : bleu_targets) {
      const Reached it = reach(pace, bleu);
      std::vector<std::string> row{pace.grid.name, text(bleu)};
      if (it.missed > 0)
        row.insert(row.end(), {join("not reached by ", it.missed, " of ", pace.runs.size()), "-",
                               "-"});
      else
        row.insert(row.end(), {with_spread(it.seconds), with_spread(it.updates),
                               with_spread(it.tokens)});
      table.rows.push_back(row);
    }
  }
  return table;
}

Chart pace_chart(const std::vector<Pace>& all, const Axis& x, double Tried::*place) {
  Chart chart{.title = "BLEU against " + x.label, .x = x, .y = {"BLEU of tokens", "0 to 100"},
              .note = join(means_and_bands, " to each side.")};
  for (double bleu : bleu_targets) chart.levels.push_back({text(bleu), bleu});
  for (const Pace& pace : all) {
    Series& line = chart.series.emplace_back(Series{pace.grid.name});
    for (std::size_t i = 0; i < pace.runs[0].tried.size(); i++) {
      std::vector<double> places, bleu;
      for (const TimedRun& run : pace.runs)
        places.push_back(run.tried[i].*place), bleu.push_back(run.tried[i].bleu);
      add_point(line, mean_of(places), bleu, 0);
    }
  }
  return chart;
}

Pace pace_of(Trials& trials, const std::string& name, TrainSettings settings,
             const std::vector<double>& rates, const Corpus& corpus) {
  settings.schedule.kind = Schedule::constant, settings.schedule.warmup = 100;
  settings.max_steps = most_updates / 2;
  settings.seed = trials.options.seed;
  Pace pace{try_rates(trials, name, settings, rates, corpus)};
  settings.schedule.peak = pace.grid.rate(), settings.max_steps = most_updates;
  for (std::uint64_t seed : trials.options.seeds()) {
    settings.seed = seed;
    pace.runs.push_back(timed_run(trials, name, settings, corpus));
  }
  return pace;
}

}  // namespace

Outcome pace(const LabOptions& options) {
  const ThreeSizes sizes{.width = 64, .transformer = 48, .steps = most_updates};
  const Corpus corpus = corpus_of(options, sentences_to_12, 100);
  Trials trials(options, trainings_of_three(options, sizes) + 3);
  std::vector<Pace> all;
  for (const TrainSettings& settings : three_models(sizes, corpus.train))
    all.push_back(pace_of(trials, three_names[all.size()], settings, sizes.tried(options), corpus));
  // Means over the seeds, as a ratio: a model's over the Transformer's, the last.
  auto ratio = [&](int model, double bleu, std::vector<double> Reached::*what) {
    return mean_of(reach(all[model], bleu).*what) / mean_of(reach(all.back(), bleu).*what);
  };
  return {{pace_table(all), table_of({&all[0].grid, &all[1].grid, &all[2].grid})},
          {pace_chart(all, {"training time", "seconds"}, &Tried::seconds),
           pace_chart(all, {"updates"}, &Tried::updates)},
          {{"T3", "time of the attention model over the Transformer's to BLEU 70",
            ratio(1, 70, &Reached::seconds), above, 1},
           {"T3", "time of the plain model (or at least what it took without reaching it) over the "
            "Transformer's to BLEU 50", ratio(0, 50, &Reached::seconds), above, 1},
           {"T3", "updates of the attention model over the Transformer's to BLEU 70",
            ratio(1, 70, &Reached::updates), above, 1}},
          {join("Grammar, 3 to 12 tokens, ", corpus.train.size(), " pairs to train on; updates of ",
                sizes.batch_size, " sentences, at most ", most_updates, ", a constant learning "
                "rate after 100 updates of warm-up. ", sizes.told(), " The rates were "
                "compared after half as many updates. BLEU is of tokens, of ",
                corpus.validation.size(), " validation pairs, tried every 50 updates."),
           "Seconds are measured: of this machine, without the trials of BLEU, and different from "
           "run to run. Updates and BLEU are the same on every run of the same build; target "
           "tokens are updates times the training's mean. In a ratio of times or updates, a "
           "training that never has the BLEU counts with all it took."}};
}

}  // namespace babelgrad::lab
