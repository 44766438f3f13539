// Settings that mean nothing are errors, and sizes of 0 leave nothing that is not a number.
#include "autograd/ops.h"
#include "nn/layers.h"
#include "nn/moving_average.h"
#include "nn/recurrent.h"
#include "nn/trainer.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

const Real none = NAN, inf = INFINITY;

std::vector<Parameter> one_parameter() {
  Tensor w = requires_grad(Tensor({2}, {3, -4}));
  w.node->grad = Tensor({2}, {3, -4});
  return {{"w", w}};
}

struct Nothing {
  struct Batch { Index tokens = 1; };
  std::vector<int> epoch(int) { return {1, 2}; }
  Batch batch(int) { return {}; }
  Tensor training_step(const Batch&) { return w * w; }
  Tensor w = requires_grad(Tensor::scalar(1));
};

std::string error_of_fit(int max_epochs, int accumulate, double clip) {
  Nothing model;
  SGD optim({{"w", model.w}}, Real(0.1));
  Position at;
  Trainer trainer{.max_epochs = max_epochs, .gradient_clip_val = clip, .accumulate = accumulate};
  return error_of([&] { trainer.fit(model, model, optim, at); });
}

}  // namespace

TEST_CASE("settings: of optimisers, when they are made and when they are changed") {
  for (Real bad : {Real(-1), none, inf, -inf}) {
    std::string says = join(text(double(bad)), " is outside [0, inf)");
    CHECK(error_of([&] { SGD(one_parameter(), bad); }) == "SGD: learning rate " + says);
    CHECK(error_of([&] { SGD(one_parameter(), 1, bad); }) == "SGD: momentum " + says);
    CHECK(error_of([&] { SGD(one_parameter(), 1, 0, false, bad); }) == "SGD: weight_decay " + says);
    CHECK(error_of([&] { Adam(one_parameter(), bad); }) == "Adam: learning rate " + says);
    CHECK(error_of([&] { Adam(one_parameter(), 1, bad); }) == "Adam: weight_decay " + says);
    CHECK(error_of([&] { AdamW(one_parameter(), bad); }) == "Adam: learning rate " + says);
    Adam adam(one_parameter(), 1);
    adam.lr = bad;
    CHECK(error_of([&] { adam.step(); }) == "Adam: learning rate " + says);
    CHECK(adam.steps == 0);
    CHECK(adam.params[0].tensor.values() == std::vector<Real>{3, -4});
  }
  CHECK(error_of([] { SGD(one_parameter(), 1, 0, true); }) == "SGD: nesterov needs a momentum");
  for (Real bad : {Real(-0.5), Real(1), none}) {
    Adam first(one_parameter(), 1), second(one_parameter(), 1);
    first.beta1 = bad, second.beta2 = bad;
    CHECK(error_of([&] { first.step(); }).starts_with("Adam: beta1 "));
    CHECK(error_of([&] { second.step(); }).starts_with("Adam: beta2 "));
  }
  for (Real bad : {Real(0), Real(-1), none, inf}) {
    Adam adam(one_parameter(), 1);
    adam.eps = bad;
    CHECK(error_of([&] { adam.step(); }).starts_with("Adam: eps "));
  }
  SGD still(one_parameter(), 0);                // learns nothing, but means something
  still.step();
  CHECK(still.params[0].tensor.values() == std::vector<Real>{3, -4});
}

TEST_CASE("settings: gradients are not clipped to less than nothing") {
  auto params = one_parameter();
  for (double bad : {-1., -1e-30, double(none), -double(inf)}) {
    CHECK(error_of([&] { clip_grad_norm(params, bad); }) ==
          join("clip_grad_norm: the limit ", bad, " must be 0 or more"));
    CHECK(grad(params[0].tensor).values() == std::vector<Real>{3, -4});
  }
  CHECK(clip_grad_norm(params, double(inf)) == 5);
  CHECK(clip_grad_norm(params, 0) == 5);
  CHECK(grad(params[0].tensor).values() == std::vector<Real>{0, 0});
}

