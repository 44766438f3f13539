// The training loop, and all that is needed to stop anywhere and resume as if nothing had happened.
#pragma once

#include <cmath>
#include <functional>

#include "nn/optim.h"
#include "tensor/random.h"

namespace babelgrad {

struct Position {                               // with weights, optimiser, generator(): everything
  int epoch = 0, batch = 0;                     // the next batch to learn from
  long step = 0;                                // updates done
  double loss_sum = 0;                          // over this epoch's tokens so far
  Index tokens = 0;
  double mean_loss() const { return tokens > 0 ? loss_sum / double(tokens) : 0; }
};

// One update from one batch, or from several whose gradients add up to the gradient of them all.
struct Update { double loss, grad_norm; };
template <class Model, class Batch>
Update learn(Model& model, const std::vector<Batch>& batches, Optimizer& optim,
             double gradient_clip_val = 0) {
  Update update{};
  Index tokens = 0;
  for (const Batch& batch : batches) tokens += batch.tokens;

  // Forwards and backwards.
  optim.zero_grad();
  for (const Batch& batch : batches) {
    const double share = tokens > 0 ? double(batch.tokens) / double(tokens) : 1;
    Tensor loss = model.training_step(batch);
    update.loss += share * double(loss.item());
    check(std::isfinite(update.loss), "fit: the loss of step ", optim.steps + 1, " is not finite; "
          "a smaller learning rate or clipping may help, and check-nan finds where it begins");
    backward(loss, Tensor(loss.shape(), Real(share)));
  }

  // Clip, and take a step down the gradient.
  double limit = gradient_clip_val == 0 ? INFINITY : gradient_clip_val;
  update.grad_norm = optim.step(limit);
  return update;
}

struct StepReport {
  double loss, grad_norm, lr;                   // loss: mean over these batches' tokens
  int batches;                                  // in this epoch
  Index tokens;                                 // learnt from
};

struct Trainer {
  int max_epochs = 10;
  double gradient_clip_val = 0;                 // 0: no clipping
  int accumulate = 1;                           // batches to an update
  Schedule schedule = {};
  std::function<bool(const Position&, const StepReport&)> on_step = nullptr;  // false: stop here
  std::function<bool(const Position&)> on_epoch = nullptr;                    // false: stop here

  // The training loop. Model: training_step(batch) -> loss. Data: epoch(e) -> list of batches'
  // rows, the same for the same e, and batch(rows) -> a batch that knows its number of tokens.
  // Returns false if a callback stopped it; called again with the same position it resumes.
  template <class Model, class Data>
  bool fit(Model& model, Data& data, Optimizer& optim, Position& at) {
    check(max_epochs >= 0 && accumulate >= 1, "fit: ", max_epochs, " epochs, ", accumulate,
          " batches to an update; there is at least one batch to an update");
    for (; at.epoch < max_epochs; at = {at.epoch + 1, 0, at.step, 0, 0}) {
      if (!fit_epoch(model, data, optim, at)) return false;
      if (on_epoch && !on_epoch(at)) {
        at = {at.epoch + 1, 0, at.step, 0, 0};
        return false;
      }
    }
    return true;
  }

 private:
  // `at` moves on after each update, before on_step sees it: a checkpoint made there is complete.
  template <class Model, class Data>
  bool fit_epoch(Model& model, Data& data, Optimizer& optim, Position& at) {
    auto batches = data.epoch(at.epoch);
    while (at.batch < int(batches.size())) {
      StepReport report{0, 0, schedule.at(at.step), int(batches.size()), 0};
      std::vector<decltype(data.batch(batches[0]))> some;
      for (int i = 0; i < accumulate && at.batch < int(batches.size()); i++, at.batch++) {
        some.push_back(data.batch(batches[at.batch]));
        report.tokens += some.back().tokens;
      }
      optim.lr = Real(report.lr);
      Update update = learn(model, some, optim, gradient_clip_val);
      report.loss = update.loss, report.grad_norm = update.grad_norm;
      at.step++;
      at.loss_sum += report.loss * double(report.tokens);
      at.tokens += report.tokens;
      if (on_step && !on_step(at, report)) return false;
    }
    return true;
  }
};

}  // namespace babelgrad
