// The explorer: the model's own weights, as shades, numbers, outlines and figures, and a page that
// no word can change.
#include "tools/app/view/explorer.h"

#include <cmath>
#include <numeric>

#include "models/seq2seq.h"
#include "tests/close.h"
#include "tests/xml.h"
#include "tools/app/run/pre_norm.h"
#include "tools/app/view/heatmap.h"

using namespace babelgrad;

namespace {

const Tokens src = {"the", "cat", "sees", "it"}, tgt = {"le", "chat", "voit"};

std::unique_ptr<Translator> unlearned(const std::string& name,
                                      const std::string& norm = "post") {
  manual_seed(5);
  Vocab vocab({src, tgt});
  auto model = make_translator({.model = name, .norm = norm, .embed = 8, .hidden = 8, .layers = 2,
                                .heads = 2, .ffn = 16},
                               vocab, vocab);
  eval(model->module());
  return model;
}

// Two layers of two heads, cross and encoder, whose weights are all different and written short.
Exploration example(const Tokens& src = {"the", "cat", "sees"},
                    const Tokens& tgt = {"le", "chat"}) {
  Exploration e{"Transformer", src, tgt};
  Tokens rows = tgt, columns = src;
  rows.push_back("<eos>"), columns.push_back("<eos>");
  for (auto [kind, sides] : {std::pair{"cross", std::pair{rows, columns}},
                             {"encoder", {columns, columns}}}) {
    AttentionMaps maps{kind, sides.first, sides.second, {}};
    for (int l = 0; l < 2; l++) {
      auto& heads = maps.weights.emplace_back();
      for (int h = 0; h < 2; h++) {
        heads.emplace_back(sides.first.size(), std::vector<double>(sides.second.size()));
        for (std::size_t i = 0; i < sides.first.size(); i++)
          for (std::size_t j = 0; j < sides.second.size(); j++)
            heads.back()[i][j] = double(float(0.01 * double(i * 7 + j * 3 + l + h * 13)));
      }
    }
    e.maps.push_back(maps);
  }
  e.hypotheses = {{tgt, -0.25, -0.125, true}, {{"la"}, -3, -2, false}};
  return e;
}

AttentionMaps small_maps(const Weights& weights) {
  return {"cross", Tokens(weights.size(), "q"), Tokens(weights[0].size(), "k"), {{weights}}};
}

// Names of tags and attributes only, in order: what no word may change.
std::string skeleton(std::string page) {
  cut_out(page, "<style>", "</style>"), cut_out(page, "<script>", "</script>");
  std::string out;
  bool tag = false, value = false;
  for (char c : page) {
    if (!value && (c == '<' || c == '>')) tag = c == '<';
    else if (tag && c == '"') value = !value;
    if (tag && !value) out += c;
  }
  return out;
}

std::string data_of(std::string page) {
  return cut_out(page, "<script type=\"application/json\" id=\"data\">", "</script>").at(0);
}

}  // namespace

