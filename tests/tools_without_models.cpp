// Whole models of without.h and pre_norm.h: each part that goes changes what it says and nothing
// else; the numbers of PreNormEncoder and PreNormDecoder, worked out once more from their layers;
// and what holds of every variant: padded, packed, step by step, in any order.
#include "tools/app/run/without.h"

#include <set>

#include "models/beam_search.h"
#include "nn/optim.h"
#include "tests/models_small.h"
#include "tools/app/run/pre_norm.h"

using namespace babelgrad;

namespace {

using PreNormModel = Seq2Seq<PreNormEncoder<>, PreNormDecoder<>>;
using AblatedModel = Seq2Seq<AblatedPostEncoder, AblatedPostDecoder>;

const double pre_norm_bar = tol(1e-12, 2e-5);

// Every parameter off its initial value, the norms' ones and zeros, too.
PreNormModel pre_norm_model(Real dropout = 0, int blocks = 2, Real off = Real(0.2)) {
  manual_seed(1);
  PreNormModel model({src_words, width, 16, 2, blocks, dropout, false, gelu},
                     {tgt_words, width, 16, 2, blocks, dropout, gelu}, pad_id);
  Random random(2);
  for (Parameter& p : named_parameters(model))
    for (Index i = 0; i < p.tensor.numel(); i++) p.tensor.data()[i] += off * random.normal();
  return model;
}

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

// And for the pre-norm model, which lacks none.
template <class Test>
void every_variant(const Test& test) {
  every_part_of(test);
  INFO("pre-norm");
  PreNormModel model = pre_norm_model();
  test(model, "");
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
  std::string opening = "without: this model has no <b>\\x1B; parts that it has: ";
  REQUIRE(message.starts_with(opening));
  return message.substr(opening.size());
}

// --- of one sentence, (words, width), with plain operations

Tensor normed(const LayerNorm& ln, const Tensor& X) {
  Tensor deviation = sqrt(var(X, {-1}, false, true) + ln.eps);
  return (X - mean(X, {-1}, true)) / deviation * ln.weight + ln.bias;
}

// Word by word and head by head; `causal`: word t sees the first t + 1 keys.
Tensor attended(const MultiHeadAttention& at, const Tensor& reads, const Tensor& seen,
                bool causal) {
  const int size = width / at.num_heads;
  Tensor Q = at.W_q(reads), K = at.W_k(seen), V = at.W_v(seen);
  std::vector<Tensor> rows;
  for (int t = 0; t < reads.dim(0); t++) {
    const int keys = causal ? t + 1 : seen.dim(0);
    std::vector<Tensor> heads;
    for (int h = 0; h < at.num_heads; h++) {
      auto part = [&](const Tensor& X, int begin, int end) {
        return slice(slice(X, 0, begin, end), 1, h * size, (h + 1) * size);
      };
      Tensor scores = matmul(part(Q, t, t + 1), transpose(part(K, 0, keys)));
      heads.push_back(matmul(softmax(scores / std::sqrt(Real(size))), part(V, 0, keys)));
    }
    rows.push_back(cat(heads, 1));
  }
  return at.W_o(cat(rows, 0));
}

Tensor read(const Embedding& embedding, const std::vector<int>& ids) {
  const int n = int(ids.size());
  return embedding(Ints(Shape{n}, ids)) * Real(4) + PositionalEncoding::table(n, width);   // √16
}

Tensor fed(const PositionWiseFFN& ffn, const Tensor& X) { return ffn.dense2(gelu(ffn.dense1(X))); }

Tensor encoded(PreNormEncoder<>& encoder, const std::vector<int>& ids) {
  Tensor X = read(encoder.embedding, ids);
  for (auto& blk : encoder.blks) {
    Tensor N = normed(blk.addnorm1.ln, X);
    X = X + attended(blk.attention, N, N, false);
    X = X + fed(blk.ffn, normed(blk.addnorm2.ln, X));
  }
  return normed(encoder.ln, X);
}

Tensor decoded(PreNormDecoder<>& decoder, const std::vector<int>& ids, const Tensor& source) {
  Tensor X = read(decoder.embedding, ids);
  for (auto& blk : decoder.blks) {
    Tensor N = normed(blk.addnorm1.ln, X);
    X = X + attended(blk.attention1, N, N, true);
    X = X + attended(blk.attention2, normed(blk.addnorm2.ln, X), source, false);
    X = X + fed(blk.ffn, normed(blk.addnorm3.ln, X));
  }
  return matmul(normed(decoder.dense.ln, X), transpose(decoder.dense.weight)) + decoder.dense.bias;
}

}  // namespace

