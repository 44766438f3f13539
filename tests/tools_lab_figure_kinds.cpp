// Bars and heat maps, how series differ, what is refused, hostile words, and the table.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <set>

#include "tensor/check.h"
#include "tests/charts.h"
#include "tests/xml.h"
#include "tools/app/view/chart_parts.h"
#include "tools/app/view/heatmap.h"

using namespace babelgrad;

namespace {

Chart map() {
  return {.title = "Alignment",
          .x = {"head"},
          .y = {"layer"},
          .series = {{"first", {}, {0, 0.25}}, {"second", {}, {1, NAN}}},
          .kind = ChartKind::heat_map,
          .names = {"1", "2"},
          .shade = {"AER", "%"}};
}

// From the attribute after this text on.
double attribute_after(const std::string& svg, const std::string& text, const std::string& name) {
  const std::size_t at = svg.find(" " + name + "=\"", svg.find(text));
  REQUIRE(at != svg.npos);
  return std::strtod(svg.c_str() + at + name.size() + 3, nullptr);
}

// The whole tag that ends before this tooltip.
std::string tag_of(const std::string& svg, const std::string& tip) {
  const std::size_t end = svg.find("><title>" + tip + "</title>");
  REQUIRE(end != svg.npos);
  const std::size_t begin = svg.rfind('<', end);
  return svg.substr(begin, end - begin);
}

}  // namespace

TEST_CASE("bars: they begin at zero, and their heights are their numbers") {
  const std::string svg = figure_svg(two_bars());
  const auto height = [&](const char* tip) {
    return attribute_after(tag_of(svg, tip), "<rect", "height");
  };
  const double one = height("with: short, BLEU 90 (88 to 91)") / 90;
  CHECK(height("with: long, BLEU 60 (50 to 70)") == doctest::Approx(60 * one).epsilon(2e-3));
  CHECK(height("without: short, BLEU 30") == doctest::Approx(30 * one).epsilon(2e-3));
  CHECK(height("without: long, BLEU −20") == doctest::Approx(20 * one).epsilon(2e-3));
  const auto top = [&](const char* tip) { return attribute_after(tag_of(svg, tip), "<rect", "y"); };
  CHECK(top("without: long, BLEU −20") ==
        doctest::Approx(top("without: short, BLEU 30") + 30 * one).epsilon(2e-3));
  CHECK(count(svg, "class=\"whisker\"") == 2);
  for (const char* number : {">90.0<", ">60.0<", ">30.0<", ">−20.0<"})
    CHECK(count(svg, number) == 1);
}

TEST_CASE("bars: zero is on the axis, however far the numbers are from it") {
  for (int sign : {1, -1}) {
    const std::string svg = figure_svg(
        {.series = {{"s", {}, {90.0 * sign, 95.0 * sign}}}, .kind = ChartKind::bars,
         .names = {"a", "b"}});
    CHECK(count(svg, ">0</text>") == 1);
    const std::string bar = tag_of(svg, sign > 0 ? "s: b, 95" : "s: b, −95");
    CHECK(attribute_after(bar, "<rect", "height") == doctest::Approx(300 * 0.95).epsilon(0.01));
  }
}

TEST_CASE("bars: numbers stand on all of them or on none, names are wrapped or slanted") {
  Chart chart = two_bars();
  for (int k = 0; k < 20; k++) chart.series.push_back({join(k), {}, {1.0 * k, 2}});
  CHECK(count(figure_svg(chart), ">60.0<") == 0);
  chart = two_bars();
  chart.names = {"positional encoding of the kind with sines and cosines", "long"};
  CHECK(count(figure_svg(chart), "rotate") == 0);
  chart.names[0] = std::string(90, 'x');
  const std::string svg = figure_svg(chart);
  CHECK(count(svg, "rotate(-40") == 2);
  CHECK(count(svg, ">" + std::string(23, 'x') + "…</text>") == 1);
}

