// The layout: every edge goes forward, nothing overlaps, nothing lies outside.
#include "tools/app/graph/layout.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tensor/random.h"

using namespace babelgrad;

namespace {

struct Drawing {
  std::vector<Size> sizes;
  std::vector<GraphEdge> edges;
};

// `nodes` of unequal sizes; each uses one to three of those before it, near or far.
Drawing random_drawing(int nodes, std::uint64_t seed) {
  Random random(seed);
  Drawing out;
  for (int i = 0; i < nodes; i++) {
    out.sizes.push_back({40.0 + random.below(200), 20.0 + random.below(60)});
    std::vector<int> inputs;
    for (int k = i > 0 ? random.below(4) : 0; k > 0; k--) {
      int from = random.below(2) ? random.below(i) : std::max(0, i - 1 - random.below(3));
      if (std::ranges::find(inputs, from) == inputs.end()) inputs.push_back(from);
    }
    for (int from : inputs) out.edges.push_back({from, i});
  }
  return out;
}

struct Box { double left, top, right, bottom; };

Box box_of(const Drawing& d, const Layout& layout, std::size_t i) {
  Point c = layout.centers[i];
  Size s = d.sizes[i];
  return {c.x - s.width / 2, c.y - s.height / 2, c.x + s.width / 2, c.y + s.height / 2};
}

// A route goes straight down or, where no node is, aside: so only what is straight can hit one.
int nodes_hit(const Drawing& d, const Layout& layout, std::size_t edge) {
  int hit = 0;
  const auto& route = layout.routes[edge];
  for (std::size_t k = 1; k < route.size(); k++) {
    for (int i = 0; i < int(d.sizes.size()); i++) {
      if (i == d.edges[edge].from || i == d.edges[edge].to) continue;
      Box box = box_of(d, layout, std::size_t(i));
      auto [low, high] = std::minmax({route[k - 1].x, route[k].x});
      bool beside = high <= box.left || low >= box.right;
      hit += !beside && route[k].y > box.top + 1e-9 && route[k - 1].y < box.bottom - 1e-9;
    }
  }
  return hit;
}

void check_layout(const Drawing& d) {
  Layout layout = layered_layout(d.sizes, d.edges);
  REQUIRE(layout.centers.size() == d.sizes.size());
  REQUIRE(layout.routes.size() == d.edges.size());
  for (std::size_t i = 0; i < d.sizes.size(); i++) {
    Box a = box_of(d, layout, i);
    CHECK(a.left >= 0);
    CHECK(a.top >= 0);
    CHECK(a.right <= layout.width);
    CHECK(a.bottom <= layout.height);
    for (std::size_t j = 0; j < i; j++) {
      Box b = box_of(d, layout, j);
      bool apart = a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
      CHECK(apart);
    }
  }
  for (std::size_t e = 0; e < d.edges.size(); e++) {
    Box from = box_of(d, layout, std::size_t(d.edges[e].from));
    Box to = box_of(d, layout, std::size_t(d.edges[e].to));
    CHECK(from.bottom < to.top);
    const auto& route = layout.routes[e];
    CHECK(route.front().y == from.bottom);
    CHECK(route.back().y == to.top);
    CHECK(route.front().x >= from.left);
    CHECK(route.front().x <= from.right);
    CHECK(route.back().x >= to.left);
    CHECK(route.back().x <= to.right);
    for (std::size_t k = 0; k < route.size(); k++) {
      CHECK(route[k].x >= 0);
      CHECK(route[k].x <= layout.width);
      if (k > 0) CHECK(route[k].y >= route[k - 1].y);
    }
    CHECK(nodes_hit(d, layout, e) == 0);
  }
}

}  // namespace

TEST_CASE("layout: nodes lie apart and inside, edges go down and past the nodes") {
  for (std::uint64_t seed = 0; seed < 12; seed++) {
    CAPTURE(seed);
    check_layout(random_drawing(5 + 5 * int(seed), seed));
  }
  check_layout({{{10, 10}}, {}});
  check_layout({{{10, 10}, {30, 10}, {50, 90}}, {}});
  check_layout({});
}

TEST_CASE("layout: layers count the steps to the end") {
  // 0 -> 1 -> 2 -> 3 and 0 -> 3; 4 -> 3
  Layers layers = make_layers(5, {{0, 1}, {0, 3}, {1, 2}, {2, 3}, {4, 3}});
  CHECK(std::vector<int>(layers.layer.begin(), layers.layer.begin() + 5) ==
        std::vector<int>{0, 1, 2, 3, 2});
  CHECK(layers.chains[1].size() == 4);          // the long edge passes two layers
}

TEST_CASE("layout: edges of one node share their way until they part") {
  // A chain 0 .. 5, and a node 6 whose value 3, 4 and 5 use, too
  Layers layers = make_layers(7, {{0, 1}, {1, 3}, {3, 4}, {4, 5}, {2, 3}, {2, 4}, {2, 5}});
  CHECK(layers.layer.size() == 7 + 2);
  CHECK(layers.chains[6][1] == layers.chains[5][1]);
}

TEST_CASE("layout: the sweeps undo crossings that need not be") {
  // Three pairs, upside down: 0 - 5, 1 - 4, 2 - 3
  Layers layers = make_layers(6, {{0, 5}, {1, 4}, {2, 3}});
  CHECK(crossings(layers) == 3);
  order_layers(layers);
  CHECK(crossings(layers) == 0);
  Layers both = make_layers(4, {{0, 2}, {0, 3}, {1, 2}, {1, 3}});
  order_layers(both);
  CHECK(crossings(both) == 1);                  // which needs to be
}

TEST_CASE("layout: what wants the same place shares it by weight, the order kept") {
  CHECK(spread_out({0, 0}, {1, 1}, {0, 2}) == std::vector<double>{-1, 1});
  CHECK(spread_out({0, 0}, {3, 1}, {0, 2}) == std::vector<double>{-0.5, 1.5});
  CHECK(spread_out({0, 10, 3}, {1, 1, 1}, {0, 1, 1}) == std::vector<double>{0, 6, 7});
  CHECK(spread_out({5, 9}, {1, 1}, {0, 2}) == std::vector<double>{5, 9});
  CHECK(spread_out({}, {}, {}).empty());
}

TEST_CASE("layout: the same graph gives the same bits") {
  Drawing d = random_drawing(60, 5);
  Layout a = layered_layout(d.sizes, d.edges), b = layered_layout(d.sizes, d.edges);
  for (std::size_t i = 0; i < d.sizes.size(); i++) {
    CHECK(a.centers[i].x == b.centers[i].x);
    CHECK(a.centers[i].y == b.centers[i].y);
  }
}
