// The graph as SVG, DOT and JSON: what is in it, that any text is only text, that bytes repeat.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>

#include "autograd/ops.h"
#include "data/file.h"
#include "tests/folder.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/graph/expression.h"
#include "tools/app/graph/label.h"
#include "tools/app/graph/training.h"

using namespace babelgrad;

namespace {

Graph expression_graph(const std::string& text, const std::vector<std::string>& settings) {
  Expression e = evaluate(text, settings);
  Graph graph = differentiate(e.result, e.leaves, e.told);
  graph.title = text;
  return graph;
}

Graph transformer_graph() {
  ModelConfig config;
  config.embed = config.hidden = config.ffn = 8;
  config.layers = 1, config.heads = 2;
  NewModel made = new_model(config, 1);
  return training_graph(*made.model, made.pair);
}

int count(const std::string& text, const std::string& what) {
  int n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) n++;
  return n;
}

// Do the tags balance, with every attribute quoted and no stray < > & in a text?
bool well_formed(const std::string& svg) {
  std::vector<std::string> open;
  for (std::size_t i = 0; i < svg.size(); i++) {
    if ((unsigned char)svg[i] < 0x20 && svg[i] != '\n') return false;
    if (svg[i] == '>') return false;
    if (svg[i] == '&') {
      bool known = false;
      for (const char* entity : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"})
        known |= svg.compare(i, std::string(entity).size(), entity) == 0;
      if (!known) return false;
    }
    if (svg[i] != '<') continue;
    std::size_t end = i;
    for (bool quoted = false; end < svg.size() && (quoted || svg[end] != '>'); end++) {
      if (svg[end] == '"') quoted = !quoted;
      if (end > i && svg[end] == '<') return false;
    }
    if (end == svg.size()) return false;
    std::string tag = svg.substr(i + 1, end - i - 1);
    std::string name = tag.substr(0, tag.find(' '));
    if (name.starts_with('/')) {
      if (open.empty() || "/" + open.back() != name) return false;
      open.pop_back();
    } else if (!tag.ends_with('/')) { open.push_back(name); }
    i = end;
  }
  return open.empty();
}

double attribute(const std::string& tag, const std::string& name) {
  std::size_t at = tag.find(" " + name + "=\"");
  REQUIRE(at != std::string::npos);
  return std::stod(tag.substr(at + name.size() + 3));
}

// The program itself in `folder`, its stdout in the file `out`.
int run(const Folder& folder, const std::string& arguments) {
  const char* program = std::getenv("BABELGRAD");
  std::string path = std::filesystem::absolute(program ? program : "build/babelgrad").string();
  std::string call = "cd '" + folder.path + "' && '" + path + "' graph " + arguments;
  return std::system((call + " > out 2> err").c_str());
}

int command(std::vector<const char*> words) {
  words.insert(words.begin(), "graph");
  return graph_command(int(words.size()), words.data());
}

}  // namespace

TEST_CASE("graph_svg: values and gradients, in real text, as micrograd draws them") {
  std::string svg = graph_svg(expression_graph("x * x + y", {"x=3", "y=-0.5"}), true);
  CHECK(well_formed(svg));
  for (const char* words : {">x</text>", ">value 3.0000</text>", ">grad  6.0000</text>",
                            ">value 8.5000</text>", ">y</text>", ">value -0.5000</text>",
                            ">2×</text>", "<title>x → *, 2 times</title>",
                            "<title>*: mul, shape (), ‖grad‖ 1</title>", ">‖grad‖</text>",
                            "@media (prefers-color-scheme: dark)"})
    CHECK_MESSAGE(count(svg, words) == 1, words);
  CHECK(count(svg, "<g class=\"leaf\">") == 2);
  CHECK(count(svg, "class=\"edge\"") == 3);     // the square is one line, marked 2×
}

TEST_CASE("graph_svg: no box lies outside the picture") {
  for (bool sideways : {false, true}) {
    Graph whole = transformer_graph();
    for (int depth : {0, 1, 3}) {
      std::string svg = graph_svg(collapsed(whole, {.depth = depth}), sideways);
      CHECK(well_formed(svg));
      std::string root = svg.substr(0, svg.find('>'));
      double width = attribute(root, "width"), height = attribute(root, "height");
      CHECK(root.find(join("viewBox=\"0 0 ", width, " ", height, "\"")) != std::string::npos);
      double aside = std::stod(svg.substr(svg.find("translate(") + 10));
      CHECK(aside >= 0);
      std::size_t drawing = svg.find("<g transform");
      for (std::size_t at = svg.find("<rect", drawing); at != std::string::npos;
           at = svg.find("<rect", at + 1)) {
        std::string tag = svg.substr(at, svg.find('>', at) - at);
        CHECK(attribute(tag, "x") >= 0);
        CHECK(attribute(tag, "y") >= 70);       // below title and legend
        CHECK(aside + attribute(tag, "x") + attribute(tag, "width") <= width);
        CHECK(attribute(tag, "y") + attribute(tag, "height") <= height);
      }
    }
  }
}

