// Where the nodes of a graph go on paper: in layers, so that every edge goes forward. Sugiyama's
// four steps: layers, order within them (few crossings), coordinates, routes.
#pragma once

#include <vector>

#include "tools/app/graph/graph.h"

namespace babelgrad {

struct Point { double x, y; };
struct Size { double width, height; };

// Top to bottom. Nodes do not overlap; everything lies within (0, 0) .. (width, height).
struct Layout {
  double width = 0, height = 0;
  std::vector<Point> centers;                   // of the nodes
  std::vector<std::vector<Point>> routes;       // of the edges: bends, from border to border
};
Layout layered_layout(const std::vector<Size>& sizes, const std::vector<GraphEdge>& edges);

// ---- layers.cpp
// A slot is a node, or a place in a layer that an edge passes through. Edges from one node pass
// through the same places until they part.
struct Layers {
  std::vector<std::vector<int>> rows;           // slots from left to right, layer by layer
  std::vector<int> layer;                       // of a slot
  std::vector<std::vector<int>> above, below;   // the slots a slot is connected with, each once
  std::vector<std::vector<int>> chains;         // the slots of each edge, from end to end
};
Layers make_layers(int nodes, const std::vector<GraphEdge>& edges);
void order_layers(Layers& layers);              // sweeps of barycentres; the best order is kept
long crossings(const Layers& layers);

// ---- positions.cpp
// The x nearest to `wanted` (least squares, weighted), each at least so far from the one before.
std::vector<double> spread_out(const std::vector<double>& wanted,
                               const std::vector<double>& weights,
                               const std::vector<double>& distances);
// The centre of each slot; what is connected stands as near to one line as there is room.
std::vector<double> place_across(const Layers& layers, const std::vector<double>& widths);

}  // namespace babelgrad