TEST_CASE("attention_maps: every head is the model's own, <bos> and <eos> included") {
  auto model = unlearned("transformer");
  auto maps = attention_maps(*model, src, tgt);
  REQUIRE(maps.size() == 3);
  CHECK(maps[0].kind == "cross");
  CHECK(maps[0].rows == Tokens{"le", "chat", "voit", "<eos>"});
  CHECK(maps[0].columns == Tokens{"the", "cat", "sees", "it", "<eos>"});
  CHECK(maps[1].kind == "encoder");
  CHECK(maps[1].rows == maps[1].columns);
  CHECK(maps[2].kind == "decoder");
  CHECK(maps[2].rows == maps[0].rows);
  CHECK(maps[2].columns == Tokens{"<bos>", "le", "chat", "voit"});
  for (const AttentionMaps& kind : maps) {
    REQUIRE(kind.weights.size() == 2);
    for (const auto& heads : kind.weights) {
      REQUIRE(heads.size() == 2);
      for (const Weights& weights : heads)
        for (const auto& row : weights)
          CHECK(std::accumulate(row.begin(), row.end(), 0.0) == doctest::Approx(1).epsilon(1e-6));
    }
  }
  Batch batch = make_batch({{src, tgt}}, {0}, model->src_vocab, model->tgt_vocab);
  const auto raw = model->attention(batch.src, batch.lens.src, batch.tgt);
  const Weights all = attention_matrix(*model, src, tgt, {}),
                read = attention_matrix(*model, src, tgt, {1, 0, 1});
  for (int t = 0; t < int(tgt.size()); t++)
    for (int s = 0; s < int(src.size()); s++) {
      double mean = 0;
      for (int l = 0; l < 2; l++)
        for (int h = 0; h < 2; h++) {
          const double weight = double(raw[l].at({0, h, t, s}));
          CHECK(maps[0].weights[l][h][t][s] == weight);
          CHECK(attention_matrix(*model, src, tgt, {l, h})[t][s] == weight);
          mean += weight / 4;
        }
      CHECK(all[t][s] == doctest::Approx(mean).epsilon(1e-12));
      CHECK(read[t][s] == double(raw[1].at({0, 0, t + 1, s})));
    }
}

TEST_CASE("attention_maps: the encoder's are the encoder's alone, the decoder's are causal") {
  auto model = unlearned("transformer");
  auto maps = attention_maps(*model, src, tgt);
  using Whole = Seq2Seq<TransformerEncoder<>, TransformerDecoder<>>;
  auto& inside = dynamic_cast<Whole&>(model->module());
  Batch batch = model->source_batch({src});
  NoGrad guard;
  inside.encoder(batch.src, batch.lens.src);
  const auto alone = tables(inside.encoder.attention_weights);   // (heads, .., ..)
  for (int l = 0; l < 2; l++)
    for (int h = 0; h < 2; h++)
      for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++)
          CHECK(maps[1].weights[l][h][i][j] == double(alone[l].at({h, i, j})));
  const auto other = attention_maps(*model, src, {"le", "chat", "chat"});
  CHECK(other[1].weights == maps[1].weights);
  for (int l = 0; l < 2; l++) {
    for (int h = 0; h < 2; h++) {
      const Weights &one = maps[2].weights[l][h], &two = other[2].weights[l][h];
      for (int t = 0; t < 4; t++)
        for (int s = t + 1; s < 4; s++) CHECK(one[t][s] == 0);
      for (int t = 0; t < 3; t++) CHECK(one[t] == two[t]);
      CHECK(one[3] != two[3]);                  // it has read another word
    }
  }
}

TEST_CASE("attention_maps: the heads of a pre-norm model are looked at in its own call") {
  auto model = unlearned("transformer", "pre");
  auto maps = attention_maps(*model, src, tgt);
  REQUIRE(maps.size() == 3);
  auto& inside = dynamic_cast<Seq2Seq<PreNormEncoder<>, PreNormDecoder<>>&>(model->module());
  Batch batch = model->source_batch({src});
  NoGrad guard;
  inside.encoder(batch.src, batch.lens.src);
  const auto alone = tables(inside.encoder.attention_weights);   // (heads, .., ..)
  for (int h = 0; h < 2; h++)
    for (int i = 0; i < 5; i++)
      CHECK(maps[1].weights[1][h][i][4 - i] == double(alone[1].at({h, i, 4 - i})));
  for (int t = 0; t < 3; t++) CHECK(maps[2].weights[1][0][t][3] == 0);
  auto post = attention_maps(*unlearned("transformer"), src, tgt);
  CHECK(maps[0].weights[1][1] != post[0].weights[1][1]);
}

