// The lab's frame: what is listed, what a result says, the files it leaves, and work side by side.
// Every experiment is run once, quickly.
#include "tools/lab/lab.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "data/text.h"
#include "tests/tools_small_run.h"
#include "tests/xml.h"
#include "tools/lab/numbers.h"
#include "tools/lab/side_by_side.h"

using namespace babelgrad;
using namespace babelgrad::lab;

namespace {

Result small_result(const std::string& name = "tower") {
  Result result{name, "S5 P4", "Does it <stand>?", "babelgrad lab " + name};
  result.environment = {{"compiler", "g++"}};
  result.outcome = {{{"Heights", {{"d", "height"}, {"1", "2"}}, "lr"}},
                    {{.title = "Height", .x = {"d", "", true}, .y = {"height", "m"},
                      .series = {{"it", {1, 2}, {2, 0.1}, {1, 0}, {3, 4}}},
                      .levels = {{"ground", 0}}, .note = "One tower."}},
                    {{"S5", "height at d = 2", 0.1, Bound::below, 0.5},
                     {"P4", "height at d = 1", 2, Bound::above, 3}},
                    {"Of stone."}};
  return result;
}

void put(const Folder& folder, const std::string& file, const std::string& bytes) {
  write_file_atomically(folder.path + "/" + file, bytes);
}

std::string shown(const std::string& folder, const std::string& file) {
  return read_file(folder + "/" + file);
}

struct Log {
  std::vector<std::string> ended = {}, failed = {}, lines = {};
  Watching watching() {
    return {[&](const std::string& line) { lines.push_back(line); },
            [&](const Job& job, bool well, double seconds) {
              CHECK(seconds >= 0);
              (well ? ended : failed).push_back(job.name);
            }};
  }
};

Job writes(const Folder& folder, const std::string& name) {
  return {name, [&folder, name] { put(folder, name, name); }};
}

}  // namespace

TEST_CASE("lab: experiments have names of their own, claims and a question") {
  std::vector<std::string> names, claims;
  for (const Experiment& it : experiments()) {
    names.push_back(it.name);
    for (const std::string& claim : split(it.claims)) claims.push_back(claim);
    CHECK(find_experiment(it.name) == &it);
    CHECK(std::string(it.question).ends_with("?"));
  }
  CHECK(join(claims) == "P1 P2 P3 T2 P4 P5 P6 S1 S2 S3 S4 S5 S6 S7 Q3 N1 N2 N3 N4 T3");
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
  CHECK(find_experiment("all") == nullptr);
}

TEST_CASE("lab: every experiment, run quickly, has sane numbers and no verdict") {
  LabOptions options{.tiny = true};
  double last = 0;
  options.progress = [&](const std::string& doing, double part) {
    CHECK(!doing.empty());
    last = part;
  };
  const int before = threads();
  for (const Experiment& it : experiments()) {
    CAPTURE(std::string(it.name));
    const Result result = run_experiment(it, options);         // throws if they are not
    CHECK(threads() == before);
    CHECK(last <= 1);
    CHECK(verdict_on(result) == Verdict::none);
    for (std::size_t i = 1; i < finding_rows({result}).size(); i++)
      CHECK(finding_rows({result})[i].back() == "-");
    for (const Chart& chart : result.outcome.charts)
      CHECK_MESSAGE(xml_problem(figure_svg(chart)) == "", chart.title);
    for (const Finding& finding : result.outcome.findings)
      CHECK(std::ranges::count(split(it.claims), finding.claim) == 1);
    const Json json = to_json(result);
    CHECK(to_json(result_of(parse_json(write_json(json), "it"))) == json);
  }
}

TEST_CASE("lab: the experiments that measure no time give the same bytes twice") {
  OneThread guard;
  for (const char* name : {"signal", "scaling", "ladder", "context", "deep_stacks"}) {
    const Experiment& it = *find_experiment(name);
    auto bytes = [&](std::uint64_t seed) {
      Result result = run_experiment(it, {.tiny = true, .seed = seed});
      result.command = "";
      return write_json(to_json(result));
    };
    CHECK(bytes(0) == bytes(0));
    CHECK(bytes(0) != bytes(7));
  }
}

