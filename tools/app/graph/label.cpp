// The words of a node, and its shade.
#include "tools/app/graph/label.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace babelgrad {
namespace {

std::string to_text(double x, std::chars_format format, int digits) {
  char buffer[64];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, x, format, digits).ptr};
}

std::string four_digits(double x) {             // after the point, as long as they say something
  double size = std::abs(x);
  if (size != 0 && (size < 1e-3 || size >= 1e5)) return significant(x);
  return to_text(x == 0 ? 0 : x, std::chars_format::fixed, 4);             // no -0
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

}  // namespace

std::string significant(double x, int digits) {
  return to_text(x, std::chars_format::general, digits);
}

std::string numbers_text(const Tensor& x) {
  if (!x || x.numel() > 6 || x.rank() > 1) return "";
  if (x.rank() == 0) return four_digits(double(x.item()));
  std::string out;
  for (Real v : x.values()) out += (out.empty() ? "" : " ") + four_digits(double(v));
  return "[" + out + "]";
}

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
  if (!any() || low_ == high_ || std::isinf(norm)) return shade_count - 1;
  double place = std::log(norm / low_) / std::log(high_ / low_);
  return std::clamp(int(place * shade_count), 0, shade_count - 1);
}

double Shades::bound(int i) const {
  return low_ * std::pow(high_ / low_, double(i) / shade_count);
}

}  // namespace babelgrad
