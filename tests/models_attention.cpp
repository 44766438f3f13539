// Attention as a soft lookup: what the weights are, what the mask hides, what order means; kernels
// without parameters; and the errors.
#include "models/attention_pooling.h"
#include "tests/models_small.h"

using namespace babelgrad;

namespace {

Tensor one_hot_rows(int n, Real scale) {  // (1, n, n)
  Tensor out({1, n, n});
  for (int i = 0; i < n; i++) out.data()[i * n + i] = scale;
  return out;
}

// What the class is, in plain operations: keys projected, queries too if they are.
Attended plainly(const Attention& attention, const Tensor& Q, const Tensor& K, const Tensor& V,
                 const Ints& lens, Real p) {
  const auto [keys, values] = attention.project(K, V);
  Tensor output, weights;
  if (auto* it = dynamic_cast<const AdditiveAttention*>(&attention))
    output = additive_attention_plain(it->W_q(Q), keys, it->w_v.weight, values, lens, p, weights);
  else {
    bool scaled = dynamic_cast<const DotProductAttention*>(&attention);
    output = dot_attention_plain(Q, keys, values, lens, scaled ? Real(Q.dim(-1)) : 1, p, weights);
  }
  return {output, weights};
}

const double pooling_bar = tol(1e-14, 1e-6);
const Tensor distances({5}, {-2, -1, 0, Real(0.5), 3});

}  // namespace

TEST_CASE("attention: in one pass it is the plain softmax of scores, dropout included") {
  Random random(2);
  Tensor Q = random_tensor({3, 2, 6}, random), K = random_tensor({3, 5, 6}, random),
         V = random_tensor({3, 5, 4}, random);
  const Ints each(Shape{3, 2}, {1, 2, 5, 4, 3, 0});
  every_attention([&](Attention& attention) {
    for (const Ints& lens : {Ints(), Ints{1, 5, 0}, each})
      for (Real p : {Real(0), Real(0.4)}) {
        attention.dropout.p = p;
        manual_seed(3);
        auto [plain, weights] = plainly(attention, Q, K, V, lens, p);
        manual_seed(3);
        CHECK(distance(attention(Q, K, V, lens), plain) < near_bar);
        CHECK(distance(attention.attention_weights, weights) < near_bar);
      }
  });
}

TEST_CASE("(D3) without a valid key the output is zeros, and so are the gradients") {
  Random random(1);
  every_attention([&](Attention& attention) {
    Tensor Q = requires_grad(random_tensor({2, 2, 6}, random)),
           K = requires_grad(random_tensor({2, 5, 6}, random)),
           V = requires_grad(random_tensor({2, 5, 4}, random));
    Tensor Y = attention(Q, K, V, {0, 3});
    CHECK(same_bits(select(Y, 0, 0), Tensor({2, 4})));
    backward(sum(square(Y)));
    for (const Tensor& x : {Q, K, V}) {
      CHECK(same_bits(select(grad(x), 0, 0), Tensor({x.dim(1), x.dim(2)})));
      CHECK(!same_bits(select(grad(x), 0, 1), Tensor({x.dim(1), x.dim(2)})));
    }
  });
}

TEST_CASE("(D3) no score is so large that a masked key gets weight") {
  Tensor Q({1, 1, 2}, 1), K({1, 3, 2}, {1, 1, -1e7, -1e7, 1e7, 1e7}), V({1, 3, 1}, {1, 2, 3});
  DotProductAttention attention(0);
  CHECK(same_bits(attention(Q, K, V, {1}), Tensor({1, 1, 1}, 1)));
  Tensor low({1, 3, 2}, {-1e7, -1e7, 0, 0, 1e7, 1e7});  // far below the book's -1e6
  CHECK(same_bits(attention(Q, low, V, {1}), Tensor({1, 1, 1}, 1)));
}

