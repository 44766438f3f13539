// The training loop by hand, and the edges of what reads, averages and walks over parameters. Small
// faults planted here by tools/dev/mutants.py once went unnoticed.
#include <cmath>

#include "autograd/ops.h"
#include "nn/keys_values.h"
#include "nn/layers.h"
#include "nn/moving_average.h"
#include "nn/trainer.h"
#include "nn/weights.h"
#include "tests/close.h"

using namespace babelgrad;
using doctest::Approx;

namespace {

struct Slopes {                                 // batch n has n tokens, and its loss is n w
  struct Batch { Index tokens; };
  std::vector<int> epoch(int) { return {1, 2, 3}; }
  Batch batch(int n) { return {n}; }
  Tensor training_step(const Batch& b) { return w * Tensor::scalar(Real(b.tokens)); }
  Tensor w = requires_grad(Tensor::scalar(10));
  SGD optim{{{"w", w}}, 1};
};

const Schedule quarters{Schedule::constant, 1, 4};         // 0.25, 0.5, 0.75, 1, 1, ...
// Batches 1 and 2 weigh 1/3 and 2/3, batch 3 is alone.
const double two_epochs[] = {5.0 / 3, 3, 5.0 / 3, 3};

Tensor leaf_of(const std::vector<Real>& values) {
  return requires_grad(Tensor({int(values.size())}, values));
}

}  // namespace

TEST_CASE("fit: an update is of several batches, weighed by their tokens, at its step's rate") {
  Slopes model;
  Position at;
  double w = 10, sum = 0;
  int updates = 0, epochs = 0;
  Trainer trainer{.max_epochs = 2, .accumulate = 2, .schedule = quarters};
  trainer.on_step = [&](const Position& now, const StepReport& report) {
    const double slope = two_epochs[updates], lr = 0.25 * (updates + 1);
    const bool second = updates++ % 2;
    sum = (second ? sum : 0) + 3 * slope * w;
    CHECK(report.loss == Approx(slope * w));
    CHECK(report.grad_norm == Approx(slope));
    CHECK(report.lr == Approx(lr));
    CHECK(report.batches == 3);
    CHECK(report.tokens == 3);
    CHECK(now.epoch == epochs);
    CHECK(now.batch == (second ? 3 : 2));
    CHECK(now.step == updates);
    CHECK(now.tokens == (second ? 6 : 3));
    CHECK(now.loss_sum == Approx(sum));
    w -= lr * slope;
    CHECK(model.w.item() == Approx(w));
    return true;
  };
  trainer.on_epoch = [&](const Position& now) {
    CHECK(now.mean_loss() == Approx(sum / 6));
    return ++epochs > 0;
  };
  CHECK(trainer.fit(model, model, model.optim, at));
  CHECK(updates == 4);
  CHECK(epochs == 2);
  CHECK(model.optim.steps == 4);
  CHECK(at.epoch == 2);
  CHECK(at.batch == 0);
  CHECK(at.step == 4);
  CHECK(at.tokens == 0);
  CHECK(at.loss_sum == 0);
  CHECK(at.mean_loss() == 0);
}

TEST_CASE("fit: stopped after any update or epoch, it goes on to the same numbers") {
  Slopes whole;
  Position end;
  Trainer trainer{.max_epochs = 2, .accumulate = 2, .schedule = quarters};
  CHECK(trainer.fit(whole, whole, whole.optim, end));
  for (long stop = 1; stop <= 4; stop++) {
    Slopes model;
    Position at;
    Trainer stopped = trainer;
    stopped.on_step = [&](const Position& now, const StepReport&) { return now.step < stop; };
    CHECK_FALSE(stopped.fit(model, model, model.optim, at));
    CHECK(at.step == stop);
    CHECK(trainer.fit(model, model, model.optim, at));
    CHECK(at.step == 4);
    CHECK(same_bits(model.w, whole.w));
  }
  Slopes model;
  Position at;
  Trainer stopped = trainer;
  stopped.on_epoch = [](const Position&) { return false; };
  CHECK_FALSE(stopped.fit(model, model, model.optim, at));
  CHECK(at.epoch == 1);
  CHECK(at.batch == 0);
  CHECK(at.step == 2);
  CHECK(at.tokens == 0);
  CHECK(trainer.fit(model, model, model.optim, at));
  CHECK(same_bits(model.w, whole.w));
}

