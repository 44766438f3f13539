// The book's recurrent networks beside ours, with the same weights: ours differs where it says so.
#include "tests/models_book_rnn.h"
#include "tests/models_book_gradients.h"

using namespace babelgrad;

namespace {

constexpr int num_features = 3, num_hiddens = 4, num_steps = 5, batch_size = 2;

Tensor steps_of_inputs() {
  Random random(1);
  return random_tensor({num_steps, batch_size, num_features}, random);
}

void check_same_bits(const std::pair<Tensor, RecurrentState>& a,
                     const std::pair<Tensor, RecurrentState>& b) {
  CHECK(same_bits(a.first, b.first));
  CHECK(same_bits(a.second.H, b.second.H));
  CHECK(bool(a.second.C) == bool(b.second.C));
  if (a.second.C) CHECK(same_bits(a.second.C, b.second.C));
}

// A layer of the house and the book's around it, from zeros and from a state.
template <class Ours, class Theirs>
void check_wrapped(Ours ours, Theirs theirs) {
  book::share(ours, theirs.rnn);
  auto first = ours(steps_of_inputs());
  check_same_bits(theirs(steps_of_inputs()), first);
  check_same_bits(theirs(steps_of_inputs(), first.second), ours(steps_of_inputs(), first.second));
}

}  // namespace

TEST_CASE("book's form: RNN, LSTM and GRU around a layer give the layer's bits") {
  manual_seed(1);
  check_wrapped(RNN(num_features, num_hiddens), book::RNN(num_features, num_hiddens));
  check_wrapped(LSTM(num_features, num_hiddens), book::LSTM(num_features, num_hiddens));
  check_wrapped(GRU(num_features, num_hiddens), book::GRU(num_features, num_hiddens));
  check_wrapped(GRU(num_features, num_hiddens, 3), book::GRU(num_features, num_hiddens, 3));
}

TEST_CASE("book's form: StackedRNNScratch with one tensor between layers gives our bits") {
  manual_seed(1);
  StackedRNNScratch ours(num_features, num_hiddens, 3, Real(0.5));
  book::StackedRNNScratch theirs(num_features, num_hiddens, 3, Real(0.5));
  book::share(ours, theirs);
  StackedRNNScratch::State none, Hs;
  for (int run = 0; run < 2; run++) {           // from zeros, then from where that ended
    auto [outputs, last] = ours(steps_of_inputs(), Hs);
    auto [stacked, H] = run ? theirs(steps_of_inputs(), Hs) : theirs(steps_of_inputs());
    CHECK(same_bits(stacked, stack(outputs, 0)));
    for (int i = 0; i < 3; i++) CHECK(same_bits(H[i], last[i]));
    Hs = last;
  }
}

TEST_CASE("book's form: RNNLMScratch plots our perplexity and returns what we learn from") {
  manual_seed(1);
  RNNLMScratch<RNNScratch> ours({5, 8, Real(0.5)}, 5);
  book::RNNLMScratch<RNNScratch> theirs({5, 8, Real(0.5)}, 5);
  book::share(ours, theirs);
  Ints X(Shape{2, 3}, {0, 1, 2, 3, 4, 0}), Y(Shape{2, 3}, {1, 2, 3, 4, 0, 1});
  LossAndGradients a = squares(ours, ours.loss(ours(X), Y));
  LossAndGradients b = squares(theirs, theirs.training_step({X, Y}));
  CHECK(distance(b, a) < near_bar);
  theirs.validation_step({X, Y});
  REQUIRE(theirs.points.size() == 2);
  for (int i = 0; i < 2; i++) {
    CHECK(theirs.points[i].key == "ppl");
    CHECK(theirs.points[i].train == (i == 0));
    CHECK(std::abs(theirs.points[i].value / std::exp(a.loss.item()) - 1) < near_bar);
  }
}
