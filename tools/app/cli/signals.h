// Being asked to stop: a signal only sets a flag; the training loop looks at it between two steps,
// saves and leaves. A second Ctrl-C does not wait.
#pragma once

namespace babelgrad {

void settle_signals();    // for every command: a full disk is an error, a closed pipe a quiet end
void watch_signals();     // from here on SIGINT, SIGTERM and SIGHUP are remembered
void unwatch_signals();   // and from here on they end the program again; none is pending

int pending_signal();     // the first one that came, 0 if none
int exit_status();        // 128 + that signal, 0 if none

}  // namespace babelgrad
