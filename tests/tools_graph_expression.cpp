// Expressions: what is computed, its gradients, and where a mistake is.
#include "tools/app/graph/expression.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tools/app/cli/args.h"

using namespace babelgrad;

namespace {

struct Solved {
  double value;
  std::map<std::string, std::vector<Real>> grads;
  Graph graph;
};

Solved solve(const std::string& text, const std::vector<std::string>& settings) {
  Expression e = evaluate(text, settings);
  Solved out{double(e.result.item()), {}, differentiate(e.result, e.leaves, e.told)};
  for (const Parameter& leaf : e.leaves) out.grads[leaf.name] = grad(leaf.tensor).values();
  return out;
}

double value_of(const std::string& text) {      // x is 2; it takes no part
  return solve(text + " + 0 * x", {"x=2"}).value;
}

std::string complaint(const std::string& text, const std::vector<std::string>& settings) {
  try {
    evaluate(text, settings);
  } catch (const UsageError& e) { return e.what(); }
  return "no complaint";
}

}  // namespace

TEST_CASE("expression: a neuron has the gradients computed by hand") {
  // o = tanh(x1 w1 + x2 w2 + b) = √2 / 2, so do/dn = 1 - o² = 1/2
  Solved o = solve("tanh(x1 * w1 + x2 * w2 + b)",
                   {"x1=2", "x2=0", "w1=-3", "w2=1", "b=6.8813735870195432"});
  CHECK(o.value == doctest::Approx(std::sqrt(0.5)).epsilon(1e-6));
  for (auto [name, slope] : {std::pair{"x1", -1.5}, {"x2", 0.5}, {"w1", 1.0}, {"w2", 0.0},
                             {"b", 0.5}})
    CHECK(double(o.grads[name][0]) == doctest::Approx(slope).epsilon(1e-5));
  CHECK(o.graph.nodes.size() == 10);            // 5 leaves, * * + + tanh
  for (const GraphNode& node : o.graph.nodes) CHECK(bool(node.value));
}

TEST_CASE("expression: a leaf that is used several times gets the sum") {
  Solved y = solve("(a + b) * (b + 1) - b / a ** 2", {"a=2", "b=3"});
  CHECK(y.value == doctest::Approx(19.25));
  CHECK(double(y.grads["a"][0]) == doctest::Approx(4 + 2 * 3 / 8.0));
  CHECK(double(y.grads["b"][0]) == doctest::Approx(4 + 5 - 0.25));
}

TEST_CASE("expression: operators bind as in Python") {
  struct { const char* text; double value; } const cases[] = {
      {"1 + 2 * 3", 7}, {"(1 + 2) * 3", 9}, {"8 / 4 / 2", 1}, {"8 - 4 - 2", 2},
      {"-2 ** 2", -4}, {"2 ** -1", 0.5}, {"2 ** 3 ** 2", 512}, {"--3", 3},
      {"2*-3", -6}, {".5e1", 5}, {"1e-2*100", 1}, {"sqrt(16)", 4}, {"relu(-1) + abs(-2)", 2},
      {"sum([1,2,3])", 6}, {"mean([1, 2, 6])", 3}, {"max([1, 7, 3])", 7}, {"clamp(7, 0, 1)", 1},
      {"sum(matmul([[1, 2], [3, 4]], [1, 10]))", 64}, {"maximum(2, 3) + minimum(2, 3)", 5}};
  for (const auto& c : cases) {
    CAPTURE(c.text);
    CHECK(value_of(c.text) == doctest::Approx(c.value).epsilon(1e-6));
  }
}

TEST_CASE("expression: vectors and matrices are leaves, too") {
  Solved y = solve("sum(W * [1, 2] - matmul(A, v)) + mean(v)", {"W=[3, 4]", "A=[[1,0],[0,1]]",
                                                                "v=[5, 6]"});
  CHECK(y.value == doctest::Approx(3 + 8 - 11 + 5.5));
  CHECK(y.grads["W"] == std::vector<Real>{1, 2});
  CHECK(y.grads["v"] == std::vector<Real>{-0.5, -0.5});
  CHECK(y.grads["A"] == std::vector<Real>{-5, -6, -5, -6});
}

