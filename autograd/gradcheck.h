// Is a derivative right? Compares what backward() says with finite differences. Means something
// only in the double build: in float the differences themselves are off by per cents.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "autograd/node.h"
#include "tensor/random.h"

namespace babelgrad {

using Function = std::function<Tensor(const std::vector<Tensor>&)>;

struct GradCheck {
  double worst = 0;                             // |a − n| / max(|a|, |n|, 1e-3 max|a|) of all
  std::string where;                            // the input and element of the worst
};

// Where the inputs are moved: at a kink, or where a function begins, there is only one side.
enum class Side { both, above, below };

// f's result may have any shape: it is weighted with random numbers (a "random cotangent"), because
// the plain sum of, say, a softmax has a zero gradient anyway. Steps of h to both sides, or of h
// and 2h to one.
GradCheck gradcheck(const Function& f, const std::vector<Tensor>& inputs, Random& random,
                    double h = 1e-5, Side side = Side::both);

}  // namespace babelgrad
