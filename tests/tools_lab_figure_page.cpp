#include "tools/app/view/page.h"

#include <doctest/doctest.h>

#include "tensor/check.h"
#include "tests/xml.h"
#include "tools/app/view/sha256.h"

using namespace babelgrad;

namespace {

Exhibit bottleneck() {
  return {.name = "P1",
          .heading = "One vector for a sentence",
          .claim = "Long sentences degrade.",
          .verdict = Verdict::holds,
          .reason = "BLEU falls by 60, at least 20 asked",
          .command = "babelgrad lab bottleneck",
          .tables = {{"By length", {{"model", "4", "20"}, {"RNN", "91.2", "30.0"}}}},
          .charts = {{.title = "BLEU", .series = {{"RNN", {4, 20}, {91.2, 30}}}},
                     {.title = "Loss", .series = {{"RNN", {1, 2}, {4, 3}}}}},
          .remarks = {"Three seeds."}};
}

FigurePage small_page() {
  Exhibit heads{.name = "S7", .heading = "Heads", .verdict = Verdict::fails, .reason = "one head"};
  return {"The lab", "What came out.", {bottleneck(), heads}, {{"compiler", "g++ 12.2"}}};
}

std::string between(const std::string& text, const std::string& open, const std::string& close) {
  const std::size_t begin = text.find(open) + open.size();
  return text.substr(begin, text.find(close, begin) - begin);
}

// As XML: without the doctype, and without the style, whose selectors have a > of their own.
std::string problem(std::string html) {
  const std::string doctype = "<!DOCTYPE html>\n";
  if (!html.starts_with(doctype)) return "no doctype";
  html = html.substr(doctype.size());
  const std::size_t at = html.find("<style>");
  html.erase(at + 7, html.find("</style>") - at - 7);
  return xml_problem(html);
}

}  // namespace

TEST_CASE("figure_page: one well-formed file that loads nothing and runs nothing") {
  const std::string html = figure_page(small_page());
  CHECK(problem(html) == "");
  CHECK(count(html, "<script") + count(html, "src=") + count(html, "@import") == 0);
  CHECK(count(html, "http") == 3);              // http-equiv, and the SVG namespace of two figures
  CHECK(count(html, "<style>") == 1);
  const std::string policy = between(html, "Security-Policy\" content=\"", "\"");
  const std::string style = csp_hash(between(html, "<style>", "</style>"));
  CHECK(policy == "default-src 'none'; style-src " + style +
                      "; base-uri 'none'; form-action 'none'");
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
        "<pre class=\"command\">babelgrad lab bottleneck</pre>", "<a href=\"#S7\">Heads</a>",
        "<th scope=\"row\">compiler</th><td class=\"left\">g++ 12.2</td>",
        "<p class=\"remarks\">Three seeds.</p>"})
    CHECK(count(html, part) == 1);
  CHECK(count(html, "<svg ") == 2);
  CHECK(html.find(">BLEU</text>") < html.find(">Loss</text>"));
}

TEST_CASE("figure_page: what is not given leaves no trace") {
  Exhibit bare{.name = "N1", .heading = "Bare"};
  const std::string html = figure_page({"t", "", {bare}, {}});
  CHECK(problem(html) == "");
  for (const char* part : {"<nav", "<pre", "<table", "<svg", "class=\"verdict", "id=\"environment"})
    CHECK(count(html, part) == 0);
  CHECK(problem(figure_page({"", "", {}, {}})) == "");
}

TEST_CASE("figure_page: hostile words stay words") {
  for (const char* word : {"<script>alert(1)</script>", "\"><img src=x>", "' onload='x", "\33[2J",
                           "\u202E", "\xFF", "</style>", "-->"}) {
    Exhibit e = bottleneck();
    e.heading = e.claim = e.reason = e.command = e.remarks[0] = e.tables[0].caption = word;
    e.tables[0].rows[1][0] = e.charts[0].title = e.charts[0].series[0].name = word;
    const std::string html = figure_page({word, word, {e, {.name = "b", .heading = word}},
                                          {{word, word}}});
    CHECK(problem(html) == "");
    CHECK(count(html, "<script") + count(html, "<img") + count(html, "\u202E") == 0);
    CHECK(count(html, "</style>") == 1);
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
