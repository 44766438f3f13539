// The layers from scratch against those of nn/, where they are the same function; and language
// models of both learn a text by heart and continue it.
#include "autograd/gradcheck.h"
#include "models/bi_rnn.h"
#include "models/deep_rnn.h"
#include "models/gru.h"
#include "models/lstm.h"
#include "tests/models_small.h"

using namespace babelgrad;

namespace {

constexpr int num_inputs = 3, num_units = 4, seq_len = 5, num_rows = 2;

// Weights of `gates` scratch layers side by side, as nn/ stores them; the second bias is 0.
void copy_weights(Recurrent::Weights& w, const std::vector<Tensor>& W_x,
                  const std::vector<Tensor>& W_h, const std::vector<Tensor>& b) {
  set_parameter(w.weight_ih, transpose(cat(W_x, 1)));
  set_parameter(w.weight_hh, transpose(cat(W_h, 1)));
  set_parameter(w.bias_ih, cat(b, 0));
  set_parameter(w.bias_hh, Tensor(w.bias_hh.shape()));
}
void copy_weights(Recurrent::Weights& w, const RNNScratch& from) {
  copy_weights(w, {from.W_xh}, {from.W_hh}, {from.b_h});
}

Tensor inputs(std::uint64_t seed = 1) {
  Random random(seed);
  return random_tensor({seq_len, num_rows, num_inputs}, random);
}

// Parameters that are large enough to matter, biases too.
template <class Layer>
Layer lively(Layer layer) {
  Random random(2);
  for (Parameter& p : named_parameters(layer))
    set_parameter(p.tensor, random_tensor(p.tensor.shape(), random, Real(0.5)));
  return layer;
}

const Tensor& last_of(const Tensor& H) { return H; }
const Tensor& last_of(const LSTMScratch::State& s) { return s.C; }
Tensor last_of(const std::vector<Tensor>& Hs) { return cat(Hs, 0); }
Tensor last_of(const BiRNNScratch::State& s) { return cat({s.f_H, s.b_H}, 0); }

// test(layer) for every layer of the book's chapters 9.5 and 10.1-10.4.
template <class Test>
void every_scratch_layer(const Test& test) {
  manual_seed(1);
  {
    INFO("RNN");
    test(lively(RNNScratch(num_inputs, num_units)));
  }
  {
    INFO("LSTM");
    test(lively(LSTMScratch(num_inputs, num_units)));
  }
  {
    INFO("GRU");
    test(lively(GRUScratch(num_inputs, num_units)));
  }
  {
    INFO("stacked");
    test(lively(StackedRNNScratch(num_inputs, num_units, 2)));
  }
  {
    INFO("two ways");
    test(lively(BiRNNScratch(num_inputs, num_units)));
  }
}

struct Replace : Visitor {  // the parameters by given tensors, in the order of fields()
  const std::vector<Tensor>& with;
  std::size_t next = 1;
  explicit Replace(const std::vector<Tensor>& with) : with(with) {}
  void on_parameter(const std::string&, Tensor& parameter) override { parameter = with[next++]; }
};

// Text as numbers, over and over: each step's target is the next letter.
struct Letters {
  std::string text = "the more one learns, the less one fears. ", letters;
  Ints X, Y;

