// What holds for every cell, one or two layers, one direction or both. The numbers themselves are
// held against PyTorch's in nn_golden.cpp.
#include "nn/recurrent.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

constexpr int inputs = 3, hiddens = 4;

template <class Check>
void every_kind(const Check& check) {
  for (Cell cell : {Cell::rnn, Cell::gru, Cell::lstm}) {
    for (int layers : {1, 2}) {
      for (bool both : {false, true}) {
        CAPTURE(int(cell));
        CAPTURE(layers);
        CAPTURE(both);
        manual_seed(1);
        Recurrent layer(cell, inputs, hiddens, layers, 0, both);
        check(layer);
      }
    }
  }
}

RecurrentState random_state(const Recurrent& layer, int batch, Random& random) {
  Shape shape{layer.num_layers * layer.directions, batch, hiddens};
  return {random_tensor(shape, random),
          layer.cell == Cell::lstm ? random_tensor(shape, random) : Tensor()};
}

Tensor sentence(const Tensor& x, int i, int axis = 1) { return slice(x, axis, i, i + 1); }
RecurrentState sentence(const RecurrentState& s, int i) {
  return {sentence(s.H, i), s.C ? sentence(s.C, i) : Tensor()};
}

using Result = std::pair<Tensor, RecurrentState>;
Result sentence(const Result& r, int i) { return {sentence(r.first, i), sentence(r.second, i)}; }

// The first `len` steps of sentence i, and its last state, alike?
double apart(const Result& all, const Result& one, int i, int len) {
  double d = distance(sentence(slice(all.first, 0, 0, len), i), slice(one.first, 0, 0, len));
  d = std::max(d, distance(sentence(all.second.H, i), one.second.H));
  return one.second.C ? std::max(d, distance(sentence(all.second.C, i), one.second.C)) : d;
}

}  // namespace

TEST_CASE("RNN, GRU and LSTM: shapes of outputs and states") {
  every_kind([](Recurrent& layer) {
    auto [Y, end] = layer(Tensor({5, 2, inputs}, 1));
    Shape states{layer.num_layers * layer.directions, 2, hiddens};
    CHECK(Y.shape() == Shape{5, 2, layer.directions * hiddens});
    CHECK(end.H.shape() == states);
    CHECK(bool(end.C) == (layer.cell == Cell::lstm));
    if (end.C) CHECK(end.C.shape() == states);
  });
}

TEST_CASE("Recurrent: parameters have PyTorch's names and begin in U(-1/sqrt(h), 1/sqrt(h))") {
  manual_seed(2);
  LSTM lstm(3, 16, 2, 0, true);
  std::vector<std::string> expected;
  for (const char* suffix : {"_l0", "_l0_reverse", "_l1", "_l1_reverse"}) {
    for (const char* name : {"weight_ih", "weight_hh", "bias_ih", "bias_hh"})
      expected.push_back(join(name, suffix));
  }
  std::vector<Parameter> params = named_parameters(lstm);
  REQUIRE(params.size() == expected.size());
  for (std::size_t i = 0; i < params.size(); i++) {
    CHECK(params[i].name == expected[i]);
    double largest = double(raw::max(abs(detach(params[i].tensor))).item());
    CHECK(largest <= 0.25);
    CHECK(largest > 0.2);
  }
  CHECK(params[0].tensor.shape() == Shape{64, 3});
  CHECK(params[1].tensor.shape() == Shape{64, 16});
  CHECK(params[2].tensor.shape() == Shape{64});
  CHECK(params[8].tensor.shape() == Shape{64, 32});  // the second layer reads both directions
}

TEST_CASE("Recurrent: a batch is its sentences, run one by one, of valid_lens without padding") {
  every_kind([](Recurrent& layer) {
    Random random(3);
    Tensor X = random_tensor({6, 4, inputs}, random);
    RecurrentState begin = random_state(layer, 4, random);
    for (const Ints& lens : {Ints(), Ints{6, 3, 1, 4}}) {
      auto all = layer(X, begin, lens);
      for (int i = 0; i < 4; i++) {
        const int len = lens ? lens[i] : 6;
        Tensor alone = slice(sentence(X, i), 0, 0, len);
        CHECK(apart(all, layer(alone, sentence(begin, i)), i, len) < near_bar);
      }
    }
  });
}

