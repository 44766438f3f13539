// What the run was made of, from whichever of its files tells.
#include <set>

#include "nn/file.h"
#include "nn/safetensors.h"
#include "tensor/check.h"
#include "tensor/parallel.h"
#include "tensor/real.h"
#include "tensor/simd.h"
#include "tools/compiler.h"
#include "tools/report/report.h"

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
  return {{"program", "babelgrad 0.1"},
          {"compiler", compiler},
          {"precision", is_double ? "double" : "float"},
          {"vectors", join(lanes, lanes == 1 ? " number" : " numbers")},
          {"threads", text(threads())}};
}

PageTable settings_table(const Translator& model, const Stored& stored, const RunLog& log) {
  PageTable table{"Options of train, and what it made of them", {{"option", "value", "from"}}, "l"};
  std::set<std::string> known;
  auto add = [&](const std::string& name, const std::string& value, const char* from) {
    if (known.insert(name).second) table.rows.push_back({name, value, from});
  };
  for (const auto& [name, value] : log.options) add(name, value, "log.jsonl");
  if (stored.problem.empty())
    for (const auto& [name, value] : stored.run.as_object())
      add(name == "corpus" ? "checksum of the pairs" : option_name(name), shown(value),
          "trainer.safetensors");
  const Json config = to_json(model.config);
  for (const auto& [name, value] : config.as_object())
    add(option_name(name), shown(value), "model.safetensors");
  return table;
}

}  // namespace report

void log_settings(const std::string& folder, const report::NamedValues& options) {
  append_line(folder + "/log.jsonl", report::settings_line(options, report::this_machine()));
}

}  // namespace babelgrad
