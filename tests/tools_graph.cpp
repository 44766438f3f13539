// The graph that is written is the one that backward() walks; every function of expressions; DOT,
// JSON.
#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "autograd/ops.h"
#include "data/file.h"
#include "tests/close.h"
#include "tests/xml.h"
#include "tools/app/graph/graph.h"

using namespace babelgrad;

namespace {

NewModel new_graph_model(const std::string& name, int layers = 1) {
  ModelConfig config;
  config.model = name;
  config.embed = config.hidden = config.ffn = 8;
  config.layers = layers, config.heads = 2, config.dropout = 0.1;
  return new_model(config, 3);
}

Graph graph_of(const std::string& name, int layers = 1) {
  NewModel made = new_graph_model(name, layers);
  return training_graph(*made.model, made.pair);
}

const GraphNode& labelled(const Graph& graph, const std::string& label) {
  auto found = std::ranges::find(graph.nodes, label, &GraphNode::label);
  REQUIRE(found != graph.nodes.end());
  return *found;
}

double norm_of(const Tensor& x) {
  double sum = 0;
  for (Real v : x.values()) sum += double(v) * double(v);
  return std::sqrt(sum);
}

void check_forward(const Graph& graph) {        // so there is no cycle
  for (const GraphEdge& e : graph.edges) {
    CHECK(e.from >= 0);
    CHECK(e.from < e.to);
    CHECK(e.to < int(graph.nodes.size()));
    CHECK(e.count > 0);
  }
}

// reach[i][j]: a path leads from i to j, or they are the same.
std::vector<std::vector<bool>> reach(const Graph& graph) {
  std::size_t n = graph.nodes.size();
  std::vector<std::vector<bool>> out(n, std::vector<bool>(n));
  std::vector<std::vector<int>> children(n);
  for (const GraphEdge& e : graph.edges) children[e.from].push_back(e.to);
  for (std::size_t i = n; i-- > 0;) {
    out[i][i] = true;
    for (int child : children[i])
      for (std::size_t j = 0; j < n; j++) out[i][j] = out[i][j] || out[child][j];
  }
  return out;
}

// Where each node of the whole went: to the box that has it as a member, the others in their order.
std::vector<int> places_in(const Graph& whole, const Graph& picture) {
  std::vector<int> place(whole.nodes.size(), -1);
  for (int p = 0; p < int(picture.nodes.size()); p++)
    for (int i : picture.nodes[p].members) {
      CHECK(place[i] == -1);
      place[i] = p;
    }
  std::map<std::pair<std::string, double>, std::vector<int>> alone;
  for (int p = int(picture.nodes.size()); p-- > 0;)
    if (const GraphNode& n = picture.nodes[p]; n.kind != NodeKind::module)
      alone[{n.label + n.module, n.grad_norm}].push_back(p);
  for (int i = 0; i < int(whole.nodes.size()); i++) {
    if (place[i] >= 0) continue;
    auto& twins = alone[{whole.nodes[i].label + whole.nodes[i].module, whole.nodes[i].grad_norm}];
    REQUIRE(!twins.empty());
    place[i] = twins.back(), twins.pop_back();
  }
  return place;
}

struct Solved {
  double value;
  std::map<std::string, std::vector<Real>> grads;
  Graph graph;
};

Solved solve(const std::string& text, const std::vector<std::string>& settings) {
  Expression e = evaluate(text, settings);
  Solved out{double(e.result.item()), {}, differentiate(e.result, e.leaves, e.told)};
  out.graph.title = text;
  for (const Parameter& leaf : e.leaves) out.grads[leaf.name] = grad(leaf.tensor).values();
  return out;
}

}  // namespace

