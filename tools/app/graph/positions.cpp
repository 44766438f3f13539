// Coordinates and routes.
#include <algorithm>
#include <cmath>

#include "tools/app/graph/layout.h"

namespace babelgrad {
namespace {

constexpr double node_gap = 18, line_gap = 10, margin = 12;

// How hard one slot pulls at another: passing lines most, so that long edges are straight; what has
// no inputs, a parameter, least: it steps aside for the stream of results.
double strength(const Layers& layers, const std::vector<double>& widths, int slot, int other) {
  if (widths[slot] == 0 && widths[other] == 0) return 16;
  return layers.above[other].empty() ? 0.1 : 1;
}

// What the slots of a row would like: the weighted mean of their neighbours.
void settle_row(const Layers& layers, const std::vector<int>& row,
                const std::vector<double>& widths, bool look_up, bool look_down,
                std::vector<double>& x) {
  std::vector<double> wanted, weights, distances;
  for (std::size_t i = 0; i < row.size(); i++) {
    int slot = row[i];
    double sum = 0, weight = 0;
    auto pull = [&](const std::vector<int>& others) {
      for (int other : others) {
        double pulled = strength(layers, widths, slot, other);
        sum += pulled * x[other], weight += pulled;
      }
    };
    if (look_up) pull(layers.above[slot]);
    if (look_down) pull(layers.below[slot]);
    wanted.push_back(weight > 0 ? sum / weight : x[slot]);
    weights.push_back(layers.above[slot].empty() ? 0.1 : std::max(weight, 0.1));
    double before = i > 0 ? widths[row[i - 1]] : 0;
    bool lines = i > 0 && before == 0 && widths[slot] == 0;
    distances.push_back(i > 0 ? (before + widths[slot]) / 2 + (lines ? line_gap : node_gap) : 0);
  }
  std::vector<double> placed = spread_out(wanted, weights, distances);
  for (std::size_t i = 0; i < row.size(); i++) x[row[i]] = placed[i];
}

// Where a line meets a node's border: the lines share its width in the order of their other ends.
double port(const std::vector<double>& x, const std::vector<double>& widths, int slot,
            std::vector<int> others, int other) {
  std::ranges::stable_sort(others, {}, [&](int o) { return x[o]; });
  double count = double(others.size()), step = std::min(14.0, widths[slot] * 0.8 / count);
  double index = double(std::ranges::find(others, other) - others.begin());
  return x[slot] + (index - (count - 1) / 2) * step;
}

struct Bands { std::vector<double> top, bottom; };        // of each layer

// A row is as high as its highest node; the further lines go aside below it, the more room.
Bands stack_rows(const Layers& layers, const std::vector<Size>& sizes,
                 const std::vector<double>& x) {
  Bands bands;
  double y = margin;
  for (const auto& row : layers.rows) {
    double height = 0, aside = 0;
    for (int slot : row) {
      if (slot < int(sizes.size())) height = std::max(height, sizes[slot].height);
      for (int lower : layers.below[slot]) aside = std::max(aside, std::abs(x[slot] - x[lower]));
    }
    bands.top.push_back(y), bands.bottom.push_back(y + height);
    y += height + std::round(std::clamp(aside / 8, 30.0, 90.0));
  }
  return bands;
}

void add_point(std::vector<Point>& route, Point p) {      // three on a vertical line are two
  std::size_t n = route.size();
  if (n > 0 && route[n - 1].x == p.x && route[n - 1].y == p.y) return;
  if (n > 1 && route[n - 1].x == p.x && route[n - 2].x == p.x) route.pop_back();
  route.push_back(p);
}

std::vector<Point> route_of(const Layers& layers, const std::vector<int>& chain,
                            const std::vector<double>& x, const std::vector<double>& widths,
                            const std::vector<Size>& sizes, const Layout& out,
                            const Bands& bands) {
  std::vector<Point> route;
  int from = chain.front(), to = chain.back();
  double leave = port(x, widths, from, layers.below[from], chain[1]);
  double arrive = port(x, widths, to, layers.above[to], chain[chain.size() - 2]);
  add_point(route, {leave, out.centers[from].y + sizes[from].height / 2});
  add_point(route, {leave, bands.bottom[layers.layer[from]]});
  for (std::size_t i = 1; i + 1 < chain.size(); i++) {
    int layer = layers.layer[chain[i]];
    add_point(route, {x[chain[i]], bands.top[layer]});
    add_point(route, {x[chain[i]], bands.bottom[layer]});
  }
  add_point(route, {arrive, bands.top[layers.layer[to]]});
  add_point(route, {arrive, out.centers[to].y - sizes[to].height / 2});
  return route;
}

}  // namespace

// Shifted by the distances the x need only not fall: isotonic regression, by pooling neighbours
// that are out of order into blocks at their mean.
std::vector<double> spread_out(const std::vector<double>& wanted,
                               const std::vector<double>& weights,
                               const std::vector<double>& distances) {
  struct Block { double sum, weight; std::size_t count; };
  std::vector<Block> blocks;
  double shift = 0;
  for (std::size_t i = 0; i < wanted.size(); i++) {
    shift += i > 0 ? distances[i] : 0;
    Block block{weights[i] * (wanted[i] - shift), weights[i], 1};
    while (!blocks.empty() &&
           blocks.back().sum / blocks.back().weight >= block.sum / block.weight) {
      block.sum += blocks.back().sum, block.weight += blocks.back().weight;
      block.count += blocks.back().count;
      blocks.pop_back();
    }
    blocks.push_back(block);
  }
  std::vector<double> x;
  shift = 0;
  for (const Block& block : blocks) {
    for (std::size_t i = 0; i < block.count; i++) {
      if (!x.empty()) shift += distances[x.size()];
      x.push_back(block.sum / block.weight + shift);
    }
  }
  return x;
}

std::vector<double> place_across(const Layers& layers, const std::vector<double>& widths) {
  std::vector<double> x(layers.layer.size());
  for (const auto& row : layers.rows) settle_row(layers, row, widths, false, false, x);
  int sweeps = std::min(40 + 4 * int(layers.rows.size()), 400);
  for (int sweep = 0; sweep < sweeps; sweep++) {
    bool both = sweep >= sweeps / 2;
    if (sweep % 2 == 0) {
      for (const auto& row : layers.rows) settle_row(layers, row, widths, true, both, x);
    } else {
      for (std::size_t r = layers.rows.size(); r-- > 0;)
        settle_row(layers, layers.rows[r], widths, both, true, x);
    }
  }
  return x;
}

Layout layered_layout(const std::vector<Size>& sizes, const std::vector<GraphEdge>& edges) {
  Layers layers = make_layers(int(sizes.size()), edges);
  order_layers(layers);
  std::vector<double> widths(layers.layer.size(), 0);     // lines have none
  for (std::size_t i = 0; i < sizes.size(); i++) widths[i] = sizes[i].width;
  std::vector<double> x = place_across(layers, widths);
  double left = 0, right = 0;
  for (std::size_t i = 0; i < x.size(); i++) {
    left = i == 0 ? x[i] - widths[i] / 2 : std::min(left, x[i] - widths[i] / 2);
    right = i == 0 ? x[i] + widths[i] / 2 : std::max(right, x[i] + widths[i] / 2);
  }
  for (double& at : x) at = std::round((at - left + margin) * 10) / 10;

  Bands bands = stack_rows(layers, sizes, x);
  Layout out{right - left + 2 * margin, margin, {}, {}};
  for (std::size_t i = 0; i < sizes.size(); i++) {
    int layer = layers.layer[i];
    out.centers.push_back({x[i], (bands.top[layer] + bands.bottom[layer]) / 2});
  }
  if (!bands.bottom.empty()) out.height = bands.bottom.back() + margin;
  for (const auto& chain : layers.chains)
    out.routes.push_back(route_of(layers, chain, x, widths, sizes, out, bands));
  return out;
}

}  // namespace babelgrad
