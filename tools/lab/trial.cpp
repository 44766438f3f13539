#include "tools/lab/trial.h"

#include <algorithm>
#include <climits>
#include <cmath>

#include "tools/app/run/train.h"
#include "tools/app/view/chart_parts.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

// Fewer updates, with the schedule that belongs to them.
TrainSettings shortened(TrainSettings s, std::int64_t steps) {
  steps = std::min(s.max_steps, steps);
  s.schedule.warmup = s.schedule.warmup * steps / std::max<std::int64_t>(s.max_steps, 1);
  s.max_steps = s.schedule.total = steps;
  return s;
}

TrainSettings as_asked(const LabOptions& options, TrainSettings s) {
  if (options.tiny) s.batch_size = 8;
  return options.tiny    ? shortened(s, 12)
         : options.quick ? shortened(s, std::max<std::int64_t>(s.max_steps / quick_share, 12))
                         : s;
}

}  // namespace

Corpus corpus_of(const LabOptions& options, CorpusOptions kind, int most) {
  if (options.tiny) kind.pairs = std::min(kind.pairs, 400), most = std::min(most, 12);
  if (options.quick) most = std::min(most, 150);
  kind.seed = options.seed;
  Corpus corpus = splits_of(built_in_corpus(kind));
  for (std::vector<Pair>* part : {&corpus.validation, &corpus.test})
    part->resize(std::min<std::size_t>(part->size(), std::size_t(most)));
  return corpus;
}

TrainSettings small_training(const std::string& model, int width, int layers, int steps,
                             double lr) {
  TrainSettings s;
  s.model.model = model;
  s.model.embed = s.model.hidden = width, s.model.ffn = 2 * width;
  s.model.layers = layers, s.model.dropout = 0;
  // Word vectors of the Transformer are multiplied by √width; these begin with a length of about 1.
  s.model.embedding_std = model == "transformer" ? 1 / std::sqrt(double(width)) : 0.3;
  s.max_steps = steps;
  s.schedule = {Schedule::cosine, lr, steps / 10, steps};
  return s;
}

Index parameters_of(const TrainSettings& settings, const std::vector<Pair>& pairs) {
  return parameter_count(begin_training(settings, {pairs, {}}).model->module());
}

void match_parameters(TrainSettings& settings, int ModelConfig::*size, Index parameters,
                      const std::vector<Pair>& pairs) {
  auto parameters_with = [&](int n) {
    settings.model.*size = n;
    return parameters_of(settings, pairs);
  };
  int low = 1, high = 4096;                     // the largest that is not too large, and the next
  while (low + 1 < high) {
    const int middle = (low + high) / 2;
    (parameters_with(middle) <= parameters ? low : high) = middle;
  }
  auto off = [&](int n) { return std::abs(double(parameters_with(n)) / double(parameters) - 1); };
  settings.model.*size = off(high) < off(low) ? high : low;
  check(off(settings.model.*size) <= 0.02, "lab: no such ", settings.model.model, " has ",
        parameters, " parameters, give or take 2 %");
}

Trained Trials::train(const std::string& name, const TrainSettings& settings,
                      const std::vector<Pair>& pairs, const OnStep& on_step) {
  Trained trained = attempt(name, settings, pairs, on_step);
  check(!trained.diverged, "lab: ", name, " diverged in update ", trained.losses.size() + 1);
  check(!options.tiny || trained.losses.size() < 12 ||
            trained.losses.back() < trained.losses.front(),
        "lab: ", name, " learnt nothing: its loss went from ", trained.losses.front(), " to ",
        trained.losses.back());
  return trained;
}

