// The book's own checks of shapes and sizes, and what its text claims of each part.
#include "models/bahdanau.h"
#include "models/transformer.h"
#include "tests/models_small.h"

using namespace babelgrad;

namespace {

Tensor identity(int n) {
  Tensor I({n, n});
  for (int i = 0; i < n; i++) I.data()[i * n + i] = 1;
  return I;
}

Index book_size(int src_vocab, int tgt_vocab,
                Index fixed) {  // embeddings of 256, and the output layer
  return fixed + 256 * (Index(src_vocab) + tgt_vocab) + 257 * Index(tgt_vocab);
}

}  // namespace

TEST_CASE("Encoder and Decoder: the book's shapes of 10.7 and 11.4") {
  RnnModel rnn({10, 8, 16, 2}, {10, 8, 16, 2}, 0);
  auto enc = rnn.encoder(Ints(Shape{4, 9}));
  CHECK(enc.outputs.shape() == Shape{9, 4, 16});
  CHECK(enc.state.H.shape() == Shape{2, 4, 16});
  auto state = rnn.decoder.init_state(enc, {});
  CHECK(decode(rnn, Ints(Shape{4, 9}), state).shape() == Shape{4, 9, 10});
  CHECK(state.hidden_state.H.shape() == Shape{2, 4, 16});

  AttentionModel attention({10, 8, 16, 2}, {10, 8, 16, 2}, 0);
  auto asked = attention.decoder.init_state(attention.encoder(Ints(Shape{4, 7})), {});
  CHECK(decode(attention, Ints(Shape{4, 7}), asked).shape() == Shape{4, 7, 10});
  CHECK(asked.enc_outputs.values.shape() == Shape{4, 7, 16});
  CHECK(select(asked.hidden_state.H, 0, 0).shape() == Shape{4, 16});
  CHECK(attention.decoder.attention_weights().size() == 7);
  CHECK(attention.decoder.attention_weights()[6].shape() == Shape{4, 1, 7});
}

TEST_CASE("book: the shapes of 11.3, 11.5, 11.6 and 11.7") {
  DotProductAttention dot(Real(0.5));
  eval(dot);
  CHECK(dot(Tensor({2, 1, 2}), Tensor({2, 10, 2}), Tensor({2, 10, 4}), {2, 6}).shape() ==
        Shape{2, 1, 4});
  CHECK(dot.attention_weights.shape() == Shape{2, 1, 10});
  AdditiveAttention additive(8, 2, 20, Real(0.1));
  CHECK(additive(Tensor({2, 1, 20}), Tensor({2, 10, 2}), Tensor({2, 10, 4}), {2, 6}).shape() ==
        Shape{2, 1, 4});
  MultiHeadAttention heads(100, 5, Real(0.5));
  CHECK(heads(Tensor({2, 4, 100}), Tensor({2, 6, 100}), Tensor({2, 6, 100}), {3, 2}).shape() ==
        Shape{2, 4, 100});
  CHECK(heads.attention.attention_weights.shape() == Shape{2 * 5, 4, 6});
  Tensor X({2, 4, 100}, 1);
  CHECK(heads(X, X, X, {3, 2}).shape() == X.shape());

  CHECK(AddNorm(4, Real(0.5))(Tensor({2, 3, 4}, 1), Tensor({2, 3, 4}, 1)).shape() ==
        Shape{2, 3, 4});
  Tensor Y({2, 100, 24}, 1);
  CHECK(TransformerEncoderBlock(24, 48, 8, Real(0.5))(Y, {3, 2}).shape() == Y.shape());
  TransformerEncoder encoder(200, 24, 48, 8, 2, Real(0.5));
  CHECK(encoder(Ints(Shape{2, 100}), {3, 2}).shape() == Y.shape());
  CHECK(encoder.attention_weights.size() == 2);
  CHECK(encoder.attention_weights[1].shape() == Shape{2 * 8, 100, 100});
  TransformerState state{Y, {3, 2}, {{}}, {3, 2}};
  CHECK(TransformerDecoderBlock(24, 48, 8, Real(0.5), 0)(Y, state).first.shape() == Y.shape());
}

