// Which layer a node is in, and the order within layers that crosses few lines.
#include <algorithm>
#include <numeric>

#include "tools/app/graph/layout.h"

namespace babelgrad {
namespace {

// The longest path to a result decides: a parameter stands just before its first use, and a layer
// holds what is needed in as many steps.
std::vector<int> layers_of(int nodes, const std::vector<GraphEdge>& edges) {
  std::vector<std::vector<int>> children(nodes);
  for (const GraphEdge& edge : edges) children[edge.from].push_back(edge.to);
  std::vector<int> left(nodes, 0);              // steps to the end
  for (int i = nodes; i-- > 0;)
    for (int child : children[i]) left[i] = std::max(left[i], left[child] + 1);
  int most = nodes > 0 ? *std::ranges::max_element(left) : 0;
  for (int& steps : left) steps = most - steps;
  return left;
}

int add_slot(Layers& layers, int layer) {
  int slot = int(layers.layer.size());
  layers.layer.push_back(layer);
  layers.rows[layer].push_back(slot);
  layers.above.emplace_back(), layers.below.emplace_back();
  return slot;
}

void connect(Layers& layers, int upper, int lower) {
  if (std::ranges::find(layers.below[upper], lower) != layers.below[upper].end()) return;
  layers.below[upper].push_back(lower);
  layers.above[lower].push_back(upper);
}

// How many pairs of lines between this row and the next cross: inversions, by a Fenwick tree.
long crossings_below(const Layers& layers, const std::vector<int>& place, int row) {
  std::vector<long> tree(row + 1 < int(layers.rows.size()) ? layers.rows[row + 1].size() + 1 : 0);
  long count = 0, lines = 0;
  for (int slot : layers.rows[row]) {
    std::vector<int> ends;
    for (int lower : layers.below[slot]) ends.push_back(place[lower] + 1);
    for (int end : ends) {
      count += lines;
      for (int i = end; i > 0; i -= i & -i) count -= tree[i];
    }
    for (int end : ends)
      for (int i = end; i < int(tree.size()); i += i & -i) tree[i]++;
    lines += long(ends.size());
  }
  return count;
}

std::vector<int> places(const Layers& layers) {
  std::vector<int> place(layers.layer.size());
  for (const auto& row : layers.rows)
    for (int i = 0; i < int(row.size()); i++) place[row[i]] = i;
  return place;
}

// Each slot goes where its neighbours in the row before stand on average; one without any stays.
void sort_row(std::vector<int>& row, const std::vector<std::vector<int>>& neighbours,
              std::vector<int>& place) {
  std::vector<std::pair<double, int>> keyed;
  for (int slot : row) {
    double sum = 0;
    for (int other : neighbours[slot]) sum += place[other];
    bool free = neighbours[slot].empty();
    keyed.push_back({free ? place[slot] : sum / double(neighbours[slot].size()), slot});
  }
  std::ranges::stable_sort(keyed, {}, [](const auto& pair) { return pair.first; });
  for (int i = 0; i < int(row.size()); i++) row[i] = keyed[i].second, place[row[i]] = i;
}

}  // namespace

Layers make_layers(int nodes, const std::vector<GraphEdge>& edges) {
  Layers layers;
  std::vector<int> of_node = layers_of(nodes, edges);
  layers.rows.resize(nodes > 0 ? std::size_t(*std::ranges::max_element(of_node)) + 1 : 0);
  for (int i = 0; i < nodes; i++) add_slot(layers, of_node[i]);
  std::vector<std::vector<int>> passages(nodes);          // of each node's edges, layer by layer
  for (const GraphEdge& edge : edges) {
    std::vector<int> chain{edge.from};
    std::vector<int>& passage = passages[edge.from];
    for (int layer = of_node[edge.from] + 1; layer < of_node[edge.to]; layer++) {
      std::size_t step = chain.size() - 1;
      if (step == passage.size()) passage.push_back(add_slot(layers, layer));
      chain.push_back(passage[step]);
    }
    chain.push_back(edge.to);
    for (std::size_t i = 1; i < chain.size(); i++) connect(layers, chain[i - 1], chain[i]);
    layers.chains.push_back(chain);
  }
  return layers;
}

long crossings(const Layers& layers) {
  std::vector<int> place = places(layers);
  long count = 0;
  for (int row = 0; row + 1 < int(layers.rows.size()); row++)
    count += crossings_below(layers, place, row);
  return count;
}

void order_layers(Layers& layers) {
  std::vector<int> place = places(layers);
  auto best = layers.rows;
  long fewest = crossings(layers);
  constexpr int most_sweeps = 24;
  for (int sweep = 0; sweep < most_sweeps && fewest > 0; sweep++) {
    if (sweep % 2 == 0) {
      for (std::size_t r = layers.rows.size(); r-- > 0;)
        sort_row(layers.rows[r], layers.below, place);
    } else {
      for (auto& row : layers.rows) sort_row(row, layers.above, place);
    }
    long now = crossings(layers);
    if (now < fewest) fewest = now, best = layers.rows;
  }
  layers.rows = best;
}

}  // namespace babelgrad