TEST_CASE("lab: a claim holds if all its findings do, strictly within their bounds") {
  Result result = small_result();
  CHECK(verdict_on(result, "S5") == Verdict::holds);
  CHECK(verdict_on(result, "P4") == Verdict::fails);
  CHECK(verdict_on(result, "N1") == Verdict::none);
  CHECK(verdict_on(result) == Verdict::fails);
  Finding& finding = result.outcome.findings[1];
  finding.number = 3;                           // on the threshold is not above it
  CHECK(verdict_on(result, "P4") == Verdict::fails);
  finding.number = std::nan("");
  CHECK(!finding.holds());
  finding.number = 3.5;
  CHECK(verdict_on(result) == Verdict::holds);
  result.quick = true;
  CHECK(verdict_on(result) == Verdict::none);
}

TEST_CASE("lab: the table of verdicts has a line for each finding") {
  Result result = small_result();
  CHECK(verdict_table({result}) ==
        "claim  measured         number  threshold  holds\n"
        "S5     height at d = 2   0.100  below 0.5  yes\n"
        "P4     height at d = 1    2.00  above 3    no");
  result.quick = true;
  CHECK(verdict_table({result}).ends_with("above 3    -"));
}

TEST_CASE("lab: numbers that are not finite, and outcomes without any, are not sane") {
  check_sane(small_result());
  auto broken = [](auto spoil) {
    Result result = small_result();
    spoil(result.outcome);
    return error_of([&] { check_sane(result); });
  };
  CHECK(broken([](Outcome& it) { it.charts[0].series[0].high[1] = INFINITY; }) ==
        "lab tower: Height, it has a number that is not finite");
  CHECK(broken([](Outcome& it) { it.findings[0].number = NAN; }) ==
        "lab tower: height at d = 2 has a number that is not finite");
  CHECK(says(broken([](Outcome& it) { it.tables.clear(); }), "are needed"));
}

TEST_CASE("lab: a result's files are its charts, their data and itself") {
  Folder folder;
  Result result = small_result();
  const std::string out = folder.path + "/deep/lab";
  CHECK(write_result(result, out) ==
        std::vector<std::string>{"tower.svg", "tower.tsv", "tower.json"});
  CHECK(names_in(out) == std::vector<std::string>{"tower.json", "tower.svg", "tower.tsv"});
  CHECK(xml_problem(shown(out, "tower.svg")) == "");
  CHECK(shown(out, "tower.tsv") == figure_tsv(result.outcome.charts[0]));
  const Result again = result_of(parse_json(shown(out, "tower.json"), "tower.json"));
  CHECK(to_json(again) == to_json(result));
  CHECK(result_text(again) == result_text(result));
  result.outcome.charts.push_back(result.outcome.charts[0]);
  CHECK(write_result(result, out).at(2) == "tower-2.svg");
}

TEST_CASE("lab: a result with numbers that are not finite comes back as it was") {
  Folder folder;
  Result result = small_result();
  Outcome& it = result.outcome;
  it.findings[0].number = NAN, it.findings[1].threshold = INFINITY;
  it.charts[0].levels[0].y = -INFINITY;
  write_result(result, folder.path);
  const Result again = read_result(folder.path, "tower");
  CHECK(std::isnan(again.outcome.findings[0].number));
  CHECK(write_json(to_json(again)) == write_json(to_json(result)));
  CHECK(write_index(folder.path).empty());
}

TEST_CASE("lab: the page collects earlier results, and leaves out what is none") {
  Folder folder;
  write_result(small_result("tower"), folder.path);
  CHECK(write_index(folder.path).empty());
  write_result(small_result("signal"), folder.path);
  put(folder, "notes.json", "{\"a\":1}");
  put(folder, "half.json", "{\"experi");
  put(folder, "moved.json", write_json(to_json(small_result("tower"))));
  const std::vector<std::string> left_out = write_index(folder.path);
  REQUIRE(::mkfifo((folder.path + "/pipe.json").c_str(), 0600) == 0);
  CHECK(write_index(folder.path).size() == 4);  // nobody waits for it
  REQUIRE(left_out.size() == 3);
  CHECK(says(left_out[0], "half.json"));
  CHECK(says(left_out[1], "moved.json: holds the experiment tower"));
  CHECK(says(left_out[2], "notes.json"));
  const std::string html = shown(folder.path, "index.html");
  const std::size_t known = html.find("id=\"signal\""), other = html.find("id=\"tower\"");
  CHECK(known < other);                         // the lab's own come first
  CHECK(other < html.size());
  CHECK(count(html, "<section id=") == 2);
  CHECK(says(html, "Does it &lt;stand&gt;?"));
  CHECK(says(html, "does not hold"));
}

