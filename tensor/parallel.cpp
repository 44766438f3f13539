#include "tensor/parallel.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>

#include "tensor/check.h"
#include "tensor/subnormals.h"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace babelgrad {
namespace {

int default_threads() {
#ifdef _OPENMP
  return std::clamp(omp_get_max_threads(), 1, 64);   // OMP_NUM_THREADS, or the number of cores
#else
  return 1;
#endif
}

std::atomic<int>& count() {                     // one for all threads that compute
  static std::atomic<int> value = default_threads();
  return value;
}

using Clock = std::chrono::steady_clock;

// Where another process has a core, a thread of ours waits for that core, and at the end of the
// loop all others wait for the thread, busily: training on two threads took twice as long as on one
// and more. Waiting for far longer than working is the sign of it. The caller then does all pieces
// itself for a while, and for twice as long each time that it finds the core still taken.
struct Contention {
  Clock::time_point alone_until{};
  Clock::duration pause = shortest;

  static constexpr Clock::duration shortest = std::chrono::milliseconds(20);
  static constexpr Clock::duration longest = std::chrono::milliseconds(640);
  static constexpr Clock::duration suspicious = std::chrono::milliseconds(1);

  void loop_ended(Clock::time_point begin, Clock::time_point own_end, Clock::time_point end) {
    const Clock::duration work = own_end - begin, wait = end - own_end;
    if (wait > suspicious && wait > 2 * work) {
      alone_until = end + pause;
      pause = std::min(2 * pause, longest);
    } else if (end - alone_until > 10 * pause) {
      pause = shortest;                         // the core has been free for long
    }
  }
};
thread_local Contention contention;

}  // namespace

void set_threads(int n) {
  check(n >= 1 && n <= 256, "threads: ", n, " is outside 1 .. 256");
  count() = n;
}

int threads() { return count(); }

bool inside_parallel() {
#ifdef _OPENMP
  return omp_in_parallel();
#else
  return false;
#endif
}

// Piece i gets an equal share of the grains. A loop inside a parallel one runs where it is. An
// exception must not leave its thread: the one of the first piece to fail is thrown afterwards.
void parallel_pieces(Index n, Index grain, Piece piece, const void* body) {
  flush_subnormals();
  Index grains = (n + grain - 1) / grain, pieces = std::min<Index>(threads(), grains);
  if (pieces <= 1 || inside_parallel()) {
    if (n > 0) piece(body, 0, n);
    return;
  }
  auto run = [=](Index i) {
    piece(body, i * grains / pieces * grain, std::min(n, (i + 1) * grains / pieces * grain));
  };
  const Clock::time_point begin = Clock::now();
  if (begin < contention.alone_until) {
    for (Index i = 0; i < pieces; i++) run(i);
    return;
  }
  Clock::time_point own_end = begin;            // when the caller's own piece, number 0, was done
  std::exception_ptr error;
  Index failed = pieces;                        // the number of its piece
#pragma omp parallel for schedule(static) num_threads(int(pieces))
  for (Index i = 0; i < pieces; i++) {
    flush_subnormals();
    try {
      run(i);
    } catch (...) {
#pragma omp critical(parallel_error)
      if (i < failed) failed = i, error = std::current_exception();
    }
    if (i == 0) own_end = Clock::now();
  }
  contention.loop_ended(begin, own_end, Clock::now());
  if (error) std::rethrow_exception(error);
}

}  // namespace babelgrad
