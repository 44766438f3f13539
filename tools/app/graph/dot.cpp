// The graph in the languages of other programs: Graphviz' DOT, and JSON. What is said of a node,
// and how it is shaded.
#include <algorithm>
#include <cmath>

#include "data/utf8.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/graph/graph.h"

namespace babelgrad {
namespace {

std::string four_digits(double x) {             // after the point, as long as they say something
  double size = std::abs(x);
  if (size != 0 && (size < 1e-3 || size >= 1e5)) return significant(x);
  return fixed(x == 0 ? 0 : x, 4);              // no -0
}

std::string counted(int n, const std::string& what) {
  return join(n, " ", what, n == 1 ? "" : "s");
}

std::string norm_text(const GraphNode& node) {
  return std::isnan(node.grad_norm) ? "no gradient" : "‖grad‖ " + significant(node.grad_norm);
}

std::string shape_text(const Shape& shape) { return shape.rank() > 0 ? text(shape) + "  " : ""; }

std::string contents(const GraphNode& node) {
  std::string operations = counted(node.operations, "operation");
  std::string parameters = counted(node.parameters, "parameter");
  return node.operations == 0   ? parameters
         : node.parameters == 0 ? operations
                                : operations + ", " + parameters;
}

// The name first; then shape and gradient, or value and gradient themselves where they are known
// and small, as micrograd draws them.
std::vector<std::string> node_lines(const GraphNode& node) {
  std::string norm = shape_text(node.shape) + norm_text(node);
  if (node.kind == NodeKind::module) {
    if (node.operations == 0) return {node.label, contents(node), norm_text(node)};
    return {node.label, contents(node), norm};
  }
  std::string value = numbers_text(node.value), grad = numbers_text(node.grad);
  if (node.module.empty() && !value.empty() && !grad.empty())
    return {node.label, "value " + value, "grad  " + grad};
  if (node.kind == NodeKind::operation && !node.module.empty())
    return {node.label, norm, node.module};
  return {node.label, norm};
}

std::string node_tooltip(const GraphNode& node) {
  std::string out = node.label;
  if (node.kind == NodeKind::module) out += ": " + contents(node);
  if (node.kind == NodeKind::operation) {
    if (node.label != node.operation) out += ": " + node.operation;
    if (!node.module.empty()) out += " in " + node.module;
  }
  if (node.operations > 0 || node.kind == NodeKind::leaf) out += ", shape " + text(node.shape);
  return out + ", " + norm_text(node);
}

// --- DOT

std::string dot_quoted(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) {
    if (!out.empty()) out += "\\n";
    for (char c : printable(line)) out += c == '"' || c == '\\' ? std::string{'\\', c} : text(c);
  }
  return "\"" + out + "\"";
}
std::string dot_quoted(const std::string& line) { return dot_quoted(std::vector{line}); }

std::string fill(int shade) {
  static const char* const colors[] = {"#ececec", "#ffffff", "#f3f7fb", "#dbe8f4",
                                       "#bcd5ec", "#94bce0", "#6aa0d4"};
  return colors[shade + 2];
}

std::string dot_node(const GraphNode& node, int i, int shade) {
  const char* look = node.kind == NodeKind::leaf     ? "style=\"filled,rounded,dashed\""
                     : node.kind == NodeKind::module ? "style=\"filled\", penwidth=2"
                                                      : "style=\"filled\"";
  return join("n", i, " [label=", dot_quoted(node_lines(node)), ", tooltip=",
              dot_quoted(node_tooltip(node)), ", ", look, ", fillcolor=\"", fill(shade), "\"];\n");
}

// The cluster in which a node lies: its module, but a box lies in the module around it.
std::vector<std::string> cluster_of(const GraphNode& node) {
  std::vector<std::string> parts = module_parts(node.module);
  if (node.kind == NodeKind::module && !parts.empty()) parts.pop_back();
  return parts;
}

struct Cluster {
  std::vector<int> nodes = {};
  std::map<std::string, Cluster> inner = {};
};

std::string dot_cluster(const Graph& graph, const Shades& shades, const Cluster& cluster,
                        const std::string& path, int depth) {
  std::string out, indent(std::size_t(2 * depth), ' ');
  for (int i : cluster.nodes)
    out += indent + dot_node(graph.nodes[i], i, shades.of(graph.nodes[i].grad_norm));
  for (const auto& [name, inner] : cluster.inner) {
    std::string whole = path.empty() ? name : path + "." + name;
    out += indent + "subgraph " + dot_quoted("cluster_" + whole) + " {\n";
    out += indent + "  label=" + dot_quoted(whole) + ";\n";
    out += dot_cluster(graph, shades, inner, whole, depth + 1) + indent + "}\n";
  }
  return out;
}

// --- JSON

Json dims(const Shape& shape) { return Json(std::vector<int>(shape.begin(), shape.end())); }

Json numbers(const Tensor& x) {
  std::vector<double> values;
  for (Real v : x.values()) values.push_back(double(v));
  return x.rank() == 0 ? Json(values[0]) : Json(values);
}

Json node_json(const GraphNode& node, int i) {
  static const char* const kinds[] = {"leaf", "operation", "module"};
  constexpr Index most_values = 64;             // more is not for reading
  Json out = Json::object({{"id", i}, {"kind", kinds[int(node.kind)]}, {"label", node.label}});
  if (node.kind == NodeKind::operation) out["operation"] = node.operation;
  out["module"] = node.module, out["shape"] = dims(node.shape);
  out["grad_norm"] = node.grad_norm;
  if (node.kind == NodeKind::module)
    out["operations"] = node.operations, out["parameters"] = node.parameters;
  if (node.value && node.value.numel() <= most_values) out["value"] = numbers(node.value);
  if (node.grad && node.grad.numel() <= most_values) out["grad"] = numbers(node.grad);
  return out;
}

}  // namespace

