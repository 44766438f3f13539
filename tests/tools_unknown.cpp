// What a model does not know: words of a source, and <unk> in what it says.
#include "tools/app/cli/unknown.h"

#include <doctest/doctest.h>

#include "data/grammar.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

std::vector<Pair> pairs() { return make_corpus(60, 5, {3, 9}); }

// Random weights, and by `lean` more likely to say <unk>.
std::unique_ptr<Translator> made(const std::string& kind, Real lean) {
  std::vector<Tokens> src, tgt;
  for (const Pair& pair : pairs()) src.push_back(pair.src), tgt.push_back(pair.tgt);
  manual_seed(6);
  auto model = make_translator({.model = kind, .embed = 8, .hidden = 8, .layers = 2, .heads = 2,
                                .ffn = 16, .dropout = 0}, Vocab(src), Vocab(tgt));
  for (Parameter& p : named_parameters(model->module())) {
    for (Index i = 0; i < p.tensor.numel(); i++) p.tensor.data()[i] *= 3;
    if (p.name == "decoder.dense.bias") p.tensor.data()[model->tgt_vocab.unk()] += lean;
  }
  eval(model->module());
  return model;
}

std::vector<Tokens> sources() {
  std::vector<Tokens> out;
  for (const Pair& pair : pairs()) out.push_back(pair.src);
  return out;
}

}  // namespace

TEST_CASE("unknown_words: as readers write them, as often as they stand there") {
  auto model = made("rnn", 0);
  const Tokens words{"the", "xyz", "l&apos;", "xyz", "<unk>"};
  CHECK(unknown_words(*model, words) == Tokens{"xyz", "l'", "xyz", "<unk>"});
  model->config.tokenizer = "book";             // to which &apos; is a word like any other
  CHECK(unknown_words(*model, words) == Tokens{"xyz", "l&apos;", "xyz", "<unk>"});
  CHECK(unknown_words(*model, {"the", "."}).empty());
}

TEST_CASE("note_on_known: a side of which most words are unknown is noted, with its counts") {
  const Vocab src({split("a b c")}), tgt({split("x y")});
  const auto model = make_translator({.model = "rnn", .embed = 2, .hidden = 2}, src, tgt);
  const auto note = [&](const char* sources, const char* targets) {
    return note_on_known(*model, {{split(sources), split(targets)}, {{"a"}, {"x"}}}, "it");
  };
  CHECK(note("a b c", "x y x").empty());
  CHECK(note("a z", "z").empty());              // half of the words, and more
  CHECK(note("z z z", "y") ==
        "note: it: only 1 of 4 source words are known; the others are read as <unk>");
  CHECK(note("x y", "a b c") == "note: it: only 1 of 3 source words and 1 of 4 target words are "
                                "known; the others are read as <unk>");
  CHECK(note_on_known(*model, {}, "it").empty());
  CHECK(note_on_known(*model, {{{"z"}, {"z"}}}, "a\nb").starts_with("note: a\\x0Ab: only 0 of 1"));
}

// Its chance must be nothing before and after: then masking it changes no other chance.
TEST_CASE("never_say_unknown: greedy and beam find what they do where <unk> has no chance") {
  for (const char* kind : {"rnn", "attention", "transformer"}) {
    CAPTURE(kind);
    auto often = made(kind, 100), never = made(kind, -1e9);
    CHECK(often->translate(sources())[0][0] == "<unk>");
    never_say_unknown(*often);
    CHECK(often->translate(sources(), 12) == never->translate(sources(), 12));
    const auto found = often->search(sources(), {.beam_size = 3, .max_len = 12});
    const auto wanted = never->search(sources(), {.beam_size = 3, .max_len = 12});
    for (std::size_t i = 0; i < found.size(); i++) {
      REQUIRE(found[i].size() == wanted[i].size());
      for (std::size_t j = 0; j < found[i].size(); j++) {
        CHECK(found[i][j].tokens == wanted[i][j].tokens);
        CHECK(std::abs(found[i][j].log_prob - wanted[i][j].log_prob) < tol(1e-12, 1e-4));
      }
    }
  }
}

TEST_CASE("replace_unknown: the source word with the most attention stands for <unk>") {
  const Tokens said{"le", "<unk>", "le", "<unk>"};
  for (const char* kind : {"attention", "transformer"}) {
    CAPTURE(kind);
    auto model = made(kind, 0);
    std::set<std::string> copied;
    for (const Tokens& src : sources()) {
      const Tokens out = replace_unknown(*model, src, said);
      const Batch batch = make_batch({{src, said}}, {0}, model->src_vocab, model->tgt_vocab);
      const Tensor weights =
          model->attention(batch.src, batch.lens.src, batch.tgt).back();   // (1, heads, T, S)
      for (int t : {1, 3}) {
        std::vector<double> sums(src.size());
        for (int s = 0; s < int(src.size()); s++)
          for (int h = 0; h < weights.dim(1); h++) sums[s] += double(weights.at({0, h, t, s}));
        CHECK(out[t] == src[std::ranges::max_element(sums) - sums.begin()]);
        copied.insert(out[t]);
      }
      CHECK((out[0] == "le" && out[2] == "le"));
    }
    CHECK(copied.size() > 2);
    CHECK(replace_unknown(*model, {"xyz"}, {"<unk>"}) == Tokens{"xyz"});
  }
  CHECK(replace_unknown(*made("rnn", 0), {"xyz"}, {"le"}) == Tokens{"le"});
  CHECK_THROWS_AS(replace_unknown(*made("rnn", 0), {"xyz"}, {"<unk>"}), Error);
}
