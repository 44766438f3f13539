// What a function writes, and how a process ends that it ends.
#pragma once

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <string>

#include "tensor/parallel.h"

namespace babelgrad {

struct Child {
  std::string out, err;
  int signal = 0;                               // that ended it
};

// Runs f in a process of its own, whose stdout and stderr are no terminals. On one thread: OpenMP's
// others do not come along.
inline Child in_a_child(const std::function<void()>& f) {
  std::FILE *out = std::tmpfile(), *err = std::tmpfile();
  REQUIRE(out);
  REQUIRE(err);
  std::fflush(nullptr);                         // or the child would write it once more
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGABRT, SIG_DFL);                 // doctest has its own
    set_threads(1);
    ::dup2(::fileno(out), 1), ::dup2(::fileno(err), 2);
    [&]() noexcept { f(); }();
    std::fflush(nullptr);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  Child ended;
  ended.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  for (auto [file, text] : {std::pair{out, &ended.out}, {err, &ended.err}}) {
    std::rewind(file);
    for (int c; (c = std::fgetc(file)) != EOF;) *text += char(c);
    std::fclose(file);
  }
  return ended;
}

}  // namespace babelgrad
