// Pages of figures, and the colours that all pages share.
#include "tools/app/view/page.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>

#include "tensor/check.h"
#include "tests/xml.h"
#include "tools/app/view/heatmap.h"

using namespace babelgrad;

namespace {

Exhibit bottleneck() {
  return {.name = "P1",
          .heading = "One vector for a sentence",
          .claim = "Long sentences degrade.",
          .verdict = Verdict::holds,
          .reason = "BLEU falls by 60, at least 20 asked",
          .command = "babelgrad lab bottleneck\ncompiler g++",
          .tables = {{"By length", {{"model", "4", "20"}, {"RNN", "91.2", "30.0"}}}},
          .charts = {{.title = "BLEU", .series = {{"RNN", {4, 20}, {91.2, 30}}}},
                     {.title = "Loss", .series = {{"RNN", {1, 2}, {4, 3}}}}},
          .remarks = {"Three seeds."}};
}

FigurePage small_page() {
  Exhibit heads{.name = "S7", .heading = "Heads", .verdict = Verdict::fails, .reason = "one head"};
  return {"The lab", "What came out.", {bottleneck(), heads}, {{"compiler", "g++ 12.2"}}};
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

// A style sheet by day and by night.
std::vector<std::string> both_modes(std::string_view sheet) {
  const std::size_t night = sheet.find("prefers-color-scheme: dark");
  REQUIRE(night != sheet.npos);
  return {std::string(sheet.substr(0, night)), std::string(sheet.substr(night))};
}

// The colour that follows `property`, from `rule` on.
std::string color_of(const std::string& style, const std::string& rule,
                     const std::string& property) {
  const std::size_t begin = style.find(rule), at = style.find(property + ": #", begin);
  REQUIRE_MESSAGE((begin != style.npos && at != style.npos), rule);
  const std::size_t from = at + property.size() + 2;
  return style.substr(from, style.find_first_of(" ;", from) - from);
}

}  // namespace

TEST_CASE("figure_page: one well-formed file that loads nothing and runs nothing") {
  const std::string html = figure_page(small_page());
  CHECK(page_problem(html) == "");
  CHECK(count(html, "<script") + count(html, "script-src") == 0);
  CHECK(count(html, "http") == 3);              // http-equiv, and the SVG namespace of two figures
  CHECK(count(html, "<style>") == 3);
  CHECK(figure_page(small_page()) == html);
}

TEST_CASE("figure_page: an exhibit has claim, verdict, figures, tables and command") {
  const std::string html = figure_page(small_page());
  for (const char* part :
       {"<h1>The lab</h1>", "<section id=\"P1\">", "<p class=\"claim\">Long sentences degrade.</p>",
        "<p class=\"verdict holds\"><b>✓ holds</b>: BLEU falls by 60, at least 20 asked</p>",
        "<p class=\"verdict fails\"><b>✗ does not hold</b>: one head</p>",
        "<caption class=\"title\">By length</caption>",
        "<th class=\"left\">model</th><th>4</th><th>20</th>",
        "<td class=\"left\">RNN</td><td>91.2</td><td>30.0</td>",
        "<pre class=\"command\">babelgrad lab bottleneck\ncompiler g++</pre>",
        "<a href=\"#S7\">Heads</a>",
        "<th scope=\"row\">compiler</th><td class=\"left\">g++ 12.2</td>",
        "<p class=\"remarks\">Three seeds.</p>"})
    CHECK(count(html, part) == 1);
  CHECK(count(html, "<svg ") == 2);
  CHECK(html.find(">BLEU</text>") < html.find(">Loss</text>"));
}

TEST_CASE("figure_page: what is not given leaves no trace") {
  Exhibit bare{.name = "N1", .heading = "Bare"};
  const std::string html = figure_page({"t", "", {bare}, {}});
  CHECK(page_problem(html) == "");
  for (const char* part : {"<nav", "<pre", "<table", "<svg", "class=\"verdict", "id=\"environment"})
    CHECK(count(html, part) == 0);
  CHECK(page_problem(figure_page({"", "", {}, {}})) == "");
}

TEST_CASE("figure_page: hostile words stay words") {
  for (const std::string& word : hostile_words) {
    Exhibit e = bottleneck();
    e.heading = e.claim = e.reason = e.command = e.remarks[0] = e.tables[0].caption = word;
    e.tables[0].rows[1][0] = e.charts[0].title = e.charts[0].series[0].name = word;
    const std::string html = figure_page({word, word, {e, {.name = "b", .heading = word}},
                                          {{word, word}}});
    CHECK(page_problem(html) == "");
    CHECK(count(html, "<script") + count(html, "<img") + count(html, "\u202E") == 0);
    CHECK(count(html, "</style>") == 3);
  }
}

TEST_CASE("figure_page: names are places of the page, each once") {
  const auto page = [](const std::string& a, const std::string& b) {
    return FigurePage{"t", "", {{.name = a, .heading = ""}, {.name = b, .heading = ""}}, {}};
  };
  CHECK_THROWS_WITH_AS(figure_page(page("P1", "P1")),
                       "figure page: two exhibits have the name \"P1\"", Error);
  CHECK_THROWS_WITH_AS(figure_page(page("P1", "P 2")),
                       "figure page: \"P 2\" names an exhibit; letters, digits, - and _ do", Error);
  CHECK_THROWS_WITH_AS(figure_page(page("", "P1")),
                       "figure page: \"\" names an exhibit; letters, digits, - and _ do", Error);
  CHECK_THROWS_WITH_AS(figure_page(page("environment", "P1")),
                       "figure page: two exhibits have the name \"environment\"", Error);
}

TEST_CASE("style: the colours of weights are those of the SVG, and every number can be read") {
  for (int night : {0, 1}) {
    const std::string page = both_modes(page_css.text)[night];
    for (int k = 0; k <= shades; k++) {
      const double weight = double(k) / shades;
      const std::string ground = color_of(page, join(".w", k, " {"), "--shade");
      std::size_t ink = page.find(join(".n", k, ","));
      if (ink == page.npos) ink = page.find(join(".n", k, " "));
      CHECK(contrast(ground, color_of(page.substr(ink), ".n", "--on")) >= 4.5);
      if (!night) CHECK(ground == ramp_color(weight));
    }
    const std::string paper = color_of(page, ":root", "--paper");
    for (const char* ink : {"--ink", "--soft", "--accent"})
      CHECK_MESSAGE(contrast(paper, color_of(page, ":root", ink)) >= 4.5, ink);
    const auto root = [&](const char* name) { return color_of(page, ":root", name); };
    CHECK(contrast(root("--lit"), root("--ink")) >= 4.5);
    CHECK(contrast(paper, root("--gold")) >= 3);
    CHECK(contrast(root("--halo"), root("--gold")) >= 3);
  }
}
