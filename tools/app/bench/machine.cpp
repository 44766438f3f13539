// How long something takes on a machine that does other things as well: medians of many samples,
// with two threads only of those for which the two cores were near each other. And what the machine
// can do at best, which is what everything else is a share of: multiply-adds that never leave the
// registers, and bytes from each level of memory. To be compiled with -O3.
#ifdef __linux__
#include <sys/mman.h>
#endif

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <limits>

#include "tensor/parallel.h"
#include "tensor/simd.h"
#include "tools/app/bench/bench.h"
#include "tools/app/cli/terminal.h"

namespace babelgrad::bench {

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  auto at = std::min(std::size_t(share * double(values.size())), values.size() - 1);
  std::nth_element(values.begin(), values.begin() + long(at), values.end());
  return values[at];
}

Spread spread_of(const std::vector<double>& values) {
  return {quantile(values, 0.5), quantile(values, 0.1), quantile(values, 0.9),
          quantile(values, 0), int(values.size())};
}

namespace {

// One end of a ping-pong: waits for its numbers, answers with the next. False: no answer came.
bool play(std::atomic<int>& ball, int first, int last, double deadline) {
  for (int mine = first; mine <= last; mine += 2) {
    for (long spins = 1; ball.load(std::memory_order_acquire) != mine; spins++)
      if (spins % 4096 == 0 && clock_seconds() > deadline) return false;
    ball.store(mine + 1, std::memory_order_release);
  }
  return true;
}

// Half of a round trip. Both wait by spinning: to wake a sleeping thread takes far longer.
double one_way_ns(int rounds) {
  alignas(128) std::atomic<int> ball{0};
  double deadline = clock_seconds() + 0.02, ns = std::numeric_limits<double>::infinity();
  parallel_for(2, 1, [&](Index from, Index to) {
    if (to - from == 2) return;                 // only one thread
    if (from == 1) return void(play(ball, 1, 2 * rounds + 1, deadline));
    if (!play(ball, 0, 2, deadline)) return;    // now both are awake
    double begin = clock_seconds();
    if (play(ball, 4, 2 * rounds + 2, deadline)) ns = 1e9 * (clock_seconds() - begin);
  });
  return ns / (2.0 * rounds);
}

double core_latency() {
  if (threads() != 2) return 0;
  std::vector<double> rounds;
  for (int i = 0; i < 5; i++) rounds.push_back(one_way_ns(1000));
  return quantile(rounds, 0.5);
}

bool apart() { return core_latency() > 70; }    // on two caches

// Seconds for one call, `least` times or more, of `group` calls together.
std::vector<double> stretch(const std::function<void()>& work, int group, std::size_t least,
                            double seconds = 0) {
  std::vector<double> times;
  double begin = clock_seconds();
  for (double now = begin; now - begin < seconds || times.size() < least;) {
    for (int i = 0; i < group; i++) work();
    double after = clock_seconds();
    times.push_back((after - now) / group);
    now = after;
  }
  return times;
}

}  // namespace

Spread measure(const std::function<void()>& work, double seconds) {
  // Warm up, and see how many calls are long enough for the clock.
  double one = stretch(work, 1, 3).back(), begin = clock_seconds(), counted = 0;
  int group = std::max(1, int(0.001 / std::max(one, 1e-8)));            // tiny work: many at a time

  // Stretch after stretch; one counts as near if the cores were near before and after it.
  std::vector<double> near, far;
  bool apart_before = apart();
  auto wanted = [&] {
    std::size_t samples = near.size() + far.size();
    bool late = clock_seconds() - begin > 4 * seconds + 1;
    return samples < 3 || (!late && (samples < 5 || counted < seconds));
  };
  while (wanted()) {
    std::vector<double> times = stretch(work, group, 1, std::min(0.5, seconds / 3));
    bool apart_after = apart();
    auto& kind = apart_before || apart_after ? far : near;
    kind.insert(kind.end(), times.begin(), times.end());
    if (&kind == &near) for (double t : times) counted += t * group;
    apart_before = apart_after;
  }

  // What was measured apart is better than nothing, and the result says so.
  bool enough = near.size() >= 3;
  if (!enough) near.insert(near.end(), far.begin(), far.end());
  Spread spread = spread_of(near);
  spread.near = enough;
  return spread;
}

namespace {

thread_local volatile Real sink;                // what is stored here cannot be left out

// a = a m + c in enough independent chains that no unit waits for a result. Returns its FLOPs.
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

// Gigabytes a second when each thread works on three arrays of its own, of `bytes` bytes each.
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
