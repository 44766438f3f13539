// The graph in the languages of other programs: Graphviz' DOT, and JSON.
#include <cmath>
#include <set>

#include "data/utf8.h"
#include "tools/app/graph/label.h"

namespace babelgrad {
namespace {

std::string dot_quoted(const std::string& words) {
  std::string out = "\"";
  for (char c : printable(words)) out += c == '"' || c == '\\' ? std::string{'\\', c} : text(c);
  return out + "\"";
}

std::string dot_label(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) {
    std::string quoted = dot_quoted(line);
    out += (out.empty() ? "" : "\\n") + quoted.substr(1, quoted.size() - 2);
  }
  return "\"" + out + "\"";
}

std::string fill(int shade) {
  static const char* const colors[] = {"#ececec", "#ffffff", "#f3f7fb", "#dbe8f4",
                                       "#bcd5ec", "#94bce0", "#6aa0d4"};
  return colors[shade + 2];
}

std::string dot_node(const GraphNode& node, int i, int shade) {
  const char* look = node.kind == NodeKind::leaf     ? "style=\"filled,rounded,dashed\""
                     : node.kind == NodeKind::module ? "style=\"filled\", penwidth=2"
                                                      : "style=\"filled\"";
  return join("n", i, " [label=", dot_label(node_lines(node)), ", tooltip=",
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
