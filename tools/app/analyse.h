// What babelgrad analyse says: the tables that were asked for, as text or as JSON.
#pragma once

#include <optional>

#include "data/json.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/run/analysis.h"

namespace babelgrad::analysis {

struct Table {
  Grouping grouping;
  std::vector<Row> rows;                        // all pairs, then the groups
};

struct AnalysisReport {
  Row all;
  std::vector<Table> tables;                    // none that is empty or has nothing to compare
  std::optional<Positions> positions;
  std::vector<HeadRow> heads;                   // all pairs, then the phenomena
  std::vector<std::string> missing;             // what these pairs or this model cannot tell
  std::string of = {};                          // "run/ on test.tsv, "
};

// by: tag, length, order, position, head, split or all of them; trained: the longest source that
// training had, in tokens. Error if there are no pairs.
AnalysisReport report_on(const Study& study, const std::string& by, int trained);
Json to_json(const AnalysisReport& report, const Study& study);
std::string as_text(const AnalysisReport& report, const Study& study, const Screen& screen = {});
// On one screen: where it is worst, where it first goes wrong, and some sentences.
std::string brief_text(const AnalysisReport& report, const Study& study, const ModelConfig& model,
                       const Screen& screen = {});

}  // namespace babelgrad::analysis

namespace babelgrad {

// "31 of 50 are wrong, for instance:" and `most` of the `wrong` ones, spread evenly: source,
// reference and translation as text.
std::string wrong_samples(const std::vector<Pair>& pairs, const std::vector<Tokens>& said,
                          const std::vector<std::size_t>& wrong, std::size_t most, Language source,
                          Language target, const Screen& screen);

}  // namespace babelgrad