  explicit Letters(int steps = 20) : X(Shape{int(text.size()) / 2, steps}), Y(X.shape()) {
    for (char c : text)
      if (letters.find(c) == std::string::npos) letters += c;
    for (int i = 0; i < X.dim(0); i++)
      for (int t = 0; t < steps; t++) X.at(i, t) = id(2 * i + t), Y.at(i, t) = id(2 * i + t + 1);
  }
  int id(std::size_t i) const { return int(letters.find(text[i % text.size()])); }
  int size() const { return int(letters.size()); }
  std::vector<int> ids(int begin, int count) const {
    std::vector<int> out;
    for (int i = begin; i < begin + count; i++) out.push_back(id(i));
    return out;
  }
};

template <class LM>
double perplexity_after(LM& model, const Letters& text, int steps) {
  auto loss = [&] { return model.loss(model(text.X), text.Y); };
  return std::exp(learn_by_heart(model, steps, Real(0.02), loss));
}

template <class Rnn>
void learns_from_scratch(int steps) {
  manual_seed(1);
  Letters text;
  RNNLMScratch<Rnn> model(Rnn(text.size(), 32), text.size());
  CHECK(std::abs(perplexity_after(model, text, 0) / text.size() - 1) < 0.01);  // equally likely
  CHECK(perplexity_after(model, text, steps) < 1.3);
  for (int begin : {0, 8, 24}) CHECK(model.predict(text.ids(begin, 8), 15) == text.ids(begin, 23));
}

template <class Rnn>
void learns(int steps) {
  manual_seed(1);
  Letters text;
  RNNLM<Rnn> model(Rnn(text.size(), 32), text.size());
  CHECK(perplexity_after(model, text, steps) < 1.3);
  Ints guesses = argmax(model(text.X), 2);
  for (int i = 0; i < guesses.dim(0); i++)
    for (int t = 8; t < guesses.dim(1); t++) CHECK(guesses.at(i, t) == text.Y.at(i, t));
}

}  // namespace

TEST_CASE("RNNScratch and LSTMScratch are the functions of nn's RNN and LSTM") {
  RNNScratch rnn = lively(RNNScratch(num_inputs, num_units));
  RNN concise(num_inputs, num_units);
  copy_weights(concise.weights[0], rnn);
  auto [H, state] = rnn(inputs());
  auto [Y, end] = concise(inputs());
  CHECK(distance(stack(H), Y) < near_bar);
  CHECK(distance(state, select(end.H, 0, 0)) < near_bar);

  LSTMScratch s = lively(LSTMScratch(num_inputs, num_units));
  LSTM lstm(num_inputs, num_units);
  copy_weights(lstm.weights[0], {s.W_xi, s.W_xf, s.W_xc, s.W_xo}, {s.W_hi, s.W_hf, s.W_hc, s.W_ho},
               {s.b_i, s.b_f, s.b_c, s.b_o});
  auto [lstm_H, lstm_state] = s(inputs());
  auto [lstm_Y, lstm_end] = lstm(inputs());
  CHECK(distance(stack(lstm_H), lstm_Y) < near_bar);
  CHECK(distance(lstm_state.C, select(lstm_end.C, 0, 0)) < near_bar);
}

TEST_CASE("StackedRNNScratch and BiRNNScratch are the functions of nn's RNN") {
  StackedRNNScratch deep = lively(StackedRNNScratch(num_inputs, num_units, 2));
  RNN two(num_inputs, num_units, 2);
  for (int i = 0; i < 2; i++) copy_weights(two.weights[i], deep.rnns[i]);
  auto [H, states] = deep(inputs());
  auto [Y, end] = two(inputs());
  CHECK(distance(stack(H), Y) < near_bar);
  CHECK(distance(stack(states), end.H) < near_bar);

  BiRNNScratch ways = lively(BiRNNScratch(num_inputs, num_units));
  RNN both(num_inputs, num_units, 1, 0, true);
  copy_weights(both.weights[0], ways.f_rnn);
  copy_weights(both.weights[1], ways.b_rnn);
  CHECK(distance(stack(ways(inputs()).first), both(inputs()).first) < near_bar);
}

TEST_CASE(
    "(D11) GRUScratch and nn's GRU agree while the state is 0 or the reset gate open, and only "
    "then") {
  GRUScratch s = lively(GRUScratch(num_inputs, num_units));
  GRU gru(num_inputs, num_units);
  for (bool open : {false, true}) {
    if (open) set_parameter(s.b_r, Tensor({num_units}, 100));  // R = 1: before or after is one
    copy_weights(gru.weights[0], {s.W_xr, s.W_xz, s.W_xh}, {s.W_hr, s.W_hz, s.W_hh},
                 {s.b_r, s.b_z, s.b_h});
    Tensor H = stack(s(inputs()).first), Y = gru(inputs()).first;
    CHECK(distance(select(H, 0, 0), select(Y, 0, 0)) < near_bar);  // from a state of zeros
    CHECK((distance(select(H, 0, 1), select(Y, 0, 1)) < near_bar) == open);
    CHECK((distance(H, Y) > 1e-3) == !open);
  }
}

