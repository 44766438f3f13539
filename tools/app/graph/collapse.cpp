// A picture of the whole model: modules closed into boxes, without making a cycle.
#include <algorithm>
#include <cmath>
#include <queue>
#include <set>

#include "tools/app/graph/graph.h"

namespace babelgrad {
namespace {

bool listed(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

struct Group {                                  // of nodes that become one
  std::string box;                              // "": a node by itself
  std::vector<int> members;
  std::set<int> parents = {};                   // groups
};

class Grouping {
 public:
  Grouping(const Graph& graph, const Collapse& collapse)
      : graph_(graph), parents_(graph.nodes.size()), children_(graph.nodes.size()),
        group_of_(graph.nodes.size(), -1) {
    for (const GraphEdge& edge : graph.edges) {
      parents_[edge.to].push_back(edge.from);
      children_[edge.from].push_back(edge.to);
    }
    for (int i = 0; i < int(graph.nodes.size()); i++) {
      boxes_.push_back(box_of(graph.nodes[i].module, collapse));
      if (graph.nodes[i].kind != NodeKind::leaf) place_operation(i);
    }
    for (int i = 0; i < int(graph.nodes.size()); i++)
      if (graph.nodes[i].kind == NodeKind::leaf) place_leaf(i);
    link();
  }

  std::vector<Group> groups;

  // Numbers for the groups such that edges go from smaller to larger; of those that are free to
  // come next, the one whose first member was made first.
  std::vector<int> order() const {
    std::vector<int> missing, numbers(groups.size());
    std::vector<std::vector<int>> children(groups.size());
    std::priority_queue<std::pair<int, int>> free;        // (- birth, group)
    for (int g = 0; g < int(groups.size()); g++) {
      missing.push_back(int(groups[g].parents.size()));
      for (int parent : groups[g].parents) children[parent].push_back(g);
      if (missing[g] == 0) free.push({-groups[g].members[0], g});
    }
    for (int next = 0; !free.empty(); next++) {
      int g = free.top().second;
      free.pop();
      numbers[g] = next;
      for (int child : children[g])
        if (--missing[child] == 0) free.push({-groups[child].members[0], child});
    }
    return numbers;
  }
  int group_of(int node) const { return group_of_[node]; }
  bool leaves_group(int node) const {           // is its value used outside, or the result?
    for (int child : children_[node])
      if (group_of_[child] != group_of_[node]) return true;
    return children_[node].empty();
  }

 private:
  int begin(const std::string& box) {
    groups.push_back({box, {}});
    return int(groups.size()) - 1;
  }
  void put(int node, int group) {
    groups[group].members.push_back(node);
    group_of_[node] = group;
  }

  bool descends(int group, int from) const {    // does a path lead from `from` to `group`?
    std::vector<int> pending{group};
    std::set<int> seen{group};
    while (!pending.empty()) {
      int g = pending.back();
      pending.pop_back();
      if (g == from) return true;
      for (int parent : groups[g].parents)
        if (seen.insert(parent).second) pending.push_back(parent);
    }
    return false;
  }

  // The newest node has no results yet. So to join the box makes a cycle only if one of its inputs
  // comes out of that box and through another; then the box's next part begins.
  void place_operation(int node) {
    const std::string& box = boxes_[node];
    std::set<int> inputs;
    for (int parent : parents_[node])
      if (group_of_[parent] >= 0) inputs.insert(group_of_[parent]);
    int group = -1;
    if (auto open = last_part_.find(box); !box.empty() && open != last_part_.end()) {
      bool cycle = std::ranges::any_of(inputs, [&](int input) {
        return input != open->second && descends(input, open->second);
      });
      if (!cycle) group = open->second;
    }
    if (group < 0) group = begin(box);
    if (!box.empty()) last_part_[box] = group;
    put(node, group);
    inputs.erase(group);
    groups[group].parents.insert(inputs.begin(), inputs.end());
  }

  // A parameter lies in the box that alone uses it. What several parts or boxes use becomes a box
  // of parameters, into which no edge leads.
  void place_leaf(int node) {
    const std::string& box = boxes_[node];
    if (box.empty()) return put(node, begin(box));
    std::set<int> users;
    for (int child : children_[node]) users.insert(group_of_[child]);
    if (users.size() == 1 && groups[*users.begin()].box == box) return put(node, *users.begin());
    auto [at, is_new] = shared_.emplace(box, int(groups.size()));
    if (is_new) begin(box);
    put(node, at->second);
  }

  void link() {
    for (Group& group : groups) std::ranges::sort(group.members);
    for (const GraphEdge& edge : graph_.edges) {
      int from = group_of_[edge.from], to = group_of_[edge.to];
      if (from != to) groups[to].parents.insert(from);
    }
  }

  const Graph& graph_;
  std::vector<std::vector<int>> parents_, children_;
  std::vector<int> group_of_;
  std::vector<std::string> boxes_;
  std::map<std::string, int> last_part_, shared_;
};

// One node for many: what leaves it is what the rest of the graph sees of it.
GraphNode boxed(const Graph& graph, const Grouping& grouping, const Group& group) {
  GraphNode box;
  box.kind = NodeKind::module;
  box.label = box.module = group.box;
  box.members = group.members;
  double squares = 0;
  for (int i : group.members) {
    const GraphNode& node = graph.nodes[i];
    box.operations += node.operations, box.parameters += node.parameters;
    if (!grouping.leaves_group(i)) continue;
    box.shape = node.shape;
    squares += node.grad_norm * node.grad_norm;
  }
  box.grad_norm = std::sqrt(squares);
  return box;
}

// "rnn 2/6": the parts of one module, counted; a box without operations says what it holds.
void name_parts(Graph& graph) {
  std::map<std::string, int> parts, seen;
  for (const GraphNode& node : graph.nodes)
    if (node.kind == NodeKind::module && node.operations > 0) parts[node.module]++;
  for (GraphNode& node : graph.nodes) {
    if (node.kind != NodeKind::module) continue;
    int count = parts[node.module];
    if (node.operations == 0) node.label += " parameters";
    else if (count > 1) node.label += join(" ", ++seen[node.module], "/", count);
  }
}

}  // namespace

std::string box_of(const std::string& module, const Collapse& collapse) {
  std::string path;
  int depth = 0;
  for (const std::string& part : module_parts(module)) {
    path += (path.empty() ? "" : ".") + part;
    depth++;
    if (listed(collapse.open, path)) continue;
    if (listed(collapse.closed, path) || (collapse.depth > 0 && depth >= collapse.depth))
      return path;
  }
  return collapse.depth > 0 && !listed(collapse.open, path) ? path : "";
}

Graph collapsed(const Graph& graph, const Collapse& collapse) {
  Grouping grouping(graph, collapse);
  std::vector<int> numbers = grouping.order();
  Graph out;
  out.title = graph.title;
  out.nodes.resize(grouping.groups.size());
  for (std::size_t g = 0; g < grouping.groups.size(); g++) {
    const Group& group = grouping.groups[g];
    out.nodes[numbers[g]] = group.members.size() == 1 ? graph.nodes[group.members[0]]
                                                      : boxed(graph, grouping, group);
  }
  std::map<std::pair<int, int>, int> counts;
  for (const GraphEdge& edge : graph.edges) {
    int from = numbers[grouping.group_of(edge.from)], to = numbers[grouping.group_of(edge.to)];
    if (from != to) counts[{from, to}] += edge.count;
  }
  for (const auto& [ends, count] : counts) out.edges.push_back({ends.first, ends.second, count});
  name_parts(out);
  return out;
}

int readable_depth(const Graph& graph, const Collapse& collapse, int most_nodes) {
  if (int(graph.nodes.size()) <= most_nodes) return 0;
  int deepest = 1;
  for (const std::string& module : modules_of(graph))
    deepest = std::max(deepest, int(module_parts(module).size()));
  Collapse tried = collapse;
  for (tried.depth = deepest; tried.depth > 1; tried.depth--)
    if (int(collapsed(graph, tried).nodes.size()) <= most_nodes) break;
  return tried.depth;
}

}  // namespace babelgrad
