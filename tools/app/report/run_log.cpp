// What a run's files say of its training: the log and its curves, and what it was made of.
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>

#include "data/file.h"
#include "data/json.h"
#include "data/utf8.h"
#include "tools/app/cli/compiler.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/report/report.h"

namespace babelgrad {
namespace report {
namespace {

// --- the log

double number(const Json& line, const char* key) {
  const Json* value = line.find(key);
  return !value || value->is_null() ? NAN : value->as_double(key);
}

LogLine log_line(const Json& line) {
  constexpr std::pair<const char*, double LogLine::*> numbers[] = {
      {"loss", &LogLine::loss}, {"lr", &LogLine::lr}, {"grad_norm", &LogLine::grad_norm},
      {"epoch", &LogLine::epoch}, {"train_loss", &LogLine::train_loss},
      {"valid_loss", &LogLine::valid_loss}, {"valid_bleu", &LogLine::valid_bleu},
      {"tok_per_s", &LogLine::tok_per_s}, {"elapsed", &LogLine::elapsed}};
  LogLine it{line.get_int("step", 0)};
  for (const auto& [key, member] : numbers) it.*member = number(line, key);
  return it;
}

NamedValues named_values(const Json& line, const char* key) {
  NamedValues all;
  if (const Json* values = line.find(key))
    for (const auto& [name, value] : values->as_object(key))
      all.push_back({name, value.as_string(name)});
  return all;
}

class LogReader {
 public:
  RunLog log;

  void take(const Json& line) {
    log.lines++;
    try {
      if (line.find("config")) take_settings(line);
      else if (line.find("train_loss")) take_epoch(log_line(line));
      else if (line.find("average")) take_mean(log_line(line), line.get_int("average", 1));
      else line.at("loss"), take_step(log_line(line));
    } catch (const Error&) {
      if (log.skipped++ == 0) log.first_skipped = log.lines;
    }
  }

  RunLog finish() {
    end_call();
    return std::move(log);
  }

 private:
  void take_settings(const Json& line) {
    NamedValues options = named_values(line, "config");
    NamedValues environment = named_values(line, "environment");
    end_call();
    log.options = std::move(options), log.environment = std::move(environment);
  }

  void take_step(const LogLine& it) {
    take_clock(it, forget(it.step, false));
    log.steps.push_back(it);
  }

  // An epoch's line may follow that of its last step.
  void take_epoch(const LogLine& it) {
    take_clock(it, forget(it.step, true));
    log.epochs.push_back(it);
  }

  // Made again when a run that had ended is resumed; then the later one holds.
  void take_mean(LogLine it, std::int64_t epochs) {
    it.epochs = epochs;
    take_clock(it, false);
    forget_means(it.step);
    log.means.push_back(it);
  }

  void forget_means(std::int64_t step) {
    std::erase_if(log.means, [=](const LogLine& old) { return old.step >= step; });
  }

  // Drops the lines of this update and later ones, as they come again, but for the update's own if
  // its epoch ends: was there any?
  bool forget(std::int64_t step, bool epoch_ends) {
    const Index before = log.replaced;
    forget_means(step);
    auto again = [&](std::int64_t old) { return old > step || (old == step && !epoch_ends); };
    for (; !log.steps.empty() && again(log.steps.back().step); log.replaced++)
      log.steps.pop_back();
    for (; !log.epochs.empty() && log.epochs.back().step >= step; log.replaced++)
      log.epochs.pop_back();
    return log.replaced > before;
  }

  // Each call's clock begins at 0.
  void take_clock(const LogLine& now, bool again) {
    if (again || now.elapsed < seconds_) end_call();
    begun_ = true;
    if (std::isfinite(now.elapsed * now.tok_per_s) && now.elapsed >= 0)
      seconds_ = now.elapsed, tokens_ = now.elapsed * now.tok_per_s;
  }

  void end_call() {
    log.calls += begun_;
    log.seconds += seconds_, log.tokens += tokens_;
    begun_ = false, seconds_ = tokens_ = 0;
  }

