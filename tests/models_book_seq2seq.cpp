// The book's sequence to sequence beside ours, with the same weights: ours differs where it says
// so.
#include "tests/models_book_seq2seq.h"
#include "tests/models_book_gradients.h"
#include "tests/models_small.h"

using namespace babelgrad;

namespace {

book::Batch batch_of(const SmallBatch& b) { return {b.src, b.tgt, b.src_valid_len, b.label}; }

struct BookModel : book::Seq2Seq<book::Seq2SeqEncoder, book::Seq2SeqDecoder> {
  explicit BookModel(RnnModel& ours)
      : Seq2Seq({src_words, width, width, 2}, {tgt_words, width, width, 2}, pad_id, Real(0.01)) {
    book::share(ours, *this);
  }
  Tensor logits(const SmallBatch& b) { return (*this)(b.src, b.tgt, b.src_valid_len); }
};

// The seeds give two sentences that end, after different numbers of words, and one that is cut.
template <class Model>
void check_prediction(Model& model) {
  eval(model);
  constexpr int num_steps = 12;
  SmallBatch b = small_batch();
  book::EncoderDecoder<decltype((model.encoder)), decltype((model.decoder))> theirs(
      model.encoder, model.decoder);
  NoGrad guard;
  auto [ids, weights] = theirs.predict_step(batch_of(b), num_steps, true);
  CHECK(ids.shape() == Shape{3, num_steps});    // goes on behind <eos>
  CHECK(weights.size() == num_steps);
  CHECK(theirs.predict_step(batch_of(b), num_steps).second.empty());
  auto ours = before(model.predict_step(padded(b), num_steps, eos_id).first, eos_id);
  CHECK(ours == before(ids, eos_id));
  CHECK(std::ranges::count_if(ours, [](auto& words) { return words.size() < num_steps; }) == 2);
  for (int i = 0; i < 3; i++) {
    CHECK(!ours[i].empty());
    CHECK(ours[i].size() != ours[(i + 1) % 3].size());
  }
}

}  // namespace

TEST_CASE("book's form: (D10) predict_step always takes num_steps steps; cut at <eos> it is ours") {
  manual_seed(38);
  RnnModel rnn = rnn_model(Cell::gru);
  check_prediction(rnn);
  manual_seed(7);
  AttentionModel attention = attention_model(Cell::gru, Score::additive);
  check_prediction(attention);
  manual_seed(42);
  TransformerModel transformer = transformer_model(relu, false);
  transformer.decoder.dense.bias.data()[eos_id] += Real(0.3);
  check_prediction(transformer);
}

TEST_CASE("book's form: Seq2Seq.loss by a mask is cross_entropy that ignores padding") {
  manual_seed(1);
  RnnModel ours = rnn_model(Cell::gru);
  BookModel theirs(ours);
  SmallBatch b = small_batch();
  Tensor Y_hat = logits_of(ours, b);
  auto run = [&](const auto& model) { return squares(ours, model.loss(Y_hat, b.label)); };
  LossAndGradients a = run(ours);
  Y_hat = logits_of(ours, b);
  CHECK(distance(run(theirs), a) < near_bar);
}

TEST_CASE("book's form: Seq2Seq.loss without any token is 0 / 0, ours 0") {
  manual_seed(1);
  RnnModel ours = rnn_model(Cell::gru);
  BookModel theirs(ours);
  Tensor Y_hat({1, 2, tgt_words}, 1);
  CHECK(std::isnan(theirs.loss(Y_hat, Ints(Shape{1, 2}, pad_id)).item()));
  CHECK(ours.loss(Y_hat, Ints(Shape{1, 2}, pad_id)).item() == 0);
}

TEST_CASE(
    "book's form: (D4) Seq2SeqEncoder and Seq2SeqDecoder read the padding; without it they are "
    "ours") {
  manual_seed(1);
  RnnModel ours = rnn_model(Cell::gru);
  BookModel theirs(ours);
  SmallBatch b = small_batch();
  Tensor padded = theirs.logits(b), told = logits_of(ours, b);
  CHECK(distance(slice(padded, 0, 0, 1), slice(told, 0, 0, 1)) < near_bar);    // has no padding
  for (int i : {1, 2}) {
    CHECK(distance(slice(padded, 0, i, i + 1), slice(told, 0, i, i + 1)) > 0.01);
    Ints row{i};
    SmallBatch alone{resized(take(b.src, row), b.src_valid_len[i]), take(b.src_valid_len, row),
                     take(b.tgt, row), take(b.label, row)};
    CHECK(distance(theirs.logits(alone), slice(told, 0, i, i + 1)) < near_bar);
    CHECK(distance(theirs.logits(alone), logits_of(ours, alone)) < near_bar);
  }
}

TEST_CASE("book's form: (D4) full-length sentences give our gradients through its context") {
  manual_seed(1);
  RnnModel ours = rnn_model(Cell::gru);
  BookModel theirs(ours);
  SmallBatch b = small_batch();
  b.src_valid_len = {5, 5, 5};
  LossAndGradients a = squares(ours, logits_of(ours, b));
  CHECK(distance(squares(theirs, theirs.logits(b)), a) < near_bar);
}

TEST_CASE("book's form: init_seq2seq gives our recurrent weights, and linear layers others") {
  auto of = [](const auto& init, auto&& layer) {
    manual_seed(3);
    layer.apply(init);
    std::vector<std::vector<Real>> numbers;
    for (const Parameter& p : named_parameters(layer)) numbers.push_back(p.tensor.values());
    return numbers;
  };
  auto gru = [] { return manual_seed(1), GRU(3, 4, 2); };
  auto before = of([](Module&) {}, gru());
  auto ours = of(init_seq2seq, gru());
  CHECK(ours != before);
  CHECK(of(book::init_seq2seq, gru()) == ours);
  auto dense = [] { return manual_seed(1), Linear(3, 4); };
  before = of([](Module&) {}, dense());
  CHECK(of(init_seq2seq, dense()) == before);
  CHECK(of(book::init_seq2seq, dense()) != before);
}

TEST_CASE("book's form: Seq2Seq plots its loss, and its Adam is over our parameters") {
  manual_seed(1);
  RnnModel ours = rnn_model(Cell::gru);
  BookModel theirs(ours);
  SmallBatch b = small_batch();
  b.src_valid_len = {5, 5, 5};
  theirs.validation_step(batch_of(b));
  REQUIRE(theirs.points.size() == 1);
  CHECK(theirs.points[0].key == "loss");
  CHECK_FALSE(theirs.points[0].train);
  const Real loss = ours.loss(logits_of(ours, b), b.label).item();
  CHECK(std::abs(theirs.points[0].value / loss - 1) < near_bar);
  Adam adam = theirs.configure_optimizers();
  CHECK(adam.params.size() == named_parameters(ours).size());
  CHECK(adam.lr == Real(0.01));
}