TEST_CASE("heat map: shades, numbers in ink that is read, an absent cell") {
  const std::string svg = figure_svg(map());
  CHECK(tag_of(svg, "first: head 1, AER 0 %").find("shade0\"") != svg.npos);
  CHECK(tag_of(svg, "first: head 2, AER 0.25 %").find("shade8\"") != svg.npos);
  CHECK(tag_of(svg, "second: head 1, AER 1 %").find("shade32\"") != svg.npos);
  CHECK(tag_of(svg, "second: head 2, AER nan %").find("absent") != svg.npos);
  for (const char* words : {">AER (%)<", ">first<", ">0.25<", ">–<", ">layer<", ">1.0<"})
    CHECK(count(svg, words) == 1);
  CHECK(count(svg, "Left out, not finite: 1 point of second.") == 1);
}

TEST_CASE("heat map: every number has a contrast of 4.5 to 1, light or dark") {
  const auto luminance = [](const std::string& color) {        // WCAG 2
    double sum = 0;
    for (int c = 0; c < 3; c++) {
      const double s = std::strtol(color.substr(1 + 2 * c, 2).c_str(), nullptr, 16) / 255.0;
      const double share[] = {0.2126, 0.7152, 0.0722};
      sum += share[c] * (s <= 0.04045 ? s / 12.92 : std::pow((s + 0.055) / 1.055, 2.4));
    }
    return sum;
  };
  const std::string style = figure_style();
  int found = 0;
  for (std::size_t at = style.find(".shade"); at != style.npos; at = style.find(".shade", at + 1)) {
    const std::size_t ground = style.find("fill: #", at), ink = style.find("fill: #", ground + 1);
    const double a = luminance(style.substr(ground + 6, 7));
    const double b = luminance(style.substr(ink + 6, 7));
    CHECK((std::max(a, b) + 0.05) / (std::min(a, b) + 0.05) >= 4.5);
    found++;
  }
  CHECK(found == 66);
}

TEST_CASE("heat map: many cells and long names widen it, and its numbers go") {
  Chart chart{.title = "wide", .kind = ChartKind::heat_map};
  for (int j = 0; j < 80; j++) chart.names.push_back("neighbourhood");
  for (int i = 0; i < 60; i++)
    chart.series.push_back({"row", {}, std::vector<double>(80, 0.1 * i)});
  const std::string svg = figure_svg(chart);
  CHECK(xml_problem(svg) == "");
  CHECK(attribute_after(svg, "<svg", "width") > 80 * 13);
  CHECK(count(svg, ">0.10<") == 0);
  CHECK(count(svg, "class=\"cell shade") == 4800);
  CHECK(count(svg, "rotate(-90") == 80);
  for (int j = 0; j < 80; j++) chart.names[j] = join(j + 1);   // every second fits
  CHECK(count(figure_svg(chart), ">79</text>") == 1);
  CHECK(count(figure_svg(chart), ">80</text>") + count(figure_svg(chart), "rotate") == 0);
}

TEST_CASE("figure: no two series look the same, in colour or in grey") {
  std::set<std::string> colored, grey, bars;
  for (int k = 0; k < most_series; k++) {
    colored.insert(color_class(k) + "/" + dash_pattern(k));
    grey.insert(dash_pattern(k) + "/" + marker_element(k, 0, 0));
    bars.insert(color_class(k) + "/" + hatch_element(k, {0, 0, 40, 40}));
  }
  CHECK(colored.size() == most_series);
  CHECK(grey.size() == most_series);
  CHECK(bars.size() == most_series);
}

TEST_CASE("figure: hostile words stay words") {
  for (const std::string& word :
       {std::string("<script>alert(1)</script>"), std::string("\"]]>"), std::string("' onload='x"),
        std::string("\33[31m\t\n"), std::string("\u202Eabc"), std::string("\xFF\xC0"),
        std::string("\0", 1), std::string("</style>"), std::string(5000, 'w')}) {
    Chart chart = two_bars();
    chart.title = chart.note = chart.names[0] = chart.series[0].name = word;
    chart.x = chart.y = {word, word};
    chart.levels = {{word, 3}};
    const Chart line{.title = word, .series = {{word, {1, 2}, {1, NAN}}}};
    for (const std::string& svg : {figure_svg(chart), figure_svg(line)}) {
      CHECK(xml_problem(svg) == "");
      CHECK(count(svg, "<script") + count(svg, "\u202E") == 0);
      CHECK(count(svg, "</style>") == 1);
    }
    CHECK(count(figure_tsv(chart), "\n") == 5);
    CHECK(count(figure_tsv(chart), "\t") == 5 * 4);
  }
}

