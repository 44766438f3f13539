#include "nn/layers.h"

#include <sstream>

#include "autograd/observer.h"
#include "nn/prepacked.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

struct Block : Module {
  Linear dense{2, 3};
  Dropout dropout{Real(0.5)};
  Tensor absent, scale = requires_grad(Tensor({3}, 1));
  void fields(Visitor& f) override {
    f("scale", scale);
    f("absent", absent);
    f("dense", dense);
    f("dropout", dropout);
  }
};

struct Tower : Module {
  Embedding embedding{5, 2};
  std::vector<Block> blks = std::vector<Block>(2);
  void fields(Visitor& f) override {
    f("embedding", embedding);
    f("blks", blks);
  }
};

struct Tied : Module {  // the table that reads words also writes them
  Embedding embedding{5, 2};
  Linear dense{2, 5, false};
  Tied() { dense.weight = embedding.weight; }
  void fields(Visitor& f) override {
    f("embedding", embedding);
    f("dense", dense);
  }
};

std::vector<std::string> names_of(Module& module) {
  std::vector<std::string> all;
  for (const Parameter& p : named_parameters(module)) all.push_back(p.name);
  return all;
}

double mean_of(const Tensor& x) { return double(mean(x).item()); }
double variance_of(const Tensor& x) { return double(var(x).item()); }
double largest_of(const Tensor& x) { return double(raw::max(abs(detach(x))).item()); }

}  // namespace

TEST_CASE(
    "Module: fields() gives every parameter its dotted name, in order, and skips absent ones") {
  Tower tower;
  CHECK(names_of(tower) == std::vector<std::string>{"embedding.weight", "blks.0.scale",
                                                 "blks.0.dense.weight", "blks.0.dense.bias",
                                                 "blks.1.scale", "blks.1.dense.weight",
                                                 "blks.1.dense.bias"});
  CHECK(parameter_count(tower) == 5 * 2 + 2 * (3 + 3 * 2 + 3));
}

TEST_CASE("Module: named parameters are the module's own numbers") {
  Linear layer(2, 3);
  named_parameters(layer)[0].tensor.data()[0] = 7;
  CHECK(layer.weight.at({0, 0}) == 7);
  backward(sum(layer(Tensor({1, 2}, 1))));
  CHECK(grad(named_parameters(layer)[1].tensor).values() == std::vector<Real>{1, 1, 1});
}

TEST_CASE("distinct: of names for the same numbers the first stays, and all that have no numbers") {
  const Tensor one = requires_grad(Tensor::scalar(1)), none({0});
  const std::vector<Parameter> left =
      distinct({{"a", one}, {"none", none}, {"b", one}, {"nothing", none}});
  REQUIRE(left.size() == 3);
  CHECK(left[0].name == "a");
  CHECK(left[1].name == "none");
  CHECK(left[2].name == "nothing");
}

TEST_CASE("Module: train and eval reach every child") {
  Tower tower;
  eval(tower);
  CHECK_FALSE(tower.training);
  CHECK_FALSE(tower.embedding.training);
  CHECK_FALSE(tower.blks[1].training);
  CHECK_FALSE(tower.blks[1].dropout.training);
  train(tower);
  CHECK(tower.training);
  CHECK(tower.blks[0].dropout.training);
}

TEST_CASE("Module: tied parameters count once, under their first name, and share one gradient") {
  Tied tied;
  CHECK(names_of(tied) == std::vector<std::string>{"embedding.weight"});
  CHECK(parameter_count(tied) == 10);
  backward(sum(tied.dense(tied.embedding(Ints{4}))));
  Tensor both = grad(tied.embedding.weight);
  CHECK(both.at({0, 1}) == doctest::Approx(tied.embedding.weight.at({4, 1})));  // from dense alone
  CHECK(both.at({4, 1}) !=
        doctest::Approx(tied.embedding.weight.at({4, 1})));  // and what embedding adds
}

TEST_CASE("Module: frozen parameters are no leaves, and are not taken for tied ones") {
  Linear layer(2, 3);
  layer.weight = detach(layer.weight);
  layer.bias = detach(layer.bias);
  CHECK(names_of(layer) == std::vector<std::string>{"weight", "bias"});
}

TEST_CASE("Linear: shapes, and numbers from U(-1/sqrt(in), 1/sqrt(in))") {
  manual_seed(1);
  Linear layer(64, 200);
  CHECK(layer.weight.shape() == Shape{200, 64});
  CHECK(layer.bias.shape() == Shape{200});
  CHECK(layer(Tensor({2, 3, 64})).shape() == Shape{2, 3, 200});
  CHECK(largest_of(layer.weight) <= 0.125);
  CHECK(largest_of(layer.weight) > 0.1249);
  CHECK(largest_of(layer.bias) <= 0.125);
  CHECK(largest_of(layer.bias) > 0.12);
  CHECK(std::abs(mean_of(layer.weight)) < 0.002);
  CHECK(variance_of(layer.weight) == doctest::Approx(0.125 * 0.125 / 3).epsilon(0.03));
}

