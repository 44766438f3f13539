#include "tools/app/report/run_log.h"

#include <algorithm>

#include "data/file.h"
#include "data/json.h"
#include "data/utf8.h"
#include "tensor/check.h"

namespace babelgrad::report {
namespace {

double number(const Json& line, const char* key) {
  const Json* value = line.find(key);
  return !value || value->is_null() ? NAN : value->as_double(key);
}

NamedValues named_values(const Json& line, const char* key) {
  NamedValues all;
  if (const Json* values = line.find(key))
    for (const auto& [name, value] : values->as_object(key))
      all.push_back({name, value.as_string(name)});
  return all;
}

class Reader {
 public:
  RunLog log;

  void take(std::string_view text) {
    log.lines++;
    try {
      const Json line = parse_json(text, "log");
      if (line.find("config")) take_settings(line);
      else if (line.find("train_loss")) take_epoch(line);
      else if (line.find("average")) take_mean(line);
      else take_step(line);
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

  void take_step(const Json& line) {
    StepLine it{line.get_int("step", 0)};
    line.at("loss");
    it.loss = number(line, "loss"), it.lr = number(line, "lr");
    it.grad_norm = number(line, "grad_norm"), it.tok_per_s = number(line, "tok_per_s");
    const Clock clock = clock_of(line);
    take_clock(clock, forget(it.step, false));
    log.steps.push_back(it);
  }

  // An epoch's line may follow that of its last step.
  void take_epoch(const Json& line) {
    EpochLine it{line.get_int("step", 0)};
    it.epoch = number(line, "epoch"), it.train_loss = number(line, "train_loss");
    it.valid_loss = number(line, "valid_loss"), it.valid_bleu = number(line, "valid_bleu");
    const Clock clock = clock_of(line);
    take_clock(clock, forget(it.step, true));
    log.epochs.push_back(it);
  }

  // Made again when a run that had ended is resumed; then the later one holds.
  void take_mean(const Json& line) {
    MeanLine it{line.get_int("step", 0), line.get_int("average", 1)};
    it.valid_loss = number(line, "valid_loss"), it.valid_bleu = number(line, "valid_bleu");
    take_clock(clock_of(line), false);
    forget_means(it.step);
    log.means.push_back(it);
  }

  void forget_means(std::int64_t step) {
    std::erase_if(log.means, [=](const MeanLine& old) { return old.step >= step; });
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

  struct Clock { double seconds, tokens; };
  static Clock clock_of(const Json& line) {
    const double elapsed = number(line, "elapsed");
    return {elapsed, elapsed * number(line, "tok_per_s")};
  }

  // Each call's clock begins at 0.
  void take_clock(const Clock& now, bool again) {
    if (again || now.seconds < call_.seconds) end_call();
    begun_ = true;
    if (std::isfinite(now.tokens) && now.seconds >= 0) call_ = now;
  }

  void end_call() {
    log.calls += begun_;
    log.seconds += call_.seconds, log.tokens += call_.tokens;
    begun_ = false, call_ = {0, 0};
  }

  bool begun_ = false;                          // this call has a line
  Clock call_ = {0, 0};                         // of it, so far
};

}  // namespace

const EpochLine* RunLog::best_by_loss() const {
  const EpochLine* best = nullptr;
  for (const EpochLine& line : epochs)
    if (line.valid_loss < (best ? best->valid_loss : INFINITY)) best = &line;
  return best;
}

const EpochLine* RunLog::best_by_bleu() const {
  const EpochLine* best = nullptr;
  for (const EpochLine& line : epochs)
    if (line.valid_bleu > (best ? best->valid_bleu : -INFINITY)) best = &line;
  return best;
}

RunLog read_log(std::string_view text) {
  Reader reader;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    reader.take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.finish();
}

RunLog log_of(const std::string& folder) {
  constexpr Index most_bytes = Index(1) << 28;
  const std::string path = folder + "/log.jsonl";
  return exists(path) ? read_log(read_stored_file(path, most_bytes)) : RunLog();
}

std::string settings_line(const NamedValues& options, const NamedValues& environment) {
  Json config = Json::object(), machine = Json::object();
  for (const auto& [name, value] : options) config[name] = printable(value);
  for (const auto& [name, value] : environment) machine[name] = printable(value);
  return write_json(Json::object({{"config", config}, {"environment", machine}}));
}

}  // namespace babelgrad::report
