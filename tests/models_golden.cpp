// Whole models against PyTorch: outputs, every gradient, three steps of Adam, and greedy decoding;
// and the layers of the book's models, built from the sizes and options in the file.
#include "tests/golden.h"
#include "tests/models_small.h"

using namespace babelgrad;

namespace {

struct Inputs {
  Ints src, src_valid_len, dec_X, labels;
  int pad, bos;

  explicit Inputs(GoldenCase& c)
      : src(c.ints("input/src")),
        src_valid_len(c.ints("input/src_len")),
        dec_X(c.ints("input/dec_in")),
        labels(c.ints("input/labels")),
        pad(c.ints("input/pad")[0]),
        bos(c.ints("input/bos")[0]) {}
};

Json metadata(const GoldenFile& golden, const std::string& name) {
  auto* json = golden.file.find_metadata(name);
  check(json != nullptr, "no metadata of the name ", name);
  return parse_json(*json, name);
}

double allowed_off(const std::vector<double>& expected) {
  double largest = 0;
  for (double v : expected) largest = std::max(largest, std::abs(v));
  return tol(1e-9, 1e-4) * (largest > 0 ? largest : 1);
}

void check_part(GoldenCase& c, const std::string& part, const Tensor& ours, double noise = 0) {
  INFO(c.name, "/", part);
  std::vector<double> expected = c.numbers(part);
  REQUIRE(text(ours.shape()) == text(c.shape(part)));
  CHECK(farthest(ours, expected) <= std::max(allowed_off(expected), noise));
}

// The reference's recurrent encoder reads through the padding.
auto encode(RnnModel& model, const Inputs& in) { return model.encoder(in.src); }
auto encode(AttentionModel& model, const Inputs& in) { return model.encoder(in.src); }
auto encode(TransformerModel& model, const Inputs& in) {
  return model.encoder(in.src, in.src_valid_len);
}

void check_encoder(GoldenCase& c, const Seq2SeqEncoder::Outputs& enc) {
  check_part(c, "out/enc_outputs", enc.outputs);
  check_part(c, "out/enc_state", enc.state.H);
}
void check_encoder(GoldenCase& c, const Tensor& enc_outputs) {
  check_part(c, "out/enc_outputs", enc_outputs);
}

void check_inside(GoldenCase& c, RnnModel&, const Seq2SeqDecoder::State& state) {
  check_part(c, "out/dec_state", state.hidden_state.H);
}
void check_inside(GoldenCase& c, AttentionModel& model,
                  const Seq2SeqAttentionDecoder::State& state) {
  check_part(c, "out/dec_state", state.hidden_state.H);
  check_part(c, "attn/decoder", cat(tables(model.decoder.attention_weights()), 1));
}
void check_inside(GoldenCase& c, TransformerModel& model, const TransformerState&) {
  for (std::size_t i = 0; i < model.encoder.blks.size(); i++) {
    std::string encoder = "attn/encoder.blks." + text(i), decoder = "attn/decoder.blks." + text(i);
    check_part(c, encoder, model.encoder.attention_weights[i]);
    check_part(c, decoder + ".self", model.decoder.attention_weights()[0][i]);
    check_part(c, decoder + ".cross", model.decoder.attention_weights()[1][i]);
  }
}

template <class Model>
Tensor loss_of(Model& model, const Inputs& in) {
  auto state = model.decoder.init_state(encode(model, in), in.src_valid_len);
  return model.loss(model.decoder(in.dec_X, state).first, in.labels);
}

template <class Model>
void check_forward_and_backward(GoldenCase& c, Model& model, const Inputs& in) {
  auto enc = encode(model, in);
  auto state = model.decoder.init_state(enc, in.src_valid_len);
  Tensor logits;
  std::tie(logits, state) = model.decoder(in.dec_X, state);
  Tensor loss = model.loss(logits, in.labels);
  check_encoder(c, enc);
  check_inside(c, model, state);
  check_part(c, "out/logits", logits);
  check_part(c, "out/loss", loss);
  backward(loss);
  for (const Parameter& p : named_parameters(model))
    check_part(c, "grad/" + p.name, grad(p.tensor));
}

// Losses, gradient norms, parameters and means of some steps of Adam, by their names in the file.
template <class Model>
GoldenResults adam_steps(GoldenCase& c, const Json& settings, Model& model, const Inputs& in) {
  Adam adam(named_parameters(model), Real(settings.get_double("lr")));
  adam.beta1 = Real(settings.get_double("beta1"));
  adam.beta2 = Real(settings.get_double("beta2"));
  adam.eps = Real(settings.get_double("eps"));
  std::vector<Tensor> losses, norms;
  for (int step = 0; step < c.shape("adam/losses")[0]; step++) {
    Tensor loss = loss_of(model, in);
    adam.zero_grad();
    backward(loss);
    norms.push_back(Tensor::scalar(Real(clip_grad_norm(adam.params, settings.get_double("clip")))));
    adam.step();
    losses.push_back(detach(loss));
  }
  GoldenResults results{{"adam/losses", stack(losses)}, {"adam/grad_norms", stack(norms)}};
  for (std::size_t i = 0; i < adam.params.size(); i++) {
    results["adam/param3/" + adam.params[i].name] = adam.params[i].tensor;
    results["adam/m3/" + adam.params[i].name] = adam.exp_avg[i];
    results["adam/v3/" + adam.params[i].name] = adam.exp_avg_sq[i];
  }
  return results;
}

// Adam divides a gradient by its own size. Where that is rounding noise, as of a key's bias, the
// quotient is noise of size 1, and a float parameter moves by that much of lr in either direction;
// the next gradients follow. So in float what comes after Adam may also be off by what parameters
// moved to neighbouring floats make of it, which one step can do, times the number of steps.
template <class Make>
void check_adam(GoldenFile& golden, GoldenCase& c, const GoldenResults& ours, const Make& make,
                const Inputs& in) {
  const Json settings = metadata(golden, c.name + "/adam");
  std::vector<GoldenResults> nudged;            // made when the first of them is asked for
  Random random(1);
  auto spread = [&](const std::string& part) {
    for (int i = int(nudged.size()); i < 20; i++) {
      GoldenCase near(golden, c.name, &random);
      auto model = make();
      near.load(model);
      nudged.push_back(adam_steps(near, settings, model, in));
    }
    const std::vector<Real> plain = ours.at(part).values();
    double largest = 0;
    for (const GoldenResults& other : nudged)
      largest = std::max(largest, farthest(other.at(part), {plain.begin(), plain.end()}));
    return largest;
  };
  for (const auto& [part, tensor] : ours) {
    const bool noisy =
        !is_double && farthest(tensor, c.numbers(part)) > allowed_off(c.numbers(part));
    check_part(c, part, tensor, noisy ? spread(part) * c.shape("adam/losses")[0] : 0);
  }
}

// Greedy decoding without an end: (batch_size, steps, vocab_size), and the tokens chosen.
template <class Model>
std::pair<Tensor, Ints> greedy(Model& model, const Inputs& in, int steps) {
  NoGrad guard;
  eval(model);
  int batch_size = in.src.dim(0);
  Ints X(Shape{batch_size, 1}, in.bos), tokens(Shape{batch_size, steps});
  auto state = model.decoder.init_state(encode(model, in), in.src_valid_len);
  std::vector<Tensor> logits;
  for (int t = 0; t < steps; t++) {
    Tensor Y;
    std::tie(Y, state) = model.decoder(X, std::move(state));
    logits.push_back(Y);
    X = argmax(Y, 2);
    for (int i = 0; i < batch_size; i++) tokens.at(i, t) = X[i];
  }
  return {cat(logits, 1), tokens};
}

template <class Model>
void check_greedy(GoldenCase& c, Model& model, const Inputs& in) {
  auto [logits, tokens] = greedy(model, in, c.shape("greedy/tokens")[1]);
  check_part(c, "greedy/logits", logits);
  CHECK(tokens == c.ints("greedy/tokens"));
  if (!c.has("greedy_book_positions/logits")) return;
  std::vector<double> book =
      c.numbers("greedy_book_positions/logits");  // every token at position 0
  CHECK(farthest(logits, book) > 0.01);
  CHECK(c.ints("greedy_book_positions/tokens").shape() == tokens.shape());
}

template <class Make>
void check_model(GoldenFile& golden, GoldenCase& c, const Make& make) {
  Inputs in(c);
  auto model = make();
  c.load(model);
  check_forward_and_backward(c, model, in);
  check_adam(golden, c, adam_steps(c, metadata(golden, c.name + "/adam"), model, in), make, in);
  check_greedy(c, model, in);
  for (const std::string& part : c.parts("")) {
    INFO(c.name, "/", part, " was not used");
    CHECK(golden.visited.contains(c.name + "/" + part));
  }
}

void check_model_file(const std::string& file) {
  GoldenFile golden(file);
  CHECK(!golden.cases().empty());
  for (const std::string& name : golden.cases()) {
    GoldenCase c(golden, name);
    c.attributes = metadata(golden, name + "/config");
    int src = c.integer("src_vocab", 0), tgt = c.integer("tgt_vocab", 0),
        embed = c.integer("embed", 0), hidden = c.integer("hidden", 0),
        layers = c.integer("layers", 0), heads = c.integer("heads", 0), ffn = c.integer("ffn", 0);
    const int pad = Inputs(c).pad;
    if (file == "rnn") {
      check_model(golden, c, [=] {
        return RnnModel({src, embed, hidden, layers}, {tgt, embed, hidden, layers}, pad);
      });
    } else if (file == "attention") {
      check_model(golden, c, [=] {
        return AttentionModel({src, embed, hidden, layers}, {tgt, embed, hidden, layers}, pad);
      });
    } else {
      check_model(golden, c, [=] {
        return TransformerModel({src, hidden, ffn, heads, layers, 0},
                                {tgt, hidden, ffn, heads, layers, 0}, pad);
      });
    }
  }
}

}  // namespace