TEST_CASE("graph pictures: hostile text stays text, in every form") {
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
    std::string svg = graph_svg(graph, false), dot = graph_dot(graph, false);
    CHECK(well_formed(svg));
    CHECK(count(svg, "<script") == 0);
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
  Graph whole = transformer_graph();
  std::string dot = graph_dot(whole, false);
  CHECK(count(dot, "subgraph \"cluster_encoder.blks.0.attention\" {") == 1);
  CHECK(count(dot, " [label=") - count(dot, "×\"]") == int(whole.nodes.size()));
  CHECK(count(dot, " -> ") == int(whole.edges.size()));
  std::string closed = graph_dot(collapsed(whole, {.closed = {"encoder.blks.0.attention"}}), false);
  CHECK(count(closed, "cluster_encoder.blks.0.attention\"") == 0);
  CHECK(count(closed, "cluster_encoder.blks.0\"") == 1);
  CHECK(count(closed, "label=\"encoder.blks.0.attention\\n") == 1);
}

TEST_CASE("graph_json: nodes and edges that parse back") {
  Graph graph = expression_graph("sum(tanh(w * [1, 2]))", {"w=0.5"});
  Json json = parse_json(write_json(graph_json(graph)), "graph");
  auto nodes = json.get_array("nodes"), edges = json.get_array("edges");
  REQUIRE(nodes.size() == graph.nodes.size());
  REQUIRE(edges.size() == graph.edges.size());
  CHECK(json.get_string("title") == "sum(tanh(w * [1, 2]))");
  CHECK(nodes[0].get_double("grad") == doctest::Approx(double(graph.nodes[0].grad.item())));
  CHECK(nodes[2].get_string("operation") == "tanh");
  CHECK(nodes[2].get_array("shape")[0].as_int() == 2);
  CHECK(nodes[2].get_array("value")[1].as_double() == doctest::Approx(std::tanh(1.0)));
  Graph model = collapsed(transformer_graph(), {.depth = 1});
  Json boxes = parse_json(write_json(graph_json(model)), "graph");
  CHECK(boxes.get_array("nodes")[0].get_int("operations") == model.nodes[0].operations);
}

TEST_CASE("graph pictures: a NaN or an infinity is said, never a coordinate") {
  Graph graph = expression_graph("log(x) + y / 0", {"x=-1", "y=1"});
  std::string svg = graph_svg(graph, true);
  CHECK(well_formed(svg));
  CHECK(count(svg, "=\"nan") + count(svg, "=\"inf") + count(svg, "=\"-") == 0);
  CHECK(count(svg, ">value nan</text>") > 0);
  CHECK(parse_json(write_json(graph_json(graph)), "graph").is_object());
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
  CHECK(shades.bound(1) == doctest::Approx(1e-3));
}

TEST_CASE("numbers: four digits that say something") {
  CHECK(numbers_text(Tensor::scalar(Real(0.5))) == "0.5000");
  CHECK(numbers_text(-Tensor::scalar(0)) == "0.0000");
  CHECK(numbers_text(Tensor::scalar(Real(1.25e-7))) == "1.25e-07");
  CHECK(numbers_text(Tensor({2}, {1, -2})) == "[1.0000 -2.0000]");
  CHECK(numbers_text(Tensor({7})) == "");
  CHECK(significant(0.0123456) == "0.01235");
}

TEST_CASE("babelgrad graph: writes the same bytes twice, of a formula, a new model and a run") {
  Folder folder;
  ModelConfig config;
  config.model = "attention", config.embed = config.hidden = 8, config.layers = 1;
  NewModel made = new_model(config, 0);
  save_model(*made.model, folder.path + "/model.safetensors");
  for (const char* words :
       {"--expression 'tanh(w * x)' --set w=0.5 --set=x=-2",
        "--model rnn --layers 2 --cell lstm --dropout 0.5",
        "--model transformer --collapse encoder.blks.0,decoder --expand encoder",
        ". 'the girl sleeps .' 'la fille dort .'", ". 'zyx <script> \"é' --collapse 0"}) {
    CAPTURE(words);
    for (const char* name : {"one", "two"})
      CHECK(run(folder, join(words, " --svg ", name, ".svg --dot ", name, ".dot --json")) == 0);
    std::string svg = read_file(folder.path + "/one.svg");
    CHECK(well_formed(svg));
    CHECK(svg == read_file(folder.path + "/two.svg"));
    CHECK(read_file(folder.path + "/one.dot") == read_file(folder.path + "/two.dot"));
    CHECK(parse_json(read_file(folder.path + "/out"), "stdout").is_object());
  }
}

TEST_CASE("babelgrad graph: wrong use is said") {
  CHECK_THROWS_AS(command({}), UsageError);
  CHECK_THROWS_AS(command({"--model", "rnn", "--expression", "x"}), UsageError);
  CHECK_THROWS_AS(command({"--model", "rnn", "--set", "x=1"}), UsageError);
  CHECK_THROWS_AS(command({"--model", "rnn", "--collapse", "encoder.rmn"}), UsageError);
  CHECK_THROWS_AS(command({"--model", "rnn", "--expand", ""}), UsageError);
  CHECK_THROWS_AS(command({"--expression", "x", "--set"}), UsageError);
  CHECK_THROWS_AS(command({"--model", "transformer", "--hidden", "5", "--heads", "2"}), Error);
  CHECK_THROWS_AS(command({"/nowhere", "a"}), Error);
}