TEST_CASE("Linear: without bias it is one parameter, and maps zeros to zeros") {
  Linear layer(3, 2, false);
  CHECK(names_of(layer) == std::vector<std::string>{"weight"});
  CHECK(largest_of(layer(Tensor({4, 3}))) == 0);
}

TEST_CASE("PrepackedWeights: the same bits without a gradient, and training does not see them") {
  manual_seed(1);
  Tower tower;
  Linear& dense = tower.blks[1].dense;
  Random random(2);
  Tensor many = random_tensor({40, 2}, random), few = random_tensor({2, 2}, random);
  const Tensor at_rest = dense(many);
  {
    PrepackedWeights fixed(tower, 40);
    CHECK(bool(dense.packed));
    overwrite(dense.weight, "test")[0] += 1;    // which the packed numbers do not know
    CHECK_FALSE(same_bits(dense(many), at_rest));
    overwrite(dense.weight, "test")[0] -= 1;
    NoGrad guard;
    dense.packed = prepacked(dense.weight, 40);
    const Tensor before = dense(many);
    CHECK(same_bits(dense(few), linear(few, dense.weight, dense.bias)));
    CHECK(same_bits(before, linear(many, dense.weight, dense.bias)));
    dense.packed = prepacked(dense.weight, 2);               // more rows than it was made for
    CHECK(same_bits(dense(many), before));
    CHECK(error_of([&] { dense(Tensor({3, 3})); }).starts_with("linear: input (3, 3)"));
  }
  CHECK_FALSE(bool(dense.packed));
  CHECK_FALSE(bool(tower.blks[0].dense.packed));
}

TEST_CASE("decode_in_int8: rounds linear and recurrent layers where nothing is recorded") {
  manual_seed(3);
  struct Whole : Module {
    Embedding table{9, 16};
    GRU gru{16, 16, 2};
    Linear dense{16, 5};
    void fields(Visitor& f) override { f("table", table); f("gru", gru); f("dense", dense); }
    std::vector<Tensor> operator()() const {
      const auto [Y, state] = gru(table(Ints({4, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3})));
      return {Y, state.H, dense(Y)};
    }
  };
  Whole whole;
  const std::vector<Tensor> recorded = whole();
  const Tensor vectors = whole.table(Ints({1}, {4}));
  decode_in_int8(whole);
  for (std::size_t i = 0; i < recorded.size(); i++) CHECK(same_bits(whole()[i], recorded[i]));
  NoGrad guard;
  const std::vector<Tensor> rounded = whole();
  for (std::size_t i = 0; i < recorded.size(); i++) {
    CHECK(distance(rounded[i], recorded[i]) < 0.03);
    CHECK_FALSE(same_bits(rounded[i], recorded[i]));
  }
  CHECK(same_bits(whole.table(Ints({1}, {4})), vectors));
  { PrepackedWeights fixed(whole, 40); }        // as each search has them
  for (std::size_t i = 0; i < recorded.size(); i++) CHECK(same_bits(whole()[i], rounded[i]));
  same_for_all_threads("decode_in_int8", [&] { return whole(); });
}

TEST_CASE("Embedding: rows of a table of N(0, 1)") {
  manual_seed(2);
  Embedding table(400, 50);
  CHECK(std::abs(mean_of(table.weight)) < 0.02);
  CHECK(variance_of(table.weight) == doctest::Approx(1).epsilon(0.03));
  Tensor y = table(Ints({2, 2}, {0, 399, 7, 7}));
  CHECK(y.shape() == Shape{2, 2, 50});
  CHECK(y.at({0, 1, 49}) == table.weight.at({399, 49}));
  CHECK(y.at({1, 0, 3}) == table.weight.at({7, 3}));
}

TEST_CASE("init: the same seed gives the same parameters, another seed others") {
  auto weights = [](int seed) {
    manual_seed(seed);
    return Linear(4, 4).weight;
  };
  CHECK(same_bits(weights(5), weights(5)));
  CHECK_FALSE(same_bits(weights(5), weights(6)));
}

TEST_CASE("xavier_uniform_init: the bound is sqrt(6 / (in + out))") {
  manual_seed(3);
  Linear layer(50, 100);
  xavier_uniform_init(layer.weight);
  CHECK(largest_of(layer.weight) <= 0.2 + 1e-7);
  CHECK(largest_of(layer.weight) > 0.199);
  CHECK(variance_of(layer.weight) == doctest::Approx(0.04 / 3).epsilon(0.05));
}

TEST_CASE(
    "Dropout: in training a share p is zero and the rest grows by 1 / (1 - p); else it does "
    "nothing") {
  manual_seed(4);
  Dropout dropout(Real(0.25));
  Tensor ones({100, 400}, 1), y = dropout(ones);
  int zeros = 0;
  bool scaled = true;
  for (Real v : y.values()) {
    zeros += v == 0;
    scaled = scaled && (v == 0 || std::abs(double(v) - 4.0 / 3) < 1e-6);
  }
  CHECK(scaled);
  CHECK(std::abs(zeros / 40000.0 - 0.25) < 0.01);
  eval(dropout);
  CHECK(same_bits(dropout(ones), ones));
  train(dropout);
  CHECK_FALSE(same_bits(dropout(ones), y));  // new dice
  CHECK(same_bits(Dropout(0)(ones), ones));
}

