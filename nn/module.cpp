#include "nn/module.h"

#include <algorithm>
#include <set>
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

}  // namespace babelgrad