TEST_CASE("graph: a shared result is one node; gradients are those computed by hand") {
  Tensor a = requires_grad(Tensor::scalar(2)), b = requires_grad(Tensor::scalar(3));
  Tensor s = a * b, y = s * s + s;              // y = s² + s, dy/ds = 2 s + 1 = 13
  Graph graph = differentiate(y, {{"a", a}, {"b", b}});
  REQUIRE(graph.nodes.size() == 5);
  const char* labels[] = {"a", "b", "mul", "mul", "add"};
  double norms[] = {39, 26, 13, 1, 1};
  for (int i = 0; i < 5; i++) {
    CHECK(graph.nodes[i].label == labels[i]);
    CHECK(graph.nodes[i].grad_norm == norms[i]);
  }
  std::vector<std::array<int, 3>> edges;
  for (const GraphEdge& e : graph.edges) edges.push_back({e.from, e.to, e.count});
  CHECK(edges == std::vector<std::array<int, 3>>{
                     {0, 2, 1}, {1, 2, 1}, {2, 3, 2}, {2, 4, 1}, {3, 4, 1}});
  CHECK(labelled(graph, "a").value.item() == 2);
}

TEST_CASE("graph: only one number that depends on a leaf has a graph") {
  Tensor x = requires_grad(Tensor({2}, {1, 2}));
  CHECK_THROWS_AS(differentiate(x * x, {}), Error);
  CHECK_THROWS_AS(differentiate(Tensor::scalar(1), {}), Error);
  CHECK(differentiate(sum(x), {}).nodes.size() == 2);
}

TEST_CASE("graph: a training step's leaves are the model's parameters, norms those of grad()") {
  for (const char* name : {"rnn", "attention", "transformer"}) {
    CAPTURE(name);
    NewModel made = new_graph_model(name, 2);
    Graph graph = training_graph(*made.model, made.pair);
    check_forward(graph);
    std::map<std::string, const GraphNode*> leaves;
    for (const GraphNode& node : graph.nodes) {
      CHECK(std::isfinite(node.grad_norm));
      CHECK(node.label != "leaf");
      if (node.kind == NodeKind::leaf) leaves[node.label] = &node;
    }
    auto parameters = named_parameters(made.model->module());
    CHECK(leaves.size() == parameters.size());
    for (const Parameter& p : parameters) {
      REQUIRE(leaves.contains(p.name));
      CHECK(leaves[p.name]->shape == p.tensor.shape());
      CHECK(leaves[p.name]->grad_norm == norm_of(grad(p.tensor)));
    }
    CHECK(graph.nodes.back().grad_norm == 1);   // of the loss by itself
  }
}

TEST_CASE("modules: a number belongs to the list before it") {
  CHECK(module_parts("encoder.blks.0.attention") ==
        std::vector<std::string>{"encoder", "blks.0", "attention"});
  CHECK(module_parts("").empty());
  CHECK(common_module("encoder.blks.0.ffn", "encoder.blks.1.ffn") == "encoder");
  CHECK(common_module("encoder.blks.0.ffn", "encoder.blks.0.attention.W_k") == "encoder.blks.0");
  CHECK(common_module("encoder", "encoder2") == "");
}

TEST_CASE("modules: an operation belongs to its parameters' module, or to the one around") {
  Graph graph = graph_of("transformer");
  std::map<std::string, std::set<std::string>> at;
  for (const GraphNode& node : graph.nodes)
    if (node.kind == NodeKind::operation) at[node.label].insert(node.module);
  CHECK(at["dot_attention"] == std::set<std::string>{"encoder.blks.0.attention",
                                                     "decoder.blks.0.attention1",
                                                     "decoder.blks.0.attention2"});
  CHECK(at["permute"] == at["dot_attention"]);
  CHECK(at["relu"] == std::set<std::string>{"encoder.blks.0.ffn", "decoder.blks.0.ffn"});
  CHECK(at["layer_norm"].contains("decoder.blks.0.addnorm3.ln"));
  CHECK(at["mul"] == std::set<std::string>{"encoder", "decoder", ""});   // times √d; the mask
  CHECK(at["cross_entropy"] == std::set<std::string>{""});
}

