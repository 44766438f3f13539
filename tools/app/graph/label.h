// What a picture says of a node and how it is shaded, for SVG and DOT alike.
#pragma once

#include <string>
#include <vector>

#include "tools/app/graph/graph.h"

namespace babelgrad {

std::string significant(double x, int digits = 4);        // 0.01234, 1.234e-05, 0, nan
std::string numbers_text(const Tensor& x);      // 0.7071 or [1.0000 -2.0000]; "" if more than six
// The name first; then shape and gradient, or value and gradient themselves where they are known
// and small, as micrograd draws them.
std::vector<std::string> node_lines(const GraphNode& node);
std::string node_tooltip(const GraphNode& node);

// Shades of ‖grad‖: equal steps of its logarithm from the smallest to the largest of a graph.
constexpr int shade_count = 5;
class Shades {
 public:
  explicit Shades(const Graph& graph);
  int of(double grad_norm) const;               // 0 .. shade_count - 1; -1: zero; -2: no gradient
  double bound(int i) const;                    // shade i lies between bound(i) and bound(i + 1)
  bool any() const { return high_ > 0; }

 private:
  double low_ = 0, high_ = 0;
};

}  // namespace babelgrad
