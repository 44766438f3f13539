// An experiment's outcome as a result: is it sane, what does it say, as text, as JSON and back, as
// files, and as the page of all results that a folder holds.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "data/file.h"
#include "data/utf8.h"
#include "tools/app/cli/compiler.h"
#include "tools/app/cli/named.h"
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
  return join(Named(it.bound), " ", it.threshold);
}

// --- JSON: each struct lists its members once, for a Writer and for a Reader

using Environment = std::vector<std::pair<std::string, std::string>>;

void members(auto& v, Axis& it) {
  v("label", it.label), v("unit", it.unit), v("log", it.log);
}
void members(auto& v, Level& it) {
  v("name", it.name), v("y", it.y);
}
void members(auto& v, Series& it) {
  v("name", it.name), v("x", it.x), v("y", it.y), v("low", it.low), v("high", it.high);
}
void members(auto& v, Chart& it) {
  v("title", it.title), v("x", it.x), v("y", it.y), v("series", it.series), v("kind", it.kind);
  v("names", it.names), v("levels", it.levels), v("note", it.note);
}
void members(auto& v, PageTable& it) {
  v("caption", it.caption), v("rows", it.rows), v("align", it.align);
}
void members(auto& v, Finding& it) {
  v("claim", it.claim), v("text", it.text), v("number", it.number), v("bound", it.bound);
  v("threshold", it.threshold), v.derived("holds", it.holds());
}
void members(auto& v, Result& it) {
  v("experiment", it.name), v("claims", it.claims), v("question", it.question);
  v("command", it.command), v("quick", it.quick), v("environment", it.environment);
  v("tables", it.outcome.tables), v("charts", it.outcome.charts);
  v("findings", it.outcome.findings), v("remarks", it.outcome.remarks);
}

struct Writer {
  Json json = Json::object();

  template <class T>
  void operator()(const char* name, const T& it) { json[name] = of(it); }
  void derived(const char* name, bool it) { json[name] = it; }

  static Json of(const std::string& it) { return it; }
  static Json of(double it) { return it; }
  static Json of(bool it) { return it; }
  static Json of(ChartKind it) { return Named(it).word(); }
  static Json of(Bound it) { return Named(it).word(); }
  static Json of(const Environment& it) {
    Json all = Json::object();
    for (const auto& [name, value] : it) all[name] = value;
    return all;
  }
  template <class T>
  static Json of(const std::vector<T>& items) {
    Json all = Json::array();
    for (const T& item : items) all.push_back(of(item));
    return all;
  }
  template <class T>
  static Json of(T it) {                        // a struct; a copy, as members() may write to it
    Writer writer;
    members(writer, it);
    return writer.json;
  }
};

struct Reader {
  const Json& json;

  void operator()(const char* name, std::string& it) { it = json.get_string(name); }
  void operator()(const char* name, bool& it) { it = json.get_bool(name); }
  void operator()(const char* name, double& it) { it = json.at(name).as_real(name); }
  void operator()(const char* name, ChartKind& it) { it = value<ChartKind>(name); }
  void operator()(const char* name, Bound& it) { it = value<Bound>(name); }
  void operator()(const char* name, Environment& it) {
    for (const auto& [key, value] : json.at(name).as_object(name))
      it.push_back({key, value.as_string(key)});
  }
  template <class T>
  void operator()(const char* name, std::vector<T>& items) {
    for (const Json& item : json.get_array(name)) read(item, items.emplace_back());
  }
  template <class T>
  void operator()(const char* name, T& it) { read(json.at(name), it); }
  void derived(const char*, bool) {}

  template <class E>
  Named<E> value(const char* name) const {
    Named<E> found = E{};
    const std::string& word = json.get_string(name);
    check(found.read(word), "lab: no such ", name, ": ", printable(word, 60));
    return found;
  }
  static void read(const Json& json, std::string& it) { it = json.as_string(); }
  static void read(const Json& json, double& it) { it = json.as_real(); }
  template <class T>
  static void read(const Json& json, std::vector<T>& items) {
    for (const Json& item : json.as_array()) read(item, items.emplace_back());
  }
  template <class T>
  static void read(const Json& json, T& it) {
    Reader reader{json};
    members(reader, it);
  }
};

// --- files

Exhibit exhibit_of(const Result& result) {
  Exhibit exhibit{.name = result.name, .heading = result.question,
                  .claim = result.claims, .verdict = verdict_on(result),
                  .command = result.command, .tables = result.outcome.tables,
                  .charts = result.outcome.charts, .remarks = result.outcome.remarks};
  if (result.quick) exhibit.reason = "a quick run shows a tendency";
  exhibit.tables.insert(exhibit.tables.begin(), {"", finding_rows({result}), "llrll"});
  for (const auto& [name, value] : result.environment)
    exhibit.command += join("\n", name, " ", value);
  return exhibit;
}

