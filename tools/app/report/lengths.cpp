// Do long sentences come out worse than short ones?
#include <algorithm>
#include <cmath>

#include "tensor/check.h"
#include "tools/app/report/report.h"
#include "tools/app/run/splits.h"
#include "tools/app/view/chart.h"

namespace babelgrad::report {

Exhibit lengths(const analysis::Study& study) {
  Exhibit e{"", "Short and long sentences"};
  const auto rows = rows_of(study, by_length(study.pairs).groups);
  PageTable table{"By length of the source",
                  {{"source tokens", "pairs", "BLEU, tokens", "exact %"}}};
  Chart chart{"Translations by length of the source", {"source tokens"}, {"BLEU, and % exact"}};
  chart.kind = ChartKind::bars;
  chart.series = {{"BLEU of the tokens"}, {"exactly right, %"}};
  for (const analysis::Row& row : rows) {
    chart.names.push_back(row.name);
    chart.series[0].y.push_back(row.bleu);
    chart.series[1].y.push_back(100 * row.exact);
    table.rows.push_back({row.few() ? row.name + " *" : row.name, readable(row.pairs),
                          std::isfinite(row.bleu) ? fixed(row.bleu, 2) : "–",
                          fixed(100 * row.exact, 1)});
  }
  e.charts = {chart};
  e.tables = {table};
  if (std::ranges::any_of(rows, &analysis::Row::few))
    e.remarks = {join("* fewer than ", analysis::few_pairs, " pairs, which say little")};
  return e;
}

}  // namespace babelgrad::report
