// From the tape to a Graph: who was computed from whom, and after backward, every gradient.
#include <algorithm>
#include <cmath>
#include <memory>

#include "tools/app/graph/graph.h"

namespace babelgrad {
namespace {

using NodePointer = std::shared_ptr<Node>;

// Every node that y depends on, by birth. A stack, not a recursion: a graph may be deep.
std::map<long, NodePointer> ancestry(const Tensor& y) {
  std::map<long, NodePointer> found{{y.node->id, y.node}};
  std::vector<Node*> pending{y.node.get()};
  while (!pending.empty()) {
    Node* node = pending.back();
    pending.pop_back();
    for (const auto& input : node->inputs) {
      if (input && found.emplace(input->id, input).second) pending.push_back(input.get());
    }
  }
  return found;
}

double norm(const Tensor& x) {
  double sum = 0;
  for (Real v : x.values()) sum += double(v) * double(v);
  return std::sqrt(sum);
}

GraphNode described(const Node& node, const std::vector<Parameter>& parameters,
                    const std::map<const Node*, Told>& told) {
  GraphNode out;
  out.kind = node.leaf ? NodeKind::leaf : NodeKind::operation;
  out.label = out.operation = node.operation;
  out.shape = node.shape;
  (node.leaf ? out.parameters : out.operations) = 1;
  for (const Parameter& p : parameters) {
    if (p.tensor.node.get() != &node) continue;
    out.label = p.name, out.value = detach(p.tensor);
    out.module = p.name.substr(0, std::min(p.name.rfind('.'), p.name.size()));
    if (out.module == p.name) out.module = "";
  }
  if (auto known = told.find(&node); known != told.end()) {
    if (!node.leaf) out.label = known->second.label;
    out.value = known->second.value;
  }
  return out;
}

}  // namespace

Graph differentiate(const Tensor& y, const std::vector<Parameter>& parameters,
                    const std::map<const Node*, Told>& told) {
  check(y.numel() == 1, "graph: gradients are those of one number, not of shape ", y.shape());
  check(has_grad(y), "graph: the result depends on no leaf, so nothing has a gradient");
  std::map<long, NodePointer> found = ancestry(y);
  std::map<const Node*, int> place;
  for (const auto& [birth, node] : found) place.emplace(node.get(), int(place.size()));

  Graph graph;
  std::map<std::pair<int, int>, int> uses;
  for (const auto& [birth, node] : found) {
    graph.nodes.push_back(described(*node, parameters, told));
    for (const auto& input : node->inputs)
      if (input) uses[{place.at(input.get()), place.at(node.get())}]++;
    node->keep_grad = true;
  }
  for (const auto& [ends, count] : uses) graph.edges.push_back({ends.first, ends.second, count});

  backward(y);
  for (const auto& [node, i] : place) {
    if (!node->grad) continue;
    graph.nodes[i].grad = node->grad;
    graph.nodes[i].grad_norm = norm(node->grad);
  }
  assign_modules(graph);
  return graph;
}

}  // namespace babelgrad
