// The lab: what the chapter says, as experiments that anyone can run. An experiment gives tables,
// charts and findings: numbers beside thresholds that stand in its source, stated before it ran.
#pragma once

#include <cstdint>
#include <functional>

#include "data/json.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/view/page.h"

namespace babelgrad::lab {

enum class Bound { below, above };
using enum Bound;
inline std::vector<std::string> words_of(Bound) { return {"below", "above"}; }

struct Finding {
  std::string claim;                            // "S5"
  std::string text;                             // "entropy of weights without the scale"
  double number;
  Bound bound;
  double threshold;
  bool holds() const { return bound == Bound::below ? number < threshold : number > threshold; }
};

struct Outcome {
  std::vector<PageTable> tables = {};
  std::vector<Chart> charts = {};
  std::vector<Finding> findings = {};           // the claim holds if all of them do
  std::vector<std::string> remarks = {};        // which set-up the numbers belong to
};

struct LabOptions {
  bool quick = false;                           // one seed, a third of the updates: no verdict
  bool tiny = false;                            // a dozen updates, to see that all of it runs
  std::uint64_t seed = 0;
  std::function<void(const std::string& doing, double fraction)> progress = nullptr;
  bool brief() const { return quick || tiny; }
  std::vector<std::uint64_t> seeds() const {    // three, or one if it is to be brief
    if (brief()) return {seed};
    return {seed, seed + 1, seed + 2};
  }
  void tell(const std::string& doing, double fraction) const {
    if (progress) progress(doing, fraction);
  }
};

struct Experiment {
  const char* name;                             // letters, digits, - and _
  const char* claims;                           // "S5", "S1 P4": of tools/lab/claims.tsv
  const char* question;
  Outcome (*run)(const LabOptions& options);
  bool timed = false;                           // measures time, so nothing may run beside it
};

// --- experiments/experiments.cpp; README.md says how to add one
const std::vector<Experiment>& experiments();   // in the order of the page
const Experiment* find_experiment(const std::string& name);    // null: there is none

// --- result.cpp: an outcome, and all that is needed to show it later
struct Result {
  std::string name, claims, question, command;
  bool quick = false;
  std::vector<std::pair<std::string, std::string>> environment = {};
  Outcome outcome = {};
};
Result run_experiment(const Experiment& experiment, const LabOptions& options);
// Error if there is no table, chart or finding, or if one of their numbers is not finite.
void check_sane(const Result& result);

// Of a claim, or of all its claims: all findings hold, or some do not; none after a quick run.
Verdict verdict_on(const Result& result, const std::string& claim = "");
// All findings, a row each below a heading: claim, what was measured, number, threshold, does it
// hold ("-": a quick run, which says nothing of the claim)?
std::vector<std::vector<std::string>> finding_rows(const std::vector<Result>& results);
std::string result_text(const Result& result, const Screen& screen = {});    // all, findings last
std::string verdict_table(const std::vector<Result>& results, const Screen& screen = {});

Json to_json(const Result& result);
Result result_of(const Json& json);             // Error that names the key

// NAME.json, and the charts as NAME.svg and NAME.tsv, or NAME-1.svg and so on if there are several.
// The names of the files, without the folder.
std::vector<std::string> write_result(const Result& result, const std::string& folder);
Result read_result(const std::string& folder, const std::string& name);
struct Results {                                // of a folder, in the order of experiments()
  std::vector<Result> results;
  std::vector<std::string> left_out;            // what holds none, each with the reason
};
Results results_in(const std::string& folder);
// All results of the folder on one page, index.html. Returns what is left out.
std::vector<std::string> write_index(const std::string& folder);

// --- lab_command.cpp: argv[0] is the command's own name; the exit status
int lab_command(int argc, const char* const* argv);

}  // namespace babelgrad::lab
