// Jobs in processes of their own: all are run, no more than allowed at a time, and what one does
// wrong is its own affair.
#include "tools/lab/side_by_side.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "data/file.h"
#include "tensor/check.h"
#include "tests/close.h"
#include "tests/folder.h"

using namespace babelgrad;
using namespace babelgrad::lab;

namespace {

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
  return {name, [=, path = folder.path + "/" + name](const Tell&) {
            write_file_atomically(path, name);
          }};
}

}  // namespace

TEST_CASE("side by side: every job is done, in a process of its own") {
  Folder folder;
  Log log;
  int here = 0;
  std::vector<Job> jobs;
  for (const char* name : {"a", "b", "c", "d", "e"}) jobs.push_back(writes(folder, name));
  jobs.push_back({"f", [&](const Tell&) { here = 1; }});
  CHECK(run_side_by_side(jobs, 3, log.watching()) == 0);
  std::sort(log.ended.begin(), log.ended.end());
  CHECK(log.ended == std::vector<std::string>{"a", "b", "c", "d", "e", "f"});
  CHECK(here == 0);                             // it was the child's
  for (const char* name : {"a", "b", "c", "d", "e"})
    CHECK(read_file(folder.path + "/" + name) == name);
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
  std::vector<Job> jobs{{"ends", [](const Tell&) { _exit(3); }},
                        {"is killed", [](const Tell&) { kill(getpid(), SIGKILL); }},
                        writes(folder, "a")};
  CHECK(run_side_by_side(jobs, 2, log.watching()) == 2);
  std::sort(log.failed.begin(), log.failed.end());
  CHECK(log.failed == std::vector<std::string>{"ends", "is killed"});
  CHECK(log.ended == std::vector<std::string>{"a"});
  CHECK(exists(folder.path + "/a"));
}

TEST_CASE("side by side: what a job tells is shown") {
  Log log;
  std::vector<Job> jobs{{"it", [](const Tell& tell) {
                           tell("the first", 0.25);
                           tell("too soon after it", 0.5);
                         }}};
  CHECK(run_side_by_side(jobs, 1, log.watching()) == 0);
  CHECK(log.lines == std::vector<std::string>{"0 of 1 · it 25 %: the first", "1 of 1"});
}

TEST_CASE("side by side: no jobs, no work") {
  Log log;
  CHECK(run_side_by_side({}, 2, log.watching()) == 0);
  CHECK(log.lines.empty());
}
