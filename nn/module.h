// A module is a struct with parameters and children. It names them once, in fields(), and from that
// one line come the list of parameters, their names on disk, train/eval, saving and loading.
#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <vector>

#include "autograd/node.h"

namespace babelgrad {

struct Module;

class Visitor {                                 // walks a tree of modules with the path of names
 public:
  virtual ~Visitor() = default;
  void operator()(const std::string& name, Tensor& parameter);           // absent ones are skipped
  void operator()(const std::string& name, Module& child);
  template <std::derived_from<Module> M>
  void operator()(const std::string& name, std::vector<M>& children) {   // name.0, name.1, ...
    for (std::size_t i = 0; i < children.size(); i++) (*this)(name + "." + text(i), children[i]);
  }

 protected:
  virtual void on_parameter(const std::string&, Tensor&) {}
  virtual void on_module(const std::string&, Module&) {}

 private:
  std::string path_;
};

// Modules move, and are not copied: a copy of its handles would be a second name for the same
// numbers. Another layer of the same kind is made as the first one was.
struct Module {
  bool training = true;
  Module() = default;
  Module(Module&&) = default;
  Module& operator=(Module&&) = default;
  virtual ~Module() = default;
  virtual void fields(Visitor&) {}              // f("weight", weight); f("child", child); ...
  void apply(const std::function<void(Module&)>& f);                     // to all below, and to it
  // What print() shows in brackets; empty: the shapes of its tensors, and the modules below it.
  virtual std::string extra_repr() const { return {}; }
};

// The tree of its layers with their sizes, as PyTorch prints it.
std::string text(const Module& module);
std::ostream& operator<<(std::ostream& out, const Module& module);

// What optimisers, loaders and files take for a row of numbers: a leaf, or a row-major tensor that
// nothing was computed from. Anything else is an error that says its name.
struct Parameter {
  std::string name;                             // encoder.blks.0.attention.W_q.weight
  Tensor tensor;                                // a handle: the module's own numbers and gradient

  Parameter(std::string name, Tensor tensor);
};

// Each parameter once, under its first name, however often its numbers are listed.
std::vector<Parameter> distinct(std::vector<Parameter> params);

std::vector<Parameter> named_parameters(Module& module);   // distinct, in the order of fields()
Index parameter_count(Module& module);
void train(Module& module, bool on = true);     // sets `training` all the way down
void eval(Module& module);

}  // namespace babelgrad
