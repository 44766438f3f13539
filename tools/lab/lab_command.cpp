// babelgrad lab: lists the experiments, or runs one or all of them.
#include <thread>

#include "data/file.h"
#include "tensor/parallel.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/run/record.h"
#include "tools/lab/lab.h"
#include "tools/lab/side_by_side.h"

namespace babelgrad::lab {
namespace {

struct Options {
  std::string name, out = "runs/lab";
  LabOptions trial;
  int jobs = 0;
  bool json = false, verdicts = false;
};

Options options_of(int argc, const char* const* argv) {
  Options o;
  Args args("lab", "babelgrad lab\nbabelgrad lab scaling\nbabelgrad lab all --quick");
  args.about("The chapter's claims as experiments, each with a threshold that stood before it ran. "
             "signal takes seconds; all of them take a quarter of an hour on two cores, with "
             "--quick a fraction of that.");
  args.optional("name", &o.name, "an experiment, or all; without it, they are listed");
  args.flag("quick", &o.trial.quick,
            "one seed and a third of the training: a tendency, but no verdict");
  args.string("out", &o.out, "DIR", "for figures, data, and index.html of all that ran");
  args.tell_default("out", o.out + "; of --quick " + o.out + "-quick");
  args.integer("seed", &o.trial.seed, 0, INT64_MAX, "the first of the seeds");
  args.integer("jobs", &o.jobs, 0, 256,
               "how many experiments run at the same time, each on one thread, when all are run; "
               "0: as many as there are cores");
  args.flag("verdicts", &o.verdicts, "run nothing: the table of what --out holds");
  args.flag("json", &o.json, "one JSON document instead of text");
  args.parse(argc, argv);
  if (o.trial.quick && !args.given("out")) o.out += "-quick";  // a verdict of a whole run stays
  const bool listed = o.name.empty() && !o.verdicts, one = !o.name.empty() && o.name != "all";
  note(args.note_on(
      {{{"quick", "out", "seed", "jobs"}, listed, "no effect on the list; name an experiment"},
       {{"quick", "seed", "jobs", "json"}, o.verdicts, "no effect; --verdicts reads what has run"},
       {{"jobs"}, one && !o.verdicts, "no effect on one experiment, only on all"}}));
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
  std::string lines = table(rows, "l", screen(1));
  lines.pop_back();
  print(json ? write_json(all) : lines);
}

const Experiment& wanted(const std::string& name) {
  if (const Experiment* known = find_experiment(name)) return *known;
  std::vector<std::string> names{"all"};
  for (const Experiment& it : experiments()) names.push_back(it.name);
  usage_error("lab: no experiment ", in_quotes(name), did_you_mean(name, names),
              "; babelgrad lab lists them");
}

// Runs it, and writes its files.
Result run_one(const Experiment& experiment, const LabOptions& trial, const std::string& out) {
  Result result = run_experiment(experiment, trial);
  write_result(result, out);
  return result;
}

Result run_alone(const Experiment& experiment, const Options& o) {
  const double begin = clock_seconds();
  Progress progress(screen(2));
  LabOptions trial = o.trial;
  trial.progress = [&, utf8 = screen(2).utf8](const std::string& doing, double part) {
    progress.show(join(experiment.name, "  ", progress_bar(part, 16, utf8), "  ", doing, "  ",
                       duration(clock_seconds() - begin)));
  };
  Result result = run_one(experiment, trial, o.out);
  progress.clear();
  say(join(experiment.name, ": ", duration(clock_seconds() - begin)));
  return result;
}

// Those that measure no time, side by side, in processes that leave their results in the folder.
int run_untimed(const Options& o) {
  std::vector<Job> jobs;
  for (const Experiment& it : experiments()) {
    if (it.timed) continue;
    jobs.push_back({it.name, [&] { set_threads(1), run_one(it, o.trial, o.out); }});
  }
  Progress progress(screen(2));
  const int cores = std::max(1, int(std::thread::hardware_concurrency()));
  return run_side_by_side(jobs, o.jobs > 0 ? o.jobs : cores,
                          {[&](const std::string& line) { progress.show(line); },
                           [&](const Job& job, bool well, double seconds) {
                             progress.clear();
                             say(join(job.name, ": ", duration(seconds), well ? "" : ", failed"));
                           }});
}

void show(const Options& o, const std::vector<Result>& results) {
  for (const std::string& reason : write_index(o.out)) say("not on the page: " + reason);
  Json all = Json::array();
  for (const Result& it : results) {
    if (o.json) all.push_back(to_json(it));
    else print(result_text(it, screen(1)) + "\n");
  }
  if (o.json) return print(write_json(o.name == "all" ? all : all.as_array()[0]));
  if (o.name == "all") print(verdict_table(results, screen(1)));
  say(join("figures, data and index.html: ", printable(o.out, 200)));
}

void prepare_folder(const Options& o) {
  make_folder(o.out);
  check_not_read("lab", "--out", o.out + "/index.html", {}, page_file);
}

int run_all(const Options& o) {
  prepare_folder(o);
  const double begin = clock_seconds();
  const int failed = run_untimed(o);
  for (const Experiment& it : experiments())
    if (it.timed) run_alone(it, o);
  check(failed == 0, "lab: ", failed, " of the experiments failed");
  std::vector<Result> results;
  for (const Experiment& it : experiments()) results.push_back(read_result(o.out, it.name));
  show(o, results);
  say(join("lab: ", results.size(), " experiments in ", duration(clock_seconds() - begin)));
  return 0;
}

}  // namespace

int lab_command(int argc, const char* const* argv) {
  Options o = options_of(argc, argv);
  if (o.verdicts) return print(verdict_table(results_in(o.out).results, screen(1))), 0;
  if (o.name.empty()) return list(o.json), 0;
  if (o.name == "all") return run_all(o);
  const Experiment& experiment = wanted(o.name);
  prepare_folder(o);
  show(o, {run_alone(experiment, o)});
  return 0;
}

}  // namespace babelgrad::lab
