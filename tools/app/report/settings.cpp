// What the run was made of, from whichever of its files tells.
#include <sys/utsname.h>

#include <charconv>
#include <chrono>
#include <ctime>
#include <fstream>
#include <map>

#include "data/file.h"
#include "data/safetensors.h"
#include "tensor/check.h"
#include "tensor/parallel.h"
#include "tensor/real.h"
#include "tensor/simd.h"
#include "tools/app/cli/compiler.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/report/report.h"

namespace babelgrad {
namespace report {
namespace {

// As the option is called: "label_smoothing" is --label-smoothing.
std::string option_name(std::string key) {
  for (char& c : key) c = c == '_' ? '-' : c;
  return key;
}

std::string shown(const Json& value) {
  std::string all;
  if (value.is_array()) {
    for (const Json& item : value.as_array()) all += (all.empty() ? "" : ", ") + shown(item);
    return all;
  }
  std::string written = write_json(value);
  if (written.ends_with(".0")) written.resize(written.size() - 2);       // as --dump-config has it
  return written.starts_with('"') ? value.as_string() : written;
}

// "1e-3" and "0.001" are.
bool same_value(const std::string& a, const std::string& b) {
  double x = 0, y = 0;
  auto read = [](const std::string& s, double& number) {
    const char* end = s.data() + s.size();
    const auto [stop, problem] = std::from_chars(s.data(), end, number);
    return problem == std::errc() && stop == end;
  };
  return a == b || (read(a, x) && read(b, y) && x == y);
}

// Rows of what is new, or other than before.
class Rows {
 public:
  PageTable table{"Options of train, and what it made of them", {{"option", "value", "from"}}, "l"};

  void add(const std::string& name, const std::string& value, const char* from) {
    std::vector<std::string>& values = known_[name];
    for (const std::string& old : values)
      if (same_value(old, value)) return;
    values.push_back(value);
    table.rows.push_back({name, value, from});
  }
  void add_all(const Json& json, const char* from) {
    for (const auto& [name, value] : json.as_object()) {
      if (value.is_object()) add_all(value, from);
      else add(name == "corpus"           ? "checksum of the pairs"
               : name == "codes_checksum" ? "checksum of the merges"
                                          : option_name(name),
               shown(value), from);
    }
  }

 private:
  std::map<std::string, std::vector<std::string>> known_;
};

// What the model's file says of its training: of another program it may be anything.
Json training_of(const Translator& model) {
  try {
    Json training = parse_json(model.training, "training");
    training.as_object();
    return training;
  } catch (const Error&) {
    return Json::object();
  }
}

// As Linux names it; "" where it does not.
std::string processor() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != line.npos) return line.substr(colon + 2);
  }
  return "";
}

std::string now() {
  using clock = std::chrono::system_clock;
  const std::time_t seconds = clock::to_time_t(clock::now());
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char written[32];
  return {written, std::strftime(written, sizeof written, "%Y-%m-%d %H:%M UTC", &parts)};
}

}  // namespace

Stored stored_of(const std::string& folder) {
  const std::string path = folder + "/trainer.safetensors";
  if (!exists(path)) return {{}, {}, "There is no trainer.safetensors beside the model."};
  try {
    const SafeTensors file = read_safetensors(path, Checksum::required);
    const Json run = parse_json(file.metadata_at("run"), "run");
    const Json place = parse_json(file.metadata_at("place"), "place");
    run.as_object(), place.get_int("step", 0);
    return {run, place};
  } catch (const Error& error) {
    return {{}, {}, join("The trainer's settings cannot be read. ", error.what(), ".")};
  }
}

NamedValues this_machine() {
  NamedValues all{{"program", "babelgrad 0.1"},
                  {"compiler", compiler},
                  {"precision", is_double ? "double" : "float"},
                  {"vectors", join(lanes, lanes == 1 ? " number" : " numbers")},
                  {"threads", text(threads())}};
  if (const std::string name = processor(); !name.empty()) all.push_back({"processor", name});
  if (utsname known; uname(&known) == 0)
    all.push_back({"system", join(known.sysname, " ", known.release, ", ", known.machine)});
  return all;
}

PageTable settings_table(const Translator& model, const Stored& stored, const RunLog& log) {
  Rows rows;
  for (const auto& [name, value] : log.options) rows.add(name, value, "log.jsonl");
  if (stored.problem.empty()) rows.add_all(stored.run, "trainer.safetensors");
  rows.add_all(training_of(model), "model.safetensors");
  rows.add_all(to_json(model.config), "model.safetensors");
  return rows.table;
}

std::string settings_text(const Translator& model, const std::string& folder) {
  const RunLog log = log_of(folder);
  auto rows = settings_table(model, stored_of(folder), log).rows;
  for (const auto& [name, value] : log.environment) rows.push_back({name, value, "log.jsonl"});
  for (auto& row : rows)
    for (std::string& cell : row) cell = printable(cell);
  std::string lines = table(rows);
  lines.pop_back();                             // the last line end is the printer's
  return lines;
}

}  // namespace report

void log_settings(const std::string& folder, const report::NamedValues& options) {
  report::NamedValues environment = report::this_machine();
  environment.push_back({"last started", report::now()});
  append_line(folder + "/log.jsonl", report::settings_line(options, environment));
}

}  // namespace babelgrad
