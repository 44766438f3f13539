// The table of functions, by name and number of arguments.
#include "tools/app/graph/functions.h"

#include "tools/app/graph/expression.h"

namespace babelgrad {
namespace {

using List = const std::vector<Tensor>&;

// A bound of clamp, which is a number and no tensor.
Real plain(const Tensor& x) {
  check(!x.node && x.numel() == 1, "clamp: its bounds are plain numbers");
  return x.item();
}

const std::vector<ExpressionFunction>& functions() {
  static const std::vector<ExpressionFunction> all = {
      {"abs", 1, [](List x) { return abs(x[0]); }},
      {"square", 1, [](List x) { return square(x[0]); }},
      {"sqrt", 1, [](List x) { return sqrt(x[0]); }},
      {"rsqrt", 1, [](List x) { return rsqrt(x[0]); }},
      {"reciprocal", 1, [](List x) { return reciprocal(x[0]); }},
      {"exp", 1, [](List x) { return exp(x[0]); }},
      {"expm1", 1, [](List x) { return expm1(x[0]); }},
      {"log", 1, [](List x) { return log(x[0]); }},
      {"log1p", 1, [](List x) { return log1p(x[0]); }},
      {"sin", 1, [](List x) { return sin(x[0]); }},
      {"cos", 1, [](List x) { return cos(x[0]); }},
      {"erf", 1, [](List x) { return erf(x[0]); }},
      {"tanh", 1, [](List x) { return tanh(x[0]); }},
      {"sigmoid", 1, [](List x) { return sigmoid(x[0]); }},
      {"log_sigmoid", 1, [](List x) { return log_sigmoid(x[0]); }},
      {"softplus", 1, [](List x) { return softplus(x[0]); }},
      {"relu", 1, [](List x) { return relu(x[0]); }},
      {"leaky_relu", 1, [](List x) { return leaky_relu(x[0]); }},
      {"elu", 1, [](List x) { return elu(x[0]); }},
      {"silu", 1, [](List x) { return silu(x[0]); }},
      {"gelu", 1, [](List x) { return gelu(x[0]); }},
      {"gelu_tanh", 1, [](List x) { return gelu_tanh(x[0]); }},
      {"softmax", 1, [](List x) { return softmax(x[0]); }},
      {"log_softmax", 1, [](List x) { return log_softmax(x[0]); }},
      {"sum", 1, [](List x) { return sum(x[0]); }},
      {"mean", 1, [](List x) { return mean(x[0]); }},
      {"max", 1, [](List x) { return max(x[0]); }},
      {"min", 1, [](List x) { return min(x[0]); }},
      {"pow", 2, [](List x) { return pow(x[0], x[1]); }},
      {"maximum", 2, [](List x) { return maximum(x[0], x[1]); }},
      {"minimum", 2, [](List x) { return minimum(x[0], x[1]); }},
      {"matmul", 2, [](List x) { return matmul(x[0], x[1]); }},
      {"clamp", 3, [](List x) { return clamp(x[0], plain(x[1]), plain(x[2])); }},
  };
  return all;
}

}  // namespace

const ExpressionFunction* find_function(const std::string& name) {
  for (const ExpressionFunction& function : functions())
    if (function.name == name) return &function;
  return nullptr;
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const ExpressionFunction& function : functions()) names.push_back(function.name);
  return names;
}

}  // namespace babelgrad