TEST_CASE("scratch: gradients of every layer are those of finite differences") {
  if (!is_double) return;
  every_scratch_layer([](auto layer) {
    std::vector<Tensor> points{inputs()};
    for (const Parameter& p : named_parameters(layer)) points.push_back(detach(p.tensor));
    Random random(3);
    GradCheck result = gradcheck(
        [&](const std::vector<Tensor>& at) {
          Replace replace(at);
          layer.fields(replace);
          auto [H, state] = layer(at[0]);
          return cat({reshape(stack(H), {-1}), reshape(last_of(state), {-1})}, 0);
        },
        points, random);
    CHECK_MESSAGE(result.worst < 1e-6, result.where);
  });
}

TEST_CASE("scratch: a state that is given goes on from there; none is zeros") {
  auto halves = [](const auto& layer) {
    Tensor X = inputs();
    auto [whole, end] = layer(X);
    auto [first, middle] = layer(slice(X, 0, 0, 2));
    auto [second, last] = layer(slice(X, 0, 2, seq_len), middle);
    first.insert(first.end(), second.begin(), second.end());
    CHECK(same_bits(stack(first), stack(whole)));
    CHECK(same_bits(last_of(last), last_of(end)));
  };
  halves(lively(RNNScratch(num_inputs, num_units)));
  halves(lively(LSTMScratch(num_inputs, num_units)));
  halves(lively(GRUScratch(num_inputs, num_units)));
  halves(lively(StackedRNNScratch(num_inputs, num_units, 2)));
  Tensor X = inputs(), zeros({num_rows, num_units});
  RNNScratch rnn = lively(RNNScratch(num_inputs, num_units));
  GRUScratch gru = lively(GRUScratch(num_inputs, num_units));
  LSTMScratch lstm = lively(LSTMScratch(num_inputs, num_units));
  BiRNNScratch ways = lively(BiRNNScratch(num_inputs, num_units));
  CHECK(same_bits(rnn(X, zeros).second, rnn(X).second));
  CHECK(same_bits(gru(X, zeros).second, gru(X).second));
  CHECK(same_bits(lstm(X, {zeros, zeros}).second.C, lstm(X).second.C));
  CHECK(same_bits(ways(X, {zeros, zeros}).second.b_H, ways(X).second.b_H));
}

TEST_CASE("RNNLMScratch: learns 40 letters by heart, and predict goes on with them") {
  learns_from_scratch<RNNScratch>(200);
  learns_from_scratch<GRUScratch>(200);
  learns_from_scratch<LSTMScratch>(250);
}

TEST_CASE("RNNLM: learns 40 letters by heart, with nn's layers") {
  learns<RNN>(100);
  learns<GRU>(100);
  learns<LSTM>(150);
}

TEST_CASE("language: any scratch layer can be the rnn, and errors say what is wrong") {
  RNNLMScratch<BiRNNScratch> ways(BiRNNScratch(5, 3), 5);
  RNNLMScratch<StackedRNNScratch> deep(StackedRNNScratch(5, 3, 2), 5);
  CHECK(ways(Ints(Shape{2, 4})).shape() == Shape{2, 4, 5});
  CHECK(deep(Ints(Shape{2, 4})).shape() == Shape{2, 4, 5});
  CHECK(deep.predict({1}, 0) == std::vector<int>{1});
  CHECK(error_of([&] { deep.predict({}, 3); }) == "predict: needs a prefix of at least one token");
  CHECK(error_of([] { one_hot(Ints{5}, 5); }) == "one_hot: id 5 of 5 classes");
}
