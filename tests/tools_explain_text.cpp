// What explain prints: readable, safe, and as JSON complete; and the places that it points to: each
// is its anchor's line, and none is left over.
#include <map>
#include <set>
#include <sstream>

#include "data/file.h"
#include "tests/explain_small.h"
#include "tools/app/view/places.h"

using namespace babelgrad;
using explain::Detail, explain::Walk;

namespace {

const Screen plain{.fd = -1};
const Tokens hostile = {"<script>alert(1)</script>", "\33[2J", "\u202Eabc", "e\u0301t\u0301",
                        "日本語", std::string(300, 'x'), "\"\\\n", "<eos>"};

int widest(const std::string& text) {
  int most = 0;
  for (std::size_t at = 0, end; at < text.size(); at = end + 1) {
    end = std::min(text.find('\n', at), text.size());
    most = std::max(most, display_width(text.substr(at, end - at)));
  }
  return most;
}

struct Anchor { std::string file, text; };
using Anchors = std::map<std::string, Anchor>;

Anchors own_anchors() {                         // of tools/dev/anchors.tsv
  std::istringstream table(read_file("tools/dev/anchors.tsv"));
  Anchors anchors;
  for (std::string key, file, text; std::getline(table, key, '\t');) {
    std::getline(std::getline(table, file, '\t'), text);
    anchors[key] = {file, text.substr(0, text.find('\t'))};
  }
  return anchors;
}

// The line that explain prints for it has the anchor's code, and opens no type.
void check_line(const Anchors& own, const std::string& key) {
  CAPTURE(key);
  const Place* at = place(key);
  REQUIRE(at);
  REQUIRE(own.count(key) == 1);
  const Anchor& anchor = own.at(key);
  CHECK(at->file == anchor.file);
  std::istringstream source(read_file(anchor.file));
  std::string line;
  for (int i = 0; i < at->line; i++) REQUIRE(std::getline(source, line));
  CHECK(says(line, anchor.text));
  for (const char* type : {"struct ", "class ", "template <"}) CHECK(!line.starts_with(type));
}

}  // namespace

TEST_CASE("explain: numbers keep to their columns") {
  CHECK(explain::number(0.1234) == "0.123");
  CHECK(explain::number(-0.0001) == "0.000");
  CHECK(explain::number(-12.345) == "-12.35");
  CHECK(explain::number(123456) == "1.2e+05");
  CHECK(explain::number(-99999) == "-99999");
  CHECK(explain::number(NAN) == "NaN");
  CHECK(explain::number(-INFINITY) == "-inf");
  CHECK(explain::small_number(1.24e-5) == "1.2e-05");
  CHECK(explain::small_number(0) == "0.000");
  CHECK(explain::summary({1, 2, 3, 4}, plain) == "mean 2.500 ± 1.118, from 1.000 to 4.000");
}

TEST_CASE("explain: a matrix shows the first numbers and the last, with names at both sides") {
  const std::vector<Real> few = {1, 0.5, -0.25, 0};
  CHECK(explain::matrix(few, {"le", "chat"}, {"the", "cat"}, 2, plain) ==
        "           the     cat\n"
        "  le     1.000   0.500\n"
        "  chat  -0.250   0.000\n");
  std::vector<Real> many(12 * 30);
  for (std::size_t i = 0; i < many.size(); i++) many[i] = Real(i);
  const std::string shown = explain::matrix(many, Tokens(12, "w"), {}, 30, {.fd = -1, .width = 40});
  CHECK(shown.starts_with("          1       2       …      30\n  w   0.000   1.000        "));
  CHECK(says(shown, "\n  …\n"));
  CHECK(says(shown, "   359.0\n"));
  CHECK(std::count(shown.begin(), shown.end(), '\n') == 11);
  CHECK(says(explain::matrix(many, Tokens(12, "w"), {}, 30, {.fd = -1, .utf8 = false}), ".."));
  CHECK(explain::matrix(many, {"w"}, {}, 30, {.fd = -1, .width = 40}, false) ==
        "  w   0.000   1.000       …   29.00\n");
}

