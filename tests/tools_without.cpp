// without.h and pre_norm.h, layer by layer: what is left when a part is gone, exactly.
#include "tools/app/run/without.h"

#include "tests/models_small.h"
#include "tools/app/run/pre_norm.h"

using namespace babelgrad;

namespace {

template <class M>
M layer_without(const std::string& part, M layer) {
  take_away(layer, part);
  return layer;
}

// AddNorm's dropout of a half is of the sublayer's numbers, and X, of ones, goes on.
template <class Sum>
void check_dropout(AddNorm& layers, const Sum& sum, Real twice, Real once) {
  manual_seed(3);
  const std::vector<Real> values = sum().values();
  const auto dropped = std::ranges::count(values, Real(1)),
             doubled = std::ranges::count(values, twice);
  CHECK(dropped > 0);
  CHECK(doubled > 0);
  CHECK(dropped + doubled == 32);
  eval(layers);
  CHECK(same_bits(sum(), Tensor({4, 8}, once)));
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
  const auto twos = [](const Tensor&) { return Tensor({4, 8}, 2); };
  check_dropout(layers, [&] { return post_norm({.norm = true}, layers, X, twos); }, 5, 3);
}

TEST_CASE("pre_norm: dropout is of what was found, and X goes on") {
  AddNorm layers(8, Real(0.5));
  Tensor X({4, 8}, 1), normal;
  const auto threes = [&](const Tensor& N) { normal = N; return Tensor({4, 8}, 3); };
  check_dropout(layers, [&] { return pre_norm(layers, X, threes); }, 7, 4);
  CHECK(same_bits(normal, Tensor({4, 8})));     // of rows of ones
  CHECK(same_bits(X, Tensor({4, 8}, 1)));
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
  auto block = layer_without("ffn", AblatedEncoderBlock<TransformerEncoderBlock>(8, 12, 2, 0));
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
    MultiHeadAttention one = layer_without("W_v", MultiHeadAttention(8, 2, 0, bias));
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
  AblatedPostEncoder whole = made(), model = layer_without("self-attention", made());
  Ints ids(Shape{1, 5}, {4, 5, 6, 7, 8}), other(Shape{1, 5}, {9, 10, 6, 4, 4});
  auto third = [&](AblatedPostEncoder& encoder, const Ints& x) {
    return slice(encoder(x), 1, 2, 3);
  };
  CHECK(same_bits(third(model, ids), third(model, other)));
  CHECK(distance(third(whole, ids), third(whole, other)) > 0.01);
  for (const auto& weights : model.attention_weights) CHECK(!weights);
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
