// models/without.h, layer by layer: what is left when a part is gone, exactly.
#include "models/without.h"
#include "tests/models_small.h"

using namespace babelgrad;

namespace {

const double near_bar = tol(1e-12, 1e-5);

template <class M>
M without(M module, const std::string& part) {
  take_away(module, part);
  return module;
}

}  // namespace

TEST_CASE("AddNorm: X + Y without norm, of Y alone without residual, and X without a Y") {
  Random random(1);
  Tensor X = random_tensor({3, 8}, random), Z = random_tensor({3, 8}, random),
         Y = random_tensor({3, 8}, random, 2, 1);
  AddNorm whole(8, 0), sum = without(AddNorm(8, 0), "norm"),
          chain = without(AddNorm(8, 0), "residual"),
          neither = without(without(AddNorm(8, 0), "norm"), "residual");
  CHECK(same_bits(sum(X, Y), X + Y));
  CHECK(same_bits(chain(X, Y), whole.ln(Y)));
  CHECK(same_bits(chain(X, Y), chain(Z, Y)));
  CHECK(!same_bits(whole(X, Y), whole(Z, Y)));
  CHECK(same_bits(neither(X, Y), Y));
  for (AddNorm* each : {&whole, &sum, &chain, &neither}) CHECK(same_bits((*each)(X, {}), X));
  CHECK(distance(whole(X, Y), whole.ln(X + Y)) < near_bar);
}

TEST_CASE("AddNorm: dropout is of Y alone, whatever is gone") {
  Tensor X({4, 8}, 1), Y({4, 8}, 2);
  AddNorm sum = without(AddNorm(8, Real(0.5)), "norm");
  manual_seed(3);
  std::vector<Real> values = sum(X, Y).values();
  CHECK(std::ranges::count(values, Real(1)) > 0);
  CHECK(std::ranges::count(values, Real(5)) > 0);
  CHECK(std::ranges::count(values, Real(1)) + std::ranges::count(values, Real(5)) == 32);
  eval(sum);
  CHECK(same_bits(sum(X, Y), Tensor({4, 8}, 3)));
}

TEST_CASE("TransformerEncoderBlock: without FFN it ends with the first AddNorm") {
  Random random(1);
  auto made = [] { return manual_seed(1), TransformerEncoderBlock(8, 12, 2, 0); };
  TransformerEncoderBlock whole = made(), block = without(made(), "ffn");
  Tensor X = random_tensor({2, 3, 8}, random);
  Tensor Y = whole.addnorm1(X, whole.attention(X, X, X));
  CHECK(same_bits(block(X, {}), Y));
  CHECK(distance(whole(X, {}), Y) > 0.01);
}

TEST_CASE("PositionWiseFFN: without its activation it is linear, and has as many parameters") {
  for (Activation activation : {Activation::relu, Activation::gelu}) {
    Random random(1);
    auto made = [=] {
      manual_seed(1);
      PositionWiseFFN ffn(6, 9, 5);
      ffn.activation = activation;
      ffn.dense1.bias = ffn.dense2.bias = {};
      return ffn;
    };
    PositionWiseFFN whole = made(), linear = without(made(), "activation");
    Tensor a = random_tensor({2, 4, 6}, random), b = random_tensor({2, 4, 6}, random);
    CHECK(distance(linear(a + b), linear(a) + linear(b)) < near_bar);
    CHECK(distance(whole(a + b), whole(a) + whole(b)) > 0.01);
    CHECK(parameter_count(linear) == parameter_count(whole));
  }
}

TEST_CASE("scaling: without it scores are sqrt(d) times as large, in one pass, too") {
  Random random(1);
  Tensor Q = random_tensor({2, 3, 9}, random), K = random_tensor({2, 4, 9}, random),
         V = random_tensor({2, 4, 5}, random);
  DotProductAttention whole(0), plain = without(DotProductAttention(0), "scaling");
  CHECK(distance(plain.scores(Q, K), whole.scores(Q, K) * 3) < near_bar);
  CHECK(distance(plain(Q, K, V), plain.plainly(Q, K, V)) < near_bar);
  CHECK(distance(plain(Q * Real(1. / 3), K, V), whole(Q, K, V)) < near_bar);
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
  auto made = [] { return manual_seed(1), TransformerEncoder(11, width, 16, 2, 2, 0); };
  TransformerEncoder whole = made(), model = without(made(), "self-attention");
  Ints ids(Shape{1, 5}, {4, 5, 6, 7, 8}), other(Shape{1, 5}, {9, 10, 6, 4, 4});
  auto third = [&](TransformerEncoder& encoder, const Ints& x) {
    return slice(encoder(x), 1, 2, 3);
  };
  CHECK(same_bits(third(model, ids), third(model, other)));
  CHECK(distance(third(whole, ids), third(whole, other)) > 0.01);
  CHECK(model.attention_weights().empty());
}

TEST_CASE("without attention the Transformer's logits are the same for any source") {
  manual_seed(1);
  TransformerModel model = without(transformer_model(Activation::relu, false), "attention");
  SmallBatch b = small_batch(), other = b;
  other.src.at(0, 0) = other.src.at(1, 1) = 8;
  CHECK(same_bits(logits_of(model, b), logits_of(model, other)));
  CHECK(same_bits(packed(model, b).first, packed(model, other).first));
  CHECK(model.decoder.attention_weights().empty());
  CHECK(model.encoder.attention_weights().size() == 2);
}

TEST_CASE("NoAttention: zeros for a context, and in all weights, padded or packed") {
  Random random(1);
  NoAttention none;
  Tensor Q = random_tensor({2, 3, 4}, random), K = random_tensor({2, 5, 6}, random),
         V = random_tensor({2, 5, 7}, random);
  CHECK(same_bits(none(Q, K, V, {2, 5}), Tensor({2, 3, 7})));
  CHECK(same_bits(none.attention_weights, Tensor({2, 3, 5})));
  CHECK(none.scores(Q, K).shape() == Shape{2, 3, 5});
  Spans spans = packed_spans({1, 2}, {4, 3});
  CHECK(same_bits(none.attend(Tensor({3, 4}, 1), {Tensor({7, 6}), Tensor({7, 5}, 1)}, spans),
                  Tensor({3, 5})));
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
    CHECK(same_bits(model.decoder.attention_weights()[0], Tensor({3, 1, 1, 5})));
  }
}
