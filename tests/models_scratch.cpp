// The layers from scratch against those of nn/, where they are the same function.
#include "autograd/gradcheck.h"
#include "models/bi_rnn.h"
#include "models/deep_rnn.h"
#include "models/gru.h"
#include "models/lstm.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

constexpr int num_inputs = 3;

void set_parameter(Tensor& parameter, const Tensor& values) {
  std::vector<Real> numbers = values.values();
  REQUIRE(parameter.shape() == values.shape());
  std::copy(numbers.begin(), numbers.end(), parameter.data());
}

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
  return random_tensor({num_steps, batch_size, num_inputs}, random);
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
    test(lively(RNNScratch(num_inputs, num_hiddens)));
  }
  {
    INFO("LSTM");
    test(lively(LSTMScratch(num_inputs, num_hiddens)));
  }
  {
    INFO("GRU");
    test(lively(GRUScratch(num_inputs, num_hiddens)));
  }
  {
    INFO("stacked");
    test(lively(StackedRNNScratch(num_inputs, num_hiddens, 2)));
  }
  {
    INFO("two ways");
    test(lively(BiRNNScratch(num_inputs, num_hiddens)));
  }
}

struct Replace : Visitor {  // the parameters by given tensors, in the order of fields()
  const std::vector<Tensor>& with;
  std::size_t next = 1;
  explicit Replace(const std::vector<Tensor>& with) : with(with) {}
  void on_parameter(const std::string&, Tensor& parameter) override { parameter = with[next++]; }
};

}  // namespace

TEST_CASE("RNNScratch and LSTMScratch are the functions of nn's RNN and LSTM") {
  RNNScratch rnn = lively(RNNScratch(num_inputs, num_hiddens));
  RNN concise(num_inputs, num_hiddens);
  copy_weights(concise.weights[0], rnn);
  auto [H, state] = rnn(inputs());
  auto [Y, end] = concise(inputs());
  CHECK(distance(stack(H), Y) < near_bar);
  CHECK(distance(state, select(end.H, 0, 0)) < near_bar);

  LSTMScratch s = lively(LSTMScratch(num_inputs, num_hiddens));
  LSTM lstm(num_inputs, num_hiddens);
  copy_weights(lstm.weights[0], {s.W_xi, s.W_xf, s.W_xc, s.W_xo}, {s.W_hi, s.W_hf, s.W_hc, s.W_ho},
               {s.b_i, s.b_f, s.b_c, s.b_o});
  auto [lstm_H, lstm_state] = s(inputs());
  auto [lstm_Y, lstm_end] = lstm(inputs());
  CHECK(distance(stack(lstm_H), lstm_Y) < near_bar);
  CHECK(distance(lstm_state.C, select(lstm_end.C, 0, 0)) < near_bar);
}

TEST_CASE("StackedRNNScratch and BiRNNScratch are the functions of nn's RNN") {
  StackedRNNScratch deep = lively(StackedRNNScratch(num_inputs, num_hiddens, 2));
  RNN two(num_inputs, num_hiddens, 2);
  for (int i = 0; i < 2; i++) copy_weights(two.weights[i], deep.rnns[i]);
  auto [H, states] = deep(inputs());
  auto [Y, end] = two(inputs());
  CHECK(distance(stack(H), Y) < near_bar);
  CHECK(distance(stack(states), end.H) < near_bar);

  BiRNNScratch ways = lively(BiRNNScratch(num_inputs, num_hiddens));
  RNN both(num_inputs, num_hiddens, 1, 0, true);
  copy_weights(both.weights[0], ways.f_rnn);
  copy_weights(both.weights[1], ways.b_rnn);
  CHECK(distance(stack(ways(inputs()).first), both(inputs()).first) < near_bar);
}

TEST_CASE(
    "(D11) GRUScratch and nn's GRU agree while the state is 0 or the reset gate open, and only "
    "then") {
  GRUScratch s = lively(GRUScratch(num_inputs, num_hiddens));
  GRU gru(num_inputs, num_hiddens);
  for (bool open : {false, true}) {
    if (open) set_parameter(s.b_r, Tensor({num_hiddens}, 100));  // R = 1: before or after is one
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
    auto [second, last] = layer(slice(X, 0, 2, num_steps), middle);
    first.insert(first.end(), second.begin(), second.end());
    CHECK(same_bits(stack(first), stack(whole)));
    CHECK(same_bits(last_of(last), last_of(end)));
  };
  halves(lively(RNNScratch(num_inputs, num_hiddens)));
  halves(lively(LSTMScratch(num_inputs, num_hiddens)));
  halves(lively(GRUScratch(num_inputs, num_hiddens)));
  halves(lively(StackedRNNScratch(num_inputs, num_hiddens, 2)));
  Tensor X = inputs(), zeros({batch_size, num_hiddens});
  RNNScratch rnn = lively(RNNScratch(num_inputs, num_hiddens));
  GRUScratch gru = lively(GRUScratch(num_inputs, num_hiddens));
  LSTMScratch lstm = lively(LSTMScratch(num_inputs, num_hiddens));
  BiRNNScratch ways = lively(BiRNNScratch(num_inputs, num_hiddens));
  CHECK(same_bits(rnn(X, zeros).second, rnn(X).second));
  CHECK(same_bits(gru(X, zeros).second, gru(X).second));
  CHECK(same_bits(lstm(X, {zeros, zeros}).second.C, lstm(X).second.C));
  CHECK(same_bits(ways(X, {zeros, zeros}).second.b_H, ways(X).second.b_H));
}
