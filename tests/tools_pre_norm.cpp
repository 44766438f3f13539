// pre_norm.h: the numbers of PreNormEncoder and PreNormDecoder, worked out once more from
// their layers, and what holds of every model: padded, packed, step by step, in any order.
#include "tools/app/run/pre_norm.h"

#include "models/beam_search.h"
#include "nn/optim.h"
#include "tests/models_small.h"

using namespace babelgrad;

namespace {

using PreNormModel = Seq2Seq<PreNormEncoder<>, PreNormDecoder<>>;

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

Tensor one_by_one(PreNormModel& model, const SmallBatch& b) {
  auto state = begin(model, b);
  std::vector<Tensor> steps;
  for (int t = 0; t < b.tgt.dim(1); t++) steps.push_back(decode(model, column(b.tgt, t), state));
  return cat(steps, 1);
}

LossAndGradients learn_padded(PreNormModel& model, const SmallBatch& b) {
  for (Parameter& p : named_parameters(model)) zero_grad(p.tensor);
  auto state = begin(model, b);
  Tensor loss = model.loss(decode(model, b.tgt, state), b.label);
  backward(loss);
  LossAndGradients out{loss, {}};
  for (Parameter& p : named_parameters(model)) out.gradients.push_back(grad(p.tensor));
  return out;
}

}  // namespace

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
    if (p.name.find("W_o.") != std::string::npos || p.name.find("dense2.") != std::string::npos)
      std::fill_n(p.tensor.data(), p.tensor.numel(), Real(0));
  Tensor X = reshape(read(model.encoder.embedding, {7, 6, 3}), {1, 3, width});
  CHECK(same_bits(model.encoder(Ints(Shape{1, 3}, {7, 6, 3})), model.encoder.ln(X)));
}

TEST_CASE("PreNormEncoderBlock, PreNormDecoderBlock, NormedLinear: a norm before each layer") {
  Random random(4);
  Tensor X = random_tensor({1, 3, 8}, random);
  NormedLinear dense(8, 5);
  CHECK(distance(dense(X), linear(normed(dense.ln, X), dense.weight, dense.bias)) < pre_norm_bar);
  PreNormEncoderBlock encoder(8, 12, 2, 0);
  Tensor N = normed(encoder.addnorm1.ln, X), Y = X + encoder.attention(N, N, N);
  CHECK(distance(encoder(X, {}), Y + encoder.ffn(normed(encoder.addnorm2.ln, Y))) < pre_norm_bar);
  PreNormDecoderBlock decoder(8, 12, 2, 0, 0);
  Tensor source = random_tensor({1, 4, 8}, random), M = normed(decoder.addnorm1.ln, X);
  Y = X + decoder.attention1(M, M, M);
  Tensor Z = Y + decoder.attention2(normed(decoder.addnorm2.ln, Y), source, source);
  TransformerState state{source, {}, {{}}, {}};
  CHECK(distance(decoder(X, state).first, Z + decoder.ffn(normed(decoder.addnorm3.ln, Z))) <
        pre_norm_bar);
}

TEST_CASE("pre_norm: dropout is of what was found, and X goes on") {
  AddNorm addnorm(8, Real(0.5));
  Random random(3);
  Tensor X({4, 8}, 1), normal;
  auto threes = [&](const Tensor& N) { normal = N; return Tensor({4, 8}, 3); };
  manual_seed(3);
  std::vector<Real> values = pre_norm(addnorm, X, threes).values();
  const auto ones = std::ranges::count(values, Real(1)),
             sevens = std::ranges::count(values, Real(7));
  CHECK(ones > 0);
  CHECK(sevens > 0);
  CHECK(ones + sevens == 32);
  CHECK(same_bits(normal, Tensor({4, 8})));     // of rows of ones
  eval(addnorm);
  CHECK(same_bits(pre_norm(addnorm, X, threes), Tensor({4, 8}, 4)));
  CHECK(same_bits(X, Tensor({4, 8}, 1)));
}

