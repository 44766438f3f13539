#include "tensor/parallel.h"

#include <algorithm>
#include <atomic>
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
  std::exception_ptr error;
  Index failed = pieces;                        // the number of its piece
#pragma omp parallel for schedule(static) num_threads(int(pieces))
  for (Index i = 0; i < pieces; i++) {
    flush_subnormals();
    try {
      piece(body, i * grains / pieces * grain, std::min(n, (i + 1) * grains / pieces * grain));
    } catch (...) {
#pragma omp critical(parallel_error)
      if (i < failed) failed = i, error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace babelgrad
