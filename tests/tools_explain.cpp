// The numbers that explain tells are the model's own, and the gradients those of its training loss.
#include <set>

#include "autograd/ops.h"
#include "tensor/views.h"
#include "tests/explain_small.h"

using namespace babelgrad;
using explain::Kind, explain::Profile, explain::Side, explain::Step, explain::Walk;
using explain::WayBack;

namespace {

const double tight = tol(1e-12, 1e-5), tight_grad = tol(1e-10, 1e-4);

Batch batch_of(Translator& model, const Tokens& src, const Tokens& tgt) {
  return make_batch(model.config, {{src, tgt}}, {0}, model.src_vocab, model.tgt_vocab);
}

// What the model itself makes of a pair, by teacher forcing.
Tensor model_logits(Translator& translator, const Batch& b) {
  NoGrad guard;
  Tensor Y;
  with_model(translator, [&](auto& model) { Y = squeeze(model(b.src, b.tgt, b.lens.src), 0); });
  return Y;
}

using ByLayer = std::vector<AttentionWeights>;  // of each layer, or the one
ByLayer self_of(const ByLayer&) { return {}; }
ByLayer self_of(const std::vector<ByLayer>& both) { return both[0]; }
ByLayer cross_of(const ByLayer& steps) { return steps; }
ByLayer cross_of(const std::vector<ByLayer>& both) { return both[1]; }

// What the model itself makes of the walk's words, one at a time: logits (1, 1, vocabulary), and
// the weights of both sides.
struct Own {
  std::vector<Tensor> logits;
  ByLayer encoder;
  std::vector<ByLayer> self, cross;
};

Own own_pass(Translator& translator, const Walk& walk) {
  NoGrad guard;
  Own own;
  with_model(translator, [&](auto& model) {
    const Ints lens{int(walk.src.size())};
    auto outputs = model.encoder(Ints(Shape{1, lens[0]}, walk.src_ids), lens);
    if constexpr (requires { model.encoder.attention_weights; })
      own.encoder = model.encoder.attention_weights;
    auto state = model.decoder.init_state(outputs, lens);
    int reads = translator.tgt_vocab.bos();
    for (int id : walk.labels.values()) {
      Tensor Y;
      std::tie(Y, state) = model.decoder(Ints(Shape{1, 1}, reads), std::move(state));
      own.logits.push_back(Y);
      own.self.push_back(self_of(model.decoder.attention_weights()));
      own.cross.push_back(cross_of(model.decoder.attention_weights()));
      reads = id;
    }
  });
  return own;
}

// All steps of that name, layer after layer or word after word.
std::vector<Tensor> values_of(const Walk& walk, const std::string& name, int time,
                              Side side = Side::decoder) {
  std::vector<Tensor> out;
  for (const Step& step : walk.steps)
    if (step.caption.name == name && step.where.side == side && step.where.time == time)
      out.push_back(step.value);
  return out;
}

void check_same(const std::vector<Tensor>& told, const ByLayer& own) {
  std::vector<Tensor> there;
  for (const Tensor w : own) if (w) there.push_back(w);
  REQUIRE(told.size() == there.size());
  for (std::size_t i = 0; i < told.size(); i++) CHECK(told[i].values() == there[i].values());
}

void check_exact(Translator& model) {
  const bool transformer = model.config.model == "transformer";
  const Tokens tgt{"le", "chien", "qqq"};
  for (const Tokens& src : three_sentences) {
    for (const Tokens* given : {(const Tokens*)nullptr, &tgt}) {
      const Walk walk = quiet_walk(model, src, given);
      const Own own = own_pass(model, walk);
      const std::string weights = "attention: attention weights";
      check_same(values_of(walk, "self-" + weights, 0, Side::encoder), own.encoder);
      for (int t = 1; t <= int(walk.words.size()); t++) {
        check_same(values_of(walk, "logits", t), {own.logits[t - 1]});
        CHECK(slice(walk.logits, 0, t - 1, t).values() == own.logits[t - 1].values());
        if (model.config.lacks("attention") && !transformer) continue;   // its weights are zeros
        check_same(values_of(walk, transformer ? "cross-" + weights : "attention weights", t),
                   own.cross[t - 1]);
        check_same(values_of(walk, "self-" + weights, t), own.self[t - 1]);
      }
    }
  }
}

// "scores" or "scores a", behind what kind of attention they are of.
std::string weights_of(const Step& scores) {
  const std::string& name = scores.caption.name;
  return name.substr(0, name.find("scores")) + "attention weights";
}

std::vector<Tensor> gradients_of(Translator& model) {
  std::vector<Tensor> out;
  for (Parameter& p : named_parameters(model.module())) out.push_back(grad(p.tensor));
  return out;
}

double training_loss(Translator& model, const Tokens& src, const Tokens& tgt) {
  for (Parameter& p : named_parameters(model.module())) zero_grad(p.tensor);
  Tensor loss = model.training_step(batch_of(model, src, tgt));
  backward(loss);
  return double(loss.item());
}

// Relative to the largest of all gradients: one that is nearly zero has no digits of its own.
double relative_distance(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  double off = 0, largest = 0;
  for (std::size_t i = 0; i < a.size(); i++) {
    const auto x = a[i].values(), y = b[i].values();
    for (std::size_t j = 0; j < x.size(); j++) {
      off = std::max(off, std::abs(double(x[j]) - double(y[j])));
      largest = std::max(largest, std::abs(double(y[j])));
    }
  }
  REQUIRE(largest > 0);
  return off / largest;
}

double gradient_norm(const Tensor& x) {
  double sum = 0;
  for (Real v : x.values()) sum += double(v) * double(v);
  return std::sqrt(sum);
}

}  // namespace