TEST_CASE("pre_norm: decoding step by step gives the logits of decoding at once") {
  PreNormModel model = pre_norm_model();
  SmallBatch b = small_batch();
  for (bool training : {true, false}) {
    train(model, training);
    CHECK(distance(one_by_one(model, b), logits_of(model, b)) < pre_norm_bar);
  }
  auto state = begin(model, b);
  decode(model, resized(b.tgt, 2), state);
  CHECK(state.position == 2);
  CHECK(state.caches[1].self.keys.shape() == Shape{3 * 2, 2, width / 2});
  Ints rows{2, 0, 0, 1}, next(Shape{3, 1}, {5, 6, 7});
  auto taken = state.take(rows);
  Tensor all = decode(model, next, state), some = decode(model, take(next, rows), taken);
  CHECK(distance(some, index_select(all, 0, rows)) < pre_norm_bar);
}

TEST_CASE("pre_norm: a beam of one finds what greedy search finds") {
  PreNormModel model = pre_norm_model(0, 2, Real(0.5));
  eval(model);
  SmallBatch b = small_batch();
  auto greedy = before(model.predict_step(padded(b), 9, eos_id).first, eos_id);
  NoGrad guard;
  auto beams = beam_search(model.decoder, begin(model, b), {9, 9, 9}, bos_id, eos_id,
                           {.beam_size = 1});
  for (int i = 0; i < 3; i++) CHECK(beams[i][0].tokens == greedy[i]);
}

TEST_CASE("pre_norm: packed, the loss and gradients are those of the padded batch") {
  PreNormModel model = pre_norm_model();
  SmallBatch b = small_batch();
  CHECK(distance(learn(model, b), learn_padded(model, b)) < pre_norm_bar);
}

TEST_CASE("pre_norm: a later token changes no earlier logit") {
  PreNormModel model = pre_norm_model();
  SmallBatch b = small_batch(), other = b;
  other.tgt.at(0, 3) = 9;
  auto first = [&](const SmallBatch& batch) { return slice(logits_of(model, batch), 1, 0, 3); };
  CHECK(same_bits(first(b), first(other)));
  CHECK(distance(logits_of(model, b), logits_of(model, other)) > 1e-3);
}

TEST_CASE("pre_norm: all weights of attention, of encoder and decoder, can be looked at") {
  PreNormModel model = pre_norm_model();
  logits_of(model, small_batch());
  REQUIRE(model.encoder.attention_weights.size() == 2);
  CHECK(model.encoder.attention_weights[1].shape() == Shape{3 * 2, 5, 5});
  const auto& weights = model.decoder.attention_weights();
  CHECK(weights[0][1].shape() == Shape{3 * 2, 4, 4});
  CHECK(weights[1][1].shape() == Shape{3 * 2, 4, 5});
}

TEST_CASE("pre_norm: parameters are the book's and two norms, which the loss depends on") {
  PreNormModel model = pre_norm_model();
  TransformerModel post = transformer_model(gelu, false);
  CHECK(parameter_count(model) == parameter_count(post) + 4 * width);
  LossAndGradients out = learn(model, small_batch());
  std::vector<std::string> last;
  auto params = named_parameters(model);
  for (std::size_t i = 0; i < params.size(); i++) {
    if (params[i].name.find(".ln.") == params[i].name.find('.')) last.push_back(params[i].name);
    CHECK_MESSAGE(bool(out.gradients[i]), params[i].name);
  }
  CHECK(last == std::vector<std::string>{"encoder.ln.weight", "encoder.ln.bias",
                                         "decoder.ln.weight", "decoder.ln.bias"});
}

TEST_CASE("pre_norm: gradients are those of finite differences" * doctest::skip(!is_double)) {
  PreNormModel model = pre_norm_model();
  const SmallBatch b = small_batch();
  LossAndGradients out = learn(model, b);
  Random random(5);
  auto params = named_parameters(model);
  for (std::size_t i = 0; i < params.size(); i++) {      // each along a direction of its own
    const std::vector<Real> at = params[i].tensor.values();
    Tensor along = random_tensor(params[i].tensor.shape(), random);
    auto loss_off = [&](double h) {
      for (std::size_t j = 0; j < at.size(); j++)
        params[i].tensor.data()[j] = at[j] + Real(h) * along.data()[j];
      return double(model.training_step(packed(b)).item());
    };
    const double numeric = (loss_off(1e-5) - loss_off(-1e-5)) / 2e-5;
    loss_off(0);
    const double slope = double(sum(out.gradients[i] * along).item());
    CHECK_MESSAGE(std::abs(slope - numeric) < 1e-6 * std::max(std::abs(numeric), 1e-2),
                  params[i].name, ": ", slope, " and ", numeric);
  }
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
