// The gradients that explain --grad tells are those of the model's training loss.
#include "autograd/ops.h"
#include "tensor/views.h"
#include "tests/explain_small.h"
#include "tools/app/explain/way_back.h"

using namespace babelgrad;
using explain::Profile, explain::Walk, explain::WayBack;

namespace {

const double tight = tol(1e-10, 1e-4);

std::vector<Tensor> gradients(Translator& model) {
  std::vector<Tensor> out;
  for (Parameter& p : named_parameters(model.module())) out.push_back(grad(p.tensor));
  return out;
}

double training_loss(Translator& model, const Tokens& src, const Tokens& tgt) {
  for (Parameter& p : named_parameters(model.module())) zero_grad(p.tensor);
  Tensor loss = model.training_step(
      make_batch(model.config, {{src, tgt}}, {0}, model.src_vocab, model.tgt_vocab));
  backward(loss);
  return double(loss.item());
}

// Relative to the largest of all gradients: one that is nearly zero has no digits of its own.
double distance(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
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

double norm(const Tensor& x) {
  double sum = 0;
  for (Real v : x.values()) sum += double(v) * double(v);
  return std::sqrt(sum);
}

}  // namespace

TEST_CASE("explain: every gradient of the way back is that of the training loss") {
  const auto check_gradients = [](Translator& model) {
    // Nothing comes back to a source that is not looked at, and trained without a mask a model has
    // seen the words to come, which are not there word by word.
    if (model.config.lacks("attention") || model.config.lacks("mask")) return;
    const Tokens tgt{"le", "chien", "qqq"};
    for (const Tokens& src : three_sentences) {
      const double loss = training_loss(model, src, tgt);
      const auto own = gradients(model);
      WayBack back = way_back(model, explain::walk_through(model, src, &tgt));
      CHECK(back.loss == doctest::Approx(loss).epsilon(tight));
      CHECK(back.words == 4);
      CHECK(distance(gradients(model), own) < tight);
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
        CHECK(told.norms[i] == doctest::Approx(norm(row)).epsilon(tight));
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
    for (const Tensor& d : gradients(model)) all += norm(d) * norm(d);
    CHECK(modules == doctest::Approx(all).epsilon(tight));
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
    CHECK(back.loss == doctest::Approx(-std::log(p)).epsilon(tol(1e-10, 1e-4)));
    CHECK(error_of([&] { way_back(model, walk, 4); }).find("word 4") != std::string::npos);
  });
}

TEST_CASE("explain: the way back as text says where the gradient is smallest") {
  auto model = small_translator({.model = "rnn", .embed = 6, .hidden = 8, .layers = 1});
  const Tokens tgt{"un", "chat"};
  WayBack back = way_back(*model, explain::walk_through(*model, {"the", "dog"}, &tgt));
  back.source[0].norms = {0.5, 0.001, 0.2};
  const std::string said = text(back, *model, {.fd = -1});
  CHECK(said.find("largest at the, smallest at dog: 500.0 times smaller") != std::string::npos);
  CHECK(said.find("  dog    1.0e-03\n") != std::string::npos);
  CHECK(said.find("The only way") != std::string::npos);
  CHECK(said.find('\33') == std::string::npos);
  CHECK(said.find("\n  models/seq2seq.h:") < said.find("\n  autograd/node.cpp:"));
  CHECK(said.find("\n  made at models/seq2seq.h:") != std::string::npos);
  const Json json = to_json(back);
  CHECK(json.at("source").as_array()[0].get_array("norms").size() == 3);
}
