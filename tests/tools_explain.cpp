// The numbers that explain tells are the model's own.
#include "autograd/ops.h"
#include "tests/explain_small.h"

using namespace babelgrad;
using explain::Side, explain::Step, explain::Walk;

namespace {

const double tight = tol(1e-12, 1e-5);

Batch batch_of(Translator& model, const Tokens& src, const Tokens& tgt) {
  return make_batch(model.config, {{src, tgt}}, {0}, model.src_vocab, model.tgt_vocab);
}

// What the model itself makes of a pair, after teacher forcing with the walk's own words.
template <class Model>
Tensor logits_of(Model& model, const Batch& b) {
  NoGrad guard;
  Tensor Y = model(b.src, b.tgt, b.lens.src);
  return squeeze(Y, 0);
}

Tensor model_logits(Translator& model, const Batch& b) {
  Module& m = model.module();
  if (auto* rnn = dynamic_cast<RnnModel*>(&m)) return logits_of(*rnn, b);
  if (auto* attention = dynamic_cast<AttentionModel*>(&m)) return logits_of(*attention, b);
  if (auto* pre_norm = dynamic_cast<PreNormModel*>(&m)) return logits_of(*pre_norm, b);
  return logits_of(dynamic_cast<TransformerModel&>(m), b);
}

// The decoder's inputs as the walk chose them: of an untrained model <bos> and <pad>, too.
Batch read_back(Translator& model, const Tokens& src, const Walk& walk) {
  Batch b = model.source_batch({src});
  std::vector<int> reads{model.tgt_vocab.bos()};
  reads.insert(reads.end(), walk.labels.values().begin(), walk.labels.values().end() - 1);
  b.tgt = Ints(Shape{1, int(reads.size())}, reads);
  return b;
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

TEST_CASE("explain: its logits are the model's, for its own words and for given ones") {
  every_translator([](Translator& model) {
    for (const Tokens& src : three_sentences) {
      Walk own = quiet_walk(model, src);
      CHECK(distance(own.logits, model_logits(model, read_back(model, src, own))) < tight);
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

TEST_CASE("explain: the weights it tells are the model's own, layer by layer and head by head") {
  every_translator([](Translator& model) {
    if (model.config.model == "rnn") return;
    const bool transformer = model.config.model == "transformer";
    const Tokens tgt{"le", "chien", "voit"};
    for (const Tokens& src : three_sentences) {
      Batch b = batch_of(model, src, tgt);
      auto weights = model.attention(b.src, b.lens.src, b.tgt);     // (1, heads, T, S)
      Walk walk = quiet_walk(model, src, &tgt);
      const std::string name = transformer ? "cross-attention: attention weights"
                                           : "attention weights";
      for (int layer = 0; layer < int(weights.size()); layer++) {
        for (int t = 0; t < b.tgt.dim(1); t++) {
          Tensor told = step_value(walk, name, Side::decoder, transformer ? layer + 1 : 0, t + 1);
          Tensor own = slice(select(weights[layer], 0, 0), 1, t, t + 1);
          CHECK(distance(transformer ? told : unsqueeze(told, 0), own) < tight);
        }
      }
    }
  });
}

TEST_CASE("explain: the Transformer's self-attention and encoder outputs are the model's own") {
  for (const char* activation : {"relu", "gelu"}) {
    auto model = small_translator({.activation = activation, .hidden = 8, .layers = 2, .heads = 2,
                                   .ffn = 12});
    auto& own = dynamic_cast<TransformerModel&>(model->module());
    const Tokens tgt{"le", "chien", "voit"};
    for (const Tokens& src : three_sentences) {
      Batch b = batch_of(*model, src, tgt);
      Walk walk = quiet_walk(*model, src, &tgt);
      NoGrad guard;
      Tensor outputs = own.encoder(b.src, b.lens.src);
      CHECK(distance(step_value(walk, "block output", Side::encoder, 2), squeeze(outputs, 0)) <
            tight);
      own(b.src, b.tgt, b.lens.src);
      for (int layer = 1; layer <= 2; layer++) {
        const char* name = "self-attention: attention weights";
        CHECK(distance(step_value(walk, name, Side::encoder, layer),
                       own.encoder.attention_weights[layer - 1]) < tight);
        Tensor seen = own.decoder.attention_weights()[0][layer - 1];
        for (int t = 0; t < b.tgt.dim(1); t++) {
          Tensor row = slice(slice(seen, 1, t, t + 1), 2, 0, t + 1);      // later words weigh 0
          CHECK(distance(step_value(walk, name, Side::decoder, layer, t + 1), row) < tight);
        }
      }
    }
  }
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
  CHECK(error_of([&] { quiet_walk(*model, longer); }).find("101 words; at most 100") !=
        std::string::npos);
  CHECK(error_of([&] { quiet_walk(*model, none); }).find("no words") != std::string::npos);
  CHECK(error_of([&] { quiet_walk(*model, {"cat"}, &none); }).find("no words") !=
        std::string::npos);
  const Tokens endless(251, "chat");
  CHECK(error_of([&] { quiet_walk(*model, {"cat"}, &endless); }).find("at most 250") !=
        std::string::npos);
}