TEST_CASE("collapse: a node's box is the module so deep, or named, unless it is opened") {
  const std::string deep = "encoder.blks.0.attention.W_q";
  CHECK(box_of(deep, {}) == "");
  CHECK(box_of(deep, {.depth = 1}) == "encoder");
  CHECK(box_of(deep, {.depth = 3}) == "encoder.blks.0.attention");
  CHECK(box_of(deep, {.depth = 9}) == deep);
  CHECK(box_of("encoder", {.depth = 2}) == "encoder");
  CHECK(box_of("", {.depth = 2}) == "");
  CHECK(box_of(deep, {.closed = {"encoder.blks.0", "decoder"}}) == "encoder.blks.0");
  CHECK(box_of("encoder.blks.1", {.closed = {"encoder.blks.0"}}) == "");
  CHECK(box_of(deep, {.depth = 1, .open = {"encoder"}}) == "encoder.blks.0");
  CHECK(box_of("encoder", {.depth = 1, .open = {"encoder"}}) == "");
}

TEST_CASE("collapse: no cycle, every path stays one, and nothing is lost") {
  for (const char* name : {"rnn", "attention", "transformer"}) {
    Graph whole = graph_of(name, 2);
    auto before = reach(whole);
    std::vector<Collapse> all = {{.depth = 1}, {.depth = 2}, {.depth = 3}, {.depth = 4}, {},
                                 {.closed = {"decoder"}}, {.depth = 1, .open = {"decoder"}}};
    for (const Collapse& how : all) {
      CAPTURE(name);
      CAPTURE(how.depth);
      Graph picture = collapsed(whole, how);
      check_forward(picture);
      CHECK(picture.nodes.size() <= whole.nodes.size());
      std::vector<int> place = places_in(whole, picture);
      auto after = reach(picture);
      int lost = 0, operations = 0, parameters = 0, uses = 0, inner = 0, drawn = 0;
      for (std::size_t i = 0; i < place.size(); i++)
        for (std::size_t j = 0; j < place.size(); j++)
          lost += before[i][j] && !after[place[i]][place[j]];
      CHECK(lost == 0);
      for (const GraphNode& n : picture.nodes)
        operations += n.operations, parameters += n.parameters;
      CHECK(operations + parameters == int(whole.nodes.size()));
      for (const GraphEdge& e : whole.edges)
        uses += e.count, inner += place[e.from] == place[e.to] ? e.count : 0;
      for (const GraphEdge& e : picture.edges) drawn += e.count;
      CHECK(drawn + inner == uses);
    }
  }
}

TEST_CASE("collapse: what is before and after another module is drawn in parts, in order") {
  Graph whole = graph_of("attention");
  Graph picture = collapsed(whole, {.closed = {"decoder.rnn"}});
  std::vector<std::string> parts;
  for (const GraphNode& n : picture.nodes)
    if (n.kind == NodeKind::module) parts.push_back(n.label);
  REQUIRE(parts.size() > 3);                    // a part for each step
  int steps = int(parts.size()) - 1;
  CHECK(parts[0] == "decoder.rnn parameters");
  for (int t = 1; t <= steps; t++) CHECK(parts[t] == join("decoder.rnn ", t, "/", steps));
  CHECK(labelled(picture, "decoder.rnn parameters").parameters == 4);
  Graph one = collapsed(whole, {.closed = {"decoder"}});
  CHECK(labelled(one, "decoder").parameters + labelled(one, "decoder").operations > 40);
}

TEST_CASE("collapse: a box has the shape and the gradient of what leaves it") {
  Graph whole = graph_of("rnn"), picture = collapsed(whole, {.depth = 1});
  const GraphNode& decoder = labelled(picture, "decoder");
  auto logits = std::ranges::find_if(whole.nodes, [](const GraphNode& node) {
    return node.kind == NodeKind::operation && node.module == "decoder.dense";
  });
  CHECK(decoder.shape == logits->shape);
  CHECK(decoder.grad_norm == doctest::Approx(logits->grad_norm));
}