TEST_CASE("Dropout: a probability outside [0, 1) is refused") {
  CHECK(error_of([] { Dropout(1); }) == "Dropout: probability 1 is outside [0, 1)");
  CHECK(error_of([] { Dropout(Real(-0.5)); }) == "Dropout: probability -0.5 is outside [0, 1)");
  CHECK(error_of([] { Dropout(Real(NAN)); }).find("is outside [0, 1)") != std::string::npos);
}

TEST_CASE("LayerNorm: begins as mean 0 and variance 1 of every row") {
  Random random(6);
  LayerNorm norm(32);
  Tensor y = norm(random_tensor({4, 5, 32}, random, 3, 10));
  CHECK(y.shape() == Shape{4, 5, 32});
  CHECK(largest_of(mean(y, {-1})) < tol(1e-12, 1e-5));
  CHECK(largest_of(var(y, {-1}, false) - 1) < 1e-5);
  CHECK(largest_of(norm(Tensor({2, 32}, 3))) == 0);  // a constant row
  CHECK(names_of(norm) == std::vector<std::string>{"weight", "bias"});
}

TEST_CASE("Classifier: labels are smoothed in training, and only if asked") {
  Random random(8);
  const Tensor scores = random_tensor({2, 3, 4}, random), flat = reshape(scores, {6, 4});
  const Ints targets(Shape{2, 3}, {0, 3, 1, 2, 2, 0}), row = reshape(targets, -1);
  Classifier model;
  CHECK(same_bits(model.loss(scores, targets), cross_entropy(flat, row)));
  CHECK(same_bits(model.loss(scores, targets, false),
                  cross_entropy(flat, row, {.reduction = Reduction::none})));
  model.label_smoothing = Real(0.25);
  const Tensor smoothed = cross_entropy(flat, row, {.label_smoothing = Real(0.25)});
  CHECK(same_bits(model.loss(scores, targets), smoothed));
  eval(model);
  CHECK(same_bits(model.loss(scores, targets), cross_entropy(flat, row)));
}

TEST_CASE("layers: what one computes stands on the line that calls it") {
  struct Lines : Observer {
    std::vector<int> all;
    void forward(const char*, const Tensor&, const std::vector<Tensor>&) override {
      CHECK(std::string(here.file) == __builtin_FILE());
      all.push_back(here.line);
    }
  } lines;
  Linear dense(2, 3);
  Embedding words(4, 2);
  LayerNorm norm(3);
  Dropout dropout(Real(0.5));
  Watch watch(&lines);
  const int first = __LINE__ + 1;
  Tensor x = words(Ints{1, 2});
  Tensor h = dense(x);
  h = norm(h);
  h = dropout(h);
  dropout.training = false;
  h = dropout(h) + 1;                           // a dropout that does nothing, and an operator
  CHECK(lines.all == std::vector<int>{first, first + 1, first + 2, first + 3, first + 5});
}

TEST_CASE("text: a module is the tree of its layers with their sizes") {
  CHECK(text(Linear(2, 3)) == "Linear(in_features=2, out_features=3, bias=true)");
  CHECK(text(Tower()) == "Tower(\n"
                         "  (embedding): Embedding(5, 2)\n"
                         "  (blks.0): Block(\n"
                         "    scale (3,)\n"
                         "    (dense): Linear(in_features=2, out_features=3, bias=true)\n"
                         "    (dropout): Dropout(p=0.5)\n"
                         "  )\n"
                         "  (blks.1): Block(\n"
                         "    scale (3,)\n"
                         "    (dense): Linear(in_features=2, out_features=3, bias=true)\n"
                         "    (dropout): Dropout(p=0.5)\n"
                         "  )\n"
                         ")");
  CHECK(text(LayerNorm(4)) == "LayerNorm((4,), eps=1e-05)");
  CHECK(text(LSTM(2, 3)) == "LSTM(2, 3)");
  CHECK(text(GRU(2, 3, 2, Real(0.5), true)) ==
        "GRU(2, 3, num_layers=2, dropout=0.5, bidirectional=true)");
  struct Scale : Module {
    Tensor a = requires_grad(Tensor({2, 3})), b = requires_grad(Tensor({3}));
    void fields(Visitor& f) override { f("a", a); f("b", b); }
  };
  CHECK(text(Scale()) == "Scale(a (2, 3), b (3,))");
  std::ostringstream out;
  out << Linear(2, 3, false);
  CHECK(out.str() == "Linear(in_features=2, out_features=3, bias=false)");
}

TEST_CASE("text: what a layer has lost, or has no size of, is no error") {
  Linear linear(2, 3);
  linear.weight = Tensor();
  CHECK(text(linear) == "Linear(bias (3,))");
  struct Nothing : Module {};
  CHECK(text(Nothing()) == "Nothing()");
}
