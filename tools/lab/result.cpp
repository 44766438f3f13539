// An experiment's outcome as a result: is it sane, what does it say, as text and as JSON.
#include <algorithm>
#include <cmath>

#include "tensor/parallel.h"
#include "tensor/real.h"
#include "tensor/simd.h"
#include "tools/app/cli/compiler.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/view/chart_parts.h"
#include "tools/lab/lab.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

void check_finite(const Result& result, const std::string& where, const std::vector<double>& xs) {
  for (double x : xs)
    check(std::isfinite(x), "lab ", result.name, ": ", where, " has a number that is not finite");
}

std::string bound_text(const Finding& it) {
  return join(it.bound == Bound::below ? "below " : "above ", it.threshold);
}

std::vector<std::string> claims_of(const Result& result) {
  std::vector<std::string> all;
  for (const Finding& it : result.outcome.findings)
    if (std::find(all.begin(), all.end(), it.claim) == all.end()) all.push_back(it.claim);
  return all;
}

}  // namespace

Result run_experiment(const Experiment& experiment, const LabOptions& options) {
  Result result{experiment.name, experiment.claims, experiment.question,
                join("babelgrad lab ", experiment.name), options.quick};
  if (options.quick) result.command += " --quick";
  if (options.seed != 0) result.command += join(" --seed ", options.seed);
  result.environment = {{"compiler", compiler},
                        {"precision", is_double ? "double" : "float"},
                        {"vectors", join(lanes, " numbers")},
                        {"threads", text(threads())}};
  result.outcome = experiment.run(options);
  check_sane(result);
  return result;
}

void check_sane(const Result& result) {
  const Outcome& it = result.outcome;
  check(!it.tables.empty() && !it.charts.empty() && !it.findings.empty(), "lab ", result.name,
        ": a table, a chart and a finding are needed");
  for (const Chart& chart : it.charts)
    for (const Series& series : chart.series)
      for (const auto* numbers : {&series.x, &series.y, &series.low, &series.high})
        check_finite(result, join(chart.title, ", ", series.name), *numbers);
  for (const Finding& finding : it.findings) check_finite(result, finding.text, {finding.number});
}

Verdict verdict_on(const Result& result, const std::string& claim) {
  Verdict verdict = Verdict::none;
  for (const Finding& it : result.outcome.findings) {
    if (result.quick || it.claim != claim) continue;
    if (!it.holds()) return Verdict::fails;
    verdict = Verdict::holds;
  }
  return verdict;
}

Verdict verdict_on(const Result& result) {
  Verdict all = Verdict::none;
  for (const std::string& claim : claims_of(result)) {
    const Verdict verdict = verdict_on(result, claim);
    if (verdict == Verdict::fails) return verdict;
    all = verdict;
  }
  return all;
}

std::vector<std::string> verdict_lines(const Result& result) {
  std::vector<std::string> lines;
  for (const Finding& it : result.outcome.findings) {
    const std::string found = join(it.text, " ", digits(it.number));
    if (result.quick) lines.push_back(join(it.claim, ", quick, no verdict: ", found));
    else lines.push_back(join(it.claim, it.holds() ? " holds: " : " does not hold: ", found,
                              ", threshold ", bound_text(it)));
  }
  return lines;
}

std::string result_text(const Result& result) {
  std::string out = join(result.name, " (", result.claims, "): ", result.question, "\n");
  for (const PageTable& it : result.outcome.tables)
    out += join("\n", it.caption, "\n\n", table(it.rows, it.align));
  out += "\n";
  for (const std::string& words : result.outcome.remarks)
    for (const std::string& line : wrapped(words, 80)) out += line + "\n";
  for (const std::string& line : verdict_lines(result)) out += line + "\n";
  out.pop_back();
  return out;
}

std::string verdict_table(const std::vector<Result>& results) {
  std::vector<std::vector<std::string>> rows{{"claim", "measured", "number", "threshold", "holds"}};
  for (const Result& result : results)
    for (const Finding& it : result.outcome.findings)
      rows.push_back({it.claim, it.text, digits(it.number), bound_text(it),
                      result.quick ? "-" : it.holds() ? "yes" : "no"});
  std::string lines = table(rows, "llrll");
  lines.pop_back();
  return lines;
}

}  // namespace babelgrad::lab