TEST_CASE("attention_maps: one of the recurrent model with attention, none of the plain one") {
  auto model = unlearned("attention");
  const auto maps = attention_maps(*model, src, tgt);
  REQUIRE(maps.size() == 1);
  CHECK(maps[0].weights.size() == 1);
  CHECK(maps[0].weights[0].size() == 1);
  CHECK(attention_maps(*unlearned("rnn"), src, tgt).empty());
  const std::string page = explorer_page({"rnn", src, tgt});
  CHECK(says(page, "<h2>No attention</h2>"));
  CHECK(!says(page, "class=\"panel\""));
}

TEST_CASE("(D13) attention_matrix: <eos> has neither row nor column, and keeps its weight") {
  manual_seed(1);
  std::vector<Tokens> source{{"the", "dog", "sleeps"}}, target{{"le", "chien", "dort", "."}};
  ModelConfig config{.model = "attention", .embed = 8, .hidden = 8, .layers = 1, .dropout = 0};
  auto model = make_translator(config, Vocab(source), Vocab(target));
  eval(model->module());
  Weights weights = attention_matrix(*model, source[0], target[0], {});
  REQUIRE(weights.size() == 4);
  for (const auto& row : weights) {
    REQUIRE(row.size() == 3);
    double sum = std::accumulate(row.begin(), row.end(), 0.0);
    CHECK(sum > 0.5);
    CHECK(sum < 0.99);                            // the rest of it lies on <eos>
  }
}

TEST_CASE("mean_of_heads") {
  CHECK(mean_of_heads({{{0, 1}, {0.5, 0.5}}, {{1, 0}, {0.25, 0.75}}}) ==
        Weights{{0.5, 0.5}, {0.375, 0.625}});
}

TEST_CASE("explorer: the page is well formed, and asks for nothing from elsewhere") {
  const std::string page = explorer_page(example());
  CHECK(page_problem(page) == "");
  for (const char* outside : {"http:", "url(", "fetch(", "eval(", "innerHTML", " onclick"})
    CHECK_MESSAGE(count(page, outside) == 0, outside);
  CHECK(count(page, " href=\"") == count(page, " href=\"#"));
  CHECK(count(page, "<style") == 1);
  CHECK(count(page, "<script") == 2);           // the data, and the one that runs
}

TEST_CASE("explorer: hostile words change neither tag nor attribute, in any context") {
  const std::string calm = skeleton(explorer_page(example()));
  for (const std::string word :
       {"</script><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "]]>", "<!--",
        "' onmouseover='alert(1)", "</title><b>", "</style>", "</svg></text>", "&lt;&#60;&amp;",
        "\u2028\u2029", "\u202Eevil\u202C", "\u200F\u05D0\u05D1", "\x01\x1B[31m", "javascript:0",
        "{{constructor}}", "${alert(1)}", "\\u003c/script>", "--></script>"}) {
    CAPTURE(word);
    Exploration e = example({word, word, word}, {word, word});
    e.facts = word;
    const std::string page = explorer_page(e);
    CHECK(page_problem(page) == "");
    CHECK(skeleton(page) == calm);
    CHECK(parse_json(data_of(page), "data") == explorer_data(e));
    for (const char* raw : {"\u2028", "\u2029", "\u202E", "\x1B", "<img", "<b>", "<!--"})
      CHECK(!says(page, raw));
  }
  const std::string longest(20000, 'w');
  CHECK(skeleton(explorer_page(example({longest, longest, longest}, {longest, longest}))) == calm);
}

TEST_CASE("script_json: the same value in other letters, none of which ends a script") {
  const Json json = Json::object({{"</script>", "<!-- & \u2028\u2029 ' \" \\u003c -->"}});
  const std::string safe = script_json(json);
  for (const char* raw : {"<", ">", "&", "\u2028", "\u2029"})
    CHECK(!says(safe, raw));
  CHECK(parse_json(safe, "safe") == json);
}