TEST_CASE("settings: of schedules, means and the training loop") {
  auto error = [](const Schedule& s, long step) { return error_of([&] { (void)s.at(step); }); };
  for (double bad : {-1., double(none), double(inf)}) {
    CHECK(error({Schedule::constant, bad}, 0).starts_with("Schedule: a peak of "));
  }
  for (auto kind : {Schedule::constant, Schedule::inverse_sqrt, Schedule::cosine}) {
    CHECK(error({kind, 1, -1, 10}, 0).starts_with("Schedule: "));
    CHECK(error({kind, 1, 1, -10}, 0).starts_with("Schedule: "));
    CHECK(error({kind, 1, 1, 10}, -1).starts_with("Schedule: "));
    CHECK(error({kind, 1, 1, 10}, 0) == "");
  }
  for (double bad : {-0.1, 1., double(none)}) {
    CHECK(error_of([&] { MovingAverage({}, bad); }).starts_with("MovingAverage: a decay of "));
  }
  CHECK(error_of([] { MovingAverage({}, 0); }) == "");
  CHECK(error_of([] { MovingAverage({}, 0.5).update(-10); }) == "MovingAverage: update number -10");
  CHECK(error_of_fit(1, 1, 0) == "");
  CHECK(error_of_fit(0, 1, 0) == "");
  CHECK(error_of_fit(1, 0, 0).starts_with("fit: 1 epochs, 0 batches to an update"));
  CHECK(error_of_fit(1, -1, 0).starts_with("fit: "));
  CHECK(error_of_fit(-1, 1, 0).starts_with("fit: "));
  CHECK(error_of_fit(1, 1, -1).starts_with("clip_grad_norm: the limit -1"));
  CHECK(error_of_fit(1, 1, double(none)).starts_with("clip_grad_norm: the limit nan"));
}

TEST_CASE("settings: where parameters begin") {
  Tensor w = requires_grad(Tensor({2, 2}));
  for (Real bad : {Real(-1), none, inf}) {
    CHECK(error_of([&] { uniform_init(w, bad); }).starts_with("uniform_init: a bound of "));
  }
  Tensor row({3}), empty({0, 0}), absent;
  CHECK(error_of([&] { xavier_uniform_init(row); }).starts_with("xavier_uniform_init: "));
  CHECK(error_of([&] { uniform_init(absent, 1); }) ==
        "uniform_init: there is no tensor to write to");
  CHECK(error_of([&] { xavier_uniform_init(empty); }) == "");
  CHECK(error_of([&] { uniform_init(w, 0); }) == "");
}

TEST_CASE("settings: what is not said is as in PyTorch, and a Trainer goes through 10 epochs") {
  SGD sgd(one_parameter(), 1);
  CHECK(sgd.momentum == 0);
  CHECK(sgd.weight_decay == 0);
  CHECK_FALSE(sgd.nesterov);
  Adam adam(one_parameter(), 1);
  CHECK(adam.beta1 == Real(0.9));
  CHECK(adam.beta2 == Real(0.999));
  CHECK(adam.eps == Real(1e-8));
  CHECK(adam.weight_decay == 0);
  CHECK_FALSE(adam.decoupled);
  CHECK(adam.steps == 0);
  AdamW decoupled(one_parameter(), 1);
  CHECK(decoupled.weight_decay == Real(0.01));
  CHECK(decoupled.decoupled);
  CHECK(Schedule{}.at(0) == 0.001);
  CHECK(Schedule{}.total == 0);
  const Trainer trainer;
  CHECK(trainer.max_epochs == 10);
  CHECK(trainer.gradient_clip_val == 0);
  CHECK(trainer.accumulate == 1);
  const Position at;
  CHECK(at.epoch + at.batch + at.step + at.tokens == 0);
  CHECK(at.loss_sum == 0);
}

