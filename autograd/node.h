// Reverse-mode automatic differentiation. An operation computes its value y and records one
// function that takes dL/dy and adds to dL/dx of each input x. backward(L) runs these functions
// from the last node created to the first: inputs are created before results, so this is a reverse
// topological order.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace babelgrad {

struct Node;

// dL/dx of one input x of an operation, to be added to; false if no gradient flows to it.
class Gradient {
 public:
  explicit operator bool() const { return input_ != nullptr; }
  // Adds dx, summed over the axes along which x was broadcast. Error if that is not x's shape.
  void operator+=(const Tensor& dx) const;
  // add(sum), where `sum` is what was added so far, or none: so a view writes its part only, and a
  // weight that is used at every step gets one buffer instead of one for each step.
  template <class Add>
  void in_place(const Add& add) const {
    if (!input_) return;
    add(sum());
    check_sum();
  }

 private:
  friend struct Gradients;
  Gradient(const Node& operation, Node* input, const Tensor& dy)
      : operation_(operation), input_(input), dy_(dy) {}
  Tensor& sum() const;
  void check_sum() const;

  const Node& operation_;
  Node* input_;
  const Tensor& dy_;
};

struct Gradients {                              // of all inputs, in the order of record()
  const Node& operation;
  const Tensor& dy;
  Gradient operator[](int input) const;
};

// Turns dL/dy into what it adds to d[0], d[1], ...
using Backward = std::function<void(const Tensor& dy, Gradients d)>;

struct Node {
  long id;                                      // in the order of creation
  const char* operation;
  Shape shape;
  bool leaf, keep_grad;
  std::vector<std::shared_ptr<Node>> inputs;    // null for a constant
  Backward backward;                            // both emptied by the backward pass
  struct Read {                                 // a leaf's numbers as the operation met them
    Tensor numbers;
    int version;
  };
  std::vector<Read> reads;
  Tensor grad;
  std::string name;                             // of a leaf that an optimiser changes; else empty

  Node(const char* operation, const Shape& shape, bool leaf);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
};

// A line of the sources. As a default argument, `Site at = {}`, it is the line of the call.
struct Site {
  const char* file = __builtin_FILE();
  int line = __builtin_LINE();
};
// The line of the last call with a Site. Operators have none, and count to the call before them.
inline thread_local Site here{"", 0};

// y, with its backward function if a gradient flows to any input; never under NoGrad. The
// function captures plain values and inputs, never the recorded y, so there are no cycles.
Tensor record(const char* operation, Tensor y, const std::vector<Tensor>& inputs,
              Backward backward);

// A leaf: backward leaves its gradient in grad(x). It is row-major and owns its numbers: a view, or
// a tensor that is still held elsewhere, is copied. Error if x shows a number twice.
Tensor requires_grad(Tensor x);
Tensor detach(const Tensor& x);                 // the same numbers, a constant to autograd
bool has_grad(const Tensor& x);                 // does a gradient flow to x?
// dL/dx, or none where no loss depended on x. Error for a result, such as w = w - 0.1 * grad(w) is,
// unless retain_grad(x) came before the backward pass.
Tensor grad(const Tensor& x);
void zero_grad(const Tensor& x);
void retain_grad(const Tensor& x);              // keep the gradient of a result, too

// The numbers of a leaf, or of a tensor that nothing was computed from, to be written to: by
// initialisers, optimisers and loaders only. Graphs that have read the old numbers refuse to go
// back. Error, in the writer's name, if x was computed by an operation or is not row-major.
Real* overwrite(Tensor& x, const char* writer);

// Adds dL/dx to the gradient of every leaf x that L depends on. L has one element; or pass dL/dy
// for any y. The graph is used up: build the loss again for another pass. Error, before a gradient
// changes, if a part of it is used up already or has read a leaf that was written to since.
void backward(const Tensor& loss);
void backward(const Tensor& y, const Tensor& dy);

std::vector<Node*> leaves(const Tensor& y);     // the leaves that y depends on, oldest first

// An optimiser names each leaf that it changes, so that messages can. When next a loss depends on
// such leaves and on others, too, backward says so on stderr, once after each optimiser is made: a
// member that was forgotten in fields() does not learn. What should not is a constant: detach().
void name_parameter(const Tensor& leaf, const std::string& name);

struct NoGrad {                                 // while one of these lives, nothing is recorded
  NoGrad();
  ~NoGrad();
  NoGrad(const NoGrad&) = delete;
  bool before;
};

void set_check_nan(bool on);                    // a NaN or Inf is an error that names its operation
long live_nodes();

}  // namespace babelgrad
