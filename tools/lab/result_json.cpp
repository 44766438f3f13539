// A result as JSON and back, so that a page can show what was run before.
#include "data/utf8.h"
#include "tensor/check.h"
#include "tools/lab/lab.h"

namespace babelgrad::lab {
namespace {

constexpr const char* kinds[] = {"lines", "bars", "heat_map"};

Json to_json(const Axis& axis) {
  return Json::object({{"label", axis.label}, {"unit", axis.unit}, {"log", axis.log}});
}

Axis axis_of(const Json& json) {
  return {json.get_string("label"), json.get_string("unit"), json.get_bool("log")};
}

std::vector<std::string> strings_of(const Json::Array& items) {
  std::vector<std::string> all;
  for (const Json& item : items) all.push_back(item.as_string());
  return all;
}

std::vector<double> numbers_of(const Json::Array& items) {
  std::vector<double> all;
  for (const Json& item : items) all.push_back(item.as_real());
  return all;
}

Json to_json(const Series& it) {
  return Json::object(
      {{"name", it.name}, {"x", it.x}, {"y", it.y}, {"low", it.low}, {"high", it.high}});
}

Series series_of(const Json& json) {
  return {json.get_string("name"), numbers_of(json.get_array("x")), numbers_of(json.get_array("y")),
          numbers_of(json.get_array("low")), numbers_of(json.get_array("high"))};
}

Json to_json(const Chart& chart) {
  Json series = Json::array(), levels = Json::array();
  for (const Series& it : chart.series) series.push_back(to_json(it));
  for (const Level& it : chart.levels)
    levels.push_back(Json::object({{"name", it.name}, {"y", it.y}}));
  return Json::object({{"title", chart.title}, {"x", to_json(chart.x)}, {"y", to_json(chart.y)},
                       {"series", series}, {"kind", kinds[int(chart.kind)]},
                       {"names", chart.names}, {"shade", to_json(chart.shade)},
                       {"levels", levels}, {"note", chart.note}});
}

ChartKind kind_of(const std::string& name) {
  for (int i = 0; i < 3; i++)
    if (name == kinds[i]) return ChartKind(i);
  fail("lab: no kind of chart: ", printable(name, 60));
}

Chart chart_of(const Json& json) {
  Chart chart{.title = json.get_string("title"), .x = axis_of(json.at("x")),
              .y = axis_of(json.at("y")), .kind = kind_of(json.get_string("kind")),
              .names = strings_of(json.get_array("names")), .shade = axis_of(json.at("shade")),
              .note = json.get_string("note")};
  for (const Json& it : json.get_array("series")) chart.series.push_back(series_of(it));
  for (const Json& it : json.get_array("levels"))
    chart.levels.push_back({it.get_string("name"), it.at("y").as_real("y")});
  return chart;
}

Json to_json(const PageTable& table) {
  return Json::object({{"caption", table.caption}, {"rows", table.rows}, {"align", table.align}});
}

PageTable table_of(const Json& json) {
  PageTable table{json.get_string("caption"), {}, json.get_string("align")};
  for (const Json& row : json.get_array("rows")) table.rows.push_back(strings_of(row.as_array()));
  return table;
}

Json to_json(const Finding& it) {
  return Json::object({{"claim", it.claim}, {"text", it.text}, {"number", it.number},
                       {"bound", it.bound == Bound::below ? "below" : "above"},
                       {"threshold", it.threshold}, {"holds", it.holds()}});
}

Finding finding_of(const Json& json) {
  const std::string& bound = json.get_string("bound");
  check(bound == "below" || bound == "above", "lab: no bound: ", printable(bound, 60));
  return {json.get_string("claim"), json.get_string("text"), json.at("number").as_real("number"),
          bound == "below" ? Bound::below : Bound::above,
          json.at("threshold").as_real("threshold")};
}

template <class T>
Json list_of(const std::vector<T>& items) {
  Json all = Json::array();
  for (const T& item : items) all.push_back(to_json(item));
  return all;
}

}  // namespace

Json to_json(const Result& result) {
  Json environment = Json::object();
  for (const auto& [name, value] : result.environment) environment[name] = value;
  return Json::object(
      {{"experiment", result.name}, {"claims", result.claims}, {"question", result.question},
       {"command", result.command}, {"quick", result.quick}, {"environment", environment},
       {"tables", list_of(result.outcome.tables)}, {"charts", list_of(result.outcome.charts)},
       {"findings", list_of(result.outcome.findings)}, {"remarks", result.outcome.remarks}});
}

Result result_of(const Json& json) {
  Result result{json.get_string("experiment"), json.get_string("claims"),
                json.get_string("question"), json.get_string("command"), json.get_bool("quick")};
  for (const auto& [name, value] : json.at("environment").as_object("environment"))
    result.environment.push_back({name, value.as_string(name)});
  for (const Json& it : json.get_array("tables")) result.outcome.tables.push_back(table_of(it));
  for (const Json& it : json.get_array("charts")) result.outcome.charts.push_back(chart_of(it));
  for (const Json& it : json.get_array("findings"))
    result.outcome.findings.push_back(finding_of(it));
  result.outcome.remarks = strings_of(json.get_array("remarks"));
  return result;
}

}  // namespace babelgrad::lab
