#include "nn/moving_average.h"

#include <algorithm>

#include "autograd/ops.h"
#include "tensor/check.h"

namespace babelgrad {

MovingAverage::MovingAverage(std::vector<Parameter> given, double decay)
    : decay(decay), params(distinct(std::move(given))) {
  check(decay >= 0 && decay < 1, "MovingAverage: a decay of ", decay, "; it must be in [0, 1)");
  for (const Parameter& param : params) {
    Tensor mean(param.tensor.shape());
    std::copy_n(param.tensor.data(), param.tensor.numel(), mean.data());
    means.push_back({param.name, mean});
  }
}

void MovingAverage::update(long n) {
  check(n >= 0, "MovingAverage: update number ", n);
  const Real d = Real(std::min(decay, double(1 + n) / double(10 + n)));
  for (std::size_t i = 0; i < params.size(); i++) {
    const Real* w = params[i].tensor.data();
    Real* mean = means[i].tensor.data();
    for (Index j = 0; j < params[i].tensor.numel(); j++) mean[j] = d * mean[j] + (1 - d) * w[j];
  }
}

void MovingAverage::swap() {
  for (std::size_t i = 0; i < params.size(); i++) {
    Real* w = overwrite(params[i].tensor, "MovingAverage");
    std::swap_ranges(w, w + params[i].tensor.numel(), means[i].tensor.data());
  }
}

}  // namespace babelgrad
