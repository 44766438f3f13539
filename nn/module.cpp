#include "nn/module.h"

#include <algorithm>
#include <ostream>
#include <set>
#include <typeinfo>
#include <utility>

namespace babelgrad {

void Visitor::operator()(const std::string& name, Tensor& parameter) {
  if (parameter) on_parameter(path_ + name, parameter);
}

void Visitor::operator()(const std::string& name, Module& child) {
  on_module(path_ + name, child);
  std::string outer = path_;
  path_ += name + ".";
  child.fields(*this);
  path_ = outer;
}

Parameter::Parameter(std::string given_name, Tensor given)
    : name(std::move(given_name)), tensor(std::move(given)) {
  check(bool(tensor), "parameter ", name, ": there is no tensor");
  check(!tensor.node || tensor.node->leaf, "parameter ", name, ": shape ", tensor.shape(),
        " is the result of ", tensor.node ? tensor.node->operation : "", ", not a leaf");
  check(tensor.contiguous(), "parameter ", name, ": shape ", tensor.shape(),
        " is a view that is not row-major; requires_grad() makes a leaf of it");
}

std::vector<Parameter> distinct(std::vector<Parameter> params) {
  std::set<const Real*> seen;
  std::erase_if(params, [&](const Parameter& p) {
    return p.tensor.numel() > 0 && !seen.insert(p.tensor.data()).second;
  });
  return params;
}

std::vector<Parameter> named_parameters(Module& module) {
  struct Collect : Visitor {
    std::vector<Parameter> found;
    void on_parameter(const std::string& name, Tensor& parameter) override {
      found.push_back({name, parameter});
    }
  } collect;
  module.fields(collect);
  return distinct(std::move(collect.found));
}

Index parameter_count(Module& module) {
  Index count = 0;
  for (const Parameter& p : named_parameters(module)) count += p.tensor.numel();
  return count;
}

void Module::apply(const std::function<void(Module&)>& f) {
  struct Apply : Visitor {
    const std::function<void(Module&)>* f;
    void on_module(const std::string&, Module& child) override { (*f)(child); }
  } below;
  below.f = &f;
  fields(below);
  f(*this);
}

void train(Module& module, bool on) {
  struct Switch : Visitor {
    bool on;
    void on_module(const std::string&, Module& child) override { child.training = on; }
  } set;
  set.on = on;
  module.training = on;
  module.fields(set);
}

void eval(Module& module) { train(module, false); }

namespace {

// Without its namespace and template arguments. g++ and clang++ encode a type as words with their
// lengths before them, and arguments behind an I: N9babelgrad6LinearE.
std::string class_of(const Module& module) {
  const std::string code = typeid(module).name();
  std::string name;
  for (std::size_t i = 0; i < code.size() && code[i] != 'I';) {
    std::size_t length = 0;
    if (code[i] < '0' || code[i] > '9') i++;
    while (code[i] >= '0' && code[i] <= '9') length = 10 * length + std::size_t(code[i++] - '0');
    if (length > 0) name = code.substr(i, length);
    i += length;
  }
  return name;
}

// Class(what it is made of), or below "Class(" a line for each child. A visitor also meets what is
// below a child; by then that has been printed.
std::string tree(Module& module, const std::string& indent) {
  struct Children : Visitor {
    std::string indent, told = "\n", tensors, lines;
    bool below(const std::string& name) const { return name.starts_with(told); }
    void on_parameter(const std::string& name, Tensor& x) override {
      if (!below(name)) tensors += (tensors.empty() ? "" : ", ") + name + " " + text(x.shape());
    }
    void on_module(const std::string& name, Module& child) override {
      if (below(name)) return;
      told = name + ".";
      lines += indent + "(" + name + "): " + tree(child, indent) + "\n";
    }
  } children;
  std::string own = module.extra_repr();
  children.indent = indent + "  ";
  if (own.empty()) module.fields(children), own = children.tensors;
  if (children.lines.empty()) return class_of(module) + "(" + own + ")";
  if (!own.empty()) own = children.indent + own + "\n";
  return class_of(module) + "(\n" + own + children.lines + indent + ")";
}

}  // namespace

std::string text(const Module& module) {
  return tree(const_cast<Module&>(module), "");            // fields() is for writers; this reads
}

std::ostream& operator<<(std::ostream& out, const Module& module) { return out << text(module); }

}  // namespace babelgrad