TEST_CASE("explain: bars are as long as their numbers, the largest of too many are shown") {
  CHECK(explain::bars({{"a", 1}, {"b", 0.5}, {"c", 0}}, 3, 1, {.fd = -1, .utf8 = false}) ==
        "  a    1.000  ################################\n"
        "  b    0.500  ################\n"
        "  c    0.000\n");
  CHECK(explain::bars({{"a", 0}, {"b", 2}, {"c", NAN}, {"d", 1}}, 1, 0,
                      {.fd = -1, .utf8 = false}).find("  b ") == 0);
  CHECK(says(explain::bars({{"a", 1}, {"b", 2}, {"c", 3}}, 2, 0, plain), "  and 1 smaller\n"));
  CHECK(explain::written("h = z ⊙ h' + (1 − z) ⊙ n", {.fd = -1, .utf8 = false}) ==
        "h = z * h' + (1 - z) * n");
}

TEST_CASE("explain: the tour names unknown words, shows every stage and keeps to 80 columns") {
  every_translator([](Translator& model) {
    const Tokens tgt{"le", "chat"}, strange{"le", "qqq"};
    CHECK(says(tour(quiet_walk(model, three_sentences[1], &strange), model, {}, plain),
              "le     qqq (<unk>)"));
    Walk walk = quiet_walk(model, three_sentences[2], &tgt);
    const std::string said = tour(walk, model, {}, plain);
    CHECK(widest(said) <= 80);
    CHECK(says(said, "zyx     0  not in the vocabulary: read as <unk>"));
    for (const char* stage : {"\nENCODER\n", "ENCODER, LAYER 1", "TARGET WORD 1: le, LAYER 1",
                              "\nlogits  (1 target token, 10 words)", "  given: le, with ",
                              "WORD BY WORD", "le chat  (given)"})
      CHECK_MESSAGE(says(said, stage), stage);
    CHECK(!says(said, "TARGET WORD 2"));
    CHECK(says(said, "--layer 2") == (model.config.layers == 2));
    CHECK(says(said, "attention weights") == (model.config.model != "rnn"));
    const std::string second = tour(walk, model, {.word = 2}, plain);
    CHECK(says(second, "TARGET WORD 2: chat"));
    CHECK(!says(second, "ENCODER"));
    CHECK(widest(tour(walk, model, {}, {.fd = -1, .utf8 = false})) <= 80);
  });
}

TEST_CASE("explain: every step has its line in the sources and its section in the book") {
  every_translator([](Translator& model) {
    for (const explain::Step& step : quiet_walk(model, three_sentences[1]).steps) {
      CAPTURE(step.caption.name);
      const Place& at = step.at;
      const bool luong = model.config.score == "general" && step.caption.name == "keys K";
      const bool of_the_book = !luong && at.file != "tools/app/run/pre_norm.h";
      CHECK(at.section.empty() != of_the_book);
      const std::string line = join(at.file, ":", at.line);
      const std::string said = of_the_book ? join(line, ", D2L ", at.section) : line;
      CHECK(says(block(step, Detail::full, plain), said));
      CHECK(says(block(step, Detail::outline, plain), said));
      CHECK(says(block(step, Detail::brief, plain), line));
      for (const explain::Mention& mention : step.caption.also)
        CHECK_MESSAGE(place(mention.place), mention.place);
    }
  });
}

TEST_CASE("explain: the line of a step has the code that computes it") {
  // Ends of names, and what may stand there: each of it does somewhere.
  const std::vector<std::pair<std::string, std::string>> code = {
      {"embeddings x", "embedding("}, {"embedding y", "embedding("}, {"embeddings", "embedding("},
      {"scaled embeddings", "embedding(ids) * std::sqrt("}, {"encoding", "index_select(P"},
      {"input X", "X + index_select("}, {"input x", "cat({"}, {"query q", "unsqueeze(hidden_state"},
      {"context c", "context = attention->attend("}, {"context c", "enc_all_outputs.state.back()"},
      {"values V", "permute(outputs"}, {"values V", "W_v(values)"}, {"queries Q", "W_q(queries)"},
      {"keys K", "W_k(keys)"}, {"keys K", "W(keys)"}, {"keys K", "return {keys, values}"},
      {"scores", "scores ="}, {"scores a", "scores ="}, {"weights", "attention_weights ="},
      {"attention: context", "attention_weights, p), values)"}, {"features", "tanh(features)"},
      {"attention: output", "W_o("}, {"hidden", "dense1("}, {"forward: output", "dense2("},
      {"add & norm", "ln(dropout(Y) + X)"}, {"add & norm", "addnorm.ln(Y)"}, {": norm", "ln("},
      {": add", "X + addnorm.dropout(Y)"}, {": add", "addnorm.dropout(Y) + X"},
      {"last norm", "ln("}, {"logits", "dense("}, {"logits", "operator()(ln(X))"}};
  std::map<std::string, std::vector<std::string>> sources;
  std::set<std::string> found;
  const auto check_lines = [&](Translator& model) {
    for (const explain::Step& step : quiet_walk(model, three_sentences[1]).steps) {
      std::vector<std::string>& lines = sources[std::string(step.at.file)];
      std::istringstream source(lines.empty() ? read_file(std::string(step.at.file)) : "");
      for (std::string line; std::getline(source, line);) lines.push_back(line);
      REQUIRE(step.at.line <= int(lines.size()));
      bool meant = false, there = false;
      for (const auto& [end, text] : code) {
        if (!step.caption.name.ends_with(end)) continue;
        const bool fits = says(lines[step.at.line - 1], text);
        meant = true, there |= fits;
        if (fits) found.insert(end + text);
      }
      CHECK_MESSAGE(there == meant, step.caption.name, " at ", step.at.file, ":", step.at.line);
    }
  };
  every_translator(check_lines);
  every_ablated_translator(check_lines);
  for (const auto& entry : code)
    CHECK_MESSAGE(found.count(entry.first + entry.second) == 1, entry.first, ": ", entry.second);
}

