// Rows of JSON as a table for people: a column for each key that was asked for, in its digits.
#include "tools/app/bench/bench.h"
#include "tools/app/cli/terminal.h"

namespace babelgrad::bench {
namespace {

// A word as it is, a number in so many digits, "-" for what the row does not have.
std::string cell(const Json* value, int digits) {
  if (!value || value->is_null()) return "-";
  if (write_json(*value).front() == '"') return value->as_string();
  double x = value->as_double();
  return digits == percent ? fixed(100 * x, 0) + "%" : fixed(x, digits);
}

}  // namespace

std::string as_table(const Json& rows, const std::vector<Column>& columns) {
  std::vector<std::vector<std::string>> cells(1);
  for (const Column& c : columns) cells[0].push_back(c.header);
  for (const Json& row : rows.as_array()) {
    auto& line = cells.emplace_back();
    for (const Column& c : columns) line.push_back(cell(row.find(c.key), c.digits));
  }
  return table(cells, "lr");
}

}  // namespace babelgrad::bench
