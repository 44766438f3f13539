// A training step by operation: autograd counts what it computes, the rest is timed here.
#include <algorithm>
#include <functional>

#include "tools/app/bench/bench.h"
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
  for (const Tensor& x : inputs) {
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

namespace {

struct Part {                                   // of a step: a stretch of time, and its name
  const char *name, *direction;
  double seconds = 0;
};

struct Steps {                                  // where the time of `count` steps went
  OperationCosts operations = {};
  long count = 0;
  double seconds = 0;
  Part forward{"between operations", "forward"}, backward{"between operations", "backward"};
  Part zero_grad{"zero_grad", "update"}, adam{"clipping and Adam", "update"};

  // Runs `work` and gives its time to the part.
  template <class Work>
  void timed(Part& part, const Work& work) {
    double begin = clock_seconds();
    operations.mark();
    work();
    part.seconds += clock_seconds() - begin;
  }

  void run(Subject& s) {                        // what learn() of nn/trainer.h does
    Watch watch(&operations);
    double begin = clock_seconds();
    const Batch& batch = s.batch(count++);
    timed(zero_grad, [&] { s.optim.zero_grad(); });
    Tensor loss;
    timed(forward, [&] { (loss = s.model->training_step(batch)).item(); });
    timed(backward, [&] { babelgrad::backward(loss); });
    timed(adam, [&] { s.optim.step(1); });
    seconds += clock_seconds() - begin;
  }
};

Json row(const Steps& steps, const std::string& operation, const char* direction, double seconds) {
  return Json::object({{"operation", operation}, {"direction", direction},
                       {"ms", 1e3 * seconds / double(steps.count)},
                       {"share", seconds / steps.seconds}});
}

Json row(const Steps& steps, const OperationCost& cost) {
  Json out = row(steps, cost.operation, cost.backward ? "backward" : "forward", cost.seconds);
  out["calls"] = double(cost.calls) / double(steps.count);
  out["mflop"] = 1e-6 * cost.flops / double(steps.count);
  out["mb"] = 1e-6 * cost.bytes / double(steps.count);
  if (cost.flops > 0) out["gflops"] = 1e-9 * cost.flops / cost.seconds;
  out["gb_s"] = 1e-9 * cost.bytes / cost.seconds;
  return out;
}

// The dearest first. What the operations took is no longer between them.
std::vector<Json> rows_of(Steps& steps) {
  std::vector<Json> rows;
  for (const OperationCost& cost : steps.operations.all) {
    (cost.backward ? steps.backward : steps.forward).seconds -= cost.seconds;
    rows.push_back(row(steps, cost));
  }
  for (const Part& p : {steps.forward, steps.zero_grad, steps.backward, steps.adam})
    rows.push_back(row(steps, p.name, p.direction, p.seconds));
  std::stable_sort(rows.begin(), rows.end(), [](const Json& a, const Json& b) {
    return a.get_double("ms") > b.get_double("ms");
  });
  return rows;
}

// The sum of some rows, for one direction or, "", all.
Json sum_of(const std::vector<Json>& rows, const std::string& direction) {
  Json sum = Json::object({{"operation", "all"}, {"direction", direction}});
  for (const char* key : {"ms", "share", "calls", "mflop", "mb"}) {
    double total = 0;
    for (const Json& r : rows)
      if ((direction.empty() || r.get_string("direction") == direction) && r.find(key))
        total += r.get_double(key);
    sum[key] = total;
  }
  return sum;
}

}  // namespace

Json profile_rows(const std::string& model, const Config& config, double seconds) {
  // The first steps ask the system for memory, and do not count.
  Subject subject(model, config);
  for (Steps warm_up; warm_up.count < 3;) warm_up.run(subject);
  Steps steps;
  do steps.run(subject);
  while (steps.seconds < seconds || steps.count % 8 != 0);   // every batch as often as the others
  std::vector<Json> rows = rows_of(steps), operations = rows;
  for (const char* direction : {"forward", "backward", "update", ""})
    rows.push_back(sum_of(operations, direction));
  rows.push_back(row(steps, "the step by one clock", "", steps.seconds));
  return Json::array(std::move(rows));
}

}  // namespace babelgrad::bench
