// What every main() promises: whatever goes wrong is one line on stderr and an exit status.
#pragma once

#include <functional>

namespace babelgrad {

// The status of run(), with all of its output written; 0 for --help, 2 for wrong use, 1 for any
// other failure.
int guarded(const std::function<int()>& run);

// The whole of a main(): the same, with the standard files open and signals heard.
int program(const std::function<int()>& run);

}  // namespace babelgrad
