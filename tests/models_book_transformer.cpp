// The book's Transformer beside ours, with the same weights: ours differs where it says so.
#include "tests/models_book_transformer.h"
#include "tests/models_book_gradients.h"
#include "tests/models_small.h"

using namespace babelgrad;

namespace {

constexpr int num_blks = 2, num_words = 4;

struct Both {
  TransformerModel ours;
  book::TransformerDecoder decoder;
  SmallBatch b = small_batch();
  Tensor enc_outputs;

  explicit Both(bool training, Real dropout = 0)
      : ours(transformer_model(relu, false, dropout)),
        decoder(tgt_words, width, 16, 2, num_blks, dropout) {
    book::share(ours.decoder, decoder);
    for (Module* m : std::initializer_list<Module*>{&ours, &decoder}) train(*m, training);
    enc_outputs = detach(ours.encoder(b.src, b.src_valid_len));
  }
  Tensor our_logits(const Ints& tgt) {
    return ours.decoder(tgt, ours.decoder.init_state(enc_outputs, b.src_valid_len)).first;
  }
  Tensor logits(const Ints& tgt) {
    return decoder(tgt, decoder.init_state(enc_outputs, b.src_valid_len)).first;
  }
};

// The book's decoder step by step; with `moved`, the table of positions begins at step t's.
std::vector<Tensor> steps(Both& both, bool moved) {
  const Tensor P = both.decoder.pos_encoding.P;
  auto state = both.decoder.init_state(both.enc_outputs, both.b.src_valid_len);
  std::vector<Tensor> out(num_words);
  for (int t = 0; t < num_words; t++) {
    if (moved) both.decoder.pos_encoding.P = slice(P, 1, t, P.dim(1));
    std::tie(out[t], state) = both.decoder(column(both.b.tgt, t), state);
    for (const Tensor& inputs : std::get<2>(state)) CHECK(inputs.dim(1) == t + 1);
  }
  both.decoder.pos_encoding.P = P;
  return out;
}

std::vector<Tensor> our_steps(Both& both) {
  auto state = both.ours.decoder.init_state(both.enc_outputs, both.b.src_valid_len);
  std::vector<Tensor> out;
  for (int t = 0; t < num_words; t++)
    out.push_back(decode(both.ours, column(both.b.tgt, t), state));
  return out;
}

}  // namespace

TEST_CASE("book's form: TransformerDecoder in training gives our logits and gradients") {
  for (Real dropout : {Real(0), Real(0.3)}) {
    manual_seed(1);
    Both both(true, dropout);
    manual_seed(2);
    LossAndGradients ours = squares(both.ours.decoder, both.our_logits(both.b.tgt));
    manual_seed(2);
    LossAndGradients theirs = squares(both.decoder, both.logits(both.b.tgt));
    CHECK(distance(theirs, ours) < near_bar);
  }
}

TEST_CASE(
    "book's form: (D2) in evaluation its TransformerDecoderBlock sees the words to come, ours does "
    "not") {
  manual_seed(1);
  Both both(false);
  Ints other = both.b.tgt;
  other.at(0, num_words - 1) = 9;
  auto before = [](const Tensor& Y) { return slice(Y, 1, 0, num_words - 1); };
  CHECK(same_bits(before(both.our_logits(other)), before(both.our_logits(both.b.tgt))));
  CHECK(distance(before(both.logits(other)), before(both.logits(both.b.tgt))) > 0.01);
  CHECK(distance(both.logits(both.b.tgt), both.our_logits(both.b.tgt)) > 0.01);
  train(both.decoder);
  CHECK(distance(both.logits(both.b.tgt), both.our_logits(both.b.tgt)) < near_bar);
}

TEST_CASE("book's form: (D1) step by step its positions stay 0; put right, its steps are ours") {
  manual_seed(1);
  Both both(false);
  std::vector<Tensor> stuck = steps(both, false), right = steps(both, true);
  Tensor ours = both.our_logits(both.b.tgt);
  CHECK(distance(cat(right, 1), cat(our_steps(both), 1)) < near_bar);
  CHECK(distance(cat(right, 1), ours) < near_bar);
  CHECK(distance(stuck[0], slice(ours, 1, 0, 1)) < near_bar);
  CHECK(distance(stuck[1], slice(ours, 1, 1, 2)) > 0.01);
  Tensor first = slice(both.decoder.pos_encoding.P, 1, 0, 1);
  both.decoder.pos_encoding.P = cat({first, Tensor({1, 999, width}, 7)}, 1);
  CHECK(same_bits(cat(steps(both, false), 1), cat(stuck, 1)));
}

TEST_CASE("book's form: TransformerDecoder keeps the weights that ours keeps") {
  manual_seed(1);
  Both both(true);
  (void)both.our_logits(both.b.tgt), (void)both.logits(both.b.tgt);
  const auto& theirs = both.decoder.attention_weights();
  const auto& ours = both.ours.decoder.attention_weights();
  REQUIRE(theirs.size() == ours.size());
  for (int i = 0; i < num_blks; i++)
    for (int which : {0, 1}) CHECK(distance(theirs[which][i], ours[which][i]) < near_bar);
}

TEST_CASE("book's form: PositionWiseFFN with its relu member gives our bits") {
  Random random(3);
  Tensor X = random_tensor({3, 5, width}, random);
  PositionWiseFFN ours(width, 24, width);
  book::PositionWiseFFN theirs(width, 24, width);
  book::share(ours, theirs);
  CHECK(same_bits(theirs(X), ours(X)));
}

TEST_CASE("book's form: PositionalEncoding's table by its formula is ours, rounded") {
  Tensor X({2, 7, width}, 1), P = book::PositionalEncoding(width, 0).P;
  CHECK(distance(P, unsqueeze(PositionalEncoding(width, 0).P, 0)) < tol(1e-11, 1e-3));
  Tensor ours = PositionalEncoding(width, 0)(X, positions({7}));
  CHECK(distance(book::PositionalEncoding(width, 0)(X), ours) < near_bar);
  CHECK_THROWS_AS(book::PositionalEncoding(width, 0)(Tensor({1, 1001, width})), Error);
  Tensor longer({1, 1001, width});
  CHECK(PositionalEncoding(width, 0)(longer, positions({1001})).dim(1) == 1001);
}
