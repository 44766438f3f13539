// Work in processes of its own, a few at a time: small trainings gain more from a core each than
// from sharing the cores.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace babelgrad::lab {

struct Job {
  std::string name;
  std::function<void()> work;                   // in a process that ends with it
};

struct Watching {                               // called in this process, none of them null
  std::function<void(const std::string& line)> progress;       // "3 of 12: those that run"
  std::function<void(const Job& job, bool well, double seconds)> ended;
};

// At most `at_once` of the jobs at a time, begun in this order. What a job throws ends that job
// alone, with its line on stderr. This process must not have used OpenMP, whose threads do not
// survive a fork, and have no other children. Returns how many failed. Error if the system gives no
// process.
int run_side_by_side(const std::vector<Job>& jobs, int at_once, const Watching& watching);

}  // namespace babelgrad::lab