TEST_CASE("explain: a book's equation that stands elsewhere has its own line") {
  const Place *reset = place("gru.reset"), *equation = place("10.2.1");
  REQUIRE(reset);
  REQUIRE(equation);
  auto model = small_translator({.model = "rnn", .cell = "gru", .embed = 6, .hidden = 8,
                                 .layers = 1});
  const Walk walk = quiet_walk(*model, three_sentences[1]);
  const Screen wide{.fd = -1, .width = 200};
  for (const explain::Step& step : walk.steps)
    if (step.caption.name == "reset gate r")
      CHECK(says(block(step, Detail::full, wide),
                join("  autograd/recurrence.cpp:", reset->line, ", D2L 10.2 Gated Recurrent Units "
                     "(GRU); Eq. (10.2.1) at models/gru.h:", equation->line, "\n")));
    else if (step.caption.name == "input x")
      CHECK(says(block(step, Detail::full, wide), " Decoder, Eq. (10.7.3)\n"));
}

TEST_CASE("explain: a tour has every kind of step, and fewer than 250 lines for four words") {
  const Tokens src{"the", "dog", "sees", "cat"};
  every_translator([&](Translator& model) {
    const Walk walk = quiet_walk(model, src, &src);
    const std::string said = tour(walk, model, {}, plain);
    const int norms = model.config.norm == "pre" ? 20 : 0;               // steps of their own
    CHECK(std::count(said.begin(), said.end(), '\n') < 250 + norms);
    for (const explain::Step& step : walk.steps) {
      const bool shown = step.where.layer <= 1 &&
                         (step.where.side == explain::Side::encoder || step.where.time <= 1);
      if (shown) CHECK_MESSAGE(says(said, "\n" + step.caption.name + " "), step.caption.name);
    }
    if (model.config.layers < 2) return;
    CHECK(says(said, "\nENCODER, LAYER 2 (all of it: --layer 2)\n"));
    CHECK(!says(said, "feed-forward: hidden  (1"));         // as in the encoder: only its numbers
    CHECK(says(tour(walk, model, {.word = 1}, plain), "feed-forward: hidden  (1") ==
          (model.config.model == "transformer"));
  });
}

TEST_CASE("explain: of a head, its own numbers") {
  auto model = small_translator({.hidden = 8, .layers = 1, .heads = 2, .ffn = 12});
  Walk walk = quiet_walk(*model, three_sentences[1]);
  const auto all = chosen_steps(walk, {}), second = chosen_steps(walk, {.word = 0, .head = 2});
  REQUIRE(all.size() == second.size());
  for (std::size_t i = 0; i < all.size(); i++) {
    if (all[i].axes[0].name != "heads") continue;
    CHECK(second[i].where.head == 2);
    CHECK(second[i].value.at({0, 0}) == all[i].value.at({1, 0, 0}));
  }
}