TEST_CASE("fit: gradients are clipped for the step, and reported as they were") {
  for (double clip : {0.0, 0.5}) {
    Slopes model;
    const Update update = learn(model, std::vector<Slopes::Batch>{{1}, {2}}, model.optim, clip);
    CHECK(update.grad_norm == Approx(5.0 / 3));
    CHECK(update.loss == Approx(50.0 / 3));
    CHECK(model.w.item() == Approx(10 - (clip > 0 ? clip : 5.0 / 3)));
    learn(model, std::vector<Slopes::Batch>{{1}}, model.optim);  // of this batch's gradient alone
    CHECK(model.w.item() == Approx(9 - (clip > 0 ? clip : 5.0 / 3)));
  }
  Slopes model;
  CHECK(learn(model, std::vector<Slopes::Batch>{{0}}, model.optim).loss == 0);
  model.w.data()[0] = INFINITY;
  CHECK(error_of([&] { learn(model, std::vector<Slopes::Batch>{{1}}, model.optim); }) ==
        "fit: the loss of step 2 is not finite; a smaller learning rate or clipping may help, and "
        "check-nan finds where it begins");
}

TEST_CASE("learn: a batch of no tokens weighs nothing beside others, and one if it is alone") {
  struct Flat : Slopes {
    Tensor training_step(const Batch&) { return w * Tensor::scalar(1); }
  } model;
  using Batches = std::vector<Slopes::Batch>;
  CHECK(learn(model, Batches{{0}}, model.optim).loss == Approx(10));
  CHECK(model.w.item() == Approx(9));
  CHECK(learn(model, Batches{{0}, {1}}, model.optim).loss == Approx(9));
  CHECK(model.w.item() == Approx(8));
}

TEST_CASE("load: all or nothing, and up to five faults of a file are told, parameters first") {
  Tensor a = leaf_of({1, 2}), b = leaf_of({3, 4}), c = leaf_of({5, 6});
  const std::vector<Parameter> model{{"a", a}, {"b", b}, {"c", c}};
  const Real numbers[] = {7, 8, 9};
  const std::int32_t whole[] = {1, 2};
  auto error = [](const std::vector<Parameter>& params, const std::vector<StoredTensor>& tensors) {
    const SafeTensors file = parse_safetensors(to_safetensors_bytes(tensors), "it");
    return error_of([&] { load(params, file); });
  };
  const StoredTensor right = stored("a", {2}, numbers);
  CHECK(error(model, {right, stored("b", {3}, numbers), stored("c", {2}, whole)}) ==
        "it: does not fit the model: b is (3,) in the file and (2,) in the model; c is I32 in "
        "the file, not F32 or F64");
  CHECK(error(model, {right, stored("b", {2}, numbers), stored("d", {2}, numbers)}) ==
        "it: does not fit the model: missing c; unexpected d");
  CHECK(a.values() == std::vector<Real>{1, 2});
  CHECK(error({{"a", a}}, {right}) == "");
  CHECK(a.values() == std::vector<Real>{7, 8});

  std::vector<Parameter> many;
  for (int i = 1; i <= 5; i++) many.push_back({join("w", i), a});
  const std::string five = "it: does not fit the model: missing w1; missing w2; missing w3; "
                           "missing w4; missing w5";
  CHECK(error(many, {}) == five);
  many.push_back({"w6", a});
  CHECK(error(many, {}) == five + "; and 1 more");
  many.push_back({"w7", a});
  CHECK(error(many, {}) == five + "; and 2 more");
}

