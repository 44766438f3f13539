// The book's attention beside ours, with the same weights: ours differs where it says so.
#include "tests/models_book_attention.h"
#include "tests/models_book_gradients.h"
#include "tests/models_small.h"

using namespace babelgrad;

namespace {

// The same scores through both, and the gradients of the scores.
double between(const Tensor& X, const Ints& valid_lens) {
  struct Scores : Module {
    Tensor X;
    void fields(Visitor& f) override { f("X", X); }
  } scores;
  scores.X = requires_grad(X);
  auto ours = squares(scores, masked_softmax(scores.X, valid_lens));
  return distance(squares(scores, book::masked_softmax(scores.X, valid_lens)), ours);
}

}  // namespace

TEST_CASE("book's form: masked_softmax is ours wherever a key is valid") {
  Random random(1);
  Tensor X = random_tensor({3, 2, 5}, random, 4);
  CHECK(between(X, {}) < near_bar);
  CHECK(between(X, {5, 1, 3}) < near_bar);
  CHECK(between(X, Ints(Shape{3, 2}, {1, 2, 5, 4, 3, 1})) < near_bar);
  CHECK(between(X, {5, 5, 5}) < near_bar);
}

TEST_CASE("book's form: (D3) its mask of -1e6 shares a row without a key, ours gives zeros") {
  Random random(1);
  Tensor X = random_tensor({2, 1, 4}, random);
  Tensor theirs = book::masked_softmax(X, {0, 4}), ours = masked_softmax(X, {0, 4});
  CHECK(same_bits(select(theirs, 0, 0), Tensor({1, 4}, Real(0.25))));
  CHECK(same_bits(select(ours, 0, 0), Tensor({1, 4}, 0)));
  CHECK(distance(select(theirs, 0, 1), select(ours, 0, 1)) < near_bar);
}

TEST_CASE("book's form: (D3) under -1e6 a valid score loses to its mask, not to ours") {
  Tensor X({1, 1, 3}, {Real(-2e6), 0, 0});
  CHECK(same_bits(book::masked_softmax(X, {1}), Tensor({1, 1, 3}, {0, Real(0.5), Real(0.5)})));
  CHECK(same_bits(masked_softmax(X, {1}), Tensor({1, 1, 3}, {1, 0, 0})));
}

TEST_CASE("book's form: (D12) projecting the keys at every step gives our logits and gradients") {
  manual_seed(1);
  AttentionModel model = attention_model(Cell::gru, Score::additive);
  book::Seq2SeqAttentionDecoder theirs(tgt_words, width, width, 2);
  book::share(model.decoder, theirs);
  SmallBatch b = small_batch();
  auto [outputs, state] = model.encoder(b.src, b.src_valid_len);
  Seq2SeqEncoder::Outputs enc_outputs{detach(outputs), {detach(state.H), {}}};
  auto run = [&](auto& decoder) {
    return squares(decoder, decoder(b.tgt, decoder.init_state(enc_outputs, b.src_valid_len)).first);
  };
  LossAndGradients ours = run(model.decoder);
  CHECK(distance(run(theirs), ours) < near_bar);
  Tensor weights = cat(model.decoder.attention_weights(), 1);
  REQUIRE(int(theirs.attention_weights().size()) == b.tgt.dim(1));
  CHECK(distance(cat(theirs.attention_weights(), 1), weights) < near_bar);
}