TEST_CASE("without attention the Transformer's logits are the same for any source") {
  manual_seed(1);
  AblatedModel model = taken_from(AblatedModel({src_words, width, 16, 2, 2, 0},
                                            {tgt_words, width, 16, 2, 2, 0}, pad_id), "attention");
  SmallBatch b = small_batch(), other = b;
  other.src.at(0, 0) = other.src.at(1, 1) = 8;
  CHECK(same_bits(logits_of(model, b), logits_of(model, other)));
  auto rows = [&](const ModelBatch& in) { return model(in.src, in.tgt, in.lens); };
  CHECK(same_bits(rows(packed(b)), rows(packed(other))));
  for (const auto& weights : model.decoder.attention_weights()[1]) CHECK(!weights);
  for (const auto& weights : model.encoder.attention_weights) CHECK(bool(weights));
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
  CHECK(possible(rnn) == "none");
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
  CHECK(!says(possible(transformer), "activation"));
  for (const char* rest : {"positions", "residual", "norm", "scaling", "W_v", "self-attention",
                           "attention"})
    take_away(transformer, rest);
  CHECK(possible(transformer) == "none");
  CHECK(std::isfinite(learn(transformer, small_batch()).loss.item()));
}

TEST_CASE("pre_norm: X + F(LayerNorm(X)) in every block, and a LayerNorm at the end") {
  PreNormModel model = pre_norm_model();
  const std::vector<int> src{4, 9, 5, 10, 3}, tgt{2, 5, 12, 5};
  SmallBatch b = small_batch();                 // of which this is the first sentence
  Tensor source = encoded(model.encoder, src);
  CHECK(distance(select(model.encoder(b.src, b.src_valid_len), 0, 0), source) < pre_norm_bar);
  CHECK(distance(select(logits_of(model, b), 0, 0), decoded(model.decoder, tgt, source)) <
        pre_norm_bar);
}

TEST_CASE("pre_norm: what finds nothing changes nothing, bit for bit, however deep the stack") {
  PreNormModel model = pre_norm_model(0, 7);
  for (Parameter& p : named_parameters(model))
    if (says(p.name, "W_o.") || says(p.name, "dense2."))
      std::fill_n(p.tensor.data(), p.tensor.numel(), Real(0));
  Tensor X = reshape(read(model.encoder.embedding, {7, 6, 3}), {1, 3, width});
  CHECK(same_bits(model.encoder(Ints(Shape{1, 3}, {7, 6, 3})), model.encoder.ln(X)));
}