TEST_CASE("lab: mean, spread, slopes and exponents by hand") {
  CHECK(spread_of({1, 2, 6}).mean == 3);
  CHECK(spread_of({1, 2, 6}).deviation == doctest::Approx(std::sqrt(7)));
  CHECK(spread_of({4}).deviation == 0);
  CHECK(slope({1, 2, 3}, {1, 3, 5}) == doctest::Approx(2));
  CHECK(slope({0, 1, 2}, {0, 3, 0}) == doctest::Approx(0));
  CHECK(exponent({2, 4, 8}, {12, 48, 192}) == doctest::Approx(2));
  CHECK(error_of([] { slope({1, 1}, {1, 2}); }) == "lab: a line needs two different x");
  CHECK(says(error_of([] { exponent({1, 2}, {0, 2}); }), "not above zero"));
  int calls = 0;
  CHECK(seconds_of([&] { calls++; }, 0) >= 0);
  CHECK(calls == 1);
  CHECK(digits(0.31249) == "0.312");
  CHECK(digits(31249) == "31,249");
  CHECK(digits(12.345) == "12.3");
  CHECK(digits(3.12e-9) == "3.12e-09");
  CHECK(digits(0) == "0");
  CHECK(digits(0.01234) == "0.0123");
  CHECK(with_spread({0.25, 0.35}) == "0.300 ± 0.071");
  CHECK(with_spread({0.1 + 0.2, 0.3}) == "0.300 ± 0");
  CHECK(with_spread({0.25}) == "0.250");
}

TEST_CASE("side by side: every job is done, in a process of its own") {
  Folder folder;
  Log log;
  int here = 0;
  std::vector<Job> jobs;
  for (const char* name : {"a", "b", "c", "d", "e"}) jobs.push_back(writes(folder, name));
  jobs.push_back({"f", [&] { here = 1; }});
  CHECK(run_side_by_side(jobs, 3, log.watching()) == 0);
  std::sort(log.ended.begin(), log.ended.end());
  CHECK(log.ended == std::vector<std::string>{"a", "b", "c", "d", "e", "f"});
  CHECK(here == 0);                             // it was the child's
  for (const char* name : {"a", "b", "c", "d", "e"}) CHECK(shown(folder.path, name) == name);
  CHECK(log.lines.back() == "6 of 6");
}

TEST_CASE("side by side: one at a time, they end in their order") {
  Folder folder;
  Log log;
  std::vector<Job> jobs{writes(folder, "b"), writes(folder, "a"), writes(folder, "c")};
  CHECK(run_side_by_side(jobs, 1, log.watching()) == 0);
  CHECK(log.ended == std::vector<std::string>{"b", "a", "c"});
}

TEST_CASE("side by side: a job that fails is counted, and the others go on") {
  Folder folder;
  Log log;
  std::vector<Job> jobs{{"ends", [] { _exit(3); }},
                        {"is killed", [] { kill(getpid(), SIGKILL); }},
                        writes(folder, "a")};
  CHECK(run_side_by_side(jobs, 2, log.watching()) == 2);
  std::sort(log.failed.begin(), log.failed.end());
  CHECK(log.failed == std::vector<std::string>{"ends", "is killed"});
  CHECK(log.ended == std::vector<std::string>{"a"});
  CHECK(exists(folder.path + "/a"));
}

TEST_CASE("side by side: no jobs, no work") {
  Log log;
  CHECK(run_side_by_side({}, 2, log.watching()) == 0);
  CHECK(log.lines.empty());
}
