// What this machine can do at best, which is what everything else is a share of: multiply-adds that
// never leave the registers, and bytes from each level of memory. To be compiled with -O3.
#ifdef __linux__
#include <sys/mman.h>
#endif

#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "tensor/parallel.h"
#include "tensor/simd.h"
#include "tools/app/bench/bench.h"

namespace babelgrad::bench {
namespace {

thread_local volatile Real sink;                // what is stored here cannot be left out

// a = a m + c in so many independent chains that no unit waits for a result. Returns its FLOPs.
double multiply_add(long rounds) {
  constexpr int chains = vector_registers == 32 ? 16 : 12;
  Vec a[chains], m = splat(Real(0.999)), c = splat(Real(0.001)), total = splat(0);
  for (int j = 0; j < chains; j++) a[j] = splat(Real(1 + j));
  for (long i = 0; i < rounds; i++)
    for (int j = 0; j < chains; j++) a[j] = a[j] * m + c;
  for (int j = 0; j < chains; j++) total += a[j];
  Real numbers[lanes];
  store(numbers, total);
  sink = numbers[0];
  return 2.0 * chains * lanes * double(rounds);
}

void triad(Real* __restrict a, const Real* __restrict b, const Real* __restrict c, Index n) {
  Real s = Real(3);
  for (Index i = 0; i < n; i++) a[i] = b[i] + s * c[i];
  std::atomic_signal_fence(std::memory_order_seq_cst);   // once more is not the same again
}

struct Array {                                  // on huge pages, where there are any
  Real* at;
  explicit Array(std::size_t bytes) {
    constexpr std::size_t page = 2 << 20;
    bytes = (bytes + page - 1) / page * page;
    at = static_cast<Real*>(std::aligned_alloc(page, bytes));
    check(at, "bench: out of memory");
#ifdef __linux__
    madvise(at, bytes, MADV_HUGEPAGE);
#endif
    std::fill_n(at, bytes / sizeof(Real), Real(1));
  }
  Array(const Array&) = delete;
  ~Array() { std::free(at); }
};

// Gigabytes a second when each thread works on three arrays of its own, of so many bytes.
double bandwidth(Index bytes, double seconds) {
  Index n = bytes / Index(sizeof(Real)), rounds = std::max<Index>(1, (8 << 20) / bytes);
  Index count = threads();
  Array a(bytes * count), b(bytes * count), c(bytes * count);
  Spread time = measure([&] {
    parallel_for(count, 1, [&](Index begin, Index end) {
      for (Index round = 0; round < rounds; round++)
        for (Index t = begin; t < end; t++) triad(a.at + t * n, b.at + t * n, c.at + t * n, n);
    });
  }, seconds);
  return 1e-9 * 3 * double(bytes * count * rounds) / time.best;
}

}  // namespace

Json to_json(const Machine& m) {
  return Json::object({{"threads", m.threads}, {"gflops", m.gflops}, {"l2", m.l2}, {"l3", m.l3},
                       {"memory", m.memory}, {"latency", m.latency}});
}

Machine measure_machine(double seconds) {
  Machine machine{.threads = threads()};
  seconds = std::max(seconds, 0.3);             // shares of a peak missed would be too good
  constexpr long rounds = 200000;               // short, to fit between other programs
  double flops = multiply_add(rounds) * threads();
  Spread time = measure([&] {
    parallel_for(threads(), 1, [&](Index begin, Index end) {
      for (Index t = begin; t < end; t++) multiply_add(rounds);
    });
  }, seconds);
  machine.gflops = 1e-9 * flops / time.best;
  machine.l2 = bandwidth(32 << 10, seconds);
  machine.l3 = bandwidth(2 << 20, seconds);
  machine.memory = bandwidth((Index(64) << 20) / threads(), seconds);
  machine.latency = core_latency();
  return machine;
}

}  // namespace babelgrad::bench
