#include "tools/lab/side_by_side.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "tensor/check.h"
#include "tools/app/cli/guarded.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"

namespace babelgrad::lab {
namespace {

struct Running {
  const Job* job;
  pid_t process;
  double begun = clock_seconds();
};

Running start(const Job& job) {
  flush_output();
  const pid_t process = fork();
  check(process >= 0, "lab: no process for ", job.name);
  if (process == 0) {
    const int status = guarded([&] { return job.work(), 0; });
    std::fflush(stdout);
    _exit(status);                              // not exit(): what else is open is the parent's
  }
  return {&job, process};
}

std::string line_of(const std::vector<Running>& all, std::size_t ended, std::size_t jobs) {
  std::string line = join(ended, " of ", jobs);
  for (const Running& it : all) line += (&it == &all[0] ? ": " : ", ") + it.job->name;
  return line;
}

}  // namespace

int run_side_by_side(const std::vector<Job>& jobs, int at_once, const Watching& watching) {
  std::vector<Running> all;
  std::size_t begun = 0, ended = 0;
  int failed = 0;
  while (ended < jobs.size()) {
    while (begun < jobs.size() && int(all.size()) < at_once) all.push_back(start(jobs[begun++]));
    watching.progress(line_of(all, ended, jobs.size()));
    int status = 0;
    const pid_t process = waitpid(-1, &status, 0);
    check(process > 0 || errno == EINTR, "lab: no process is left to wait for");
    const auto found = std::ranges::find(all, process, &Running::process);
    if (found == all.end()) continue;
    const Running it = *found;
    all.erase(found);
    const bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    ended++, failed += !well;
    watching.ended(*it.job, well, clock_seconds() - it.begun);
  }
  if (!jobs.empty()) watching.progress(line_of(all, ended, jobs.size()));
  return failed;
}

}  // namespace babelgrad::lab