TEST_CASE("explain: it chooses the words that greedy decoding chooses") {
  every_translator([](Translator& model) {
    for (const Tokens& src : three_sentences) {
      Batch b = model.source_batch({src});
      const int most = model.longest(b.src);
      auto found = model.greedy(b.src, b.lens.src, most);
      Walk walk = quiet_walk(model, src);
      std::vector<int> ids;
      for (const auto& word : walk.words) ids.push_back(word.id);
      if (walk.finished) ids.pop_back();
      CHECK(ids == found[0]);
      CHECK(walk.finished == (int(ids.size()) < most));
      for (const auto& word : walk.words) CHECK(word.id == word.best[0].id);
    }
  });
}

TEST_CASE("explain: for given words, its logits are those of teacher forcing") {
  every_translator([](Translator& model) {
    for (const Tokens& src : three_sentences) {
      const Tokens tgt{"le", "qqq", "chat", "chat"};
      Walk given = quiet_walk(model, src, &tgt);
      CHECK(given.forced);
      CHECK(given.words.size() == 5);
      CHECK(given.words[1].word == "qqq");
      CHECK(given.words[1].id == model.tgt_vocab.unk());
      CHECK(distance(given.logits, model_logits(model, batch_of(model, src, tgt))) < tight);
      Tensor p = softmax(given.logits);
      CHECK(given.words[2].probability ==
            doctest::Approx(double(p.at({2, model.tgt_vocab["chat"]}))).epsilon(tight));
    }
  });
}

TEST_CASE("explain: word by word, logits and weights are the model's own to the last bit") {
  every_translator(check_exact);
  every_ablated_translator(check_exact);
}

TEST_CASE("explain: numbers that serve as two parameters are told as what they are used for") {
  for (const char* kind : {"rnn", "attention", "transformer"}) {
    for (const char* tie : {"decoder", "all"}) {
      const Vocab words(source_words);
      manual_seed(3);
      auto model = make_translator({.model = kind, .embed = 8, .hidden = 8, .layers = 2,
                                    .heads = 2, .ffn = 12, .tie = tie}, words, words);
      const Walk walk = quiet_walk(*model, three_sentences[1]);
      check_exact(*model);
      for (int t = 1; t <= int(walk.words.size()); t++)
        CHECK(values_of(walk, "logits", t).size() == 1);
      int encoders = 0, decoders = 0;
      for (const Step& step : walk.steps)
        if (step.caption.kind == Kind::embedding)
          (step.where.side == Side::encoder ? encoders : decoders)++;
      CHECK(encoders == 1);
      CHECK(decoders == int(walk.words.size()));
    }
  }
}

TEST_CASE("explain: of a model without a part, nothing is told of the part") {
  every_ablated_translator([](Translator& model) {
    const Tokens tgt{"le", "chat"};
    const Walk walk = quiet_walk(model, three_sentences[1], &tgt);
    std::set<std::string> names;
    for (const Step& step : walk.steps) names.insert(step.caption.name);
    const auto has = [&](const char* part) {
      return std::ranges::any_of(names, [&](const std::string& name) {
        return says(name, part);
      });
    };
    const ModelConfig& config = model.config;
    const bool transformer = config.model == "transformer", post = config.norm == "post";
    CHECK(has("attention weights") == (transformer || !config.lacks("attention")));
    CHECK(has("cross-attention") == (transformer && !config.lacks("attention")));
    CHECK(has("feed-forward") == (transformer && !config.lacks("ffn")));
    CHECK(has("add & norm") ==
          (transformer && post && !config.lacks("residual") && !config.lacks("norm")));
    CHECK(has(": norm") == (transformer && (!post || config.lacks("residual")) &&
                            !config.lacks("norm")));
    for (const Step& step : walk.steps) {
      CAPTURE(step.caption.name);
      if (step.caption.name == "feed-forward: hidden")
        CHECK((!says(step.caption.equation, "relu")) == config.lacks("activation"));
      if (step.caption.kind == Kind::query && transformer)
        CHECK((says(step.caption.equation, "√d")) == config.lacks("scaling"));
      if (step.caption.name.ends_with("keys K") && transformer) {
        const Tensor values =
            step_value(walk, step.caption.name.substr(0, step.caption.name.size() - 6) + "values V",
                       step.where.side, step.where.layer, step.where.time);
        CHECK((distance(values, step.value) == 0) == config.lacks("W_v"));
      }
      if (step.caption.kind == Kind::position)
        CHECK((step.caption.equation == "P = 0") == config.lacks("positions"));
      if (step.caption.kind == Kind::score)     // what the weights are made of
        CHECK(distance(softmax(step.value),
                       step_value(walk, weights_of(step), step.where.side, step.where.layer,
                                  step.where.time)) < tight);
    }
  });
}

