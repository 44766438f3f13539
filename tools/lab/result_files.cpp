// The files of a result, and the page of all results that a folder holds.
#include <algorithm>
#include <filesystem>

#include "data/file.h"
#include "data/utf8.h"
#include "tensor/check.h"
#include "tools/lab/lab.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

void write(const std::string& folder, const std::string& file, const std::string& bytes,
           std::vector<std::string>& written) {
  write_file_atomically(folder + "/" + file, bytes);
  written.push_back(file);
}

Exhibit exhibit_of(const Result& result) {
  Exhibit exhibit{.name = result.name, .heading = result.question,
                  .claim = result.claims, .verdict = verdict_on(result),
                  .command = result.command, .tables = result.outcome.tables,
                  .charts = result.outcome.charts, .remarks = result.outcome.remarks};
  for (const std::string& line : verdict_lines(result))
    exhibit.reason += (exhibit.reason.empty() ? "" : "; ") + line;
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

std::vector<std::string> write_result(const Result& result, const std::string& folder) {
  std::vector<std::string> written;
  const std::vector<Chart>& charts = result.outcome.charts;
  make_folder(folder);
  for (std::size_t i = 0; i < charts.size(); i++) {
    const std::string name = charts.size() > 1 ? join(result.name, "-", i + 1) : result.name;
    write(folder, name + ".svg", figure_svg(charts[i]), written);
    write(folder, name + ".tsv", figure_tsv(charts[i]), written);
  }
  write(folder, result.name + ".json", write_json(to_json(result)) + "\n", written);
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
