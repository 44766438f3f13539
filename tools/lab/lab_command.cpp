// babelgrad lab: lists the experiments, or runs one or all of them.
#include <cstdio>

#include "tools/args.h"
#include "tools/commands.h"
#include "tools/lab/lab.h"
#include "tools/output.h"
#include "tools/terminal.h"

namespace babelgrad {
namespace {

using namespace lab;

struct Options {
  std::string name, out = "runs/lab";
  LabOptions lab;
  bool json = false;
};

Options options_of(int argc, const char* const* argv) {
  Options o;
  Args args("lab", "babelgrad lab scaling --quick");
  args.optional("name", &o.name, "an experiment, or all; without it, they are listed");
  args.flag("quick", &o.lab.quick, "small, in seconds: the numbers, but no verdict");
  args.string("out", &o.out, "DIR", "for figures, data, and index.html of all that ran");
  args.integer("seed", &o.lab.seed, 0, INT64_MAX, "the first of the seeds");
  args.flag("json", &o.json, "one JSON document instead of text");
  args.parse(argc, argv);
  return o;
}

void list(bool json) {
  std::vector<std::vector<std::string>> rows;
  Json all = Json::array();
  for (const Experiment& it : experiments()) {
    rows.push_back({it.name, it.claims, it.question});
    all.push_back(Json::object({{"name", it.name}, {"claims", it.claims},
                                {"question", it.question}}));
  }
  std::string lines = table(rows);
  lines.pop_back();
  print(json ? write_json(all) : lines);
}

std::vector<const Experiment*> wanted(const std::string& name) {
  std::vector<const Experiment*> chosen;
  std::vector<std::string> names{"all"};
  for (const Experiment& it : experiments()) {
    if (name == "all" || name == it.name) chosen.push_back(&it);
    names.push_back(it.name);
  }
  if (chosen.empty())
    usage_error("lab: no experiment ", quoted(name), did_you_mean(name, names),
                "; babelgrad lab lists them");
  return chosen;
}

// One line on stderr, redrawn, if that is a terminal.
class Ticker {
 public:
  explicit Ticker(const char* name) : name_(name), screen_(screen(2)) {}
  ~Ticker() { draw(""); }
  Ticker(const Ticker&) = delete;
  void tell(const std::string& doing, double fraction) {
    draw(join(name_, "  ", progress_bar(fraction, 16, screen_.utf8), "  ", doing, "  ",
              duration(clock_seconds() - begin_)));
  }

 private:
  void draw(const std::string& line) {
    if (!screen_.live) return;
    const std::string fits = cut(line, std::max(0, screen_.width - 1));
    const std::string blanks(std::max(0, drawn_ - display_width(fits)), ' ');
    std::fputs(join("\r", fits, blanks, line.empty() ? "\r" : "").c_str(), stderr);
    drawn_ = display_width(fits);
  }

  std::string name_;
  Screen screen_;
  double begin_ = clock_seconds();
  int drawn_ = 0;
};

Result run_one(const Experiment& experiment, LabOptions options) {
  Ticker ticker(experiment.name);
  options.progress = [&](const std::string& doing, double part) { ticker.tell(doing, part); };
  return run_experiment(experiment, options);
}

}  // namespace

int lab_command(int argc, const char* const* argv) {
  Options o = options_of(argc, argv);
  if (o.name.empty()) return list(o.json), 0;
  Json all = Json::array();
  bool first = true;
  for (const Experiment* experiment : wanted(o.name)) {
    const double begin = clock_seconds();
    Result result = run_one(*experiment, o.lab);
    const std::vector<std::string> files = write_result(result, o.out);
    for (const std::string& reason : write_index(o.out)) say("not on the page: " + reason);
    say(join(experiment->name, ": ", duration(clock_seconds() - begin), ", ", files.size(),
             " files and index.html in ", printable(o.out, 200)));
    if (o.json) all.push_back(to_json(result));
    else print((first ? "" : "\n") + result_text(result));
    flush_output();
    first = false;
  }
  if (o.json) print(write_json(o.name == "all" ? all : all.as_array()[0]));
  return 0;
}

}  // namespace babelgrad
