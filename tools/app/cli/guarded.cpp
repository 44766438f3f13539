#include "tools/app/cli/guarded.h"

#include <fcntl.h>
#include <signal.h>

#include <new>

#include "tools/app/cli/args.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"

namespace babelgrad {
namespace {

volatile sig_atomic_t pending = 0;

void remember(int signal) {
  if (pending == 0) pending = signal;
}

// SA_RESTART: a save that is under way is not disturbed.
void on(int signal, void (*handler)(int), int flags = SA_RESTART) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

bool is_ignored(int signal) {
  struct sigaction action = {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

void settle_signals() {
  on(SIGXFSZ, SIG_IGN);    // a write past `ulimit -f` then fails like one on a full disk
  on(SIGPIPE, SIG_DFL);
}

// A closed stdin, stdout or stderr would give its number to the next file opened. What stands in
// for stdout cannot be written to, so that lost data is an error; lost talk is not.
void open_standard_files() {
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) == -1) (void)!open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY);
  }
}

}  // namespace

int guarded(const std::function<int()>& run) {
  try {
    int status = 0;
    try {
      status = run();
    } catch (const HelpWanted& wanted) {
      print(wanted.help.usage(reading_width(screen(1))));
    }
    flush_output();
    return status;
  } catch (const UsageError& error) {
    say(join("error: ", error.what()));
    return 2;
  } catch (const std::bad_alloc&) {
    say("error: out of memory");
  } catch (const std::exception& error) { say(join("error: ", error.what())); }
  return 1;
}

int program(const std::function<int()>& run) {
  open_standard_files();
  settle_signals();
  return guarded(run);
}

// Only SIGINT is reset by its first arrival: a closing terminal may well send SIGHUP twice.
void watch_signals() {
  pending = 0;
  on(SIGINT, remember, SA_RESTART | SA_RESETHAND);
  on(SIGTERM, remember);
  if (!is_ignored(SIGHUP)) on(SIGHUP, remember);    // ignored: nohup asked for that
}

void unwatch_signals() {
  on(SIGINT, SIG_DFL);
  on(SIGTERM, SIG_DFL);
  if (!is_ignored(SIGHUP)) on(SIGHUP, SIG_DFL);
  pending = 0;
}

int pending_signal() { return pending; }
int exit_status() { return pending ? 128 + pending : 0; }

}  // namespace babelgrad
