// The graph as SVG: one file, text that is text, legible on paper, light or dark as the reader's
// screen is.
#include <algorithm>
#include <cmath>

#include "tools/app/cli/terminal.h"
#include "tools/app/graph/label.h"
#include "tools/app/graph/layout.h"
#include "tools/app/view/heatmap.h"

namespace babelgrad {
namespace {

constexpr double letter = 7.25, small_letter = 6.05, line_height = 16, inset = 9, head = 76;
constexpr double swatch = 52;                  // of the legend
constexpr int longest_line = 60;

constexpr const char* style =
    "<style>\n"
    "svg { background: #ffffff; }\n"
    "text { font: 12px ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace; "
    "fill: #1b1b1b; white-space: pre; }\n"
    ".name { font-weight: bold; }\n"
    ".title { font: bold 15px sans-serif; }\n"
    ".small { font-size: 10px; fill: #555555; }\n"
    ".paper { fill: #ffffff; }\n"
    ".box { stroke: #4a4a4a; stroke-width: 1; }\n"
    ".module .box { stroke-width: 2; }\n"
    ".leaf .box { stroke-width: 1.5; stroke-dasharray: 5 3; }\n"
    ".edge { fill: none; stroke: #8a8a8a; stroke-width: 1.2; }\n"
    ".arrow { fill: #8a8a8a; }\n"
    ".zero { fill: #ffffff; } .none { fill: #ececec; }\n"
    ".g0 { fill: #f3f7fb; } .g1 { fill: #dbe8f4; } .g2 { fill: #bcd5ec; } .g3 { fill: #94bce0; }\n"
    ".g4 { fill: #6aa0d4; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "svg { background: #16181c; }\n"
    "text { fill: #eeeeee; } .small { fill: #b8b8b8; }\n"
    ".paper, .zero { fill: #16181c; } .none { fill: #2c2c2c; }\n"
    ".box { stroke: #a8a8a8; } .edge { stroke: #858585; } .arrow { fill: #858585; }\n"
    ".g0 { fill: #1d2733; } .g1 { fill: #20344a; } .g2 { fill: #234365; } .g3 { fill: #265585; }\n"
    ".g4 { fill: #2a68aa; }\n"
    "}\n"
    "</style>\n";

std::string number(double x) {                  // one digit, and none where it is 0
  std::string out = fixed(x, 1);
  return out.ends_with(".0") ? out.substr(0, out.size() - 2) : out;
}

std::string at(Point p) { return number(p.x) + " " + number(p.y); }

std::string shade_class(int shade) {
  return shade == -2 ? "none" : shade == -1 ? "zero" : join("g", shade);
}

std::string text_element(double x, double y, const std::string& words, const std::string& kind) {
  return join("<text x=\"", number(x), "\" y=\"", number(y), "\"",
              kind.empty() ? "" : " class=\"" + kind + "\"", ">", escape_markup(words),
              "</text>\n");
}

std::string rect_element(double x, double y, Size size, const std::string& kind, double corner) {
  return join("<rect x=\"", number(x), "\" y=\"", number(y), "\" width=\"", number(size.width),
              "\" height=\"", number(size.height), "\" rx=\"", number(corner), "\" class=\"", kind,
              "\"/>\n");
}

std::vector<std::string> shown_lines(const GraphNode& node) {
  std::vector<std::string> lines = node_lines(node);
  for (std::string& line : lines) line = cut(line, longest_line, "…");
  return lines;
}

bool is_small(const GraphNode& node, std::size_t line) {  // the module under an operation
  return node.kind == NodeKind::operation && line == 2 && !node.module.empty();
}

Size size_of(const GraphNode& node) {
  std::vector<std::string> lines = shown_lines(node);
  double width = 0;
  for (std::size_t i = 0; i < lines.size(); i++)
    width = std::max(width, (is_small(node, i) ? small_letter : letter) * display_width(lines[i]));
  return {std::ceil(width + 2 * inset), line_height * double(lines.size()) + 10};
}

std::string node_svg(const GraphNode& node, Point center, int shade) {
  static const char* const kinds[] = {"leaf", "operation", "module"};
  Size size = size_of(node);
  double left = center.x - size.width / 2, top = center.y - size.height / 2;
  std::string out = join("<g class=\"", kinds[int(node.kind)], "\">\n<title>",
                         escape_markup(node_tooltip(node)), "</title>\n");
  out += rect_element(left, top, size, "box " + shade_class(shade),
                      node.kind == NodeKind::leaf ? 12 : 3);
  std::vector<std::string> lines = shown_lines(node);
  for (std::size_t i = 0; i < lines.size(); i++) {
    out += text_element(left + inset, top + line_height * (double(i) + 1), lines[i],
                        i == 0 ? "name" : is_small(node, i) ? "small" : "");
  }
  return out + "</g>\n";
}

// Straight where the bends lie on a line along the way; between, curves that leave and arrive
// along it.
std::string path_of(const std::vector<Point>& route, bool sideways) {
  std::string d = "M" + at(route[0]);
  for (std::size_t i = 1; i < route.size(); i++) {
    Point a = route[i - 1], b = route[i];
    bool straight = sideways ? a.y == b.y : a.x == b.x;
    double x = (a.x + b.x) / 2, y = (a.y + b.y) / 2;
    if (straight) d += "L" + at(b);
    else if (sideways) d += "C" + at({x, a.y}) + " " + at({x, b.y}) + " " + at(b);
    else d += "C" + at({a.x, y}) + " " + at({b.x, y}) + " " + at(b);
  }
  return d;
}

std::string arrow_svg(Point tip, bool sideways) {
  Point left{tip.x - 3.5, tip.y - 7}, right{tip.x + 3.5, tip.y - 7};
  if (sideways) left = {tip.x - 7, tip.y - 3.5}, right = {tip.x - 7, tip.y + 3.5};
  return join("<path class=\"arrow\" d=\"M", at(left), "L", at(tip), "L", at(right), "Z\"/>\n");
}

std::string edge_svg(const Graph& graph, const GraphEdge& edge, const std::vector<Point>& route,
                     bool sideways) {
  std::string title = graph.nodes[edge.from].label + " → " + graph.nodes[edge.to].label;
  if (edge.count > 1) title += join(", ", edge.count, " times");
  std::string out = join("<path class=\"edge\" d=\"", path_of(route, sideways), "\"><title>",
                         escape_markup(title), "</title></path>\n");
  out += arrow_svg(route.back(), sideways);
  if (edge.count == 1) return out;
  Point tip = route.back();
  double x = sideways ? tip.x - 22 : tip.x + 5, y = sideways ? tip.y - 5 : tip.y - 9;
  return out + text_element(x, y, join(edge.count, "×"), "small");
}

std::string legend_svg(const Graph& graph, const Shades& shades) {
  double y = 38, x = 12;
  std::string out = text_element(x, y + 12, "‖grad‖", "");
  x += 7 * letter;
  int swatches = !shades.any() ? 0 : shades.bound(0) == shades.bound(shade_count) ? 1 : shade_count;
  for (int i = 0; i < swatches; i++) {
    int shade = swatches == 1 ? shade_count - 1 : i;
    out += rect_element(x, y, {swatch, 16}, "box " + shade_class(shade), 0);
    out += text_element(x - 2, y + 28, significant(shades.bound(i), 2), "small");
    x += swatch;
  }
  if (swatches > 1) out += text_element(x - 2, y + 28, significant(shades.bound(5), 2), "small");
  bool zero = false, none = false;
  for (const GraphNode& node : graph.nodes) {
    zero |= shades.of(node.grad_norm) == -1;
    none |= shades.of(node.grad_norm) == -2;
  }
  for (auto [is_there, kind, words] : {std::tuple{zero, "zero", "0"}, {none, "none", "none"}}) {
    if (!is_there) continue;
    out += rect_element(x + 24, y, {swatch, 16}, std::string("box ") + kind, 0);
    out += text_element(x + 22, y + 28, words, "small");
    x += swatch + 24;
  }
  return out + text_element(x + 24, y + 12, "dashed: a leaf", "small");
}

void turn(Layout& layout) {                     // top to bottom becomes left to right
  std::swap(layout.width, layout.height);
  for (Point& p : layout.centers) std::swap(p.x, p.y);
  for (auto& route : layout.routes)
    for (Point& p : route) std::swap(p.x, p.y);
}

Layout layout_of(const Graph& graph, bool sideways) {
  std::vector<Size> sizes;
  for (const GraphNode& node : graph.nodes) {
    sizes.push_back(size_of(node));
    if (sideways) std::swap(sizes.back().width, sizes.back().height);
  }
  Layout layout = layered_layout(sizes, graph.edges);
  if (sideways) turn(layout);
  for (Point& p : layout.centers) p.y += head;
  for (auto& route : layout.routes)
    for (Point& p : route) p.y += head;
  layout.height += head;
  return layout;
}

}  // namespace

std::string graph_svg(const Graph& graph, bool sideways) {
  Layout layout = layout_of(graph, sideways);
  Shades shades(graph);
  std::string title = cut(graph.title, 110, "…");
  double width = std::max({layout.width, 520.0, 8.6 * display_width(title) + 24});
  double aside = (width - layout.width) / 2;
  std::string w = number(std::ceil(width)), h = number(std::ceil(layout.height));
  std::string out = join("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", w, "\" height=\"", h,
                         "\" viewBox=\"0 0 ", w, " ", h, "\" role=\"img\">\n<title>",
                         escape_markup(graph.title), "</title>\n", style);
  out += rect_element(0, 0, {std::ceil(width), std::ceil(layout.height)}, "paper", 0);
  out += text_element(12, 24, title, "title");
  out += legend_svg(graph, shades);
  out += join("<g transform=\"translate(", number(aside), " 0)\">\n");
  for (std::size_t i = 0; i < graph.edges.size(); i++)
    out += edge_svg(graph, graph.edges[i], layout.routes[i], sideways);
  for (std::size_t i = 0; i < graph.nodes.size(); i++)
    out += node_svg(graph.nodes[i], layout.centers[i], shades.of(graph.nodes[i].grad_norm));
  return out + "</g>\n</svg>\n";
}

}  // namespace babelgrad
