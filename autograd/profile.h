// Where the clock goes: each operation reports when it ends, and the time since the report before
// is its own. Switched off, as it is but for `bench --profile`, a report costs one branch.
#pragma once

#include <string>
#include <vector>

#include "tensor/shape.h"

namespace babelgrad::profile {

struct OperationCost {
  std::string operation;
  bool backward = false;
  long calls = 0;
  double seconds = 0, flops = 0, bytes = 0;     // flops: of products; bytes: arrays in and out
};

void start();                                   // on this thread, from nothing
std::vector<OperationCost> stop();              // in the order of their first call

inline thread_local bool on = false;
void count(const char* operation, bool backward, Index numbers);
void restart_clock();
void count_flops(double flops);

// `operation` ended, or one of its derivatives did; it read and wrote so many numbers.
inline void recorded(const char* operation, Index numbers_touched) {
  if (on) [[unlikely]] count(operation, false, numbers_touched);
}
inline void went_back(const char* operation, Index numbers_touched) {
  if (on) [[unlikely]] count(operation, true, numbers_touched);
}
inline void mark() {                            // what came before belongs to no operation
  if (on) [[unlikely]] restart_clock();
}
inline void add_flops(double flops) {           // for the operation that is under way
  if (on) [[unlikely]] count_flops(flops);
}

}  // namespace babelgrad::profile
