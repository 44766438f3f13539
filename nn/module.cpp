#include "nn/module.h"

#include <algorithm>

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

std::vector<Parameter> named_parameters(Module& module) {
  struct Collect : Visitor {
    std::vector<Parameter> found;
    void on_parameter(const std::string& name, Tensor& parameter) override {
      auto same = [&](const Parameter& p) { return p.tensor.node == parameter.node; };
      bool tied = parameter.node && std::ranges::any_of(found, same);
      if (!tied) found.push_back({name, parameter});
    }
  } collect;
  module.fields(collect);
  return collect.found;
}

std::vector<Tensor> tensors(const std::vector<Parameter>& params) {
  std::vector<Tensor> all;
  for (const Parameter& p : params) all.push_back(p.tensor);
  return all;
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
