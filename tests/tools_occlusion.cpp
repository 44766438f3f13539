// An alignment by hiding words, and translations drawn by chance.
#include <cmath>
#include <map>

#include "data/alignment.h"
#include "tests/close.h"
#include "tools/app/run/alignment_view.h"
#include "tools/app/run/sample.h"

using namespace babelgrad;

namespace {

const Tokens hidden_src = {"the", "cat", "sees", "it"}, hidden_tgt = {"le", "chat", "voit"};

std::unique_ptr<Translator> unlearned_for_hiding(const std::string& name) {
  manual_seed(3);
  const Vocab src({hidden_src}), tgt({hidden_tgt});
  auto model = make_translator(
      {.model = name, .embed = 8, .hidden = 8, .layers = 2, .heads = 2, .ffn = 16}, src, tgt);
  eval(model->module());
  return model;
}

// By the definition: each sentence alone, the log-probability of each target word.
std::vector<double> alone(Translator& model, const Tokens& src) {
  const Batch batch =
      make_batch(model.config, {{src, hidden_tgt}}, {0}, model.src_vocab, model.tgt_vocab);
  const Tensor logits = model.logits(batch);
  const Tensor log_p = log_softmax(reshape(logits, {-1, logits.dim(-1)}));
  std::vector<double> out;
  for (int t = 0; t < int(hidden_tgt.size()); t++)
    out.push_back(double(log_p.at({t, batch.label[t]})));
  return out;
}

}  // namespace

TEST_CASE("occlusion: of all three models, what each word loses, as sentence by sentence") {
  for (const char* name : {"rnn", "attention", "transformer"}) {
    CAPTURE(name);
    auto model = unlearned_for_hiding(name);
    const Weights lost = occlusion(*model, hidden_src, hidden_tgt);
    REQUIRE(lost.size() == hidden_tgt.size());
    const std::vector<double> whole = alone(*model, hidden_src);
    double most = 0;
    for (std::size_t s = 0; s < hidden_src.size(); s++) {
      Tokens rest = hidden_src;
      rest[s] = unk_token;
      const std::vector<double> without = alone(*model, rest);
      for (std::size_t t = 0; t < hidden_tgt.size(); t++) {
        CHECK(lost[t].at(s) == doctest::Approx(whole[t] - without[t]).epsilon(1e-4));
        most = std::max(most, std::abs(lost[t][s]));
      }
    }
    CHECK(most > 1e-3);
  }
}

TEST_CASE("occlusion: a word that is unknown anyway, hidden, changes nothing") {
  auto model = unlearned_for_hiding("rnn");
  const Weights lost = occlusion(*model, {"the", "zebra", "sees"}, hidden_tgt);
  for (const auto& row : lost) {
    CHECK(std::abs(row[1]) < 1e-6);
    CHECK(std::abs(row[0]) + std::abs(row[2]) > 1e-6);
  }
}

TEST_CASE("shares_lost: a probability that is halved has lost half; one that grows, nothing") {
  const Weights shares = shares_lost({{std::log(2.0), -1, 0, 50}});
  CHECK(shares[0][0] == doctest::Approx(0.5));
  CHECK(shares[0][1] == 0);
  CHECK(shares[0][2] == 0);
  CHECK(shares[0][3] == doctest::Approx(1));
}

TEST_CASE("occlusion_error: of the links to the words that are needed most") {
  auto model = unlearned_for_hiding("attention");
  const auto links = links_from_attention(occlusion(*model, hidden_src, hidden_tgt));
  CHECK(occlusion_error(*model, {{hidden_src, hidden_tgt, links}}) == 0);
  std::vector<Link> wrong = links;
  for (Link& link : wrong) link.src = (link.src + 1) % int(hidden_src.size());
  CHECK(occlusion_error(*model, {{hidden_src, hidden_tgt, wrong}, {hidden_src, hidden_tgt}}) == 1);
}

TEST_CASE("model_from_bytes: what model_bytes gives, to the last bit; anything else is an Error") {
  auto model = unlearned_for_hiding("transformer");
  const std::string bytes = model_bytes(*model);
  auto again = model_from_bytes(bytes, "memory");
  CHECK(alone(*again, hidden_src) == alone(*model, hidden_src));
  std::string flipped = bytes;
  flipped[flipped.size() - 5] ^= 1;
  CHECK_THROWS_AS(model_from_bytes(flipped, "memory"), Error);
  CHECK_THROWS_AS(model_from_bytes(bytes.substr(0, 100), "memory"), Error);
}

TEST_CASE("sample: near temperature 0, or among one word, it is the greedy translation") {
  for (const char* name : {"rnn", "attention", "transformer"}) {
    auto model = unlearned_for_hiding(name);
    const auto greedy = model->search({hidden_src}, {.beam_size = 1, .max_len = 0})[0][0];
    Random random(1);
    const Hypothesis cold = sample(*model, hidden_src, {.temperature = 1e-6}, random);
    const Hypothesis one = sample(*model, hidden_src, {.temperature = 5, .top_k = 1}, random);
    CHECK(cold.tokens == greedy.tokens);
    CHECK(one.tokens == greedy.tokens);
    CHECK(one.log_prob == doctest::Approx(greedy.log_prob).epsilon(1e-4));
    CHECK(one.finished == greedy.finished);
  }
}

TEST_CASE("sample: words come as often as model and temperature say, never <pad> or <bos>") {
  auto model = unlearned_for_hiding("attention");
  const Batch batch = model->source_batch({hidden_src});
  const Tensor log_p = log_softmax(
      reshape(model->word_by_word(batch.src, [] {})(model->tgt_vocab.bos()), {1, -1}));
  for (double temperature : {0.5, 1.0, 2.0}) {
    std::map<int, double> expected;
    double sum = 0;
    for (int id = 0; id < model->tgt_vocab.size(); id++)
      if (id != model->tgt_vocab.pad() && id != model->tgt_vocab.bos())
        sum += expected[id] = std::exp(double(log_p.at({0, id})) / temperature);
    std::map<int, int> seen;
    Random random(9);
    constexpr int draws = 4000;
    for (int i = 0; i < draws; i++) {
      const Hypothesis h =
          sample(*model, hidden_src, {.temperature = temperature, .max_len = 1}, random);
      seen[h.finished ? model->tgt_vocab.eos() : h.tokens.at(0)]++;
    }
    CHECK(seen.size() <= expected.size());
    for (const auto& [id, weight] : expected)
      CHECK(double(seen[id]) / draws == doctest::Approx(weight / sum).epsilon(0.25));
  }
}

TEST_CASE("sample: settings that mean nothing are refused") {
  auto model = unlearned_for_hiding("rnn");
  Random random(1);
  CHECK_THROWS_AS(sample(*model, hidden_src, {.temperature = 0}, random), Error);
  CHECK_THROWS_AS(sample(*model, hidden_src, {.temperature = NAN}, random), Error);
  CHECK_THROWS_AS(sample(*model, hidden_src, {.top_k = -1}, random), Error);
  CHECK_THROWS_AS(sample(*model, {}, {}, random), Error);
}
