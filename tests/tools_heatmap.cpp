#include "tools/app/view/heatmap.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/check.h"
#include "tests/xml.h"

using namespace babelgrad;

namespace {

const Panel cats = {{{0.9, 0.1, 0.0}, {0.05, 0.25, 0.7}},
                    {"le", "chat"},
                    {"the", "black", "cat"},
                    "head 1",
                    {{0, 0}, {2, 1}, {1, 1, false}}};

}  // namespace

TEST_CASE("xml_problem: the checker finds what it is for") {
  for (const char* bad : {"<a>", "<a></b>", "<a b=c/>", "<a b=\"1\" b=\"2\"/>", "a & b", "</a>",
                          "<a>]]></a>", "<a b=\"<\"/>", "\1", "< a/>", "<a b=\"1\"c=\"2\"/>"})
    CHECK(xml_problem(bad) != "");
  CHECK(xml_problem("<a b=\"1\"><c/>&lt;</a>") == "");
}

TEST_CASE("heatmap_text: shades, gold marks, upright source tokens") {
  CHECK(heatmap_text(cats) ==
        "head 1\n"
        "       b\n"
        "       l\n"
        "     t a c\n"
        "     h c a\n"
        "     e k t\n"
        "  le █+\n"
        "chat   ░-▓+\n"
        "\n"
        "rows: target tokens (queries), columns: source tokens (keys)\n"
        "weight: ░ from 0.2, ▒ 0.4, ▓ 0.6, █ 0.8; gold: + sure, - possible\n");
}

TEST_CASE("heatmap_text: five levels, and ASCII for them") {
  const std::vector<double> row = {-1, 0, 0.19, 0.2, 0.39, 0.4, 0.6, 0.79, 0.8, 1, 1e300};
  const Panel p = {{row}, {"q"}, Tokens(11, "k")};
  CHECK(heatmap_text(p) ==
        "  k k k k k k k k k k k\n"
        "q       ░░░░▒▒▓▓▓▓██████\n"
        "\n"
        "rows: target tokens (queries), columns: source tokens (keys)\n"
        "weight: ░ from 0.2, ▒ 0.4, ▓ 0.6, █ 0.8\n");
  CHECK(heatmap_text(p, {.utf8 = false}) ==
        "  k k k k k k k k k k k\n"
        "q       ....::****######\n"
        "\n"
        "rows: target tokens (queries), columns: source tokens (keys)\n"
        "weight: . from 0.2, : 0.4, * 0.6, # 0.8\n");
}

TEST_CASE("heatmap_text: a narrow screen gets bands") {
  const Panel p = {{{0, 0.9, 0.5}}, {"q"}, {"a", "b", "c"}};
  CHECK(heatmap_text(p, {.utf8 = false, .width = 6}) ==
        "  a b\n"
        "q   ##\n"
        "\n"
        "  c\n"
        "q ::\n"
        "\n"
        "rows: target tokens (queries), columns: source tokens (keys)\n"
        "weight: . from 0.2, : 0.4, * 0.6, # 0.8\n");
  CHECK(count(heatmap_text(p, {.utf8 = true, .width = 0}), "\nq") == 3);
}

TEST_CASE("a map of occlusion has neither queries nor keys") {
  Panel p = cats;
  p.attends = false;
  CHECK(count(heatmap_text(p), "\nrows: target tokens, columns: source tokens\n"
                               "share lost: ░ from 0.2") == 1);
  CHECK(count(heatmap_svg(cats), "target tokens (queries)") == 1);
  CHECK(count(heatmap_svg(cats), "source tokens (keys)") == 1);
  CHECK(count(heatmap_svg(p), "queries") + count(heatmap_svg(p), "keys") == 0);
}

TEST_CASE("heatmap_text: accents, wide and long words keep the columns") {
  const Panel p = {{{1, 0, 1}, {0, 1, 0}}, {"e\u0301te\u0301", "日本"},
                   {"e\u0301a", "語", "abcdefghijklmnopqrst"}};
  const std::string text = heatmap_text(p);
  CHECK(count(text, "     e\u0301   o\n     a 語…\n e\u0301te\u0301 ██  ██\n日本   ██\n") == 1);
  CHECK(count(text, " o\n") == 1);               // the sixteenth place holds the mark
  CHECK(count(text, " p\n") == 0);
}

