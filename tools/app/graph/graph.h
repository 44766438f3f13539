// The autograd graph as data: what backward() walks, with the gradient that arrived at every node,
// and its modules, which may be closed into one box each. Graphviz draws it.
#pragma once

#include <limits>
#include <map>
#include <string>
#include <vector>

#include "data/json.h"
#include "nn/module.h"
#include "tools/app/run/model.h"

namespace babelgrad {

enum class NodeKind { leaf, operation, module };

struct GraphNode {
  NodeKind kind = NodeKind::operation;
  std::string label;                            // a leaf's or module's name, or what is computed
  std::string operation;                        // as autograd calls it; a module has none
  std::string module;                           // encoder.blks.0.attention.W_q; "": the model's own
  Shape shape;                                  // a module's: of the last value that leaves it
  double grad_norm = std::numeric_limits<double>::quiet_NaN();  // NaN: no gradient arrived
  Tensor value, grad;                           // value: where it is known
  int operations = 0, parameters = 0;           // what the node stands for
  std::vector<int> members = {};                // a module's: the nodes it was before
};

struct GraphEdge {
  int from, to;                                 // from < to, always: there is no cycle
  int count = 1;                                // uses of the value, or edges merged into this one
};

struct Graph {
  std::string title;
  std::vector<GraphNode> nodes;                 // in order of birth
  std::vector<GraphEdge> edges;                 // sorted, each pair once
};

// ---- build.cpp
// Every node that y depends on, and its own, by birth: parents come first.
std::map<long, std::shared_ptr<Node>> ancestry(const Tensor& y);

// Modules are paths of names. A number belongs to the name before it, so that encoder.blks.0 has
// two parts: a list is no module.
std::vector<std::string> module_parts(const std::string& module);
std::string common_module(const std::string& a, const std::string& b);
std::vector<std::string> modules_of(const Graph& graph);                 // and those around, sorted

struct Told {                                   // what only its maker knows of a node
  std::string label;
  Tensor value;
};
// The graph that y depends on; then backward(y), which uses it up, so its structure is read before
// and every node keeps its gradient. Leaves get the names of `parameters`. Error if y is no number
// or depends on no leaf.
Graph differentiate(const Tensor& y, const std::vector<Parameter>& parameters,
                    const std::map<const Node*, Told>& told = {});

// Forward and back as in training, dropout included, with one pair as the batch. The parameters
// have their gradients afterwards, and are not updated.
Graph training_graph(Translator& model, const Pair& pair);

struct NewModel {
  std::unique_ptr<Translator> model;
  Pair pair;                                    // one that it could be trained on
};
// Untrained, with the vocabularies of a small built-in corpus; weights are drawn from `seed`.
NewModel new_model(const ModelConfig& config, std::uint64_t seed);

// ---- collapse.cpp
struct Collapse {
  int depth = 0;                                // modules so deep are boxes, and so is what lies
                                                // between them in a module around; 0: none are
  std::vector<std::string> closed = {}, open = {};        // boxes by name; modules that are none
};
// The module that hides a node of this module, or "".
std::string box_of(const std::string& module, const Collapse& collapse);
// Boxes for modules, parallel edges merged. A module that would be before and after another at once
// is drawn as several boxes, one for each stretch of its operations.
Graph collapsed(const Graph& graph, const Collapse& collapse);
// The deepest one that leaves at most this many nodes.
int readable_depth(const Graph& graph, const Collapse& collapse, int most_nodes = 60);

// ---- expression.cpp
struct Expression {                             // tanh(w * x + b), sum((a - [1, 2]) ** 2)
  Tensor result;
  std::vector<Parameter> leaves;                // the named values, each a leaf, by name
  std::map<const Node*, Told> told;             // how each operation is written, and its value
};
// Settings give the names their values: w=0.5, x=[1,2,3], W=[[1,2],[3,4]]. UsageError with a caret
// under the place that is wrong: syntax, a name without a value or never used, shapes that differ.
Expression evaluate(const std::string& text, const std::vector<std::string>& settings);
std::vector<std::string> function_names();      // that an expression may call

// ---- dot.cpp
std::string graph_dot(const Graph& graph, bool sideways);
Json graph_json(const Graph& graph);
std::string numbers_text(const Tensor& x);      // 0.7071 or [1.0000 -2.0000]; "" if more than six

// Shades of ‖grad‖: equal steps of its logarithm from the smallest to the largest of a graph.
class Shades {
 public:
  static constexpr int count = 5;
  explicit Shades(const Graph& graph);
  int of(double grad_norm) const;               // 0 .. count - 1; -1: zero; -2: no gradient

 private:
  double low_ = 0, high_ = 0;
};

}  // namespace babelgrad
