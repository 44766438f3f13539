// Where the clock goes: each operation is seen when it ends, and the time since the one before it
// ended is its own.
#pragma once

#include <string>
#include <vector>

#include "autograd/observer.h"

namespace babelgrad::bench {

struct OperationCost {
  std::string operation;
  bool backward = false;
  long calls = 0;
  double seconds = 0, flops = 0, bytes = 0;     // flops: of products; bytes: arrays in and out
};

class OperationCosts : public Observer {
 public:
  std::vector<OperationCost> all;               // in the order of their first call

  OperationCosts() { mark(); }
  void mark();                                  // what came before belongs to no operation
  void forward(const char* operation, const Tensor& y, const std::vector<Tensor>& inputs) override;
  void begin_backward() override { mark(); }
  void backward(const char* operation, const Tensor& dy, const Tensor& dx) override;
  void flops(double flops) override { flops_under_way_ += flops; }

 private:
  void count(const char* operation, bool backward, Index numbers);
  double since_, flops_under_way_;              // the last operation
};

}  // namespace babelgrad::bench
