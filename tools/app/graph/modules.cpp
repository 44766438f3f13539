// Which module an operation belongs to. The tape does not say; the parameters' names do.
#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "tools/app/graph/graph.h"

namespace babelgrad {
namespace {

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

}  // namespace

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

}  // namespace babelgrad
