// Searching for many translations at once.
#include <set>

#include "tests/translate_small.h"

using namespace babelgrad;

namespace {

// Hypotheses of equal scores, but for rounding, may stand in either order.
bool tied(const std::vector<Hypothesis>& found, std::size_t j) {
  auto near = [&](std::size_t k) {
    return k < found.size() && std::abs(found[j].score - found[k].score) < 1e-5;
  };
  return near(j - 1) || near(j + 1);
}

}  // namespace

TEST_CASE("search: many sentences find what each finds alone, in the order they came in") {
  const std::vector<Tokens> all = sentences();
  std::size_t different = 0;
  for (const char* kind : {"rnn", "attention", "transformer"}) {
    CAPTURE(kind);
    auto model = made(kind);
    lean_to_the_end(*model, 1);
    for (int beam : {1, 4, 30}) {
      auto found = model->search(all, {.beam_size = beam, .max_len = 0});
      REQUIRE(found.size() == all.size());
      for (std::size_t i = 0; i < all.size(); i += 7) {
        auto alone = model->search({all[i]}, {.beam_size = beam, .max_len = 0})[0];
        REQUIRE(found[i].size() == alone.size());
        for (std::size_t j = 0; j < alone.size(); j++) {
          CHECK((tied(alone, j) || found[i][j].tokens == alone[j].tokens));
          CHECK(std::abs(found[i][j].score - alone[j].score) < tol(1e-12, 1e-5));
        }
      }
    }
    auto greedy = model->translate(all);
    auto one = model->search(all, {.beam_size = 1, .max_len = 0});
    different += std::set(greedy.begin(), greedy.end()).size();
    for (std::size_t i = 0; i < all.size(); i++) {
      CHECK(model->translate({all[i]})[0] == greedy[i]);
      CHECK(model->target_words(one[i][0].tokens) == greedy[i]);
    }
  }
  CHECK(different > 3 * all.size() / 2);
  CHECK(made("rnn")->search({}, {}).empty());
  CHECK(made("rnn")->translate({}).empty());
}

TEST_CASE("search: how long a translation may be depends on its own source alone") {
  const std::vector<Tokens> all{Tokens(40, "the"), {"the"}, {"the", "dog"}, {}, Tokens(9, "dog")};
  const std::vector<std::size_t> own{92, 14, 16, 12, 30};    // 2 (words + <eos>) + 10
  for (const char* kind : {"rnn", "attention", "transformer"}) {
    auto model = made(kind), cut = made(kind, 5);
    lean_to_the_end(*model, Real(-1e9)), lean_to_the_end(*cut, Real(-1e9));
    auto greedy = model->translate(all);
    auto found = model->search(all, {.beam_size = 3, .max_len = 0});
    auto short_ones = model->search(all, {.beam_size = 3, .max_len = 4});
    for (std::size_t i = 0; i < all.size(); i++) {
      CHECK(greedy[i].size() == own[i]);
      CHECK(model->translate(all, 4)[i].size() == 4);
      REQUIRE(found[i].size() == 3);
      for (const Hypothesis& h : found[i]) CHECK(h.tokens.size() == own[i]);
      for (const Hypothesis& h : short_ones[i]) CHECK(h.tokens.size() == 4);
      CHECK(cut->translate(all)[i].size() == 5);             // as the book cuts
      CHECK(cut->search(all, {.beam_size = 2, .max_len = 0})[i][0].tokens.size() == 5);
    }
  }
}

TEST_CASE("search: <pad> and <bos> are no words, however likely") {
  std::vector<Tokens> all = sentences();
  all.resize(20);
  for (const char* kind : {"rnn", "attention", "transformer"}) {
    CAPTURE(kind);
    auto model = made(kind);
    const Vocab& vocab = model->tgt_vocab;
    const auto before = model->search(all, {.beam_size = 3, .max_len = 8});
    lean_to(*model, vocab.pad(), 40), lean_to(*model, vocab.bos(), 30);
    for (const Tokens& said : model->translate(all, 8))
      for (const std::string& word : said) CHECK((word != "<pad>" && word != "<bos>"));
    for (int beam : {1, 3, vocab.size() + 5}) {
      const auto found = model->search(all, {.beam_size = beam, .max_len = 8});
      for (std::size_t i = 0; i < all.size(); i++) {
        CHECK(Index(found[i].size()) >= std::min(beam, vocab.size() - 2));
        for (const Hypothesis& h : found[i]) {
          CHECK(std::isfinite(h.log_prob));
          for (int word : h.tokens) CHECK((word != vocab.pad() && word != vocab.bos()));
          // 40 of the chance of each word went to <pad>: it is told as the model has it
          if (beam == 3) CHECK(h.log_prob < before[i][0].log_prob - 20);
        }
      }
    }
    CHECK(model->translate({all[0]}, 8) == std::vector<Tokens>{model->translate(all, 8)[0]});
  }
}