TEST_CASE("book: the parameters of 10.7, 11.4 and 11.7, for its vocabularies and for others") {
  for (auto [src, tgt] : {std::pair{194, 214}, {300, 500}}) {
    RnnModel rnn({src, 256, 256, 2}, {tgt, 256, 256, 2}, 0);
    AttentionModel attention({src, 256, 256, 2}, {tgt, 256, 256, 2}, 0);
    TransformerModel transformer({src, 256, 64, 4, 2, 0}, {tgt, 256, 64, 4, 2, 0}, 0);
    CHECK(parameter_count(rnn) == book_size(src, tgt, 2 * 394752 + 591360 + 394752));
    CHECK(parameter_count(attention) ==
          book_size(src, tgt, 2 * 394752 + 591360 + 394752 + 2 * 65536 + 256));
    CHECK(parameter_count(transformer) == book_size(src, tgt, 2 * 296256 + 2 * 558912));
    if (src != 194) continue;
    CHECK(parameter_count(rnn) == 1935062);
    CHECK(parameter_count(attention) == 2066390);
    CHECK(parameter_count(transformer) == 1869782);
  }
}

TEST_CASE("init_seq2seq: recurrent weights begin as Xavier's, everything else as the layers' own") {
  AttentionModel model({50, 32, 64, 2}, {60, 32, 64, 2}, 0);
  for (const Parameter& p : named_parameters(model)) {
    if (p.tensor.rank() != 2 || p.name.find("embedding") != std::string::npos) continue;
    int out = p.tensor.dim(0), in = p.tensor.dim(1);
    bool recurrent = p.name.find("rnn") != std::string::npos;
    double bound = std::sqrt(recurrent ? 6.0 / (in + out) : 1.0 / in), largest = 0;
    for (Real v : p.tensor.values()) largest = std::max(largest, std::abs(double(v)));
    INFO(p.name);
    CHECK(largest <= bound * (1 + 1e-6));
    CHECK(largest > 0.9 * bound);
  }
}

TEST_CASE("L7: PositionalEncoding, its first numbers, and a shift as a rotation of pairs") {
  Tensor P = PositionalEncoding::table(60, 32);
  const double first[] = {.8415, .5403, .5332, .8460};
  for (int j = 0; j < 4; j++) CHECK(std::abs(double(P.at({1, j})) - first[j]) < 5e-5);
  for (int shift : {1, 5, 23}) {
    for (int j = 0; j < 32; j += 2) {
      double angle = shift / std::pow(10000, j / 32.0), c = std::cos(angle), s = std::sin(angle);
      for (int i = 0; i + shift < 60; i++) {
        double sine = double(P.at({i, j})), cosine = double(P.at({i, j + 1}));
        CHECK(std::abs(c * sine + s * cosine - double(P.at({i + shift, j}))) < tol(1e-12, 1e-6));
        CHECK(std::abs(c * cosine - s * sine - double(P.at({i + shift, j + 1}))) <
              tol(1e-12, 1e-6));
      }
    }
  }
}

TEST_CASE("PositionalEncoding: the table grows, and begins as it did") {
  PositionalEncoding layer(8, 0, 4);
  Tensor before = layer.P, zeros({1, 3, 8});
  Tensor row = layer(zeros, {30, 31, 32});
  CHECK(same_bits(slice(layer.P, 0, 0, 4), before));
  CHECK(same_bits(select(row, 0, 0), slice(PositionalEncoding::table(40, 8), 0, 30, 33)));
}

TEST_CASE("L5: PositionWiseFFN takes each position for itself; rows that are equal stay equal") {
  Random random(1);
  Ints order{2, 0, 3, 1};
  for (Activation activation : {relu, gelu}) {
    PositionWiseFFN ffn(5, 7, 6);
    ffn.relu = activation;
    Tensor X = random_tensor({2, 4, 5}, random);
    CHECK(same_bits(ffn(index_select(X, 1, order)), index_select(ffn(X), 1, order)));
    Tensor inner = ffn.dense1(X);
    CHECK(
        same_bits(ffn(X), ffn.dense2(activation == relu ? relu(inner) : gelu(inner))));
    CHECK(!same_bits(ffn(X), ffn.dense2(inner)));
  }
  Tensor ones = PositionWiseFFN(4, 4, 8)(Tensor({2, 3, 4}, 1));
  for (int t = 1; t < 3; t++) CHECK(same_bits(select(ones, 1, t), select(ones, 1, 0)));
}

