#include "tools/lab/side_by_side.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "data/utf8.h"
#include "tensor/check.h"
#include "tools/app/cli/guarded.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"

namespace babelgrad::lab {
namespace {

struct Running {
  const Job* job;
  pid_t process;
  int pipe;                                     // its progress, a line each time
  double begun = clock_seconds();
  std::string unread = {}, doing = {};
};

// "12 %: what it does", at most five times a second; the last one may stay untold.
Tell teller(int pipe) {
  return [pipe, next = 0.0](const std::string& doing, double fraction) mutable {
    if (clock_seconds() < next) return;
    next = clock_seconds() + 0.2;
    const std::string line = join(std::lround(100 * fraction), " %: ", doing, "\n");
    (void)!::write(pipe, line.data(), line.size());
  };
}

Running start(const Job& job) {
  int ends[2];
  check(pipe(ends) == 0, "lab: no pipe for ", job.name);
  flush_output();
  const pid_t process = fork();
  check(process >= 0, "lab: no process for ", job.name);
  if (process == 0) {
    close(ends[0]);
    const int status = guarded([&] { return job.work(teller(ends[1])), 0; });
    std::fflush(stdout);
    _exit(status);                              // not exit(): what else is open is the parent's
  }
  close(ends[1]);
  return {&job, process, ends[0]};
}

// Takes in what the job has told; false if it has ended.
bool listen(Running& running) {
  char bytes[4096];
  const ssize_t count = read(running.pipe, bytes, sizeof bytes);
  if (count <= 0) return false;
  running.unread.append(bytes, std::size_t(count));
  const std::size_t end = running.unread.rfind('\n');
  if (end == std::string::npos) return true;
  const std::size_t before = end == 0 ? std::string::npos : running.unread.rfind('\n', end - 1);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  running.doing = running.unread.substr(begin, end - begin);
  running.unread.erase(0, end + 1);
  return true;
}

bool ended_well(const Running& running) {
  close(running.pipe);
  int status = 0;
  return waitpid(running.process, &status, 0) == running.process && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

std::string line_of(const std::vector<Running>& all, std::size_t ended, std::size_t jobs) {
  std::string line = join(ended, " of ", jobs);
  for (const Running& it : all) line += join(" · ", it.job->name, " ", it.doing);
  return line;
}

void wait_for_news(std::vector<Running>& all, std::vector<bool>& over) {
  std::vector<pollfd> pipes;
  for (const Running& it : all) pipes.push_back({it.pipe, POLLIN, 0});
  poll(pipes.data(), pipes.size(), 1000);
  for (std::size_t i = 0; i < all.size(); i++)
    over[i] = pipes[i].revents != 0 && !listen(all[i]);
}

}  // namespace

int run_side_by_side(const std::vector<Job>& jobs, int at_once, const Watching& watching) {
  std::vector<Running> all;
  std::size_t begun = 0, ended = 0;
  int failed = 0;
  while (ended < jobs.size()) {
    while (begun < jobs.size() && int(all.size()) < at_once) all.push_back(start(jobs[begun++]));
    std::vector<bool> over(all.size());
    wait_for_news(all, over);
    for (std::size_t i = all.size(); i-- > 0;) {
      if (!over[i]) continue;
      const Running it = all[i];
      const bool well = ended_well(it);
      all.erase(all.begin() + std::ptrdiff_t(i));
      ended++, failed += !well;
      watching.ended(*it.job, well, clock_seconds() - it.begun);
    }
    watching.progress(line_of(all, ended, jobs.size()));
  }
  return failed;
}

}  // namespace babelgrad::lab