TEST_CASE("all_finite: the first and the last number of every parameter count") {
  CHECK(all_finite({}));
  for (int which = 0; which < 6; which++) {
    Tensor w[] = {leaf_of({1, 2, 3}), leaf_of({-4, 0, 5})};
    const std::vector<Parameter> both{{"a", w[0]}, {"b", w[1]}};
    CHECK(all_finite(both));
    w[which / 3].data()[which % 3] = which % 2 ? NAN : INFINITY;
    CHECK_FALSE(all_finite(both));
  }
}

TEST_CASE("MovingAverage: update n weighs what was by (1 + n) / (10 + n), up to its decay") {
  Tensor w = leaf_of({0, 0, 2});
  MovingAverage mean({{"w", w}}, 0.5);
  std::fill_n(w.data(), 3, Real(1));
  double left = 1;                              // of the distance to what w is now
  for (auto [n, weight] : {std::pair(0L, 0.1), {2L, 0.25}, {8L, 0.5}, {1000L, 0.5}}) {
    mean.update(n);
    left *= weight;
    for (int i = 0; i < 3; i++) {
      CHECK(mean.means[0].tensor.at({i}) == Approx(i == 2 ? 1 + left : 1 - left));
    }
  }
  mean.swap();
  CHECK(w.at({0}) == Approx(1 - left));
  CHECK(w.at({2}) == Approx(1 + left));
  CHECK(mean.means[0].tensor.values() == std::vector<Real>{1, 1, 1});
}

TEST_CASE("Module: apply meets each below once, in the order of fields(), and then itself") {
  struct Net : Module {
    Linear first{1, 2}, second{2, 3};
    void fields(Visitor& f) override { f("first", first), f("second", second); }
  } net;
  std::vector<Module*> met;
  net.apply([&](Module& module) { met.push_back(&module); });
  CHECK(met == std::vector<Module*>{&net.first, &net.second, &net});
}

TEST_CASE("Schedule: a peak of 0 is one, and cosine needs a step to descend in") {
  CHECK(Schedule{Schedule::constant, 0}.at(0) == 0);
  CHECK(error_of([] { (void)Schedule{Schedule::cosine, 1, 10, 10}.at(0); })
            .starts_with("Schedule: cosine needs a total of steps above its warm-up of 10"));
  CHECK(Schedule{Schedule::cosine, 1, 10, 11}.at(10) < 1e-15);
}

TEST_CASE("KeysValues: sentences are taken with all their heads, and words follow words") {
  const Tensor keys({4, 1, 1}, {0, 1, 2, 3}), values({4, 1, 2}, {0, 1, 2, 3, 4, 5, 6, 7});
  const KeysValues past{keys, values};          // two sentences of two heads
  KeysValues taken = take(past, Ints({1, 1, 0}), 2);
  CHECK(taken.keys.shape() == Shape{6, 1, 1});
  CHECK(taken.keys.values() == std::vector<Real>{2, 3, 2, 3, 0, 1});
  CHECK(taken.values.shape() == Shape{6, 1, 2});
  CHECK(taken.values.values() == std::vector<Real>{4, 5, 6, 7, 4, 5, 6, 7, 0, 1, 2, 3});
  CHECK_FALSE(take(KeysValues{}, Ints({0}), 2).keys);
  CHECK_FALSE(take(KeysValues{}, Ints({0}), 2).values);

  const KeysValues now{keys + 10, values + 10};
  KeysValues both = cat(past, now), first = cat(KeysValues{}, now);
  CHECK(both.keys.shape() == Shape{4, 2, 1});
  CHECK(both.keys.values() == std::vector<Real>{0, 10, 1, 11, 2, 12, 3, 13});
  CHECK(both.values.shape() == Shape{4, 2, 2});
  CHECK(both.values.at({3, 0, 1}) == 7);
  CHECK(both.values.at({3, 1, 0}) == 16);
  CHECK(same_bits(first.keys, now.keys));
  CHECK(same_bits(first.values, now.values));
}
