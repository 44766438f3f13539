// tools/app/run/without.h, layer by layer: what is left when a part is gone, exactly.
#include "tests/models_small.h"
#include "tools/app/run/without.h"

using namespace babelgrad;

namespace {

const double near_bar = tol(1e-12, 1e-5);

template <class M>
M without(M module, const std::string& part) {
  take_away(module, part);
  return module;
}

}  // namespace

TEST_CASE("post_norm: X + Y without norm, of Y alone without residual") {
  Random random(1);
  Tensor X = random_tensor({3, 8}, random), Z = random_tensor({3, 8}, random),
         Y = random_tensor({3, 8}, random, 2, 1);
  AddNorm layers(8, 0);
  auto around = [&](const Gone& gone, const Tensor& in) {
    return post_norm(gone, layers, in, [&](const Tensor&) { return Y; });
  };
  CHECK(same_bits(around({}, X), layers(X, Y)));
  CHECK(same_bits(around({.norm = true}, X), X + Y));
  CHECK(same_bits(around({.residual = true}, X), layers.ln(Y)));
  CHECK(same_bits(around({.residual = true}, X), around({.residual = true}, Z)));
  CHECK(!same_bits(around({}, X), around({}, Z)));
  CHECK(same_bits(around({.residual = true, .norm = true}, X), Y));
}

TEST_CASE("post_norm: dropout is of the sublayer alone, whatever is gone") {
  Tensor X({4, 8}, 1);
  AddNorm layers(8, Real(0.5));
  auto sum = [&] {
    return post_norm({.norm = true}, layers, X, [](const Tensor&) { return Tensor({4, 8}, 2); });
  };
  manual_seed(3);
  std::vector<Real> values = sum().values();
  CHECK(std::ranges::count(values, Real(1)) > 0);
  CHECK(std::ranges::count(values, Real(5)) > 0);
  CHECK(std::ranges::count(values, Real(1)) + std::ranges::count(values, Real(5)) == 32);
  eval(layers);
  CHECK(same_bits(sum(), Tensor({4, 8}, 3)));
}

TEST_CASE("ablated blocks: with nothing gone they are the whole ones, before and after the norm") {
  Random random(1);
  Tensor X = random_tensor({2, 3, 8}, random), source = random_tensor({2, 4, 8}, random);
  const Ints lens{4, 2};
  auto encoder = [&](auto block) { return block(X, Ints{3, 1}); };
  auto decoder = [&](auto block) {
    TransformerState state{source, lens, {{}}, lens, 0, Ints(Shape{2, 3}, {1, 2, 3, 1, 2, 3})};
    return block(X, state).first;
  };
  auto same = [](const auto& run, auto whole, auto ablated) {
    CHECK(same_bits(run(std::move(ablated)), run(std::move(whole))));
  };
  using E = TransformerEncoderBlock;
  using PE = PreNormEncoderBlock;
  using D = TransformerDecoderBlock;
  using PD = PreNormDecoderBlock;
  auto of = []<class B>(B*) {
    manual_seed(1);
    if constexpr (std::is_base_of_v<E, B>) return B(8, 12, 2, 0);
    else return B(8, 12, 2, 0, 0);
  };
  same(encoder, of((E*)nullptr), of((AblatedEncoderBlock<E>*)nullptr));
  same(encoder, of((PE*)nullptr), of((AblatedEncoderBlock<PE>*)nullptr));
  same(decoder, of((D*)nullptr), of((AblatedDecoderBlock<D>*)nullptr));
  same(decoder, of((PD*)nullptr), of((AblatedDecoderBlock<PD>*)nullptr));
}

TEST_CASE("AblatedEncoderBlock: without FFN it ends with the first AddNorm") {
  Random random(1);
  manual_seed(1);
  TransformerEncoderBlock whole(8, 12, 2, 0);
  manual_seed(1);
  AblatedEncoderBlock<TransformerEncoderBlock> made(8, 12, 2, 0),
      block = without(std::move(made), "ffn");
  Tensor X = random_tensor({2, 3, 8}, random);
  Tensor Y = whole.addnorm1(X, whole.attention(X, X, X));
  CHECK(same_bits(block(X, {}), Y));
  CHECK(distance(whole(X, {}), Y) > 0.01);
}

TEST_CASE("feed_forward: without its activation it is linear, of the same parameters") {
  for (Activation activation : {relu, gelu}) {
    Random random(1);
    PositionWiseFFN ffn(6, 9, 5);
    ffn.relu = activation;
    ffn.dense1.bias = ffn.dense2.bias = {};
    auto linear = [&](const Tensor& X) { return feed_forward({.activation = true}, ffn, X); };
    Tensor a = random_tensor({2, 4, 6}, random), b = random_tensor({2, 4, 6}, random);
    CHECK(distance(linear(a + b), linear(a) + linear(b)) < near_bar);
    CHECK(distance(ffn(a + b), ffn(a) + ffn(b)) > 0.01);
    CHECK(same_bits(feed_forward({}, ffn, a), ffn(a)));
  }
}

