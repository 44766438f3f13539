// without.h: layer by layer, what is left when a part is gone, exactly; and of whole models: each
// part that goes changes what it says and nothing else, and what is left is still one model.
#include "tools/app/run/without.h"

#include <set>

#include "models/beam_search.h"
#include "tests/models_small.h"

using namespace babelgrad;

namespace {

const double off_bar = tol(1e-12, 1e-5);

using AblatedModel = Seq2Seq<AblatedPostEncoder, AblatedPostDecoder>;

AblatedModel whole_transformer() {
  manual_seed(1);
  return {{src_words, width, 16, 2, 2, 0, false, gelu}, {tgt_words, width, 16, 2, 2, 0, gelu},
          pad_id};
}
AttentionModel whole_attention() {
  manual_seed(1);
  return attention_model(Cell::gru, Score::scaled_dot);
}
template <class M>
M taken_from(M module, const std::string& part) {
  take_away(module, part);
  return module;
}

// test(model, part) for every model without every part it has.
template <class Test>
void every_part_of(const Test& test) {
  for (const Part& part : parts()) {
    INFO("without ", part.name);
    AblatedModel transformer = taken_from(whole_transformer(), part.name);
    test(transformer, part.name);
    if (part.models == "transformer") continue;
    INFO("attention model");
    AttentionModel attention = taken_from(whole_attention(), part.name);
    test(attention, part.name);
  }
}

// Padded, all at once. Where nothing masks, words see all that is there: padding, too.
template <class Model>
Tensor at_once(Model& model, const SmallBatch& b) {
  auto state = begin(model, b);
  return decode(model, b.tgt, state);
}

template <class Model>
Tensor step_by_step(Model& model, const SmallBatch& b) {
  auto state = begin(model, b);
  std::vector<Tensor> steps;
  for (int t = 0; t < b.tgt.dim(1); t++) steps.push_back(decode(model, column(b.tgt, t), state));
  return cat(steps, 1);
}

std::string possible(Module& model) {
  std::string message = error_of([&] { take_away(model, "<b>\x1b"); });
  std::string opening = "without: this model has no <b>\\x1B to lose; it has ";
  REQUIRE(message.starts_with(opening));
  return message.substr(opening.size());
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
      block = taken_from(std::move(made), "ffn");
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
    CHECK(distance(linear(a + b), linear(a) + linear(b)) < off_bar);
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
    MultiHeadAttention one = taken_from(MultiHeadAttention(8, 2, 0, bias), "W_v");
    Random random(2);
    Tensor X = random_tensor({2, 3, 8}, random), weights = random_tensor({2, 3, 8}, random);
    CHECK(same_bits(one(X, X, X), two(X, X, X)));
    backward(sum(one(X, X, X) * weights));
    backward(sum(two(X, X, X) * weights));
    CHECK(named_parameters(one).size() == named_parameters(two).size() - (bias ? 2 : 1));
    for (const Parameter& p : named_parameters(one)) CHECK(!p.name.starts_with("W_v"));
    CHECK(distance(grad(one.W_k.weight), grad(two.W_k.weight) + grad(two.W_v.weight)) < off_bar);
    if (!bias) continue;
    CHECK(distance(grad(one.W_k.bias), grad(two.W_k.bias) + grad(two.W_v.bias)) < off_bar);
  }
}

