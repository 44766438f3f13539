#include "tools/app/cli/signals.h"

#include <signal.h>

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

}  // namespace

void settle_signals() {
  on(SIGXFSZ, SIG_IGN);    // a write past `ulimit -f` then fails like one on a full disk
  on(SIGPIPE, SIG_DFL);
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
