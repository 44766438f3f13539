#include "autograd/node.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>

#include "autograd/observer.h"
#include "tensor/map.h"
#include "tensor/reduce.h"

namespace babelgrad {
namespace {

std::atomic<long> created{0}, alive{0};
std::atomic<bool> checking{false}, told_of_unnamed{false};
thread_local bool recording = true;

const Node* node_of(const Tensor& x) { return x.node.get(); }
const Node* node_of(const std::shared_ptr<Node>& node) { return node.get(); }

template <class Inputs>                         // tensors, or their nodes: their names are told
void check_finite(const char* when, const char* operation, const Tensor& y, const Inputs& inputs) {
  if (!checking) return;
  std::vector<Real> values = y.values();
  auto bad = std::find_if(values.begin(), values.end(), [](Real v) { return !std::isfinite(v); });
  if (bad == values.end()) return;
  std::string names;
  for (const auto& input : inputs) {
    if (!node_of(input) || node_of(input)->name.empty()) continue;
    names += (names.empty() ? ", by " : ", ") + node_of(input)->name;
  }
  fail(operation, ": ", when, " made ", std::isnan(*bad) ? "a NaN" : "an Inf", " at element ",
       bad - values.begin(), " of shape ", y.shape(), names);
}

// A gradient buffer that may be written to: none, or nobody else's and row-major.
Tensor& writable(Tensor& grad) {
  auto same = [](Real v) { return v; };
  if (grad && (!grad.sole_owner() || !grad.contiguous())) grad = raw::map(grad, same);
  return grad;
}

// The first gradient is kept as it came; the next is added to it, or to a copy if others hold it.
void accumulate(Node& node, const Tensor& dx) {
  check(dx.shape() == node.shape, "backward: a gradient of shape ", dx.shape(),
        " for a result of ", node.operation, " of shape ", node.shape);
  if (!node.grad) node.grad = dx;
  else raw::add_into(writable(node.grad), dx);
}

void check_unused(const Node& node) {
  check(node.leaf || node.backward, "backward: the graph of this ", node.operation,
        " has been used up; compute it again");
}

// Its derivatives hold the numbers it has read: all of them must still be what they were.
void check_unwritten(const Node& node) {
  for (const Node::Read& read : node.reads) {
    check(read.numbers.version() == read.version, "backward: a leaf of shape ",
          read.numbers.shape(), " has been written to since ", node.operation,
          " read it; compute the graph again");
  }
}

// The nodes that `last` depends on, itself included, each once: the last created first, so that a
// node comes after all that depend on it.
std::vector<std::shared_ptr<Node>> latest_first(const std::shared_ptr<Node>& last) {
  auto older = [](auto& a, auto& b) { return a->id < b->id; };
  std::vector<std::shared_ptr<Node>> sorted, pending{last};              // pending: a heap
  while (!pending.empty()) {
    std::pop_heap(pending.begin(), pending.end(), older);
    std::shared_ptr<Node> node = std::move(pending.back());
    pending.pop_back();
    if (!sorted.empty() && sorted.back() == node) continue;              // reached by several ways
    for (const auto& input : node->inputs) {
      if (!input) continue;
      pending.push_back(input);
      std::push_heap(pending.begin(), pending.end(), older);
    }
    sorted.push_back(std::move(node));
  }
  return sorted;
}

// Leaves that no optimiser changes beside some that one does were perhaps forgotten in fields().
void tell_of_unnamed(const std::vector<std::shared_ptr<Node>>& nodes) {
  if (told_of_unnamed) return;
  constexpr int most_shapes = 4;
  int unnamed = 0;
  bool named = false;
  std::string shapes;
  for (auto at = nodes.rbegin(); at != nodes.rend(); ++at) {             // the oldest first
    const Node& node = **at;
    if (!node.leaf) continue;
    if (!node.name.empty()) named = true;
    else if (++unnamed <= most_shapes) shapes += join(unnamed > 1 ? ", " : "", node.shape);
  }
  if (!named || unnamed == 0 || told_of_unnamed.exchange(true)) return;
  const std::string note = join(
      "note: backward: the loss also depends on ", unnamed, unnamed == 1 ? " leaf" : " leaves",
      " that no optimiser changes, of shape ", shapes, unnamed > most_shapes ? ", ..." : "",
      "; what should learn is named in fields(), what should not is better a constant: detach()\n");
  std::fputs(note.c_str(), stderr);
}

// Dropping a node drops its inputs, theirs, and so on: a list instead of a recursion, because a
// chain of a million nodes would be a million stack frames. A node that nobody else holds leaves
// its inputs to the list before it goes.
void release(Node& last) {
  std::vector<std::shared_ptr<Node>> pending;
  auto add = [&](Node& node) {
    std::ranges::move(node.inputs, std::back_inserter(pending));
    node.inputs.clear();
    node.backward = nullptr;                    // holds inputs, which are listed
  };
  add(last);
  while (!pending.empty()) {
    std::shared_ptr<Node> node = std::move(pending.back());
    pending.pop_back();
    if (node && node.use_count() == 1) add(*node);
  }
}

}  // namespace

Node::Node(const char* operation, const Shape& shape, bool leaf)
    : id(created++), operation(operation), shape(shape), leaf(leaf), keep_grad(leaf) {
  alive++;
}

Node::~Node() {
  alive--;
  if (!inputs.empty()) release(*this);
}

Gradient Gradients::operator[](int input) const {
  return {operation, operation.inputs[input].get(), dy};
}

void Gradient::operator+=(const Tensor& dx) const {
  if (!input_) return;
  const Tensor d = dx.shape() == input_->shape ? dx : raw::sum_to(dx, input_->shape);
  check_finite("backward", operation_.operation, d, operation_.inputs);
  accumulate(*input_, d);
  if (observer) [[unlikely]] observer->backward(operation_.operation, dy_, d);
}

Tensor& Gradient::sum() const { return writable(input_->grad); }

void Gradient::check_sum() const {
  check_finite("backward", operation_.operation, input_->grad, operation_.inputs);
  if (observer) [[unlikely]] observer->backward(operation_.operation, dy_, Tensor());
}

namespace {

// y has no node yet, and gets one if any input has one: what depends on no leaf is a constant.
void remember(const char* operation, Tensor& y, const std::vector<Tensor>& inputs,
              Backward backward) {
  if (std::ranges::none_of(inputs, has_grad)) return;
  y.node = std::make_shared<Node>(operation, y.shape(), false);
  y.node->backward = std::move(backward);
  for (const Tensor& input : inputs) {
    y.node->inputs.push_back(input.node);
    if (input.version() > 0) y.node->reads.push_back({detach(input), input.version()});
  }
}

// Does each index have a number of its own? From the smallest step to the largest, each must lead
// past all that the smaller ones reach.
bool distinct(const Tensor& x) {
  std::vector<std::pair<Index, Index>> axes;    // step, and how far the axis reaches
  for (int axis = 0; axis < x.rank(); axis++) {
    const Index step = std::abs(x.strides()[axis]);
    if (x.dim(axis) > 1) axes.push_back({step, step * (x.dim(axis) - 1)});
  }
  std::sort(axes.begin(), axes.end());
  Index reach = 0;
  for (auto [step, extent] : axes) {
    if (step <= reach) return false;
    reach += extent;
  }
  return true;
}

}  // namespace

Tensor record(const char* operation, Tensor y, const std::vector<Tensor>& inputs,
              Backward backward) {
  check_finite("forward", operation, y, inputs);
  if (recording) remember(operation, y, inputs, std::move(backward));
  if (observer) [[unlikely]] observer->forward(operation, y, inputs);
  return y;
}

Tensor requires_grad(Tensor x) {
  check(bool(x), "requires_grad: there is no tensor");
  check(x.numel() == 0 || distinct(x), "requires_grad: shape ", x.shape(),
        " shows the same number in several places; make a leaf before it is expanded");
  x.node = nullptr;
  if (!x.sole_owner() || !x.contiguous()) x = raw::map(x, [](Real v) { return v; });
  x.node = std::make_shared<Node>("leaf", x.shape(), true);
  x.mark_written();
  return x;
}

Real* overwrite(Tensor& x, const char* writer) {
  check(bool(x), writer, ": there is no tensor to write to");
  check(!x.node || x.node->leaf, writer, ": a tensor of shape ", x.shape(), " is the result of ",
        x.node ? x.node->operation : "", "; only leaves are written to");
  check(x.contiguous(), writer, ": a tensor of shape ", x.shape(),
        " is a view that is not row-major; requires_grad() makes a leaf of it");
  if (x.version() > 0) x.mark_written();
  return x.data();
}

Tensor detach(const Tensor& x) {
  Tensor y = x;
  y.node = nullptr;
  return y;
}

bool has_grad(const Tensor& x) { return x.node != nullptr; }
void zero_grad(const Tensor& x) { if (x.node) x.node->grad = Tensor(); }
void retain_grad(const Tensor& x) { if (x.node) x.node->keep_grad = true; }

Tensor grad(const Tensor& x) {
  if (!x.node) return Tensor();
  check(x.node->keep_grad, "grad: a tensor of shape ", x.shape(), " is the result of ",
        x.node->operation, ", not (or no longer) a leaf, and keeps no gradient; a step by hand is "
        "{ NoGrad n; w = requires_grad(w - 0.1 * grad(w)); }, or an optimiser's; for the gradient "
        "of a result, retain_grad before backward");
  return x.node->grad;
}

void name_parameter(const Tensor& leaf, const std::string& name) {
  if (leaf.node) leaf.node->name = name.empty() ? "a parameter" : name;
  told_of_unnamed = false;
}

void backward(const Tensor& loss) {
  check_given("backward", loss);
  check(loss.numel() == 1,
        "backward: a loss is one number, not shape ", loss.shape(),
        "; for other shapes pass dL/dy as well");
  backward(loss, Tensor(loss.shape(), 1));
}

void backward(const Tensor& y, const Tensor& dy) {
  check_given("backward", y, dy);
  check(y.node != nullptr, "backward: this tensor depends on no leaf that requires a gradient");
  std::vector<std::shared_ptr<Node>> nodes = latest_first(y.node);
  for (const auto& node : nodes) {              // before any gradient has changed
    check_unused(*node);
    check_unwritten(*node);
  }
  tell_of_unnamed(nodes);
  NoGrad guard;
  if (observer) [[unlikely]] observer->begin_backward();
  accumulate(*y.node, dy);
  for (auto& place : nodes) {
    // What depends on this node was created later, so its gradient is complete.
    std::shared_ptr<Node> node = std::move(place);
    if (node->leaf) continue;                   // a gradient ends there

    // Hand its gradient on to its inputs, and let go of all: memory shrinks on the way.
    Tensor dnode = node->keep_grad ? node->grad : std::move(node->grad);
    node->reads.clear();
    node->backward(dnode, {*node, dnode});
    release(*node);
  }
}

std::vector<Node*> leaves(const Tensor& y) {
  std::vector<Node*> found;
  if (!y.node) return found;
  for (const auto& node : latest_first(y.node)) if (node->leaf) found.push_back(node.get());
  std::reverse(found.begin(), found.end());
  return found;
}

NoGrad::NoGrad() : before(recording) { recording = false; }
NoGrad::~NoGrad() { recording = before; }
bool is_grad_enabled() { return recording; }

void set_check_nan(bool on) { checking = on; }
long live_nodes() { return alive; }

}  // namespace babelgrad