TEST_CASE("figure: what does not fit is named") {
  const std::vector<double> two{1, 2};
  const Axis log{.log = true};
  struct { Chart chart; const char* line; } const cases[] = {
      {{.title = "t", .series = {{"a", {1}, two}}}, "figure \"t\": \"a\" has 2 y for 1 x"},
      {{.title = "t", .series = {{"a", two, two, {1}, two}}},
       "figure \"t\": \"a\" has bounds 1 low and 2 high for 2 y"},
      {{.title = "t", .series = {{"a", two, two, {1, 3}, {1, 2}}}},
       "figure \"t\": \"a\" has low 3 above high 2"},
      {{.title = "t", .series = {{"a", {}, two}}, .kind = ChartKind::bars, .names = {"n"}},
       "figure \"t\": \"a\" has 2 y for 1 names"},
      {{.title = "t", .series = {{"a", {1}, {1}}}, .kind = ChartKind::bars, .names = {"n"}},
       "figure \"t\": \"a\" has x, and here the names are the places"},
      {{.title = "t", .y = log, .kind = ChartKind::bars},
       "figure \"t\": bars begin at zero and have no log scale; draw lines"},
      {{.title = "t", .names = {"n"}}, "figure \"t\": lines have x, not names"},
      {{.title = "t", .kind = ChartKind::heat_map, .levels = {{"l", 1}}},
       "figure \"t\": a heat map has no levels"},
      {{.title = "t", .series = std::vector<Series>(25)},
       "figure \"t\": 25 series, and 24 can be told apart"}};
  for (const auto& c : cases) {
    CHECK_THROWS_WITH_AS(figure_svg(c.chart), c.line, Error);
    CHECK_THROWS_WITH_AS(figure_tsv(c.chart), c.line, Error);
  }
}

TEST_CASE("figure: zero or less on a log scale is an error that names the series") {
  const Axis log{.log = true};
  const std::vector<double> two{1, 2};
  const auto refused = [](const Chart& chart, const char* what) {
    const std::string line =
        join("figure \"t\": ", what, ", and a log scale begins above zero");
    CHECK_THROWS_WITH_AS(figure_svg(chart), line.c_str(), Error);
  };
  refused({.title = "t", .x = log, .series = {{"a", two, two}, {"b", {0, 1}, two}}},
          "\"b\" has x = 0");
  refused({.title = "t", .y = log, .series = {{"b", two, {1, -2}}}}, "\"b\" has y = -2");
  refused({.title = "t", .y = log, .series = {{"b", two, two, {1, 0}, two}}}, "\"b\" has low = 0");
  refused({.title = "t", .y = log, .series = {{"b", two, two}}, .levels = {{"l", -1}}},
          "\"l\" has y = -1");
  Chart heat = map();
  heat.title = "t", heat.shade.log = true;
  refused(heat, "\"first\" has y = 0");
  CHECK_NOTHROW(figure_svg({.title = "t", .y = log, .series = {{"b", two, {1, -INFINITY}}}}));
}

TEST_CASE("figure_tsv: one row for each point, numbers that read back equal") {
  const Chart lines{.x = {"length", "tokens"},
                    .y = {"BLEU"},
                    .series = {{"GRU\t1", {1, 2}, {0.1, NAN}, {0, 1}, {0.3, 1e300}},
                               {"LSTM", {1}, {-1.0 / 3}}}};
  CHECK(figure_tsv(lines) ==
        "series\tlength (tokens)\tBLEU\tlow\thigh\n"
        "GRU\\x091\t1\t0.1\t0\t0.3\n"
        "GRU\\x091\t2\tnan\t1\t1e+300\n"
        "LSTM\t1\t-0.3333333333333333\t\t\n");
  CHECK(figure_tsv(map()) ==
        "layer\thead\tAER (%)\n"
        "first\t1\t0\nfirst\t2\t0.25\nsecond\t1\t1\nsecond\t2\tnan\n");
  CHECK(figure_tsv(two_bars())
            .starts_with("series\tx\tBLEU\tlow\thigh\nwith\tshort\t90\t88\t91\n"));
}
