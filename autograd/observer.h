// To watch what is computed: `bench --profile` counts it, `explain` shows it. On a thread
// there is one observer or none, and without one an operation costs a branch.
#pragma once

#include <utility>

#include "autograd/node.h"

namespace babelgrad {

struct Observer {
  virtual ~Observer() = default;
  // `operation` made y of its inputs, under NoGrad as well, as in derivatives; it was called on the
  // line `here`. Without inputs, y came of the operation before, beside its result.
  virtual void forward(const char* operation, const Tensor& y,
                       const std::vector<Tensor>& inputs) = 0;
  virtual void begin_backward() {}
  // dL/dy became the dL/dx of one input; no dx: it was added in place.
  virtual void backward(const char*, const Tensor&, const Tensor&) {}
  virtual void flops(double) {}                 // of products, in the operation that ends next
};

inline thread_local Observer* observer = nullptr;
bool is_grad_enabled();                         // does no NoGrad live on this thread?

struct Watch {                                  // while one of these lives, its observer watches
  explicit Watch(Observer* now) : before(std::exchange(observer, now)), line(here) {}
  ~Watch() { observer = before, here = line; }
  Watch(const Watch&) = delete;
  Observer* before;
  Site line;                                    // `here` as it was
};

inline void count_flops(double flops) {
  if (observer) [[unlikely]] observer->flops(flops);
}

}  // namespace babelgrad