// The places of names in experiments(), then others by name.
bool earlier(const Result& a, const Result& b) {
  auto place = [](const Result& it) {
    const Experiment* known = find_experiment(it.name);
    return known ? known - experiments().data() : std::ptrdiff_t(experiments().size());
  };
  return place(a) != place(b) ? place(a) < place(b) : a.name < b.name;
}

}  // namespace

Result run_experiment(const Experiment& experiment, const LabOptions& options) {
  Result result{experiment.name, experiment.claims, experiment.question,
                join("babelgrad lab ", experiment.name), options.brief()};
  if (options.quick) result.command += " --quick";
  if (options.seed != 0) result.command += join(" --seed ", options.seed);
  result.environment = this_build();
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
    if (result.quick || (!claim.empty() && it.claim != claim)) continue;
    if (!it.holds()) return Verdict::fails;
    verdict = Verdict::holds;
  }
  return verdict;
}

std::vector<std::vector<std::string>> finding_rows(const std::vector<Result>& results) {
  std::vector<std::vector<std::string>> rows{{"claim", "measured", "number", "threshold", "holds"}};
  for (const Result& result : results)
    for (const Finding& it : result.outcome.findings)
      rows.push_back({it.claim, it.text, digits(it.number), bound_text(it),
                      result.quick ? "-" : it.holds() ? "yes" : "no"});
  return rows;
}

std::string result_text(const Result& result, const Screen& screen) {
  const int width = reading_width(screen);
  std::string out =
      paragraph(join(result.name, " (", result.claims, "): ", result.question), width);
  for (const PageTable& it : result.outcome.tables)
    out += join("\n", paragraph(it.caption, width), "\n", table(it.rows, it.align, screen));
  out += "\n";
  for (const std::string& words : result.outcome.remarks) out += paragraph(words, width);
  return out + "\n" + verdict_table({result}, screen);
}

std::string verdict_table(const std::vector<Result>& results, const Screen& screen) {
  std::string lines = table(finding_rows(results), "llrll", screen);
  lines.pop_back();
  return lines;
}

Json to_json(const Result& result) { return Writer::of(result); }

Result result_of(const Json& json) {
  Result result;
  Reader::read(json, result);
  return result;
}

std::vector<std::string> write_result(const Result& result, const std::string& folder) {
  std::vector<std::string> written;
  auto write = [&](const std::string& file, const std::string& bytes) {
    write_file_atomically(folder + "/" + file, bytes);
    written.push_back(file);
  };
  const std::vector<Chart>& charts = result.outcome.charts;
  make_folder(folder);
  for (std::size_t i = 0; i < charts.size(); i++) {
    const std::string name = charts.size() > 1 ? join(result.name, "-", i + 1) : result.name;
    write(name + ".svg", figure_svg(charts[i]));
    write(name + ".tsv", figure_tsv(charts[i]));
  }
  write(result.name + ".json", write_json(to_json(result)) + "\n");
  return written;
}

// A page that could not be drawn is found here, and not when all are on one.
Result read_result(const std::string& folder, const std::string& name) {
  const std::string path = folder + "/" + name + ".json";
  Result result = result_of(parse_json(read_stored_file(path), path));
  check(result.name == name, path, ": holds the experiment ", printable(result.name, 60));
  figure_page({"", "", {exhibit_of(result)}});
  return result;
}

Results results_in(const std::string& folder) {
  check(is_folder(folder), printable(folder), ": is no folder; babelgrad lab NAME makes it");
  Results all;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    try {
      all.results.push_back(read_result(folder, entry.path().stem().string()));
    } catch (const Error& error) {
      all.left_out.push_back(error.what());
    }
  }
  std::sort(all.results.begin(), all.results.end(), earlier);
  std::sort(all.left_out.begin(), all.left_out.end());
  return all;
}

std::vector<std::string> write_index(const std::string& folder) {
  FigurePage page{.title = "The lab",
                  .lead = "What the chapter says, as experiments: each with its threshold, stated "
                          "before it ran, and what came out."};
  Results all = results_in(folder);
  for (const Result& it : all.results) page.exhibits.push_back(exhibit_of(it));
  write_file_atomically(folder + "/index.html", figure_page(page));
  return all.left_out;
}

}  // namespace babelgrad::lab
