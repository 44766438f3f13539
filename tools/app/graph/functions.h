// The functions an expression may call.
#pragma once

#include <string>
#include <vector>

#include "autograd/ops.h"

namespace babelgrad {

struct ExpressionFunction {
  std::string name;
  int arguments;
  Tensor (*compute)(const std::vector<Tensor>& x);
};
const ExpressionFunction* find_function(const std::string& name);        // null: there is none

}  // namespace babelgrad
