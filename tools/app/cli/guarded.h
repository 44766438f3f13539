// What every main() promises: whatever goes wrong is one line on stderr and an exit status. And
// being asked to stop: a signal only sets a flag; the training loop looks at it between two steps,
// saves and leaves. A second Ctrl-C does not wait.
#pragma once

#include <functional>

namespace babelgrad {

// The status of run(), with all of its output written; 0 for --help, 2 for wrong use, 1 for any
// other failure.
int guarded(const std::function<int()>& run);

// The whole of a main(): the same, with the standard files open and signals heard: a full disk is
// an error, a closed pipe a quiet end.
int program(const std::function<int()>& run);

void watch_signals();     // from here on SIGINT, SIGTERM and SIGHUP are remembered
void unwatch_signals();   // and from here on they end the program again; none is pending
int pending_signal();     // the first one that came, 0 if none
int exit_status();        // 128 + that signal, 0 if none

}  // namespace babelgrad