TEST_CASE("expression: an operation is labelled as it is written, its constant with it") {
  Solved y = solve("2 * x + tanh(x ** 3) / 4 - (-x)", {"x=1"});
  std::vector<std::string> labels;
  for (const GraphNode& node : y.graph.nodes) labels.push_back(node.label);
  CHECK(labels == std::vector<std::string>{"x", "2 *", "** 3", "tanh", "/ 4", "+", "-", "-"});
  CHECK(y.graph.nodes[2].operation == "pow");
  CHECK(solve("sum([1, 0.5] - x)", {"x=1"}).graph.nodes[1].label == "[1 0.5] -");
}

TEST_CASE("expression: the caret stands under what is wrong") {
  struct { const char *text, *says; std::vector<std::string> settings = {"x=1"}; } const cases[] = {
      {"x + * 2", "graph: expected a number, a name, ( or [\n  x + * 2\n      ^"},
      {"x +", "graph: expected a value, found the end\n  x +\n     ^"},
      {"", "graph: expected a value, found the end\n  \n  ^"},
      {"x 2", "graph: expected an operator or the end\n  x 2\n    ^"},
      {"(x", "graph: expected )\n  (x\n    ^"},
      {"x + é", "graph: expected a number, a name, ( or [\n  x + é\n      ^"},
      {"x * yy", "graph: yy has no value; --set yy=0.5 gives it one\n  x * yy\n      ^"},
      {"1 + tahn(x)", "graph: no function tahn (did you mean tanh?)\n  1 + tahn(x)\n      ^"},
      {"tanh(x, 2)", "graph: tanh takes 1 argument, not 2\n  tanh(x, 2)\n  ^"},
      {"x + 1e999", "graph: not a number in range\n  x + 1e999\n      ^"},
      {"x + [1, 2] * [1, 2, 3]", "\n  x + [1, 2] * [1, 2, 3]\n             ^"},
      {"x + sum([[1], 2])", "\n  x + sum([[1], 2])\n          ^"},
      {"x", "graph: --set \"x\" is not name=value", {"x"}},
      {"x", "graph: --set \"2x=1\" is not name=value", {"2x=1"}},
      {"x", "graph: x is set twice", {"x=1", "x=2"}},
      {"x", "graph: y is set, but the expression does not use it", {"x=1", "y=2"}},
      {"x", "graph: z has no value; --set z=0.5 gives it one\n  x=z\n    ^", {"x=z"}},
      {"x", "graph: expected a value, found the end\n  x=\n    ^", {"x="}},
      {"1 + 1", "graph: the expression names no value", {}},
      {"x * 2", "graph: the expression's shape is (2,); a gradient is that of one number",
       {"x=[1,2]"}}};
  for (const auto& c : cases) {
    CAPTURE(c.text);
    std::string said = complaint(c.text, c.settings);
    CHECK_MESSAGE(said.find(c.says) != std::string::npos, said);
  }
}

TEST_CASE("expression: hostile input is refused in good time") {
  CHECK(complaint(std::string(300, '('), {}).find("more than 200 parts") != std::string::npos);
  CHECK(complaint(std::string(900, '-'), {}).find("more than 200 parts") != std::string::npos);
  CHECK(complaint(std::string(900, '['), {}).find("more than 200 parts") != std::string::npos);
  CHECK(complaint(std::string(100000, '('), {}).find("100000 bytes") != std::string::npos);
  CHECK(complaint("\xFF\x01<script>", {}).find("\\xFF\\x01<script>") != std::string::npos);
  CHECK(complaint("[[[[[[[[1]]]]]]]]", {}).find("too many brackets") != std::string::npos);
}

TEST_CASE("expression: every function it may call is there, and differentiable") {
  for (const std::string& name : function_names()) {
    CAPTURE(name);
    std::string call = name == "clamp" ? "clamp(x, 0, 1)" : name + "(x)";
    for (const char* two : {"pow", "maximum", "minimum", "matmul"})
      if (name == two) call = name + "(x, [0.25, 0.75])";
    Solved y = solve("sum(" + call + ")", {"x=[0.5, 0.3]"});
    CHECK(std::isfinite(y.value));
    CHECK(y.grads["x"].size() == 2);
    for (const GraphNode& node : y.graph.nodes) CHECK(bool(node.value));
  }
}
