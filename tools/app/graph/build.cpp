// From the tape to a Graph: who was computed from whom, after backward every gradient, and the
// module of each operation, which the tape does not say: the parameters' names do.
#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <set>

#include "data/grammar.h"
#include "data/text.h"
#include "tensor/random.h"
#include "tools/app/graph/graph.h"
#include "tools/app/run/memory.h"

namespace babelgrad {
namespace {

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

// --- modules

bool is_number(const std::string& name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

using Place = std::optional<std::string>;       // a module, if it is known

void widen(Place& place, const Place& other) {  // to hold the other as well
  if (other) place = place ? common_module(*place, *other) : *other;
}

Place around(const Place& before, const Place& after) {   // known only if both are
  return before && after ? Place(common_module(*before, *after)) : std::nullopt;
}

std::vector<Place> between_by_birth(const std::vector<Place>& own) {
  std::vector<Place> next = own, out(own.size());         // next: the nearest at or after
  for (std::size_t i = own.size(); i-- > 1;)
    if (!next[i - 1]) next[i - 1] = next[i];
  Place before;
  for (std::size_t i = 0; i < own.size(); i++) {
    if (own[i]) before = own[i];
    out[i] = around(before, next[i]);
  }
  return out;
}

std::vector<Place> between_by_edges(const Graph& graph, const std::vector<Place>& own) {
  std::vector<Place> before(own.size()), after(own.size()), out(own.size());
  auto place = [&](const std::vector<Place>& found, int i) { return own[i] ? own[i] : found[i]; };
  std::vector<GraphEdge> edges = graph.edges;
  std::ranges::stable_sort(edges, {}, &GraphEdge::to);    // inputs are complete before their users
  for (const GraphEdge& e : edges) widen(before[e.to], place(before, e.from));
  std::ranges::stable_sort(edges, std::greater<>(), &GraphEdge::from);
  for (const GraphEdge& e : edges) widen(after[e.from], place(after, e.to));
  for (std::size_t i = 0; i < own.size(); i++) out[i] = around(before[i], after[i]);
  return out;
}

// An operation that consumes parameters belongs to their module (of several, the one around them);
// any other to the one around the nearest such operations, before and after it by birth or, if that
// says more, along its edges. So a softmax between W_k and W_o belongs to their attention.
void assign_modules(Graph& graph) {
  std::vector<Place> own(graph.nodes.size());
  for (const GraphEdge& edge : graph.edges) {
    const GraphNode& from = graph.nodes[edge.from];
    if (from.kind == NodeKind::leaf) widen(own[edge.to], from.module);
  }
  std::vector<Place> by_birth = between_by_birth(own), by_edges = between_by_edges(graph, own);
  for (std::size_t i = 0; i < own.size(); i++) {
    GraphNode& node = graph.nodes[i];
    if (node.kind == NodeKind::leaf) continue;
    std::string birth = by_birth[i].value_or(""), edges = by_edges[i].value_or("");
    node.module = own[i] ? *own[i] : birth.size() < edges.size() ? edges : birth;
  }
}

}  // namespace

// A stack, not a recursion: a graph may be deep.
std::map<long, std::shared_ptr<Node>> ancestry(const Tensor& y) {
  std::map<long, std::shared_ptr<Node>> found{{y.node->id, y.node}};
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

std::vector<std::string> module_parts(const std::string& module) {
  std::vector<std::string> parts;
  for (std::size_t from = 0, to; from < module.size(); from = to + 1) {
    to = std::min(module.find('.', from), module.size());
    std::string name = module.substr(from, to - from);
    if (is_number(name) && !parts.empty()) parts.back() += "." + name;
    else parts.push_back(name);
  }
  return parts;
}

std::string common_module(const std::string& a, const std::string& b) {
  std::vector<std::string> left = module_parts(a), right = module_parts(b);
  std::string common;
  for (std::size_t i = 0; i < std::min(left.size(), right.size()) && left[i] == right[i]; i++)
    common += (i > 0 ? "." : "") + left[i];
  return common;
}

std::vector<std::string> modules_of(const Graph& graph) {
  std::set<std::string> all;
  for (const GraphNode& node : graph.nodes) {
    std::string path;
    for (const std::string& part : module_parts(node.module)) {
      path += (path.empty() ? "" : ".") + part;
      all.insert(path);
    }
  }
  return {all.begin(), all.end()};
}

Graph differentiate(const Tensor& y, const std::vector<Parameter>& parameters,
                    const std::map<const Node*, Told>& told) {
  check(y.numel() == 1, "graph: gradients need a result of one number, not of shape ", y.shape());
  check(has_grad(y), "graph: the result depends on no leaf, so nothing has a gradient");
  const std::map<long, std::shared_ptr<Node>> found = ancestry(y);
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

Graph training_graph(Translator& model, const Pair& pair) {
  Batch batch =
      make_batch(model.config, {model.pieces(pair)}, {0}, model.src_vocab, model.tgt_vocab);
  train(model.module());
  std::vector<Parameter> parameters = named_parameters(model.module());
  for (const Parameter& p : parameters) zero_grad(p.tensor);
  Graph graph = differentiate(model.training_step(batch), parameters);
  graph.title = join(model.config.model, ": one training step, ", join(pair.src), " → ",
                     join(pair.tgt));
  return graph;
}

NewModel new_model(const ModelConfig& config, std::uint64_t seed) {
  std::vector<Pair> pairs = make_corpus(100, 0, {4, 6});
  std::vector<Tokens> src, tgt;
  for (const Pair& pair : pairs) src.push_back(pair.src), tgt.push_back(pair.tgt);
  ModelConfig own = config;
  if (own.model == "transformer") own.embedding_std = 1 / std::sqrt(double(own.hidden));
  check_fits(own, Vocab(src).size(), Vocab(tgt).size(), 2, "weights and gradients");
  manual_seed(seed);
  return {make_translator(own, Vocab(src), Vocab(tgt)), pairs[0]};
}

}  // namespace babelgrad