TEST_CASE("golden models: Seq2SeqEncoder and Seq2SeqDecoder are PyTorch's") {
  check_model_file("rnn");
}
TEST_CASE("golden models: the decoder with attention is PyTorch's") {
  check_model_file("attention");
}
TEST_CASE("golden models: the Transformer is PyTorch's") { check_model_file("transformer"); }

// ---- layers -------------------------------------------------------------------------------------
namespace {

GoldenOutputs add_norm(GoldenCase& c) {
  AddNorm layer(c.shape("param/ln.weight")[0], 0);
  layer.ln.eps = Real(c.number("eps", 1e-5));
  c.load(layer);
  return {{"y", layer(c.leaf("in/x"), c.leaf("in/y"))}};
}

GoldenOutputs ffn(GoldenCase& c) {
  Shape inner = c.shape("param/dense1.weight"), outer = c.shape("param/dense2.weight");
  PositionWiseFFN layer(inner[1], inner[0], outer[0]);
  c.load(layer);
  return {{"y", layer(c.leaf("in/x"))}};
}

// A layer keeps its weights as plain numbers to look at; PyTorch's file wants a gradient through
// them. So they are computed a second time in plain operations, and must be the same.
GoldenOutputs dot_attention(GoldenCase& c) {
  DotProductAttention layer(0);
  Tensor queries = c.leaf("in/q"), keys = c.leaf("in/k"), values = c.leaf("in/v");
  Ints lens = c.ints("in/lens");
  Tensor Y = layer(queries, keys, values, lens);
  Real d = Real(queries.dim(-1));
  Tensor weights;
  dot_attention_plain(queries, keys, values, lens, d, 0, weights);
  CHECK(distance(layer.attention_weights, weights) < tol(1e-14, 1e-6));
  return {{"y", Y}, {"weights", weights}};
}

GoldenOutputs additive_attention(GoldenCase& c) {
  Shape W_k = c.shape("param/W_k.weight"), W_q = c.shape("param/W_q.weight");
  AdditiveAttention layer(W_k[0], W_k[1], W_q[1], 0);
  c.load(layer);
  Tensor queries = c.leaf("in/q"), keys = c.leaf("in/k"), values = c.leaf("in/v");
  Ints lens = c.ints("in/lens");
  Tensor Y = layer(queries, keys, values, lens);
  Tensor weights;
  additive_attention_plain(layer.W_q(queries), layer.W_k(keys), layer.w_v.weight, values, lens, 0,
                           weights);
  CHECK(distance(layer.attention_weights, weights) < tol(1e-14, 1e-6));
  return {{"y", Y}, {"weights", weights}};
}

GoldenOutputs multihead_attention(GoldenCase& c) {
  int num_heads = c.integer("heads", 1);
  MultiHeadAttention layer(c.shape("param/W_q.weight")[0], num_heads, 0, c.has("param/W_q.bias"));
  c.load(layer);
  Tensor queries = c.leaf("in/q"), keys = c.leaf("in/k"), values = c.leaf("in/v");
  Ints lens = c.ints("in/lens"), for_heads = lens ? repeat_interleave(lens, num_heads) : lens;
  Tensor Y = layer(queries, keys, values, lens);
  auto [K, V] = layer.project(keys, values);
  Tensor Q = layer.transpose_qkv(layer.W_q(queries));
  Tensor weights;
  dot_attention_plain(Q, K, V, for_heads, Real(Q.dim(-1)), 0, weights);
  CHECK(distance(layer.attention.attention_weights, weights) < tol(1e-14, 1e-6));
  return {{"y", Y}, {"weights", weights}};
}

GoldenOutputs encoder_block(GoldenCase& c) {
  Shape dense1 = c.shape("param/ffn.dense1.weight");
  TransformerEncoderBlock block(dense1[1], dense1[0], c.integer("heads", 1), 0,
                                c.has("param/attention.W_q.bias"));
  c.load(block);
  return {{"y", block(c.leaf("in/x"), c.ints("in/lens"))}};
}

GoldenOutputs decoder_block(GoldenCase& c) {
  Shape dense1 = c.shape("param/ffn.dense1.weight"), x = c.shape("in/x");
  TransformerDecoderBlock block(dense1[1], dense1[0], c.integer("heads", 1), 0, 0);
  c.load(block);
  Ints causal(Shape{x[0], x[1]});
  for (Index i = 0; i < causal.numel(); i++) causal[i] = int(i % x[1]) + 1;
  Ints lens = c.ints("in/lens"), seen = c.flag("causal") ? causal : Ints();
  TransformerState state{c.leaf("in/enc"), lens, {{}}, lens, 0, seen};
  return {{"y", block(c.leaf("in/x"), state).first}};
}

GoldenOutputs positional_encoding(GoldenCase& c) {
  Shape table = c.shape("out/table");
  PositionalEncoding layer(table[1], 0, table[0]);
  Tensor x = c.leaf("in/x");
  return {{"y", layer(x, positions({x.dim(1)}))}, {"table", layer.P}};
}

GoldenOutputs masked_loss(GoldenCase& c) {
  RnnModel model({1, 1, 1, 1}, {1, 1, 1, 1}, c.integer("pad", 0));
  return {{"y", model.loss(c.leaf("in/x"), c.ints("in/labels"))}};
}

const GoldenTable layers{
    {"add_norm", add_norm},
    {"ffn", ffn},
    {"dot_attention", dot_attention},
    {"additive_attention", additive_attention},
    {"multihead_attention", multihead_attention},
    {"encoder_block", encoder_block},
    {"decoder_block", decoder_block},
    {"positional_encoding", positional_encoding},
    {"masked_loss", masked_loss},
};

}  // namespace

TEST_CASE(
    "golden layers: TransformerEncoderBlock, TransformerDecoderBlock, their parts, the loss") {
  check_golden_file("layers", layers, golden_layer_of_models);
}