TEST_CASE("Recurrent: no state given is a state of zeros") {
  every_kind([](Recurrent& layer) {
    Random random(4);
    Tensor X = random_tensor({3, 2, inputs}, random),
           zeros({layer.num_layers * layer.directions, 2, hiddens});
    CHECK(same_bits(layer(X).first, layer(X, {zeros, zeros}).first));
  });
}

TEST_CASE("Recurrent: with valid_lens neither the content nor the amount of padding matters") {
  every_kind([](Recurrent& layer) {
    Random random(6);
    Tensor X = random_tensor({4, 3, inputs}, random), other(X.shape(), X.values());
    Ints lens{4, 2, 1};
    for (int t = 0; t < 4; t++) {
      for (int i = 0; i < 3; i++) {
        for (int k = 0; k < inputs && t >= lens[i]; k++)
          other.data()[(t * 3 + i) * inputs + k] = 100 * random.normal();
      }
    }
    auto plain = layer(X, {}, lens), content = layer(other, {}, lens);
    auto amount = layer(cat({other, random_tensor({3, 3, inputs}, random)}, 0), {}, lens);
    for (int i = 0; i < 3; i++) {
      CHECK(apart(plain, sentence(content, i), i, lens[i]) == 0);
      // A longer sequence is a larger product, which may round otherwise.
      CHECK(apart(plain, sentence(amount, i), i, lens[i]) < near_bar);
    }
  });
}

TEST_CASE("Recurrent: without valid_lens the padding is read") {
  manual_seed(7);
  GRU gru(inputs, hiddens);
  Random random(7);
  Tensor X = random_tensor({4, 2, inputs}, random);
  CHECK(distance(gru(X).second.H, gru(X, {}, Ints{4, 4}).second.H) == 0);
  CHECK(distance(gru(X).second.H, gru(X, {}, Ints{4, 2}).second.H) > 0.01);
}

TEST_CASE(
    "Recurrent: with valid_lens no gradient reaches the padding, and some reaches every token") {
  every_kind([](Recurrent& layer) {
    Random random(8);
    Tensor X = requires_grad(random_tensor({4, 3, inputs}, random));
    Ints lens{4, 2, 1};
    auto [Y, end] = layer(X, {}, lens);
    backward(sum(square(end.H)));
    for (int t = 0; t < 4; t++) {
      for (int i = 0; i < 3; i++) CHECK((grad(X).at({t, i, 0}) != 0) == (t < lens[i]));
    }
  });
}

TEST_CASE("Recurrent: a sentence of length 0 keeps the state it began with") {
  every_kind([](Recurrent& layer) {
    Random random(9);
    RecurrentState begin = random_state(layer, 2, random);
    auto end = layer(random_tensor({3, 2, inputs}, random), begin, Ints{3, 0}).second;
    CHECK(same_bits(sentence(end.H, 1), sentence(begin.H, 1)));
    if (end.C) CHECK(same_bits(sentence(end.C, 1), sentence(begin.C, 1)));
  });
}

TEST_CASE("Recurrent: two halves of a sequence, the state handed on, are the whole") {
  for (Cell cell : {Cell::rnn, Cell::gru, Cell::lstm}) {
    Recurrent layer(cell, inputs, hiddens, 2);
    Random random(10);
    Tensor X = random_tensor({6, 2, inputs}, random);
    auto [whole, end] = layer(X);
    auto [first, middle] = layer(slice(X, 0, 0, 2));
    auto [second, last] = layer(slice(X, 0, 2, 6), middle);
    CHECK(distance(cat({first, second}, 0), whole) < near_bar);
    CHECK(distance(last.H, end.H) < near_bar);
  }
}

TEST_CASE("Recurrent: dropout is between layers, in training only") {
  for (Cell cell : {Cell::rnn, Cell::gru, Cell::lstm}) {
    manual_seed(11);
    Recurrent one(cell, inputs, hiddens, 1, Real(0.5)), two(cell, inputs, hiddens, 2, Real(0.5));
    Random random(11);
    Tensor X = random_tensor({5, 3, inputs}, random), alone = one(X).first, dropped = two(X).first;
    CHECK(same_bits(dropped, dropped + 0));
    CHECK_FALSE(same_bits(two(X).first, dropped));  // new dice each time
    for (Real v : dropped.values()) CHECK(v != 0);  // what comes out at the top is whole
    eval(one), eval(two);
    CHECK(same_bits(one(X).first, alone));  // nothing lies between the layers of one
    Tensor calm = two(X).first;
    CHECK(same_bits(two(X).first, calm));
    CHECK_FALSE(same_bits(calm, dropped));
  }
}

