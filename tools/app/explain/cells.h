// The cells of autograd/recurrence.cpp in plain operations, for one sentence.
#pragma once

#include <utility>
#include <vector>

#include "tensor/tensor.h"

namespace babelgrad::explain {

struct Cells {
  using Gates = std::vector<std::pair<const char*, Tensor>>;             // the state h comes last
  std::vector<Gates> steps;
  Tensor all;                                   // as y: each state, the last one, the last memory

  // y and the inputs of its recurrence. All is recorded if y is, as something by itself.
  Cells(const Tensor& y, Tensor gi, Tensor W_hh, Tensor b_hh, Tensor h, Tensor c);
};

}  // namespace babelgrad::explain