Trained Trials::attempt(const std::string& name, const TrainSettings& settings,
                        const std::vector<Pair>& pairs, const OnStep& on_step) {
  const TrainSettings s = as_asked(options, settings);
  Beginning begin = begin_training(s, {pairs, {}});
  Trained out{std::move(begin.model), {}, {}};
  out.parameters = parameter_count(out.model->module());
  TrainingData data{s, pairs, *out.model};
  Trainer trainer{.max_epochs = INT_MAX, .gradient_clip_val = s.clip, .schedule = s.schedule};
  trainer.on_step = [&](const Position& at, const StepReport& report) {
    out.losses.push_back(report.loss), out.grad_norms.push_back(report.grad_norm);
    out.tokens += report.tokens;
    const double part = double(at.step) / double(s.max_steps);
    options.tell(join(name, ", seed ", s.seed), std::min(1.0, (done_ + part) / count_));
    const bool more = !on_step || on_step(*out.model, at.step);
    babelgrad::train(out.model->module());      // on_step may have tried it
    return more && at.step < s.max_steps;
  };
  Position at;
  babelgrad::train(out.model->module());
  try {
    trainer.fit(*out.model, data, *begin.optim, at);
  } catch (const Error& error) {                // of a loss or a gradient, or something else
    if (std::string(error.what()).find("is not finite") == std::string::npos) throw;
    out.diverged = true;
  }
  eval(out.model->module());
  done_++;
  return out;
}

std::vector<Trained> Trials::train_each(const std::string& name, TrainSettings settings,
                                        const std::vector<Pair>& pairs, std::size_t first) {
  std::vector<Trained> runs;
  for (std::size_t i = first; i < options.seeds().size(); i++) {
    settings.seed = options.seeds()[i];
    runs.push_back(train(name, settings, pairs));
  }
  return runs;
}

Grid try_rates(Trials& trials, const std::string& name, TrainSettings settings,
               const std::vector<double>& rates, const Corpus& corpus, const Judge& judge) {
  Grid grid{name, rates, {}};
  for (double rate : rates) {
    settings.schedule.peak = rate;
    const std::string what = join(name, " at ", text(rate));
    Trained trained = judge ? trials.attempt(what, settings, corpus.train)
                            : trials.train(what, settings, corpus.train);
    grid.losses.push_back(judge ? judge(trained) : loss_of(*trained.model, corpus.validation));
    if (grid.losses.back() > grid.losses[grid.best]) continue;
    grid.best = grid.losses.size() - 1;
    grid.trained = std::move(trained);
  }
  return grid;
}

Contender contend(Trials& trials, const std::string& name, TrainSettings settings,
                  const std::vector<double>& rates, const Corpus& corpus) {
  settings.seed = trials.options.seed;
  Contender it{name, settings, try_rates(trials, name, settings, rates, corpus)};
  it.settings.schedule.peak = it.grid.rate();
  it.runs = trials.train_each(name, it.settings, corpus.train, 1);
  it.runs.insert(it.runs.begin(), std::move(it.grid.trained));
  return it;
}

PageTable table_of(const std::vector<const Grid*>& grids) {
  PageTable table{"Learning rates tried, with the first seed: loss on validation pairs; * the best",
                  {{"model", "parameters"}}, "lr"};
  for (double rate : grids.at(0)->rates) table.rows[0].push_back(text(rate));
  for (const Grid* grid : grids) {
    table.rows.push_back({grid->name, text(grid->trained.parameters)});
    for (std::size_t i = 0; i < grid->rates.size(); i++)
      table.rows.back().push_back(digits(grid->losses[i]) + (i == grid->best ? " *" : ""));
  }
  return table;
}

PageTable table_of(const std::vector<Contender>& contenders) {
  std::vector<const Grid*> grids;
  for (const Contender& it : contenders) grids.push_back(&it.grid);
  return table_of(grids);
}

Series learning_curve(const std::string& name, const std::vector<std::vector<double>>& losses,
                      double floor) {
  constexpr std::size_t window = 10;
  std::vector<std::vector<double>> means;       // of each window, of the runs that came so far
  for (const std::vector<double>& run : losses) {
    const std::size_t n = std::min(window, run.size());        // one that diverged may be short
    for (std::size_t i = 0; n > 0 && (i + 1) * n <= run.size(); i++) {
      if (means.size() <= i) means.emplace_back();
      means[i].push_back(mean_of({run.begin() + long(i * n), run.begin() + long((i + 1) * n)}));
    }
  }
  Series series{name};
  for (const std::vector<double>& of_runs : means)
    add_point(series, double((series.x.size() + 1) * window), of_runs, floor);
  return series;
}

}  // namespace babelgrad::lab