TEST_CASE("explain: a block's last step is what it hands on, whatever it lacks") {
  const auto check_outputs = [](Translator& model) {
    if (model.config.model != "transformer") return;
    const Walk walk = quiet_walk(model, three_sentences[1]);
    NoGrad guard;
    with_model(model, [&](auto& own) {
      if constexpr (requires { own.encoder.blks; }) {
        if (model.config.norm == "pre") return;            // its encoder ends with a norm
        if (model.config.lacks("ffn") && model.config.lacks("self-attention")) return;
        const Ints lens{int(walk.src.size())};
        Tensor outputs = own.encoder(Ints(Shape{1, lens[0]}, walk.src_ids), lens);
        const int layers = model.config.layers;
        CHECK(step_value(walk, "block output", Side::encoder, layers).values() ==
              outputs.values());
      }
    });
    for (const Step& step : walk.steps)
      CHECK((step.caption.kind == Kind::output) == (step.caption.name == "block output"));
  };
  every_translator(check_outputs);
  every_ablated_translator(check_outputs);
}

TEST_CASE("explain: recurrent states, layer by layer, are the encoder's") {
  every_translator([](Translator& model) {
    auto* rnn = dynamic_cast<RnnModel*>(&model.module());
    if (!rnn) return;
    for (const Tokens& src : three_sentences) {
      Batch b = model.source_batch({src});
      Walk walk = quiet_walk(model, src);
      NoGrad guard;
      auto [outputs, state] = rnn->encoder(b.src, b.lens.src);
      const int layers = model.config.layers, steps = b.lens.src[0];
      for (int t = 0; t < steps; t++)
        CHECK(distance(step_value(walk, "state h", Side::encoder, layers, t + 1),
                       select(outputs, 0, t)) < tight);
      for (int layer = 0; layer < layers; layer++) {
        CHECK(distance(step_value(walk, "state h", Side::encoder, layer + 1, steps),
                       select(state.H, 0, layer)) < tight);
        if (state.C)
          CHECK(distance(step_value(walk, "memory c", Side::encoder, layer + 1, steps),
                         select(state.C, 0, layer)) < tight);
      }
      CHECK(distance(step_value(walk, "context c", Side::decoder, 0), select(state.H, 0, -1)) <
            tight);
    }
  });
}

TEST_CASE("explain: a model that cuts its sentences is told with what it reads") {
  auto model = small_translator({.model = "attention", .embed = 6, .hidden = 8, .layers = 1,
                                 .num_steps = 4});
  Walk cut = quiet_walk(*model, three_sentences[2]);
  CHECK(cut.src == Tokens{"the", "zyx", "sees", "the"});
  CHECK(cut.words.size() <= 4);
  CHECK(quiet_walk(*model, three_sentences[1]).src == Tokens{"the", "dog", "<eos>"});
  Batch b = model->source_batch({three_sentences[2]});
  CHECK(words_of(cut) ==
        model->tgt_vocab.words(model->greedy(b.src, b.lens.src, 4)[0]));
}

TEST_CASE("explain: sentences too long to be told, and none, are refused") {
  auto model = small_translator({.hidden = 8, .layers = 1, .heads = 2, .ffn = 12});
  const Tokens longest(explain::most_source_words, "cat"), longer(101, "cat"), none;
  CHECK(quiet_walk(*model, longest).src.size() == 101);
  CHECK(says(error_of([&] { quiet_walk(*model, longer); }), "101 words; at most 100"));
  CHECK(says(error_of([&] { quiet_walk(*model, none); }), "no words"));
  CHECK(says(error_of([&] { quiet_walk(*model, {"cat"}, &none); }), "no words"));
  const Tokens endless(251, "chat");
  CHECK(says(error_of([&] { quiet_walk(*model, {"cat"}, &endless); }), "at most 250"));
}