TEST_CASE("pre_norm: weights of attention of both sides and keys of each block can be looked at") {
  PreNormModel model = pre_norm_model();
  SmallBatch b = small_batch();
  logits_of(model, b);
  REQUIRE(model.encoder.attention_weights.size() == 2);
  CHECK(model.encoder.attention_weights[1].shape() == Shape{3 * 2, 5, 5});
  const auto& weights = model.decoder.attention_weights();
  CHECK(weights[0][1].shape() == Shape{3 * 2, 4, 4});
  CHECK(weights[1][1].shape() == Shape{3 * 2, 4, 5});
  auto state = begin(model, b);
  decode(model, resized(b.tgt, 2), state);
  CHECK(state.position == 2);
  CHECK(state.caches[1].self.keys.shape() == Shape{3 * 2, 2, width / 2});
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
  PreNormModel pre = pre_norm_model();           // the book's parameters and two norms
  TransformerModel book = transformer_model(gelu, false);
  CHECK(parameter_count(pre) == parameter_count(book) + 4 * width);
  std::set<std::string> last;
  for (const Parameter& p : named_parameters(pre))
    if (p.name.find(".ln.") == p.name.find('.')) last.insert(p.name);
  CHECK(last == std::set<std::string>{"encoder.ln.weight", "encoder.ln.bias", "decoder.ln.weight",
                                      "decoder.ln.bias"});
  every_variant([](auto& model, const std::string& part) {
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
  every_variant([](auto& model, const std::string&) {
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
  every_variant([](auto& model, const std::string& part) {
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
    CHECK(distance(packed, padded) < near_bar);
    // Written word by word, the first of them cannot see what is not there yet.
    for (bool training : {true, false}) {
      train(model, training);
      double apart = distance(step_by_step(model, b), at_once(model, b));
      CHECK((part == "mask" ? apart > 0.01 : apart < near_bar));
    }
  });
}

TEST_CASE("greedy search is a beam of one, and a state goes on in another order, without each") {
  every_variant([](auto& model, const std::string&) {
    eval(model);
    SmallBatch b = small_batch();
    auto greedy = before(model.predict_step(padded(b), 12, eos_id).first, eos_id);
    {
      NoGrad guard;
      auto beams = beam_search(model.decoder, begin(model, b), {12, 12, 12}, bos_id, eos_id,
                               {.beam_size = 1});
      for (int i = 0; i < 3; i++) CHECK(beams.at(i).at(0).tokens == greedy[i]);
    }
    auto state = begin(model, b);
    decode(model, resized(b.tgt, 2), state);
    Ints rows{2, 0, 0, 1}, next(Shape{3, 1}, {5, 6, 7});
    auto taken = state.take(rows);
    Tensor all = decode(model, next, state), some = decode(model, take(next, rows), taken);
    CHECK(distance(some, index_select(all, 0, rows)) < near_bar);
  });
}

TEST_CASE("without the mask a later token changes an earlier logit, packed and padded, else none") {
  SmallBatch b = small_batch(), other = b;
  other.tgt.at(0, 3) = 9;
  auto earlier_apart = [&](auto model) {
    auto earlier = [](const Tensor& logits) { return slice(logits, 1, 0, 3); };
    auto rows = [&](const SmallBatch& s) {
      ModelBatch in = packed(s);
      return earlier(model(in.src, in.tgt, in.lens));
    };
    CHECK(distance(at_once(model, b), at_once(model, other)) > 1e-3);
    double padded = distance(earlier(at_once(model, b)), earlier(at_once(model, other)));
    CHECK(std::abs(padded - distance(rows(b), rows(other))) < near_bar);
    return padded;
  };
  CHECK(earlier_apart(whole_transformer()) == 0);
  CHECK(earlier_apart(pre_norm_model()) == 0);
  CHECK(earlier_apart(taken_from(whole_transformer(), "mask")) > 1e-3);
}

TEST_CASE("without positions a permuted source permutes the encoder's output; logits stay") {
  AblatedModel model = taken_from(whole_transformer(), "positions");
  SmallBatch b = small_batch();
  Ints ids(Shape{1, 5}, {4, 5, 6, 7, 8}), order{3, 1, 4, 0, 2},
      permuted(Shape{1, 5}, {7, 5, 8, 4, 6}), tgt(Shape{1, 3}, {2, 5, 9});
  CHECK(distance(model.encoder(permuted), index_select(model.encoder(ids), 1, order)) < near_bar);
  CHECK(distance(model(permuted, tgt), model(ids, tgt)) < near_bar);
  CHECK(distance(model(ids, Ints(Shape{1, 3}, {5, 2, 9})), model(ids, tgt)) > 0.01);
}

TEST_CASE("pre_norm: a stack of six blocks learns from the first update, without warm-up") {
  PreNormModel model = pre_norm_model(0, 6, 0);
  const SmallBatch b = small_batch();
  Adam adam(named_parameters(model), Real(0.003));
  std::vector<double> losses;
  for (int i = 0; i < 40; i++) {
    adam.zero_grad();
    Tensor loss = model.training_step(packed(b));
    losses.push_back(double(loss.item()));
    backward(loss);
    adam.step();
  }
  CHECK(losses[0] > 2);
  CHECK(losses[39] < losses[0] / 5);
}