TEST_CASE("Q4: Attention returns one value for a peaked score, for equal scores their mean") {
  Random random(1);
  Tensor V = random_tensor({1, 6, 4}, random), K = one_hot_rows(6, 1);
  every_attention([&](Attention& attention) {
    Tensor equal = attention(Tensor({1, 6, 6}), Tensor({1, 6, 6}, 1), V);
    CHECK(distance(equal, expand(mean(V, {1}, true), {1, 6, 4})) < near_bar);
  });
  for (Score score : {Score::dot, Score::scaled_dot})            // query i asks for key i
    CHECK(same_bits((*make_attention(score, 6, 0))(one_hot_rows(6, 1e5), K, V), V));
}

TEST_CASE("S4: TransformerEncoder permutes its output with its source, unless it has positions") {
  manual_seed(1);
  TransformerEncoder encoder(11, width, 16, 2, 2, 0);
  Ints ids(Shape{1, 5}, {4, 5, 6, 7, 8}), order{3, 1, 4, 0, 2},
      permuted(Shape{1, 5}, {7, 5, 8, 4, 6});
  CHECK(distance(encoder(permuted), index_select(encoder(ids), 1, order)) > 0.01);
  encoder.pos_encoding.P = Tensor(encoder.pos_encoding.P.shape());
  CHECK(distance(encoder(permuted), index_select(encoder(ids), 1, order)) < near_bar);
}

TEST_CASE("order: permuting keys and values together changes nothing") {
  Random random(1);
  Tensor Q = random_tensor({2, 3, 6}, random), K = random_tensor({2, 4, 6}, random),
         V = random_tensor({2, 4, 5}, random);
  Ints order{2, 0, 3, 1};
  every_attention([&](Attention& attention) {
    Tensor Y = attention(Q, K, V);
    CHECK(distance(attention(Q, index_select(K, 1, order), index_select(V, 1, order)), Y) <
          near_bar);
  });
}

TEST_CASE("models: every row of weights sums to 1, and nobody looks at padding or ahead") {
  SmallBatch b = small_batch();
  auto check_rows = [](const Tensor& w, auto valid) {  // (batch, heads, queries, keys)
    for (int i = 0; i < w.dim(0); i++)
      for (int q = 0; q < w.dim(2); q++)
        for (int head = 0; head < w.dim(1); head++) {
          double total = 0;
          for (int key = 0; key < w.dim(3); key++) {
            total += double(w.at({i, head, q, key}));
            CHECK((w.at({i, head, q, key}) != 0) == (key < valid(i, q)));
          }
          CHECK(std::abs(total - 1) < tol(1e-14, 1e-6));
        }
  };
  auto source = [&](int i, int) { return b.src_valid_len[i]; };
  manual_seed(1);
  AttentionModel attention = attention_model(Cell::gru, Score::additive);
  logits_of(attention, b);
  check_rows(unsqueeze(cat(tables(attention.decoder.attention_weights()), 1), 1), source);
  TransformerModel transformer = transformer_model(relu, false);
  logits_of(transformer, b);
  for (int i = 0; i < 2; i++) {
    const auto& weights = transformer.decoder.attention_weights();
    check_rows(by_head(transformer.encoder.attention_weights[i], 2), source);
    check_rows(by_head(weights[0][i], 2), [](int, int q) { return q + 1; });
    check_rows(by_head(weights[1][i], 2), source);
  }
}

TEST_CASE(
    "(D4) the context of the recurrent decoder is the state after the last word, not after the "
    "padding") {
  manual_seed(1);
  for (Cell cell : {Cell::rnn, Cell::gru, Cell::lstm}) {
    RnnModel model = rnn_model(cell);
    SmallBatch b = small_batch();
    auto state = begin(model, b);
    for (int i = 0; i < 3; i++) {
      auto alone = model.encoder(resized(take(b.src, {i}), b.src_valid_len[i]));
      Tensor context = slice(select(state.enc_output, 0, -1), 0, i, i + 1);
      CHECK(distance(context, select(alone.outputs, 0, -1)) < near_bar);
      CHECK(distance(slice(state.hidden_state.H, 1, i, i + 1), alone.state.H) < near_bar);
    }
  }
}

