// Layers, losses, optimisers and clipping against PyTorch, built from the file's sizes and options.
#include "nn/layers.h"
#include "nn/optim.h"
#include "nn/recurrent.h"
#include "tests/golden.h"

using namespace babelgrad;

namespace {

GoldenRun recurrent(Cell cell) {
  return [cell](GoldenCase& c) {
    Shape input = c.shape("param/weight_ih_l0"), hidden = c.shape("param/weight_hh_l0");
    Recurrent layer(cell, input[1], hidden[1], c.integer("layers", 1), 0, c.flag("bidirectional"));
    c.load(layer);
    RecurrentState begin;
    if (c.has("in/h0")) begin.H = c.leaf("in/h0");
    if (c.has("in/c0")) begin.C = c.leaf("in/c0");
    auto [Y, end] = layer(c.leaf("in/x"), begin);
    GoldenOutputs outputs{{"y", Y}, {"hn", end.H}};
    if (end.C) outputs.push_back({"cn", end.C});
    return outputs;
  };
}

GoldenOutputs linear_layer(GoldenCase& c) {
  Shape weight = c.shape("param/weight");
  Linear layer(weight[1], weight[0], c.has("param/bias"));
  c.load(layer);
  return {{"y", layer(c.leaf("in/x"))}};
}

GoldenOutputs normalised(GoldenCase& c) {
  check(c.integer("axis", -1) == -1, "LayerNorm is over the last axis");
  LayerNorm layer(c.shape("param/weight")[0]);
  layer.eps = Real(c.number("eps", 1e-5));
  c.load(layer);
  return {{"y", layer(c.leaf("in/x"))}};
}

GoldenOutputs masked(GoldenCase& c) {
  c.number("masked_score", 0);  // ours are exact zeros: the same weights, to rounding
  return {{"y", masked_softmax(c.leaf("in/x"), c.ints("in/lens"))}};
}

GoldenOutputs loss(GoldenCase& c) {
  LossOptions options;
  std::string reduction = c.text("reduction");
  options.reduction = reduction == "none"  ? Reduction::none
                      : reduction == "sum" ? Reduction::sum
                                           : Reduction::mean;
  options.ignore_index = c.integer("ignore_index", -100);
  options.label_smoothing = Real(c.number("label_smoothing", 0));
  return {{"y", cross_entropy(c.leaf("in/x"), c.ints("in/labels"), options)}};
}

std::unique_ptr<Optimizer> optimizer(const GoldenCase& c, const std::vector<Parameter>& params) {
  Real lr = Real(c.attributes.get_double("lr"));
  if (c.variant.starts_with("sgd")) {
    return std::make_unique<SGD>(params, lr, Real(c.number("momentum", 0)), c.flag("nesterov"),
                                 Real(c.number("weight_decay", 0)));
  }
  check(c.variant.starts_with("adam"), "no optimizer called ", c.variant);
  bool decoupled = c.variant.starts_with("adamw");
  auto adam = std::make_unique<Adam>(
      params, lr, Real(c.number("weight_decay", decoupled ? 0.01 : 0)), decoupled);
  adam->eps = Real(c.number("eps", 1e-8));
  adam->beta1 = Real(c.number("beta1", 0.9));
  adam->beta2 = Real(c.number("beta2", 0.999));
  return adam;
}

GoldenOutputs optimised(GoldenCase& c) {  // in/grads (steps, ...) one by one, w after each
  Tensor w = requires_grad(c.tensor("in/w")), grads = c.tensor("in/grads");
  auto optimizer = ::optimizer(c, {{"w", w}});
  std::vector<Tensor> trace;
  for (int step = 0; step < grads.dim(0); step++) {
    w.node->grad = select(grads, 0, step);
    optimizer->step();
    trace.push_back(Tensor(w.shape(), w.values()));
  }
  return {{"trace", stack(trace)}};
}

GoldenOutputs clipped(GoldenCase& c) {  // every in/NAME is the gradient of a parameter NAME
  std::vector<Parameter> params;
  for (const std::string& part : c.parts("in/")) {
    Tensor gradient = c.tensor(part), w = requires_grad(Tensor(gradient.shape()));
    w.node->grad = gradient;
    params.push_back({part.substr(3), w});
  }
  double norm = clip_grad_norm(params, c.attributes.get_double("clip"));
  GoldenOutputs outputs{{"norm", Tensor::scalar(Real(norm))}};
  for (const Parameter& p : params) outputs.push_back({p.name, grad(p.tensor)});
  return outputs;
}

const GoldenTable layers{
    {"rnn_tanh", recurrent(Cell::rnn)},
    {"gru", recurrent(Cell::gru)},
    {"lstm", recurrent(Cell::lstm)},
    {"linear", linear_layer},
    {"layer_norm", normalised},
    {"masked_softmax", masked},
    {"cross_entropy", loss},
    {"optim", optimised},
    {"clip", clipped},
};

}  // namespace

TEST_CASE("golden layers: outputs and gradients of layers, losses and optimisers are PyTorch's") {
  check_golden_file("layers", layers,
                    [](const std::string& kind) { return !golden_layer_of_models(kind); });
}