TEST_CASE("layers: of one number each they are layers, too") {
  CHECK(error_of([] { Linear(1, 1); Embedding(1, 1); LayerNorm(1); }) == "");
  for (Cell cell : {Cell::rnn, Cell::gru, Cell::lstm}) {
    const Recurrent layer(cell, 1, 1);
    CHECK(layer(Tensor({1, 1, 1})).first.shape() == Shape{1, 1, 1});
    CHECK(layer.extra_repr() == "1, 1");        // one layer, one way, without dropout
  }
  CHECK(RNN(1, 1).extra_repr() == "1, 1");
  CHECK(GRU(1, 1).extra_repr() == "1, 1");
  CHECK(LSTM(1, 1).extra_repr() == "1, 1");
}

TEST_CASE("layers: their sizes are positive; of no rows they make none") {
  for (int bad : {0, -1}) {
    CHECK(error_of([&] { Linear(bad, 3); }) ==
          join("Linear: sizes must be positive, got ", bad, " to 3"));
    CHECK(error_of([&] { Linear(3, bad); }) ==
          join("Linear: sizes must be positive, got 3 to ", bad));
    CHECK(error_of([&] { Embedding(bad, 2); }) ==
          join("Embedding: sizes must be positive, got ", bad, " words of 2 features"));
    CHECK(error_of([&] { Embedding(2, bad); }) ==
          join("Embedding: sizes must be positive, got 2 words of ", bad, " features"));
    CHECK(error_of([&] { LayerNorm{bad}; }) ==
          join("LayerNorm: sizes must be positive, got ", bad, " features"));
  }
  for (bool bias : {false, true}) CHECK(Linear(3, 2, bias)(Tensor({0, 3})).shape() == Shape{0, 2});
  CHECK(Embedding(2, 3)(Ints(Shape{0})).shape() == Shape{0, 3});
  CHECK(error_of([] { Embedding(2, 3)(Ints{2}); }) == "embedding: index 2 is outside 0 .. 1");
  CHECK(LayerNorm(2)(Tensor({0, 2})).shape() == Shape{0, 2});
  CHECK(Dropout(Real(0.5))(Tensor({0, 2})).shape() == Shape{0, 2});
}

TEST_CASE("Recurrent: sizes, steps, sentences and batches of 0 are results or errors") {
  for (Cell cell : {Cell::rnn, Cell::gru, Cell::lstm}) {
    for (auto [in, h, layers] :
         {std::tuple{0, 2, 1}, {2, 0, 1}, {2, 2, 0}, {-1, 2, 1}, {2, 2, -1}}) {
      CHECK(error_of([&, in = in, h = h, layers = layers] { Recurrent(cell, in, h, layers); })
                .starts_with("Recurrent: sizes must be positive"));
    }
    Recurrent layer(cell, 3, 4, 2, 0, true);
    auto [padded, state] = layer(Tensor({5, 0, 3}));
    CHECK(padded.shape() == Shape{5, 0, 8});
    CHECK(state.H.shape() == Shape{4, 0, 4});
    auto [packed, last] = layer(Tensor({0, 1, 3}), {}, Ints{0, 0});
    CHECK(packed.shape() == Shape{0, 1, 8});
    CHECK(last.H.values() == std::vector<Real>(4 * 2 * 4, 0));
    CHECK(layer(Tensor({0, 1, 3}), {}, Ints(Shape{0})).first.shape() == Shape{0, 1, 8});
    CHECK(error_of([&] { layer(Tensor()); }).starts_with("Recurrent: there is no tensor"));
    for (int bad : {-1, 6}) {
      CHECK(error_of([&] { layer(Tensor({5, 2, 3}), {}, Ints{5, bad}); }) ==
            join("Recurrent: a valid length of ", bad, " is outside 0 .. 5"));
    }
    CHECK(error_of([&] { layer(Tensor({5, 1, 3}), {}, Ints{6, -1}); })
              .starts_with("Recurrent: a valid length of 6"));
  }
}
