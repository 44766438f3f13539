// An expression as a user writes it, computed with the operations of autograd/ops.h:
//   tanh(w * x + b), sum((a - [1, 2]) ** 2), matmul(W, x)
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tools/app/graph/graph.h"

namespace babelgrad {

struct Expression {
  Tensor result;
  std::vector<Parameter> leaves;                // the named values, each a leaf, by name
  std::map<const Node*, Told> told;             // how each operation is written, and its value
};

// Settings give the names their values: w=0.5, x=[1,2,3], W=[[1,2],[3,4]]. UsageError with a caret
// under the place that is wrong: syntax, a name without a value or never used, shapes that differ.
Expression evaluate(const std::string& text, const std::vector<std::string>& settings);

std::vector<std::string> function_names();      // that an expression may call

}  // namespace babelgrad
