// A fault planted on purpose, which the sanitizer that this was built with has to report: if it
// does not, then it sees nothing, and its silence about the tests means nothing. `planted none` has
// no fault, and must be silent.
#include <climits>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include "tensor/parallel.h"

using namespace babelgrad;

namespace {

constexpr int pieces = 1000;

// Threads share out the numbers: each is written by one of them, and read when all are done.
int shared_out() {
  int numbers[pieces] = {}, sum = 0;
  parallel_for(pieces, 1, [&](Index begin, Index end) {
    for (Index i = begin; i < end; i++) numbers[i] = 1;
  });
  for (int x : numbers) sum += x;
  return sum;
}

int race() {                                    // all of them add to the same number
  int sum = 0;
  parallel_for(pieces, 1, [&](Index begin, Index end) { sum += int(end - begin); });
  return sum;
}

int address() {
  const auto numbers = std::make_unique<int[]>(4);
  volatile int behind = 4;
  return numbers[std::size_t(behind)];
}

int undefined() {
  volatile int most = INT_MAX;
  return most + 1;
}

int leak() {
  volatile auto lost = reinterpret_cast<std::uintptr_t>(new int(1));
  lost = 0;
  return int(lost);
}

const std::map<std::string, int (*)()> faults = {
    {"none", shared_out}, {"race", race}, {"address", address}, {"undefined", undefined},
    {"leak", leak}};

}  // namespace

int main(int argc, char** argv) {
  const auto fault = faults.find(argc > 1 ? argv[1] : "");
  if (fault == faults.end()) return 2;
  set_threads(4);
  std::printf("%d\n", fault->second());
  return 0;
}
