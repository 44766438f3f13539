#include "tools/app/bench/operation_costs.h"

#include <algorithm>
#include <functional>

#include "tools/app/cli/terminal.h"

namespace babelgrad::bench {

void OperationCosts::mark() { since_ = clock_seconds(), flops_under_way_ = 0; }

// There are a few dozen at most, so they are simply looked through.
void OperationCosts::count(const char* operation, bool backward, Index numbers) {
  auto same = [&](const OperationCost& c) {
    return c.backward == backward && c.operation == operation;
  };
  auto found = std::ranges::find_if(all, same);
  OperationCost& cost =
      found != all.end() ? *found : all.emplace_back(OperationCost{operation, backward});
  cost.calls++;
  cost.seconds += clock_seconds() - since_;
  cost.flops += flops_under_way_;
  cost.bytes += double(numbers) * sizeof(Real);
  mark();
}

// All numbers read and written; a view of an input moves none.
void OperationCosts::forward(const char* operation, const Tensor& y,
                             const std::vector<Tensor>& inputs) {
  if (inputs.empty() || !is_grad_enabled()) return;     // a part of an operation, or derivative
  Index numbers = y.numel();
  bool view = false;
  for (const Tensor& input : inputs) {
    const Tensor& x = input;
    std::less<const Real*> before;              // a plain < says nothing of unrelated pointers
    view |= x && !before(y.data(), x.data()) && before(y.data(), x.data() + x.numel());
    numbers += x.numel();
  }
  count(operation, false, view ? 0 : numbers);
}

void OperationCosts::backward(const char* operation, const Tensor& dy, const Tensor& dx) {
  const bool moved = dx && dx.data() != dy.data();
  count(operation, true, !dx ? 2 * dy.numel() : moved ? dy.numel() + 2 * dx.numel() : 0);
}

}  // namespace babelgrad::bench