TEST_CASE("explorer: the data block holds the weights, links and figures") {
  Exploration e = example();
  e.gold = {{0, 0}, {1, 1, false}};
  e.layer = 1, e.head = 0;
  const Json data = parse_json(data_of(explorer_page(e)), "data");
  CHECK(data.get_int("layer") == 1);
  CHECK(data.get_int("head") == 0);
  REQUIRE(data.get_array("maps").size() == 2);
  for (std::size_t k = 0; k < 2; k++) {
    const Json& layers = data.get_array("maps")[k].at("weights");
    for (int l = 0; l < 2; l++)
      for (int h = 0; h < 2; h++)
        for (std::size_t i = 0; i < e.maps[k].rows.size(); i++)
          for (std::size_t j = 0; j < e.maps[k].columns.size(); j++)
            CHECK(float(layers.as_array()[l].as_array()[h].as_array()[i].as_array()[j].as_double())
                  == float(e.maps[k].weights[l][h][i][j]));
  }
  CHECK(write_json(data.at("gold")) ==
        R"([{"src":0,"tgt":0,"sure":true},{"src":1,"tgt":1,"sure":false}])");
  CHECK(write_json(data.at("hypotheses")) ==
        R"([{"score":-0.125,"log_prob":-0.25,"length":2},)"
        R"({"score":-2.0,"log_prob":-3.0,"length":1}])");
}

TEST_CASE("explorer: each side is written as its language writes it, hypotheses as the target") {
  Exploration e{"", {"who", "?"}, {"a", "?"}};
  e.hypotheses = {{{"b", "?"}}};
  const auto shows = [&](const std::string& text) {
    return says(explorer_page(e), "<bdi>" + text + "</bdi>");
  };
  for (const char* text : {"who?", "a ?", "b ?"}) CHECK_MESSAGE(shows(text), text);
  e.src_language = Language::french, e.tgt_language = Language::german;
  for (const char* text : {"who ?", "a?", "b?"}) CHECK_MESSAGE(shows(text), text);
}

TEST_CASE("hypotheses: rank, score, log P, P, length, and whether it ended") {
  Exploration e{"", {"a"}, {"b"}};
  e.beam = 2, e.hypotheses = {{{"b"}, std::log(0.5), -0.6931, true}, {{"c", "d"}, -12, -6, false}};
  const std::string html = hypotheses_html(e);
  CHECK(says(html, "<tr class=\"shown\"><td class=\"rank\">1</td><td class=\"text\"><bdi>b</bdi>"
                  " <span class=\"note\">shown above</span></td><td class=\"figure\">−0.6931</td>"
                  "<td class=\"figure\">−0.693</td><td class=\"figure\">0.5000</td>"
                  "<td class=\"figure\">1</td><td>finished</td></tr>"));
  CHECK(says(html, "<td class=\"figure\">&lt; 0.0001</td><td class=\"figure\">2</td><td>cut</td>"));
  CHECK(says(html, "by a beam of 2;"));
}

TEST_CASE("explorer_page: what does not fit together is refused") {
  Exploration e{"", {"a"}, {"b"}, false, {small_maps({{0.5, 0.5}})}};
  explorer_page(e);
  CHECK(error_of([&] { auto f = e; f.layer = 1; explorer_page(f); }) ==
        "explorer: layer 2 of 1");
  CHECK(error_of([&] { auto f = e; f.head = 1; explorer_page(f); }) == "explorer: head 2 of 1");
  CHECK(error_of([&] { auto f = e; f.maps[0].columns.pop_back(); explorer_page(f); }) ==
        "explorer: cross weights do not fit 1 x 1 words");
  CHECK(error_of([&] { auto f = e; f.gold = {{1, 0}}; explorer_page(f); }) ==
        "explorer: gold link 1-0 is outside 1 source and 1 target words");
  e.maps = {small_maps(Weights(1001, std::vector<double>(1000)))};
  CHECK(error_of([&] { explorer_page(e); }) ==
        "explorer: 1001000 weights, and a page carries 1000000; take a shorter sentence");
}