TEST_CASE("collapse: the depth that is chosen leaves at most as many nodes as can be read") {
  for (const char* name : {"rnn", "attention", "transformer"}) {
    Graph whole = graph_of(name, 2);
    for (int most : {20, 60, 1000}) {
      int depth = readable_depth(whole, {}, most);
      int nodes = int(collapsed(whole, {.depth = depth}).nodes.size());
      CHECK((nodes <= most || depth == 1));
      CHECK((depth == 0) == (int(whole.nodes.size()) <= most));
    }
  }
}

TEST_CASE("expression: every function it may call is there, and differentiable") {
  for (const std::string& name : function_names()) {
    CAPTURE(name);
    std::string call = name == "clamp" ? "clamp(x, 0, 1)" : name + "(x)";
    for (const char* two : {"pow", "maximum", "minimum", "matmul"})
      if (name == two) call = name + "(x, [0.25, 0.75])";
    Solved y = solve("sum(" + call + ")", {"x=[0.5, 0.3]"});
    CHECK(std::isfinite(y.value));
    CHECK(y.grads["x"].size() == 2);
    for (const GraphNode& node : y.graph.nodes) CHECK(bool(node.value));
  }
}

TEST_CASE("graph_dot: hostile text stays text") {
  for (const char* hostile : {"<script>alert(1)</script>", "\"]; evil -> n0 [x=\"", "a & b",
                              "\\N\\l\\", "</title></svg>", "\x1B[31m\xFF\n", "' onload='x"}) {
    CAPTURE(hostile);
    Graph graph;
    graph.title = hostile;
    GraphNode node;
    node.label = node.operation = node.module = hostile;
    graph.nodes = {node, node};
    graph.nodes[0].kind = NodeKind::leaf;
    graph.edges = {{0, 1}};
    std::string dot = graph_dot(graph, false);
    bool quoted = false;                        // outside quotes DOT has only words of ours
    std::string bare;
    for (std::size_t i = 0; i < dot.size(); i++) {
      if (quoted && dot[i] == '\\') { i++; continue; }
      if (dot[i] == '"') quoted = !quoted;
      else if (!quoted) bare += dot[i];
    }
    CHECK(!quoted);
    for (const char* word : {"evil", "script", "onload", "svg", "N"}) CHECK(count(bare, word) == 0);
    CHECK(count(bare, "->") == 1);
  }
}

TEST_CASE("graph_dot: clusters are modules, closed boxes lie in the module around") {
  Graph whole = graph_of("transformer");
  std::string dot = graph_dot(whole, false);
  CHECK(count(dot, "subgraph \"cluster_encoder.blks.0.attention\" {") == 1);
  CHECK(count(dot, " [label=") - count(dot, "×\"]") == int(whole.nodes.size()));
  CHECK(count(dot, " -> ") == int(whole.edges.size()));
  std::string closed = graph_dot(collapsed(whole, {.closed = {"encoder.blks.0.attention"}}), false);
  CHECK(count(closed, "cluster_encoder.blks.0.attention\"") == 0);
  CHECK(count(closed, "cluster_encoder.blks.0\"") == 1);
  CHECK(count(closed, "label=\"encoder.blks.0.attention\\n") == 1);
}

TEST_CASE("shades: from the smallest to the largest gradient, in equal steps of its logarithm") {
  Graph graph;
  for (double norm : {1e-4, 1e-2, 10.0, 0.0, double(NAN)}) {
    graph.nodes.emplace_back();
    graph.nodes.back().grad_norm = norm;
  }
  Shades shades(graph);
  CHECK(shades.of(1e-4) == 0);
  CHECK(shades.of(2e-3) == 1);
  CHECK(shades.of(1e-2) == 2);
  CHECK(shades.of(10) == 4);
  CHECK(shades.of(0) == -1);
  CHECK(shades.of(NAN) == -2);
}
