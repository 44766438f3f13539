// The log as figures: every number in them is one of the log's.
#include <algorithm>

#include "tensor/check.h"
#include "tools/app/report/report.h"
#include "tools/app/view/chart.h"

namespace babelgrad::report {
namespace {

constexpr std::size_t most_drawn = 1000;        // points of a curve

// Of `count` lines one in so many is drawn.
std::size_t stride_of(std::size_t count) { return count / (most_drawn + 1) + 1; }

// The last line always; lines without the number are not points.
template <class Line>
Series series_of(const std::string& name, const std::vector<Line>& lines, double Line::*value) {
  Series series{name};
  const std::size_t stride = stride_of(lines.size());
  for (std::size_t i = 0; i < lines.size(); i++) {
    if ((lines.size() - 1 - i) % stride != 0 || !drawable(lines[i].*value)) continue;
    series.x.push_back(double(lines[i].step));
    series.y.push_back(lines[i].*value);
  }
  return series;
}

Chart chart_of(const RunLog& log, const std::string& title, const Axis& y,
               std::vector<Series> series) {
  std::erase_if(series, [](const Series& s) { return s.y.empty(); });
  Chart chart{title, {"updates"}, y, std::move(series)};
  const std::size_t stride = stride_of(std::max(log.steps.size(), log.epochs.size()));
  if (stride > 1) chart.note = join("Of the long curves one logged number in ", stride, ".");
  return chart;
}

}  // namespace

std::vector<Chart> curves(const RunLog& log) {
  std::vector<Chart> all;
  auto draw = [&](const std::string& title, const Axis& y, std::vector<Series> series) {
    Chart chart = chart_of(log, title, y, std::move(series));
    if (!chart.series.empty()) all.push_back(std::move(chart));
  };
  draw("Loss", {"loss", "nats per target token"},
       {series_of("validation", log.epochs, &EpochLine::valid_loss),
        series_of("training, mean of the epoch", log.epochs, &EpochLine::train_loss),
        series_of("training, one batch", log.steps, &StepLine::loss)});
  draw("BLEU of the validation pairs", {"BLEU"},
       {series_of("validation", log.epochs, &EpochLine::valid_bleu)});
  draw("Learning rate", {"learning rate"},
       {series_of("learning rate", log.steps, &StepLine::lr)});
  draw("Norm of the gradient, before it is clipped", {"norm"},
       {series_of("one batch", log.steps, &StepLine::grad_norm)});
  draw("Speed", {"target tokens per second"},
       {series_of("mean since training began or went on", log.steps, &StepLine::tok_per_s)});
  return all;
}

std::vector<std::string> log_remarks(const RunLog& log) {
  std::vector<std::string> all;
  if (log.steps.empty() && log.epochs.empty())
    all.push_back(log.lines == 0 ? "The log is empty: there are no curves."
                                 : "The log has no line of an update or an epoch: no curves.");
  if (log.calls > 1)
    all.push_back(join("The run was trained by ", log.calls, " calls of train, as far as the log ",
                       "shows them; the speed begins anew with each."));
  if (log.replaced > 0)
    all.push_back(join("Updates were done again after a resumption: the later of their lines ",
                       "hold, ", log.replaced, log.replaced == 1 ? " line" : " lines",
                       " before them not."));
  if (log.skipped > 0)
    all.push_back(join("Skipped, being no lines of a log: ", log.skipped, " of ", log.lines,
                       ", the first of them line ", log.first_skipped, "."));
  return all;
}

}  // namespace babelgrad::report
