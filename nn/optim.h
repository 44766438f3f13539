// Optimisers, schedules for the learning rate, and gradient clipping.
#pragma once

#include <utility>
#include <vector>

#include "nn/module.h"

namespace babelgrad {

struct Optimizer {
  std::vector<Parameter> params;
  Real lr;
  long steps = 0;                               // updates done

  Optimizer(std::vector<Parameter> params, Real lr);                     // error if there is none
  virtual ~Optimizer() = default;
  // One update. Parameters without a gradient stay; error if none has one.
  void step();
  // The same after clip_grad_norm(params, limit), in one pass over memory: the gradients stay as
  // they were, and what the update sees of them is scaled. Returns the norm.
  double step(double limit);
  void zero_grad();

  // What a checkpoint must hold beside `steps`: (name, numbers), e.g. exp_avg.encoder.dense.bias.
  virtual std::vector<Parameter> state() { return {}; }

 protected:
  virtual void check_settings() const = 0;      // error if one of them means nothing
  // Numbers begin .. end-1 of parameter i, by their gradients g; several threads are at it.
  virtual void update(std::size_t i, const Real* g, Index begin, Index end) = 0;
  std::vector<Tensor> zeros_like_params() const;

 private:
  void step_along(const std::vector<Tensor>& g, Real scale);
};

struct SGD : Optimizer {                        // w −= lr (g + weight_decay w), momentum if asked
  Real momentum, weight_decay;
  bool nesterov;
  std::vector<Tensor> velocity;

  SGD(std::vector<Parameter> params, Real lr, Real momentum = 0, bool nesterov = false,
      Real weight_decay = 0);
  std::vector<Parameter> state() override;

 protected:
  void check_settings() const override;
  void update(std::size_t i, const Real* g, Index begin, Index end) override;
};

// Kingma and Ba 2015. weight_decay is added to the gradient; with `decoupled` it shrinks w by
// itself (AdamW, Loshchilov and Hutter 2019).
struct Adam : Optimizer {
  Real beta1 = Real(0.9), beta2 = Real(0.999), eps = Real(1e-8), weight_decay;
  bool decoupled;
  std::vector<Tensor> exp_avg, exp_avg_sq;      // running means of g and g²

  Adam(std::vector<Parameter> params, Real lr, Real weight_decay = 0, bool decoupled = false);
  std::vector<Parameter> state() override;

 protected:
  void check_settings() const override;
  void update(std::size_t i, const Real* g, Index begin, Index end) override;
};

struct AdamW : Adam {
  AdamW(std::vector<Parameter> params, Real lr, Real weight_decay = Real(0.01))
      : Adam(std::move(params), lr, weight_decay, true) {}
};

// D2L 9.5.3 Gradient Clipping
// Eq. (9.5.3): scales all gradients by limit / norm if their joint 2-norm exceeds the limit, and
// returns the norm. One that is not finite is an Error naming the first parameter to blame.
// A limit that is negative or NaN is an Error, too.
double clip_grad_norm(const std::vector<Parameter>& params, double limit);

// D2L 11.7.6 Training. Departs from D2L (D14): a model may warm up and slow down, and smooth its
// labels (LossOptions); `babelgrad train` does, and not with `--preset book`.
struct Schedule {                               // the learning rate of step 0, 1, 2, ...
  enum Kind { constant, inverse_sqrt, cosine } kind = constant;
  double peak = 0.001;
  long warmup = 0;                              // linear from near 0 over so many steps
  long total = 0;                               // cosine: the step at which it reaches 0
  double at(long step) const;
};

}  // namespace babelgrad