TEST_CASE("asks: without scaling scores are sqrt(d) times as large") {
  Random random(1);
  MultiHeadAttention attention(18, 2, 0);
  Tensor X = random_tensor({2, 3, 18}, random), K = random_tensor({2, 4, 18}, random);
  attention(X, K, K);
  Tensor whole = log(attention.attention.attention_weights);
  attention(asks({.scaling = true}, attention, X), K, K);
  Tensor plain = log(attention.attention.attention_weights);
  auto apart = [](const Tensor& w) { return slice(w, 2, 1, 4) - slice(w, 2, 0, 3); };
  CHECK(distance(apart(plain), apart(whole) * 3) < tol(1e-11, 1e-4));
}

TEST_CASE("MultiHeadAttention: with W_k = W_v the gradient is the sum of both, in one parameter") {
  for (bool bias : {false, true}) {
    manual_seed(1);
    MultiHeadAttention two(8, 2, 0, bias);
    std::ranges::copy(two.W_k.weight.values(), two.W_v.weight.data());
    if (bias) std::ranges::copy(two.W_k.bias.values(), two.W_v.bias.data());
    manual_seed(1);
    MultiHeadAttention one = without(MultiHeadAttention(8, 2, 0, bias), "W_v");
    Random random(2);
    Tensor X = random_tensor({2, 3, 8}, random), weights = random_tensor({2, 3, 8}, random);
    CHECK(same_bits(one(X, X, X), two(X, X, X)));
    backward(sum(one(X, X, X) * weights));
    backward(sum(two(X, X, X) * weights));
    CHECK(named_parameters(one).size() == named_parameters(two).size() - (bias ? 2 : 1));
    for (const Parameter& p : named_parameters(one)) CHECK(!p.name.starts_with("W_v"));
    CHECK(distance(grad(one.W_k.weight), grad(two.W_k.weight) + grad(two.W_v.weight)) < near_bar);
    if (!bias) continue;
    CHECK(distance(grad(one.W_k.bias), grad(two.W_k.bias) + grad(two.W_v.bias)) < near_bar);
  }
}

TEST_CASE("TransformerEncoder: without self-attention a word's vector is of that word alone") {
  auto made = [] { return manual_seed(1), AblatedPostEncoder(11, width, 16, 2, 2, 0); };
  AblatedPostEncoder whole = made(), model = without(made(), "self-attention");
  Ints ids(Shape{1, 5}, {4, 5, 6, 7, 8}), other(Shape{1, 5}, {9, 10, 6, 4, 4});
  auto third = [&](AblatedPostEncoder& encoder, const Ints& x) {
    return slice(encoder(x), 1, 2, 3);
  };
  CHECK(same_bits(third(model, ids), third(model, other)));
  CHECK(distance(third(whole, ids), third(whole, other)) > 0.01);
  for (const Tensor& weights : model.attention_weights) CHECK(!weights);
}

TEST_CASE("without attention the Transformer's logits are the same for any source") {
  manual_seed(1);
  using AblatedModel = Seq2Seq<AblatedPostEncoder, AblatedPostDecoder>;
  AblatedModel model = without(AblatedModel({src_words, width, 16, 2, 2, 0},
                                            {tgt_words, width, 16, 2, 2, 0}, pad_id), "attention");
  SmallBatch b = small_batch(), other = b;
  other.src.at(0, 0) = other.src.at(1, 1) = 8;
  CHECK(same_bits(logits_of(model, b), logits_of(model, other)));
  auto rows = [&](const ModelBatch& in) { return model(in.src, in.tgt, in.lens); };
  CHECK(same_bits(rows(packed(b)), rows(packed(other))));
  for (const Tensor& weights : model.decoder.attention_weights()[1]) CHECK(!weights);
  for (const Tensor& weights : model.encoder.attention_weights) CHECK(bool(weights));
}

TEST_CASE("NoAttention: zeros for a context, and in all weights, padded or packed") {
  Random random(1);
  NoAttention none;
  Tensor Q = random_tensor({2, 3, 4}, random), K = random_tensor({2, 5, 6}, random),
         V = random_tensor({2, 5, 7}, random);
  CHECK(same_bits(none(Q, K, V, {2, 5}), Tensor({2, 3, 7})));
  CHECK(same_bits(none.attention_weights, Tensor({2, 3, 5})));
  Segments segments = packed_segments({1, 2}, {4, 3});
  CHECK(same_bits(none.attend(Tensor({1, 3, 4}, 1), {Tensor({1, 7, 6}), Tensor({1, 7, 5}, 1)},
                              segments),
                  Tensor({1, 3, 5})));
}

TEST_CASE("without attention the recurrent decoder knows of the source its first state alone") {
  manual_seed(1);
  Random random(1);
  for (Score score : {Score::additive, Score::dot, Score::scaled_dot, Score::general}) {
    AttentionModel model = without(attention_model(Cell::gru, score), "attention");
    SmallBatch b = small_batch();
    auto state = begin(model, b), other = state, third = state;
    other.enc_outputs.keys = random_tensor({3, 5, width}, random);
    other.enc_outputs.values = random_tensor({3, 5, width}, random);
    third.hidden_state.H = random_tensor({2, 3, width}, random);
    Tensor logits = decode(model, b.tgt, state);
    CHECK(same_bits(decode(model, b.tgt, other), logits));
    CHECK(distance(decode(model, b.tgt, third), logits) > 0.01);
    decode(model, column(b.tgt, 0), state);
    CHECK(same_bits(model.decoder.attention_weights()[0], Tensor({3, 1, 5})));
  }
}