TEST_CASE("Recurrent: packed, a sentence gives what it gives alone, in both directions") {
  Random random(3);
  const Ints lens{2, 0, 3, 1};
  for (Cell cell : {Cell::rnn, Cell::gru, Cell::lstm}) {
    Recurrent rnn(cell, inputs, hiddens, 2, 0, true);
    Tensor X = random_tensor({6, 1, inputs}, random);
    auto [Y, state] = rnn(X, {}, lens);
    CHECK(Y.shape() == Shape{6, 1, 2 * hiddens});
    CHECK(state.H.shape() == Shape{4, 4, hiddens});
    for (int i = 0, row = 0; i < 4; row += lens[i++]) {
      if (lens[i] == 0) continue;
      auto alone = rnn(slice(X, 0, row, row + lens[i]));
      CHECK(distance(slice(Y, 0, row, row + lens[i]), alone.first) < tol(1e-14, 1e-6));
      CHECK(distance(slice(state.H, 1, i, i + 1), alone.second.H) < tol(1e-14, 1e-6));
    }
  }
}

TEST_CASE("unbind, cat, repeat: step by step the sentences that go on, longest first, and back") {
  const Lens packed({5, 5, 5}, {2, 0, 3});
  Tensor X({5, 1, 1}, {1, 2, 3, 4, 5});         // 1 2 and 3 4 5
  std::vector<Tensor> steps = unbind(X, packed), back;
  REQUIRE(steps.size() == 3);
  CHECK(same_bits(steps[0], Tensor({2, 1}, {3, 1})));
  CHECK(same_bits(steps[1], Tensor({2, 1}, {4, 2})));
  CHECK(same_bits(steps[2], Tensor({1, 1}, {5})));
  for (const Tensor& x : steps) back.push_back(unsqueeze(x, 0));
  CHECK(same_bits(cat(back, packed), X));
  CHECK(unbind(Tensor({0, 1, 1}), Lens(Ints{5}, Ints{0})).size() == 1);
  CHECK(unbind(Tensor({3, 2, 1}), {}).size() == 3);
  Tensor context({3, 1}, {7, 8, 9});
  CHECK(same_bits(repeat(context, {5, 1, 1}, packed.tgt), Tensor({5, 1, 1}, {7, 7, 9, 9, 9})));
  CHECK(same_bits(repeat(context, {2, 1, 1}, {}), Tensor({2, 3, 1}, {7, 8, 9, 7, 8, 9})));
  RecurrentState state{Tensor({1, 3, 1}, {1, 2, 3}), {}};
  CHECK(same_bits(ranked(state, packed).H, Tensor({1, 3, 1}, {3, 1, 2})));
  CHECK(same_bits(first(ranked(state, packed), 2).H, Tensor({1, 2, 1}, {3, 1})));
}

TEST_CASE("Recurrent: wrong shapes are named with what would be right") {
  GRU gru(inputs, hiddens);
  LSTM lstm(inputs, hiddens, 2);
  Tensor X({5, 2, inputs}), H({2, 2, hiddens});
  const char* shape = " is not (steps, batch, 3), or packed (rows, 1, 3)";
  CHECK(error_of([&] { gru(Tensor({5, 2, 7})); }) == join("Recurrent: input (5, 2, 7)", shape));
  CHECK(error_of([&] { gru(Tensor({5, 3})); }) == join("Recurrent: input (5, 3)", shape));
  CHECK(error_of([&] { gru(Tensor({5, 1, 3}), {}, {2, 2}); }) ==
        "Recurrent: valid_lens (2,) for a batch of 1");
  CHECK(error_of([&] { gru(Tensor({0, 2, 3})); }) == "Recurrent: input (0, 2, 3) has no steps");
  CHECK(error_of([&] { gru(X, {H, {}}); }) == "Recurrent: state (2, 2, 4) is not (1, 2, 4)");
  CHECK(error_of([&] {
          lstm(X, {H, Tensor({3, 2, hiddens})});
        }) == "Recurrent: memory (3, 2, 4) is not (2, 2, 4)");
  CHECK(error_of([&] {
          gru(X, {}, Ints{5, 5, 5});
        }) == "Recurrent: valid_lens (3,) for a batch of 2");
  CHECK(error_of([] { GRU(3, 0); }) ==
        "Recurrent: sizes must be positive, got inputs 3, hiddens 0, layers 1");
}