  bool begun_ = false;                          // this call has a line
  double seconds_ = 0, tokens_ = 0;             // of it, so far
};

// The first epoch whose number, times the sign, is the highest.
const LogLine* best_epoch(const RunLog& log, double LogLine::*value, double sign) {
  const LogLine* best = nullptr;
  for (const LogLine& line : log.epochs)
    if (sign * line.*value > (best ? sign * best->*value : -INFINITY)) best = &line;
  return best;
}

// --- curves

constexpr std::size_t most_drawn = 1000;        // points of a curve

// How many of `count` lines there are for each that is drawn.
std::size_t stride_of(std::size_t count) { return count / (most_drawn + 1) + 1; }

// The last line always; lines without the number are not points.
Series curve_of(const std::string& name, const std::vector<LogLine>& lines,
                double LogLine::*value) {
  Series series{name};
  const std::size_t stride = stride_of(lines.size());
  for (std::size_t i = 0; i < lines.size(); i++) {
    if ((lines.size() - 1 - i) % stride != 0 || !drawable(lines[i].*value)) continue;
    series.x.push_back(double(lines[i].step));
    series.y.push_back(lines[i].*value);
  }
  return series;
}

// By --label-smoothing, which is in the loss of training, and in no other.
bool is_smoothed(const RunLog& log) {
  return std::ranges::any_of(log.options, [](const auto& option) {
    return option.first == "label-smoothing" && !same_value(option.second, "0");
  });
}

Chart log_chart(const RunLog& log, const std::string& title, const Axis& y,
               std::vector<Series> series) {
  std::erase_if(series, [](const Series& s) { return s.y.empty(); });
  Chart chart{title, {"updates"}, y, std::move(series)};
  const std::size_t stride = stride_of(std::max(log.steps.size(), log.epochs.size()));
  if (stride > 1) chart.note = join("Of the long curves one logged number in ", stride, ".");
  return chart;
}

// --- settings

// As the option is called: "label_smoothing" is --label-smoothing.
std::string option_name(std::string key) {
  for (char& c : key) c = c == '_' ? '-' : c;
  return key;
}

std::string shown_value(const Json& value) {
  std::string all;
  if (value.is_array()) {
    for (const Json& item : value.as_array()) all += (all.empty() ? "" : ", ") + shown_value(item);
    return all;
  }
  std::string written = write_json(value);
  if (written.ends_with(".0")) written.resize(written.size() - 2);       // as --dump-config has it
  return written.starts_with('"') ? value.as_string() : written;
}

// Rows of what is new, or other than before.
class SettingRows {
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
               shown_value(value), from);
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

std::string time_now() {
  using clock = std::chrono::system_clock;
  const std::time_t seconds = clock::to_time_t(clock::now());
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char written[32];
  return {written, std::strftime(written, sizeof written, "%Y-%m-%d %H:%M UTC", &parts)};
}

}  // namespace

const LogLine* RunLog::best_by_loss() const { return best_epoch(*this, &LogLine::valid_loss, -1); }
const LogLine* RunLog::best_by_bleu() const { return best_epoch(*this, &LogLine::valid_bleu, 1); }

RunLog read_log(std::string_view text) {
  LogReader reader;
  each_log_line(text, [&](const Json& line) { reader.take(line); });
  return reader.finish();
}

RunLog log_of(const std::string& folder) { return read_log(log_text(folder)); }

std::string settings_line(const NamedValues& options, const NamedValues& environment,
                          const std::string& called_from) {
  Json config = Json::object(), machine = Json::object();
  for (const auto& [name, value] : options) config[name] = printable(value);
  for (const auto& [name, value] : environment) machine[name] = printable(value);
  Json line = Json::object({{"config", config}, {"environment", machine}});
  if (!called_from.empty()) line["called_from"] = printable(called_from);
  return write_json(line);
}

std::vector<Chart> curves(const RunLog& log) {
  std::vector<Chart> all;
  auto draw = [&](const std::string& title, const Axis& y, std::vector<Series> series) {
    Chart chart = log_chart(log, title, y, std::move(series));
    if (!chart.series.empty()) all.push_back(std::move(chart));
  };
  const std::string training = is_smoothed(log) ? "training (smoothed), " : "training, ";
  draw("Loss", {"loss", "nats per target token"},
       {curve_of("validation", log.epochs, &LogLine::valid_loss),
        curve_of(training + "mean of the epoch", log.epochs, &LogLine::train_loss),
        curve_of(training + "one batch", log.steps, &LogLine::loss)});
  draw("BLEU of the validation pairs", {"BLEU"},
       {curve_of("validation", log.epochs, &LogLine::valid_bleu)});
  draw("Learning rate", {"learning rate"},
       {curve_of("learning rate", log.steps, &LogLine::lr)});
  draw("Norm of the gradient, before it is clipped", {"norm"},
       {curve_of("one batch", log.steps, &LogLine::grad_norm)});
  draw("Speed", {"target tokens per second"},
       {curve_of("mean since training began or went on", log.steps, &LogLine::tok_per_s)});
  return all;
}

std::vector<std::string> log_remarks(const RunLog& log) {
  std::vector<std::string> all;
  if (log.steps.empty() && log.epochs.empty())
    all.push_back(log.lines == 0 ? "The log is empty: there are no curves."
                                 : "The log has no line of an update or an epoch: no curves.");
  if (log.calls > 1)
    all.push_back(join("The run was trained by ", log.calls, " calls of train, as far as the log ",
                       "shows them; the speed begins anew with each."));
  if (log.replaced > 0)
    all.push_back(join("Updates were done again after a resumption: the later of their lines ",
                       "hold, ", log.replaced, log.replaced == 1 ? " line" : " lines",
                       " before them not."));
  if (log.skipped > 0)
    all.push_back(join("Skipped, being no lines of a log: ", log.skipped, " of ", log.lines,
                       ", the first of them line ", log.first_skipped, "."));
  return all;
}

NamedValues this_machine() {
  NamedValues all = this_build();
  all.insert(all.begin(), {"program", "babelgrad 0.1"});
  if (const std::string name = processor(); !name.empty()) all.push_back({"processor", name});
  if (utsname known; uname(&known) == 0)
    all.push_back({"system", join(known.sysname, " ", known.release, ", ", known.machine)});
  return all;
}

PageTable settings_table(const Translator& model, const Stored& stored, const RunLog& log) {
  SettingRows rows;
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

void log_settings(const std::string& folder, const NamedValues& options) {
  NamedValues environment = report::this_machine();
  environment.push_back({"last started", report::time_now()});
  std::error_code none;
  const std::string here = std::filesystem::relative(".", folder, none).string();
  append_line(folder + "/log.jsonl", report::settings_line(options, environment, here));
}

}  // namespace babelgrad
