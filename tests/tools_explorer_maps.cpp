// What the explorer shows: the model's own weights, as shades, numbers, outlines and figures.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>

#include "models/seq2seq.h"
#include "tests/close.h"
#include "tools/app/run/pre_norm.h"
#include "tools/app/view/explorer.h"
#include "tools/app/view/heatmap.h"

using namespace babelgrad;

namespace {

const Tokens src = {"the", "cat", "sees", "it"}, tgt = {"le", "chat", "voit"};

std::unique_ptr<Translator> untrained(const std::string& name,
                                      const std::string& norm = "post") {
  manual_seed(5);
  Vocab vocab({src, tgt});
  auto model = make_translator({.model = name, .norm = norm, .embed = 8, .hidden = 8, .layers = 2,
                                .heads = 2, .ffn = 16},
                               vocab, vocab);
  eval(model->module());
  return model;
}

int count(const std::string& text, const std::string& what) {
  int n = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) n++;
  return n;
}

// Contrast as WCAG 2 has it, of two colours #rrggbb or #rgb: 1 to 21.
double luminance(std::string c) {
  if (c.size() == 4) c = {'#', c[1], c[1], c[2], c[2], c[3], c[3]};
  const auto linear = [&](int at) {
    const double s = std::strtol(c.substr(at, 2).c_str(), nullptr, 16) / 255.0;
    return s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(1) + 0.7152 * linear(3) + 0.0722 * linear(5);
}
double contrast(const std::string& a, const std::string& b) {
  const double x = luminance(a) + 0.05, y = luminance(b) + 0.05;
  return std::max(x, y) / std::min(x, y);
}

// The colour after `before` in a style sheet.
std::string color_after(const std::string& style, const std::string& before) {
  const std::size_t at = style.find(before);
  REQUIRE_MESSAGE(at != std::string::npos, before);
  const std::size_t from = at + before.size();
  return style.substr(from, style.find_first_of(";}", from) - from);
}

AttentionMaps small_maps(const Weights& weights) {
  return {"cross", Tokens(weights.size(), "q"), Tokens(weights[0].size(), "k"), {{weights}}};
}

}  // namespace

TEST_CASE("attention_maps: every head is the model's own, <bos> and <eos> included") {
  auto model = untrained("transformer");
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
      for (const Weights& weights : heads) {
        for (const auto& row : weights) {
          double sum = 0;
          for (double w : row) sum += w;
          CHECK(sum == doctest::Approx(1).epsilon(1e-6));
        }
      }
    }
  }
  for (int l = 0; l < 2; l++) {
    for (int h = 0; h < 2; h++) {
      const Weights plain = attention_matrix(*model, src, tgt, {l, h});
      for (std::size_t t = 0; t < tgt.size(); t++)
        for (std::size_t s = 0; s < src.size(); s++)
          CHECK(maps[0].weights[l][h][t][s] == plain[t][s]);
    }
  }
}

TEST_CASE("attention_maps: the encoder's are the encoder's alone, the decoder's are causal") {
  auto model = untrained("transformer");
  auto maps = attention_maps(*model, src, tgt);
  using Whole = Seq2Seq<TransformerEncoder<>, TransformerDecoder<>>;
  auto& inside = dynamic_cast<Whole&>(model->module());
  Batch batch = model->source_batch({src});
  NoGrad guard;
  inside.encoder(batch.src, batch.lens.src);
  const auto alone = inside.encoder.attention_weights;   // (heads, .., ..)
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
  auto model = untrained("transformer", "pre");
  auto maps = attention_maps(*model, src, tgt);
  REQUIRE(maps.size() == 3);
  auto& inside = dynamic_cast<Seq2Seq<PreNormEncoder<>, PreNormDecoder<>>&>(model->module());
  Batch batch = model->source_batch({src});
  NoGrad guard;
  inside.encoder(batch.src, batch.lens.src);
  const auto alone = inside.encoder.attention_weights;   // (heads, .., ..)
  for (int h = 0; h < 2; h++)
    for (int i = 0; i < 5; i++)
      CHECK(maps[1].weights[1][h][i][4 - i] == double(alone[1].at({h, i, 4 - i})));
  for (int t = 0; t < 3; t++) CHECK(maps[2].weights[1][0][t][3] == 0);
  auto post = attention_maps(*untrained("transformer"), src, tgt);
  CHECK(maps[0].weights[1][1] != post[0].weights[1][1]);
}

TEST_CASE("attention_maps: one of the recurrent model with attention, none of the plain one") {
  auto model = untrained("attention");
  const auto maps = attention_maps(*model, src, tgt);
  REQUIRE(maps.size() == 1);
  CHECK(maps[0].weights.size() == 1);
  CHECK(maps[0].weights[0].size() == 1);
  CHECK(attention_maps(*untrained("rnn"), src, tgt).empty());
  const std::string page = explorer_page({"rnn", src, tgt});
  CHECK(page.find("<h2>No attention</h2>") != std::string::npos);
  CHECK(page.find("class=\"panel\"") == std::string::npos);
}

