// The first line is an expression of babelgrad graph, the others what its names are. If it has a
// value, it has a graph with gradients, which is written in every form.
#include "tests/fuzz/fuzz.h"
#include "tools/app/graph/graph.h"

namespace babelgrad::fuzz {

std::vector<std::string> seeds() {
  return {"tanh(w * x + b)\nw=0.5\nx=2\nb=-1", "sum((a - [1, 2]) ** 2)\na=[1,2]",
          "sum(matmul(W, x))\nW=[[1,2],[3,4]]\nx=[1,-.5]",
          "mean(softmax(x) / exp(-x)) * relu(y - 1e3)\nx=[[1,2,3]]\ny=1",
          "sum(log(sigmoid(x)) + sqrt(abs(x)))\nx=[1,2]"};
}

void read(std::string_view input) {
  std::vector<std::string> lines = lines_of(input);
  const std::string text = lines[0];
  lines.erase(lines.begin());
  const auto graph = accepted([&] {
    const Expression expression = evaluate(text, lines);
    return differentiate(expression.result, expression.leaves, expression.told);
  });
  constexpr std::size_t most = 40;              // nodes; large graphs are slow, and nothing new
  if (!graph || graph->nodes.size() > most) return;
  const std::string json = write_json(graph_json(*graph));
  holds(write_json(parse_json(json, "graph")) == json, "the graph is JSON");
  for (bool sideways : {false, true})
    holds(graph_dot(*graph, sideways).starts_with("digraph"), "a whole graph");
}

}  // namespace babelgrad::fuzz
