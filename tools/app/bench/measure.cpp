// How long something takes on a machine that does other things as well: medians of many samples,
// with two threads only of those for which the two cores were near each other.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include "tensor/parallel.h"
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

// One end of a game of ball: waits for its numbers, answers with the next. False: nobody is there.
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

bool apart() { return core_latency() > far_apart; }

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

double core_latency() {
  if (threads() != 2) return 0;
  std::vector<double> rounds;
  for (int i = 0; i < 5; i++) rounds.push_back(one_way_ns(1000));
  return quantile(rounds, 0.5);
}

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

double peak_rss_mib() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  return double(usage.ru_maxrss) / (1 << 20);                            // bytes; KiB elsewhere
#else
  return double(usage.ru_maxrss) / (1 << 10);
#endif
}

}  // namespace babelgrad::bench