TEST_CASE("heatmap_text: NaN is said, escapes are shown") {
  const Panel p = {{{NAN, INFINITY}}, {"\33[2J"}, {"a", "\r"}, "t\n"};
  CHECK(heatmap_text(p, {.utf8 = false}) ==
        "t\\x0A\n"
        "          \\\n"
        "          x\n"
        "          0\n"
        "        a D\n"
        "\\x1B[2J ????\n"
        "\n"
        "rows: target tokens (queries), columns: source tokens (keys)\n"
        "weight: . from 0.2, : 0.4, * 0.6, # 0.8; ? is not a number\n");
}

TEST_CASE("heatmap: a file gets the words themselves, and directional marks with them") {
  const Panel p = {{{0.5}}, {"\u200Fשלום"}, {"\u2067a"}};
  CHECK(count(heatmap_text(p, {.safe = false}), "\u200Fשלום") == 1);
  CHECK(count(heatmap_text(p), "\\xE2\\x80\\x8Fשלום") == 1);
  CHECK(count(heatmap_svg(p), "\u200Fשלום") > 0);
  CHECK(count(heatmap_svg(p), "\u2067") == 0);   // that would turn all that follows
}

TEST_CASE("heatmap_grid_svg: several have one title, above all of them") {
  const std::string svg = heatmap_grid_svg({cats, cats}, 4, "a < b");
  CHECK(xml_problem(svg) == "");
  CHECK(count(svg, "<title>a &lt; b</title>") == 1);
  CHECK(count(svg, ">a &lt; b</text>") == 1);
  CHECK(count(svg, ">head 1</text>") == 2);
  CHECK(count(svg, "prefers-color-scheme: dark") == 1);
}

TEST_CASE("heatmap_svg: words are text, axes are named, each cell says its weight") {
  const std::string svg = heatmap_svg(cats);
  CHECK(xml_problem(svg) == "");
  CHECK(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100%\" "
                        "style=\"max-width:"));
  for (const char* words : {">le</text>", ">chat</text>", ">the</text>", ">black</text>",
                            ">cat</text>", ">source tokens (keys)</text>",
                            ">target tokens (queries)</text>", ">head 1</text>",
                            ">weight</text>", ">0.0</text>", ">0.5</text>",
                            ">1.0</text>", "<title>head 1</title>",
                            "<title>le ← the: 0.900 (gold)</title>",
                            "<title>chat ← black: 0.250 (possible gold)</title>",
                            "<title>chat ← the: 0.050</title>"})
    CHECK(count(svg, words) == 1);
  CHECK(count(svg, "stroke-dasharray") == 1);
  CHECK(count(svg, "stroke-width") == 3);
  CHECK(count(svg, "outlined: gold links") == 1);
  CHECK(count(heatmap_svg({{{1}}, {"a"}, {"b"}}), "gold") == 0);
}

TEST_CASE("heatmap_svg: hostile words stay words") {
  const Tokens& hostile = hostile_words;
  const std::size_t n = hostile.size();
  for (const std::string& title : hostile) {
    const std::string svg =
        heatmap_svg({std::vector(n, std::vector<double>(n, 0.5)), hostile, hostile, title});
    CHECK(xml_problem(svg) == "");
    CHECK(count(svg, "<script") == 0);
    CHECK(count(svg, "\u202E") + count(svg, "\u0085") + count(svg, "\uFFFE") == 0);
    CHECK(count(svg, ">&lt;script&gt;alert(1)&lt;/s") >= 2);
    CHECK(count(svg, ">&amp;amp;</text>") >= 2);
  }
}

TEST_CASE("heatmap_svg: a weight that is no number is a stated cell, never a coordinate") {
  const std::vector<double> row = {NAN, INFINITY, -INFINITY, 1e300};
  const std::string svg = heatmap_svg({{row}, {"q"}, {"a", "b", "c", "d"}});
  CHECK(xml_problem(svg) == "");
  CHECK(count(svg, ": not a number</title>") == 3);
  CHECK(count(svg, ">NaN</text>") == 3);
  CHECK(count(svg, "nan") + count(svg, "inf") == 0);
  CHECK(count(svg, "<title>q ← d: over 999T</title>") == 1);
}

TEST_CASE("heatmap_grid_svg: every head has its title, the bar is drawn once") {
  std::vector<Panel> heads(5, cats);
  for (int h = 0; h < 5; h++) heads[h].title = join("head ", h);
  const std::string svg = heatmap_grid_svg(heads, 3);
  CHECK(xml_problem(svg) == "");
  for (int h = 0; h < 5; h++) CHECK(count(svg, join(">head ", h, "</text>")) == 1);
  CHECK(count(svg, "<svg") == 1);
  CHECK(count(svg, ">weight</text>") == 1);
  CHECK(count(svg, ">le</text>") == 5);
}

