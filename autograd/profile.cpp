#include "autograd/profile.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "tensor/real.h"

namespace babelgrad::profile {
namespace {

thread_local std::vector<OperationCost> costs;
thread_local double since = 0, flops_under_way = 0;        // since the last report

double now() {
  auto time = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(time).count();
}

// There are a few dozen at most, so they are simply looked through.
OperationCost& cost_of(const char* operation, bool backward) {
  auto same = [&](const OperationCost& c) {
    return c.backward == backward && c.operation == operation;
  };
  auto found = std::find_if(costs.begin(), costs.end(), same);
  if (found != costs.end()) return *found;
  return costs.emplace_back(OperationCost{operation, backward});
}

}  // namespace

void restart_clock() { since = now(), flops_under_way = 0; }
void count_flops(double flops) { flops_under_way += flops; }

void count(const char* operation, bool backward, Index numbers) {
  OperationCost& cost = cost_of(operation, backward);
  cost.calls++;
  cost.seconds += now() - since;
  cost.flops += flops_under_way;
  cost.bytes += double(numbers) * sizeof(Real);
  restart_clock();
}

void start() {
  costs.clear();
  on = true;
  restart_clock();
}

std::vector<OperationCost> stop() {
  on = false;
  return std::exchange(costs, {});
}

}  // namespace babelgrad::profile
