// The small layers, each with PyTorch's names, layout and initial values.
#pragma once

#include <memory>

#include "autograd/observer.h"
#include "autograd/ops.h"
#include "nn/init.h"
#include "nn/module.h"

namespace babelgrad {

struct Linear : Module {                        // Y = X Wᵀ + b: (..., in) -> (..., out)
  Tensor weight, bias;                          // (out, in), (out)
  std::unique_ptr<Prepacked> packed;            // the weight: see nn/prepacked.h

  Linear(int in, int out, bool use_bias = true) {
    check(in > 0 && out > 0, "Linear: sizes must be positive, got ", in, " to ", out);
    Real bound = 1 / std::sqrt(Real(in));
    weight = uniform_parameter({out, in}, bound);
    if (use_bias) bias = uniform_parameter({out}, bound);
  }
  Tensor operator()(const Tensor& X, Site at = {}) const {
    here = at;
    return linear(X, weight, bias, is_grad_enabled() ? nullptr : packed.get());
  }
  std::string extra_repr() const override {
    if (!weight) return {};
    return join("in_features=", weight.dim(1), ", out_features=", weight.dim(0), ", bias=",
                bool(bias));
  }
  void fields(Visitor& f) override { f("weight", weight); f("bias", bias); }
};

struct Embedding : Module {                     // ids (...) -> their vectors (..., features)
  Tensor weight;                                // (words, features)

  Embedding(int words, int features) {
    check(words > 0 && features > 0,
          "Embedding: sizes must be positive, got ", words, " words of ", features, " features");
    weight = requires_grad(randn({words, features}));
  }
  Tensor operator()(const Ints& ids, Site at = {}) const {
    here = at;
    return embedding(weight, ids);
  }
  std::string extra_repr() const override {
    return weight ? join(weight.dim(0), ", ", weight.dim(1)) : "";
  }
  void fields(Visitor& f) override { f("weight", weight); }
};

struct Dropout : Module {                       // in training, zeroes elements with probability p
  Real p;

  explicit Dropout(Real p) : p(p) {
    check(p >= 0 && p < 1, "Dropout: probability ", p, " is outside [0, 1)");
  }
  Tensor operator()(const Tensor& X, Site at = {}) const {
    here = at;
    return training ? dropout(X, p) : X;
  }
  std::string extra_repr() const override { return "p=" + text(p); }
};

struct LayerNorm : Module {                     // mean 0, variance 1 on the last axis, then scaled
  Tensor weight, bias;
  Real eps = Real(1e-5);

  explicit LayerNorm(int features) {
    check(features > 0, "LayerNorm: sizes must be positive, got ", features, " features");
    weight = requires_grad(Tensor({features}, 1));
    bias = requires_grad(Tensor({features}, 0));
  }
  Tensor operator()(const Tensor& X, Site at = {}) const {
    here = at;
    return layer_norm(X, weight, bias, eps);
  }
  std::string extra_repr() const override {
    return weight ? join(weight.shape(), ", eps=", eps) : "";
  }
  void fields(Visitor& f) override { f("weight", weight); f("bias", bias); }
};

struct Classifier : Module {                    // the base of models that choose among classes
  Real label_smoothing = 0;                     // in training
  // Y_hat (..., classes), Y (...) -> the mean cross-entropy, or all of them in one row
  Tensor loss(const Tensor& Y_hat, const Ints& Y, bool averaged = true) const {
    return cross_entropy(reshape(Y_hat, {-1, Y_hat.dim(-1)}), reshape(Y, -1),
                         {.reduction = averaged ? Reduction::mean : Reduction::none,
                          .label_smoothing = training ? label_smoothing : 0});
  }
};

}  // namespace babelgrad