TEST_CASE("L6: AddNorm normalises the sum, over features, whatever the other rows are") {
  Random random(1);
  AddNorm layer(24, 0);
  Tensor X = random_tensor({3, 4, 24}, random, 5, 2), Y = random_tensor({3, 4, 24}, random),
         other = detach(X * Real(1));
  for (Index i = 24; i < other.numel(); i++) other.data()[i] = random.normal();
  Tensor out = layer(X, Y);
  CHECK(same_bits(slice(reshape(out, {12, 24}), 0, 0, 1),
                  slice(reshape(layer(other, Y), {12, 24}), 0, 0, 1)));
  CHECK(distance(mean(out, {-1}), Tensor({3, 4})) < tol(1e-14, 1e-6));
  CHECK(distance(var(out, {-1}, false), Tensor({3, 4}, 1)) < 1e-5);  // less eps / (variance + eps)
  Tensor book = AddNorm(2, 0)(Tensor({2, 2}, {1, 2, 2, 3}), Tensor({2, 2}));
  CHECK(distance(book, Tensor({2, 2}, {-1, 1, -1, 1})) < 1e-4);
}

TEST_CASE("L8: MultiHeadAttention is a loop over single heads") {
  Random random(1);
  MultiHeadAttention layer(12, 3, 0, true);
  DotProductAttention head(0);
  Tensor Q = random_tensor({2, 4, 12}, random), K = random_tensor({2, 5, 12}, random),
         V = random_tensor({2, 5, 12}, random);
  Ints lens{3, 5};
  std::vector<Tensor> heads;
  auto project = [](const Linear& W, const Tensor& X, int i) {
    return linear(X, slice(W.weight, 0, 4 * i, 4 * i + 4), slice(W.bias, 0, 4 * i, 4 * i + 4));
  };
  Tensor whole = layer(Q, K, V, lens);
  for (int i = 0; i < 3; i++) {
    heads.push_back(
        head(project(layer.W_q, Q, i), project(layer.W_k, K, i), project(layer.W_v, V, i), lens));
    Tensor weights = by_head(layer.attention.attention_weights, 3);
    CHECK(distance(head.attention_weights, select(weights, 1, i)) < near_bar);
  }
  CHECK(distance(layer.W_o(cat(heads, -1)), whole) < near_bar);
}

TEST_CASE("Q2: with identity projections the scores are those of the raw states") {
  Random random(1);
  Tensor Q = random_tensor({2, 3, 6}, random), K = random_tensor({2, 4, 6}, random);
  DotAttention dot(0);
  DotProductAttention scaled(0);
  GeneralAttention general(6, 6, 0);
  set_parameter(general.W.weight, identity(6));
  CHECK(same_bits(general.project(K, K).keys, K));
  CHECK(same_bits(general(Q, K, K), dot(Q, K, K)));
  CHECK(distance(scaled(Q * std::sqrt(Real(6)), K, K), dot(Q, K, K)) < near_bar);
  AdditiveAttention additive(6, 6, 6, 0);
  set_parameter(additive.W_k.weight, identity(6)), set_parameter(additive.W_q.weight, identity(6));
  Tensor raw = matmul(tanh(unsqueeze(Q, 2) + unsqueeze(K, 1)), squeeze(additive.w_v.weight, 0));
  additive(Q, K, K);
  CHECK(distance(additive.attention_weights, softmax(raw)) < near_bar);
}

// Of two keys the first weighs e^s times as much as the second, where the scores are s apart.
TEST_CASE("DotProductAttention, AdditiveAttention: the formulas, number by number") {
  Random random(2);
  Tensor Q = random_tensor({1, 1, 6}, random), K = random_tensor({1, 2, 6}, random);
  std::vector<Real> q = Q.values(), k = K.values();
  every_attention([&](Attention& attention) {
    auto* additive = dynamic_cast<AdditiveAttention*>(&attention);
    auto* general = dynamic_cast<GeneralAttention*>(&attention);
    const bool scaled = dynamic_cast<DotProductAttention*>(&attention);
    double scores[2] = {};
    for (int key = 0; key < 2; key++) {
      const Real* row = k.data() + 6 * key;
      for (int i = 0; i < 6; i++) {
        double w_q = 0, w_k = 0, w = general || additive ? 0 : double(row[i]);
        for (int j = 0; j < 6; j++) {
          if (additive) w_q += double(additive->W_q.weight.at({i, j})) * double(q[j]);
          if (additive) w_k += double(additive->W_k.weight.at({i, j})) * double(row[j]);
          if (general) w += double(general->W.weight.at({i, j})) * double(row[j]);
        }
        scores[key] += additive ? double(additive->w_v.weight.at({0, i})) * std::tanh(w_q + w_k)
                                : double(q[i]) * w / (scaled ? std::sqrt(6) : 1);
      }
    }
    attention(Q, K, K);
    std::vector<Real> w = Tensor(attention.attention_weights).values();
    CHECK(std::log(double(w[0] / w[1])) ==
          doctest::Approx(scores[0] - scores[1]).epsilon(tol(1e-11, 1e-4)));
  });
}