TEST_CASE("explain: every gradient of the way back is that of the training loss") {
  const auto check_gradients = [](Translator& model) {
    // Nothing comes back to a source that is not looked at, and trained without a mask a model has
    // seen the words to come, which are not there word by word.
    if (model.config.lacks("attention") || model.config.lacks("mask")) return;
    const Tokens tgt{"le", "chien", "qqq"};
    for (const Tokens& src : three_sentences) {
      const double loss = training_loss(model, src, tgt);
      const auto own = gradients_of(model);
      WayBack back = way_back(model, explain::walk_through(model, src, &tgt));
      CHECK(back.loss == doctest::Approx(loss).epsilon(tight_grad));
      CHECK(back.words == 4);
      CHECK(relative_distance(gradients_of(model), own) < tight_grad);
    }
  };
  every_translator(check_gradients, 0.1);
  every_ablated_translator(check_gradients);
}

TEST_CASE("explain: the norm at a word is that of its row of the embedding table") {
  every_translator([](Translator& model) {
    const Tokens src{"the", "dog", "sees"}, tgt{"un", "chat"};           // each word once
    WayBack back = way_back(model, explain::walk_through(model, src, &tgt));
    REQUIRE(back.source.size() == 1);
    REQUIRE(back.target.size() == 1);
    CHECK(back.source[0].labels == Tokens{"the", "dog", "sees", "<eos>"});
    CHECK(back.target[0].labels == Tokens{"<bos>", "un", "chat"});
    std::vector<Parameter> parameters = named_parameters(model.module());
    for (const Parameter& p : parameters) {
      if (!p.name.ends_with("embedding.weight")) continue;
      const bool source = p.name.starts_with("encoder");
      const Profile& told = source ? back.source[0] : back.target[0];
      const Vocab& vocab = source ? model.src_vocab : model.tgt_vocab;
      for (std::size_t i = 0; i < told.labels.size(); i++) {
        const std::string& word = told.labels[i];
        const int id = word == "<eos>" ? vocab.eos() : word == "<bos>" ? vocab.bos() : vocab[word];
        Tensor row = select(grad(p.tensor), 0, id);
        CHECK(told.norms[i] == doctest::Approx(gradient_norm(row)).epsilon(tight_grad));
      }
    }
  });
}

TEST_CASE("explain: every layer of both sides has a profile, with a norm for each word") {
  every_translator([](Translator& model) {
    const Tokens tgt{"un", "chat"};
    WayBack back = way_back(model, explain::walk_through(model, {"the", "dog"}, &tgt));
    REQUIRE(int(back.layers.size()) == 2 * model.config.layers);
    for (const Profile& p : back.layers) {
      CHECK(p.norms.size() == 3);
      CHECK(p.labels.size() == 3);
      for (double size : p.norms) CHECK(size > 0);
    }
    double modules = 0, all = 0;
    for (double size : back.modules[0].norms) modules += size * size;
    for (const Tensor& d : gradients_of(model)) all += gradient_norm(d) * gradient_norm(d);
    CHECK(modules == doctest::Approx(all).epsilon(tight_grad));
  });
}

TEST_CASE("explain: of one word's loss, nothing comes back to the words after it") {
  every_translator([](Translator& model) {
    const Tokens tgt{"un", "chat"};
    WayBack back = way_back(model, explain::walk_through(model, {"the", "dog"}, &tgt), 2);
    CHECK(back.target[0].norms[0] > 0);
    CHECK(back.target[0].norms[1] > 0);
    CHECK(back.target[0].norms[2] == 0);
    const Walk walk = explain::walk_through(model, {"the", "dog"}, &tgt);
    const double p = walk.words[1].probability;
    CHECK(back.loss == doctest::Approx(-std::log(p)).epsilon(tight_grad));
    CHECK(says(error_of([&] { way_back(model, walk, 4); }), "word 4"));
  });
}

TEST_CASE("explain: the way back as text says where the gradient is smallest") {
  auto model = small_translator({.model = "rnn", .embed = 6, .hidden = 8, .layers = 1});
  const Tokens tgt{"un", "chat"};
  WayBack back = way_back(*model, explain::walk_through(*model, {"the", "dog"}, &tgt));
  back.source[0].norms = {0.5, 0.001, 0.2};
  const std::string said = text(back, *model, {.fd = -1});
  CHECK(says(said, "largest at the, smallest at dog: 500.0 times smaller"));
  CHECK(says(said, "  dog    1.0e-03\n"));
  CHECK(says(said, "The only way"));
  CHECK(!says(said, "\33"));
  CHECK(said.find("\n  models/seq2seq.h:") < said.find("\n  autograd/node.cpp:"));
  CHECK(says(said, "\n  made at models/seq2seq.h:"));
  const Json json = to_json(back);
  CHECK(json.at("source").as_array()[0].get_array("norms").size() == 3);
}