TEST_CASE("heatmap: no tokens at all is an empty picture") {
  CHECK(xml_problem(heatmap_svg({})) == "");
  CHECK(heatmap_text({}).starts_with("rows: "));
}

TEST_CASE("heatmap: what does not fit is named") {
  struct { Panel panel; const char* line; } const cases[] = {
      {{{{1}}, {"a", "b"}, {"c"}}, "heatmap: 1 rows of weights for 2 target tokens"},
      {{{{1, 2}}, {"a"}, {"c"}}, "heatmap: 2 weights in a row for 1 source tokens"},
      {{{{1}}, {"a"}, {"c"}, "", {{1, 0}}},
       "heatmap: gold link 1-0 is outside 1 source and 1 target tokens"},
      {{{{1}}, {"a"}, {"c"}, "", {{0, -1}}},
       "heatmap: gold link 0--1 is outside 1 source and 1 target tokens"}};
  for (const auto& c : cases) {
    CHECK_THROWS_WITH_AS(heatmap_text(c.panel), c.line, Error);
    CHECK_THROWS_WITH_AS(heatmap_svg(c.panel), c.line, Error);
  }
  CHECK_THROWS_WITH_AS(heatmap_grid_svg({}), "heatmap: 0 panels, 4 across", Error);
  CHECK_THROWS_WITH_AS(heatmap_grid_svg({cats}, 0), "heatmap: 1 panels, 0 across", Error);
}

TEST_CASE("ramp_color: from light to dark without a turn") {
  CHECK(ramp_color(0) == "#fdfcec");
  CHECK(ramp_color(0.5) == "#38a68d");
  CHECK(ramp_color(1) == "#320e52");
  CHECK(ramp_color(-3) == ramp_color(0));
  CHECK(ramp_color(7) == ramp_color(1));
  const auto grey = [](const std::string& c) {
    const auto part = [&](int at) { return std::stoi(c.substr(at, 2), nullptr, 16); };
    return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
  };
  for (int i = 0; i < 100; i++)
    CHECK(grey(ramp_color(i / 100.0)) > grey(ramp_color((i + 1) / 100.0)));
}

TEST_CASE("escape_markup: the five characters and everything `shown` escapes") {
  CHECK(escape_markup("a<b>&\"'") == "a&lt;b&gt;&amp;&quot;&#39;");
  CHECK(escape_markup("\n\xFF") == "\\x0A\\xFF");
}

TEST_CASE("heatmap_element: a cell for each weight with its shade and number, and outlines") {
  const Panel p{{{0.5, 0.004, 1}, {0.25, 0.005, std::nan("")}}, {"q", "q"}, {"k", "k", "k"}, "",
                {{0, 0}, {2, 1, false}}};
  const std::string svg = heatmap_element(p);
  CHECK(xml_problem(svg) == "");
  CHECK(count(svg, "class=\"cell ") == 6);
  CHECK(count(svg, "class=\"row\"") == 2);
  CHECK(count(svg, "class=\"column\"") == 3);
  for (const char* shown : {">.50</text>", ">1.00</text>", ">.25</text>", ">nan</text>",
                            "class=\"cell w16\"", "class=\"cell w32\"", "class=\"gold sure\"",
                            "class=\"gold possible\""})
    CHECK_MESSAGE(count(svg, shown) == 1, shown);
}

TEST_CASE("small map: one path per shade, a square for each weight that shows") {
  CHECK(small_map_element({{1, 0}, {0.5, 1}}) ==
        "<svg class=\"small\" width=\"24\" height=\"24\" viewBox=\"0 0 2 2\" aria-hidden=\"true\">"
        "<rect class=\"w0\" width=\"2\" height=\"2\"/><path class=\"w16\" d=\"M0 1h1v1h-1z\"/>"
        "<path class=\"w32\" d=\"M0 0h1v1h-1zM1 1h1v1h-1z\"/></svg>");
}

TEST_CASE("shade_of: 32 steps, and what is no weight") {
  const double weights[] = {0, 0.5, 1, -1, 2, std::nan("")};
  const int wanted[] = {0, 16, 32, 0, 32, 0};
  for (int i = 0; i < 6; i++) CHECK(shade_of(weights[i]) == wanted[i]);
}
