// Whole models against PyTorch: outputs, every gradient, three steps of Adam, and greedy decoding.
#include "models/bahdanau.h"
#include "models/seq2seq.h"
#include "models/transformer.h"
#include "nn/optim.h"
#include "tests/golden.h"

using namespace babelgrad;

namespace {

using RnnModel = Seq2Seq<Seq2SeqEncoder, Seq2SeqDecoder>;
using AttentionModel = Seq2Seq<Seq2SeqEncoder, Seq2SeqAttentionDecoder>;
using TransformerModel = Seq2Seq<TransformerEncoder<>, TransformerDecoder<>>;

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
  check_part(c, "attn/decoder", cat(model.decoder.attention_weights(), 1));
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