TEST_CASE("TransformerEncoder: without self-attention a word's vector is of that word alone") {
  auto made = [] { return manual_seed(1), AblatedPostEncoder(11, width, 16, 2, 2, 0); };
  AblatedPostEncoder whole = made(), model = taken_from(made(), "self-attention");
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
  AblatedModel model = taken_from(AblatedModel({src_words, width, 16, 2, 2, 0},
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
    AttentionModel model = taken_from(attention_model(Cell::gru, score), "attention");
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

TEST_CASE("take_away: what a model has to lose, once; anything else is refused") {
  RnnModel rnn = rnn_model(Cell::gru);
  CHECK(possible(rnn) == "nothing of the kind");
  AttentionModel additive = attention_model(Cell::gru, Score::additive), dots = whole_attention();
  CHECK(possible(additive) == "attention");
  CHECK(possible(dots) == "scaling, attention");
  AblatedModel transformer = whole_transformer();
  std::string all = "mask, positions, residual, norm, ffn, activation, scaling, W_v, "
                    "self-attention, attention";
  CHECK(possible(transformer) == all);
  take_away(transformer, "mask");
  CHECK(possible(transformer) == all.substr(6));
  CHECK(!error_of([&] { take_away(transformer, "mask"); }).empty());
  take_away(transformer, "ffn");                // and with it the activation
  CHECK(possible(transformer).find("activation") == std::string::npos);
  for (const char* rest : {"positions", "residual", "norm", "scaling", "W_v", "self-attention",
                           "attention"})
    take_away(transformer, rest);
  CHECK(possible(transformer) == "nothing of the kind");
  CHECK(std::isfinite(learn(transformer, small_batch()).loss.item()));
}

TEST_CASE("parameters: what nothing uses is not there; what is, is what the loss depends on") {
  struct { const char* part; Index fewer; } table[] = {
      {"mask", 0},       {"positions", 0}, {"residual", 0},           {"norm", 10 * 32},
      {"ffn", 4 * 576},  {"activation", 0}, {"scaling", 0},           {"W_v", 6 * 256},
      {"self-attention", 2 * 1056}, {"attention", 2 * 1056}};
  AblatedModel whole = whole_transformer();
  for (const auto& row : table) {
    AblatedModel model = taken_from(whole_transformer(), row.part);
    CHECK_MESSAGE(parameter_count(whole) - parameter_count(model) == row.fewer, row.part);
  }
  AttentionModel additive = attention_model(Cell::gru, Score::additive);
  Index before = parameter_count(additive);
  take_away(additive, "attention");
  CHECK(before - parameter_count(additive) == 2 * 256 + 16);
  every_part_of([](auto& model, const std::string& part) {
    constexpr bool recurrent = requires { model.decoder.rnn; };
    std::set<Node*> reached, there;
    for (Node* leaf : leaves(model.training_step(packed(small_batch())))) reached.insert(leaf);
    bool source = part != "attention" || recurrent;      // does anything of it arrive?
    for (const Parameter& p : named_parameters(model))
      if (source || !p.name.starts_with("encoder")) there.insert(p.tensor.node.get());
    CHECK(reached == there);
  });
}

TEST_CASE("gradients: right by finite differences, without each part" * doctest::skip(!is_double)) {
  every_part_of([](auto& model, const std::string&) {
    SmallBatch b = small_batch();
    LossAndGradients out = learn(model, b);
    Random random(5);
    auto params = named_parameters(model);
    double largest = 0;
    for (std::size_t i = 0; i < params.size(); i++) {    // each in a direction of its own
      Tensor gradient = out.gradients[i], x = params[i].tensor;
      if (!gradient) continue;
      Tensor v = random_tensor(x.shape(), random);
      auto loss_at = [&](Real h) {
        std::vector<Real> at = x.values();
        for (Index j = 0; j < x.numel(); j++) x.data()[j] += h * v.data()[j];
        double loss = double(model.training_step(packed(b)).item());
        std::ranges::copy(at, x.data());
        return loss;
      };
      double slope = double(sum(gradient * v).item()), h = 2e-6;
      double numeric = (loss_at(Real(h)) - loss_at(Real(-h))) / (2 * h);
      CHECK_MESSAGE(std::abs(slope - numeric) <= 1e-6 * std::max(std::abs(numeric), 1e-2),
                    params[i].name, ": ", slope, " and ", numeric);
      largest = std::max(largest, std::abs(slope));
    }
    CHECK(largest > 0.01);
  });
}

TEST_CASE("padded, packed and step by step agree without each part, but for the mask's last") {
  every_part_of([](auto& model, const std::string& part) {
    SmallBatch b = small_batch();
    if (part == "mask") {                       // of whole targets: nothing hides their padding
      const Ints whole{0, 1};
      b = {take(b.src, whole), take(b.src_valid_len, whole), take(b.tgt, whole),
           take(b.label, whole)};
    }
    LossAndGradients packed = learn(model, b);
    for (Parameter& p : named_parameters(model)) zero_grad(p.tensor);
    LossAndGradients padded{model.loss(at_once(model, b), b.label), {}};
    backward(padded.loss);
    for (Parameter& p : named_parameters(model)) padded.gradients.push_back(grad(p.tensor));
    for (std::size_t i = 0; i < packed.gradients.size(); i++) {
      if (bool(packed.gradients[i]) && bool(padded.gradients[i])) continue;
      CHECK(!packed.gradients[i]);                       // a parameter that nothing reaches
      packed.gradients[i] = padded.gradients[i] = Tensor({1});
    }
    CHECK(distance(packed, padded) < off_bar);
    // Written word by word, the first of them cannot see what is not there yet.
    double apart = distance(step_by_step(model, b), at_once(model, b));
    CHECK((part == "mask" ? apart > 0.01 : apart < off_bar));
  });
}

TEST_CASE("greedy search is a beam of one, and a state goes on in another order, without each") {
  every_part_of([](auto& model, const std::string&) {
    eval(model);
    SmallBatch b = small_batch();
    Ints src = take(b.src, {0}), len = take(b.src_valid_len, {0});
    ModelBatch one{src, Ints(Shape{1, 1}, bos_id), len, {}};
    auto greedy = before(model.predict_step(one, 12, eos_id).first, eos_id);
    {
      NoGrad guard;
      auto beam = beam_search(model.decoder, model.decoder.init_state(model.encoder(src, len), len),
                              {12}, bos_id, eos_id, {.beam_size = 1});
      CHECK(beam.at(0).at(0).tokens == greedy[0]);
    }
    auto state = begin(model, b);
    decode(model, column(b.tgt, 0), state);
    Ints rows{2, 0, 0, 1}, next(Shape{3, 1}, {5, 6, 7});
    auto taken = state.take(rows);
    Tensor all = decode(model, next, state), some = decode(model, take(next, rows), taken);
    CHECK(distance(some, index_select(all, 0, rows)) < off_bar);
  });
}

TEST_CASE("without the mask a later token changes an earlier logit, packed and padded") {
  AblatedModel whole = whole_transformer(), model = taken_from(whole_transformer(), "mask");
  SmallBatch b = small_batch(), other = b;
  other.tgt.at(0, 3) = 9;
  auto first_apart = [&](AblatedModel& m) {
    double padded = distance(slice(at_once(m, b), 1, 0, 1), slice(at_once(m, other), 1, 0, 1));
    auto first_row = [&](const SmallBatch& s) {
      ModelBatch rows = packed(s);
      return slice(m(rows.src, rows.tgt, rows.lens), 1, 0, 1);
    };
    double rows = distance(first_row(b), first_row(other));
    CHECK(std::abs(padded - rows) < off_bar);
    return padded;
  };
  CHECK(first_apart(whole) == 0);
  CHECK(first_apart(model) > 1e-3);
}

TEST_CASE("without positions a permuted source permutes the encoder's output; logits stay") {
  AblatedModel model = taken_from(whole_transformer(), "positions");
  SmallBatch b = small_batch();
  Ints ids(Shape{1, 5}, {4, 5, 6, 7, 8}), order{3, 1, 4, 0, 2},
      permuted(Shape{1, 5}, {7, 5, 8, 4, 6}), tgt(Shape{1, 3}, {2, 5, 9});
  CHECK(distance(model.encoder(permuted), index_select(model.encoder(ids), 1, order)) < off_bar);
  CHECK(distance(model(permuted, tgt), model(ids, tgt)) < off_bar);
  CHECK(distance(model(ids, Ints(Shape{1, 3}, {5, 2, 9})), model(ids, tgt)) > 0.01);
}