TEST_CASE("errors: say what is wrong and what would be right") {
  CHECK(error_of([] { PositionalEncoding(7, 0); }) ==
        "PositionalEncoding: num_hiddens 7 must be even: sine and cosine alternate");
  CHECK(error_of([] {
          TransformerEncoder(10, 9, 8, 3, 1, 0);
        }).starts_with("PositionalEncoding: num_hiddens 9"));
  const char* heads[] = {"MultiHeadAttention: num_hiddens 8 is not a multiple of num_heads 3",
                         "MultiHeadAttention: num_hiddens 8 is not a multiple of num_heads 0"};
  CHECK(error_of([] { MultiHeadAttention(8, 3, 0); }) == heads[0]);
  CHECK(error_of([] { MultiHeadAttention(8, 0, 0); }) == heads[1]);
  CHECK(error_of([] { TransformerDecoder(10, 8, 8, 3, 1, 0); }) == heads[0]);
  CHECK(error_of([] { DotProductAttention{Real(1)}; }) ==
        "Dropout: probability 1 is outside [0, 1)");
}

TEST_CASE("(D12) Seq2SeqAttentionDecoder: the query is the top layer's state before the step") {
  manual_seed(1);
  AttentionModel model = attention_model(Cell::gru, Score::additive);
  eval(model);
  SmallBatch b = small_batch();
  auto state = begin(model, b);
  for (int t = 0; t < 3; t++) {
    Tensor query = unsqueeze(state.hidden_state.back(), 1);
    auto& asks = dynamic_cast<AdditiveAttention&>(*model.decoder.attention);
    const auto [keys, values] = state.enc_outputs;
    Tensor expected;
    additive_attention_plain(asks.W_q(query), keys, asks.w_v.weight, values, b.src_valid_len, 0,
                             expected);
    decode(model, column(b.tgt, t), state);
    CHECK(distance(model.decoder.attention_weights()[0], expected) < near_bar);
    CHECK(distance(query, unsqueeze(state.hidden_state.back(), 1)) > 1e-3);   // another one now
  }
}

TEST_CASE("gaussian, boxcar, constant, epanechikov and gaussian_with_width weigh distances") {
  CHECK(distance(gaussian(distances),
                 Tensor({5}, {Real(std::exp(-2.0)), Real(std::exp(-0.5)), 1,
                              Real(std::exp(-0.125)), Real(std::exp(-4.5))})) < pooling_bar);
  CHECK(same_bits(boxcar(distances), Tensor({5}, {0, 0, 1, 1, 0})));
  CHECK(same_bits(constant(distances), Tensor({5}, 1)));
  CHECK(same_bits(epanechikov(distances), Tensor({5}, {0, 0, 1, Real(0.5), 0})));
  CHECK(distance(gaussian_with_width(1)(distances), gaussian(distances)) < pooling_bar);
  CHECK(distance(gaussian_with_width(2)(distances), gaussian(distances / 2)) < pooling_bar);
}

TEST_CASE("nadaraya_watson: the constant kernel answers with the mean, a narrow one with the "
          "nearest value") {
  Tensor keys({3}, {0, 1, 4}), values({3}, {2, 4, 9}), queries({2}, {0, Real(3.5)});
  auto [mean, equal] = nadaraya_watson(keys, values, queries, constant);
  CHECK(distance(mean, Tensor({2}, 5)) < pooling_bar);
  CHECK(distance(equal, Tensor({3, 2}, Real(1) / 3)) < pooling_bar);
  auto [answer, weights] = nadaraya_watson(keys, values, queries, gaussian_with_width(Real(0.1)));
  CHECK(distance(answer, Tensor({2}, {2, 9})) < pooling_bar);
  CHECK(distance(sum(weights, {0}), Tensor({2}, 1)) < pooling_bar);
}