TEST_CASE("shade_of and mean_of_heads") {
  CHECK(shade_of(0) == 0);
  CHECK(shade_of(0.5) == 16);
  CHECK(shade_of(1) == 32);
  CHECK(shade_of(-1) == 0);
  CHECK(shade_of(2) == 32);
  CHECK(shade_of(std::nan("")) == 0);
  CHECK(mean_of_heads({{{0, 1}, {0.5, 0.5}}, {{1, 0}, {0.25, 0.75}}}) ==
        Weights{{0.5, 0.5}, {0.375, 0.625}});
}

TEST_CASE("style: light mode has the ramp of the SVG, and every number can be read in both modes") {
  const std::string style = explorer_style();
  const std::size_t night = style.find("prefers-color-scheme: dark");
  REQUIRE(night != std::string::npos);
  for (const std::string& part : {style.substr(0, night), style.substr(night)}) {
    for (int k = 0; k <= shades; k++) {
      const std::string ground = color_after(part, join(".w", k, "{fill:"));
      CHECK(color_after(part, join(".w", k, "{fill:", ground, ";background-color:")) == ground);
      CHECK(contrast(ground, color_after(part, join(".n", k, "{fill:"))) >= 4.5);
      if (part.size() == night) CHECK(ground == ramp_color(double(k) / shades));
    }
    const std::string paper = color_after(part, "--paper: ");
    for (const char* ink : {"--ink: ", "--soft: ", "--accent: "})
      CHECK_MESSAGE(contrast(paper, color_after(part, ink)) >= 4.5, ink);
    CHECK(contrast(color_after(part, "--lit: "), color_after(part, "--ink: ")) >= 4.5);
    CHECK(contrast(paper, color_after(part, "--gold: ")) >= 3);
    CHECK(contrast(color_after(part, "--halo: "), color_after(part, "--gold: ")) >= 3);
  }
}

TEST_CASE("large map: a cell for each weight with its shade and number; gold is solid or dashed") {
  const Weights w = {{0.5, 0.004, 1}, {0.25, 0.005, std::nan("")}};
  const std::string svg = large_map_svg(small_maps(w), w, {{0, 0}, {2, 1, false}});
  CHECK(count(svg, "class=\"cell ") == 6);
  CHECK(count(svg, "<text class=\"row\"") == 2);
  CHECK(count(svg, "<text class=\"column\"") == 3);
  for (const char* shown : {">.50</text>", ">1.00</text>", ">.25</text>", ">nan</text>"})
    CHECK_MESSAGE(count(svg, shown) == 1, shown);
  CHECK(count(svg, "class=\"cell w16\"") == 1);
  CHECK(count(svg, "class=\"cell w32\"") == 1);
  CHECK(count(svg, "class=\"gold sure\"") == 1);
  CHECK(count(svg, "class=\"gold possible\"") == 1);
}

TEST_CASE("small map: one path per shade, a square for each weight that shows") {
  CHECK(small_map_svg({{1, 0}, {0.5, 1}}) ==
        "<svg class=\"small\" width=\"24\" height=\"24\" viewBox=\"0 0 2 2\" aria-hidden=\"true\">"
        "<rect class=\"w0\" width=\"2\" height=\"2\"/><path class=\"w16\" d=\"M0 1h1v1h-1z\"/>"
        "<path class=\"w32\" d=\"M0 0h1v1h-1zM1 1h1v1h-1z\"/></svg>");
}

TEST_CASE("hypotheses: rank, score, log P, P, length, and whether it ended") {
  Exploration e{"", {"a"}, {"b"}};
  e.beam = 2, e.hypotheses = {{{"b"}, std::log(0.5), -0.6931, true}, {{"c", "d"}, -12, -6, false}};
  const std::string html = hypotheses_html(e);
  CHECK(html.find("<tr class=\"shown\"><td class=\"rank\">1</td><td class=\"text\"><bdi>b</bdi>"
                  " <span class=\"note\">shown above</span></td><td class=\"figure\">−0.6931</td>"
                  "<td class=\"figure\">−0.693</td><td class=\"figure\">0.5000</td>"
                  "<td class=\"figure\">1</td><td>finished</td></tr>") != std::string::npos);
  CHECK(html.find("<td class=\"figure\">&lt; 0.0001</td><td class=\"figure\">2</td><td>cut</td>") !=
        std::string::npos);
  CHECK(html.find("by a beam of 2;") != std::string::npos);
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