TEST_CASE("explain: the JSON holds every number of every step") {
  every_translator([](Translator& model) {
    Walk walk = quiet_walk(model, three_sentences[2]);
    const Json json = parse_json(write_json(to_json(walk, model, {})), "explain");
    CHECK(json.get_array("source").size() == walk.src.size());
    CHECK(!json.get_array("source")[1].get_bool("known"));
    CHECK(json.get_array("words").size() == walk.words.size());
    const auto& steps = json.get_array("steps");
    REQUIRE(steps.size() == walk.steps.size());
    for (std::size_t i = 0; i < steps.size(); i++) {
      CHECK(steps[i].get_string("name") == walk.steps[i].caption.name);
      CHECK(steps[i].get_array("shape").size() == steps[i].get_array("axes").size());
      const auto& told = steps[i].get_array("values");
      const auto own = walk.steps[i].value.values();
      REQUIRE(told.size() == own.size());
      for (std::size_t j = 0; j < own.size(); j++)
        if (Real(told[j].as_double()) != own[j]) FAIL("step ", i, " differs at ", j);
    }
  });
}

TEST_CASE("explain: hostile words are shown, never obeyed") {
  auto model = small_translator({.model = "attention", .embed = 6, .hidden = 8, .layers = 1});
  Walk walk = quiet_walk(*model, hostile, &hostile);
  for (const Screen& screen : {plain, Screen{.fd = -1, .utf8 = false, .width = 0}}) {
    const std::string said = tour(walk, *model, {}, screen);
    for (const char* bad : {"\33", "\u202E", "\r", "\x01"}) CHECK(!says(said, bad));
    CHECK(says(said, "\\x1B[2J"));
  }
  CHECK(widest(tour(walk, *model, {.word = 3}, plain).substr(2000)) <= 80);
  const Json json = parse_json(write_json(to_json(walk, *model, {.word = 1})), "explain");
  CHECK(json.get_array("source")[1].get_string("token") == hostile[1]);
}

TEST_CASE("explain: a file gets the text itself, and each side as its language writes it") {
  auto model = small_translator({.model = "attention", .embed = 6, .hidden = 8, .layers = 1});
  const Tokens src = {"\u200Fשלום", "?"}, tgt = {"le", "!"};
  const Walk walk = quiet_walk(*model, src, &tgt);
  const std::string file = tour(walk, *model, {}, {.fd = -1, .safe = false});
  CHECK(says(file, "\n\u200Fשלום?\nle !"));
  CHECK(!says(file, "\\xE2"));
  model->config.source_language = "french", model->config.language = "german";
  CHECK(says(tour(walk, *model, {}, plain), "\n\\xE2\\x80\\x8Fשלום ?\nle!"));
}

TEST_CASE("explain: neither chosen nor likeliest is <pad> or <bos>") {
  auto model = small_translator({.model = "rnn", .embed = 6, .hidden = 8, .layers = 1});
  for (Parameter& p : named_parameters(model->module()))
    if (p.name == "decoder.dense.bias")
      for (int id : model->tgt_vocab.never_said()) p.tensor.data()[id] = 30;
  const Walk walk = quiet_walk(*model, source_words[0]);
  CHECK(explain::words_of(walk) == model->translate({source_words[0]})[0]);
  for (const explain::Word& word : walk.words)
    for (const explain::Candidate& c : word.best)
      CHECK((c.id != model->tgt_vocab.pad() && c.id != model->tgt_vocab.bos()));
}

TEST_CASE("places: every key of every walk has its own line, and no anchor is left over") {
  const Anchors own = own_anchors();
  std::set<std::string> used{explain::loss_place, explain::backward_place};
  every_translator([&](Translator& model) {
    for (const explain::Step& step : quiet_walk(model, three_sentences[1]).steps) {
      if (!step.caption.place.empty()) used.insert(step.caption.place);
      for (const explain::Mention& mention : step.caption.also)
        if (mention.words.starts_with("Eq.")) CHECK_MESSAGE(place(mention.place), mention.place);
        else used.insert(mention.place);
    }
  });
  for (const std::string& key : used) check_line(own, key);
  used.insert("attention.luong");               // opens a type: it ends the one before
  for (const auto& entry : own) CHECK_MESSAGE(used.count(entry.first) == 1, entry.first);
}

TEST_CASE("places: known names and equations have a place, others none") {
  const Place* found = place("AddNorm");
  REQUIRE(found);
  CHECK(found->file == "models/transformer.h");
  CHECK(found->section == "11.7.3");
  CHECK(found->title == "Residual Connection and Layer Normalization");
  REQUIRE(place("11.3.2"));
  CHECK(place("11.3.2")->section == "11.3.3");
  CHECK_FALSE(place("Nobody"));
  CHECK_FALSE(place(""));
}
