// Language models, from scratch and with nn's layers: they learn a text by heart and continue it.
#include "models/bi_rnn.h"
#include "models/deep_rnn.h"
#include "models/gru.h"
#include "models/lstm.h"
#include "nn/optim.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

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
double perplexity_after(LM& model, const Letters& text, int steps, Real lr) {
  Adam adam(named_parameters(model), lr);
  for (int i = 0; i < steps; i++) {
    adam.zero_grad();
    backward(model.loss(model(text.X), text.Y));
    clip_grad_norm(adam.params, 1);
    adam.step();
  }
  return std::exp(double(model.loss(model(text.X), text.Y).item()));
}

template <class Rnn>
void learns_from_scratch(int steps) {
  manual_seed(1);
  Letters text;
  RNNLMScratch<Rnn> model(Rnn(text.size(), 32), text.size());
  double before = std::exp(double(model.loss(model(text.X), text.Y).item()));
  CHECK(std::abs(before / text.size() - 1) < 0.01);  // all letters equally likely
  CHECK(perplexity_after(model, text, steps, Real(0.02)) < 1.3);
  for (int begin : {0, 8, 24}) CHECK(model.predict(text.ids(begin, 8), 15) == text.ids(begin, 23));
}

template <class Rnn>
void learns(int steps) {
  manual_seed(1);
  Letters text;
  RNNLM<Rnn> model(Rnn(text.size(), 32), text.size());
  CHECK(perplexity_after(model, text, steps, Real(0.02)) < 1.3);
  Ints guesses = argmax(model(text.X), 2);
  for (int i = 0; i < guesses.dim(0); i++)
    for (int t = 8; t < guesses.dim(1); t++) CHECK(guesses.at(i, t) == text.Y.at(i, t));
}

}  // namespace

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
