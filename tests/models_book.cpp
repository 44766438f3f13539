// The book's forms beside ours, with the same weights: ours differs where it says so.
#include "tests/models_book.h"

using namespace babelgrad;

namespace {

// The value Y itself stands for the loss; the gradients are those of the sum of its squares.
LossAndGradients squares(Module& module, const Tensor& Y) {
  return {detach(Y), back_from(module, sum(square(Y))).gradients};
}

}  // namespace

// ---- attention up to Bahdanau's decoder ---------------------------------------------------------
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
  Tensor weights = cat(tables(model.decoder.attention_weights()), 1);
  REQUIRE(int(theirs.attention_weights().size()) == b.tgt.dim(1));
  CHECK(distance(cat(theirs.attention_weights(), 1), weights) < near_bar);
}

// ---- recurrent layers and language models -------------------------------------------------------
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

// ---- sequence to sequence -----------------------------------------------------------------------
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

// ---- the Transformer ----------------------------------------------------------------------------
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