std::string numbers_text(const Tensor& x) {
  if (!x || x.numel() > 6 || x.rank() > 1) return "";
  if (x.rank() == 0) return four_digits(double(x.item()));
  std::string out;
  for (Real v : x.values()) out += (out.empty() ? "" : " ") + four_digits(double(v));
  return "[" + out + "]";
}

Shades::Shades(const Graph& graph) {
  for (const GraphNode& node : graph.nodes) {
    double norm = node.grad_norm;
    if (!std::isfinite(norm) || norm <= 0) continue;
    low_ = high_ > 0 ? std::min(low_, norm) : norm;
    high_ = std::max(high_, norm);
  }
}

int Shades::of(double norm) const {
  if (std::isnan(norm)) return -2;
  if (norm <= 0) return -1;
  if (low_ == high_ || std::isinf(norm)) return count - 1;
  double place = std::log(norm / low_) / std::log(high_ / low_);
  return std::clamp(int(place * count), 0, count - 1);
}

std::string graph_dot(const Graph& graph, bool sideways) {
  Shades shades(graph);
  Cluster all;
  for (int i = 0; i < int(graph.nodes.size()); i++) {
    Cluster* cluster = &all;
    for (const std::string& part : cluster_of(graph.nodes[i])) cluster = &cluster->inner[part];
    cluster->nodes.push_back(i);
  }
  std::string out = "digraph babelgrad {\n  label=" + dot_quoted(graph.title) + ";\n";
  out += join("  rankdir=", sideways ? "LR" : "TB", ";\n");
  out += "  node [shape=box, fontname=\"monospace\", fontsize=11];\n  edge [color=\"#8a8a8a\"];\n";
  out += dot_cluster(graph, shades, all, "", 1);
  for (const GraphEdge& edge : graph.edges) {
    out += join("  n", edge.from, " -> n", edge.to);
    out += edge.count > 1 ? join(" [label=\"", edge.count, "×\"];\n") : ";\n";
  }
  return out + "}\n";
}

Json graph_json(const Graph& graph) {
  Json nodes = Json::array(), edges = Json::array();
  for (int i = 0; i < int(graph.nodes.size()); i++) nodes.push_back(node_json(graph.nodes[i], i));
  for (const GraphEdge& edge : graph.edges)
    edges.push_back(Json::object({{"from", edge.from}, {"to", edge.to}, {"count", edge.count}}));
  return Json::object({{"title", graph.title}, {"nodes", nodes}, {"edges", edges}});
}

}  // namespace babelgrad
