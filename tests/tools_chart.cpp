// Charts: where points and bars stand, how series differ, what is left out or refused, the
// table of the same numbers, and the ticks of an axis.
#include "tools/app/view/chart.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <set>

#include "tensor/check.h"
#include "tests/xml.h"
#include "tools/app/view/chart_parts.h"

using namespace babelgrad;

namespace {

Chart two_lines() {
  return {.title = "Loss",
          .x = {"epoch"},
          .y = {"loss", "nats"},
          .series = {{"GRU", {0, 5, 10}, {9, 5, 4}, {8, 4, 3}, {10, 6, 5}},
                     {"LSTM", {0, 5, 10}, {8, 4, 2}, {7, 3, 0}, {9, 5, 3}}},
          .levels = {{"floor", 1}}};
}

Chart two_bars() {
  return {.title = "Without it",
          .y = {"BLEU"},
          .series = {{"with", {}, {90, 60}, {88, 50}, {91, 70}}, {"without", {}, {30, -20}}},
          .kind = ChartKind::bars,
          .names = {"short", "long"}};
}

// Every tag of the class, from its < to its >.
std::vector<std::string> tags(const std::string& svg, const std::string& kind) {
  std::vector<std::string> all;
  for (std::size_t at = svg.find(" class=\""); at != svg.npos; at = svg.find(" class=\"", at + 1)) {
    const std::string classes = " " + svg.substr(at + 8, svg.find('"', at + 8) - at - 8) + " ";
    const std::size_t begin = svg.rfind('<', at);
    if (classes.find(" " + kind + " ") != classes.npos)
      all.push_back(svg.substr(begin, svg.find('>', begin) - begin + 1));
  }
  return all;
}

std::string value_of(const std::string& tag, const std::string& name) {
  const std::size_t at = tag.find(" " + name + "=\"");
  if (at == tag.npos) return "";
  const std::size_t begin = at + name.size() + 3;
  return tag.substr(begin, tag.find('"', begin) - begin);
}

double number(const std::string& tag, const std::string& name) {
  return std::strtod(value_of(tag, name).c_str(), nullptr);
}

struct Spot { double x, y; };

std::vector<Spot> places_of(const std::string& d) {              // of its M and L
  std::vector<Spot> all;
  for (std::size_t at = d.find_first_of("ML"); at != d.npos; at = d.find_first_of("ML", at + 1)) {
    char* rest;
    const double x = std::strtod(d.c_str() + at + 1, &rest);
    all.push_back({x, std::strtod(rest, nullptr)});
  }
  return all;
}

Area area_of(const std::string& svg) {
  const std::string tag = tags(svg, "area").at(0);
  return {number(tag, "x"), number(tag, "y"), number(tag, "width"), number(tag, "height")};
}

bool is_inside(const Spot& p, const Area& area) {
  return p.x >= area.left - 0.1 && p.x <= area.right() + 0.1 && p.y >= area.top - 0.1 &&
         p.y <= area.bottom() + 0.1;
}

// How many places of these classes are drawn; a failed check for each outside the data's area.
int drawn_inside(const std::string& svg) {
  const Area area = area_of(svg);
  int n = 0;
  for (const char* kind : {"curve", "band", "dot", "hit", "level", "whisker"})
    for (const std::string& tag : tags(svg.substr(svg.find("class=\"area\"")), kind))
      for (const Spot& p : places_of(value_of(tag, "d"))) {
        n++;
        CHECK(is_inside(p, area));
      }
  return n;
}

// The whole tag that ends before this tooltip.
std::string tag_of(const std::string& svg, const std::string& tip) {
  const std::size_t end = svg.find("><title>" + tip + "</title>");
  REQUIRE(end != svg.npos);
  const std::size_t begin = svg.rfind('<', end);
  return svg.substr(begin, end - begin);
}

std::string ticks(const Ruler& ruler) {
  std::string out;
  for (const Tick& tick : ruler.ticks) out += (out.empty() ? "" : " ") + tick.text;
  return out;
}

// What is wrong with it for these data, "" if nothing.
std::string ruler_problem(const Ruler& ruler, double low, double high, int most) {
  const auto& all = ruler.ticks;
  if (all.size() < 2 || int(all.size()) > most) return join(all.size(), " ticks of ", most);
  if (all.front().at != 0 || all.back().at != 1) return "no ticks at the ends";
  const double from = ruler.scale.log ? std::log10(low) : low;
  const double to = ruler.scale.log ? std::log10(high) : high;
  const double hair = 1e-8 * (ruler.scale.high - ruler.scale.low);
  if (!(ruler.scale.low <= from + hair && ruler.scale.high >= to - hair)) return "data beyond it";
  for (std::size_t i = 1; i < all.size(); i++)
    if (all[i].at <= all[i - 1].at || all[i].text == all[i - 1].text)
      return "tick " + all[i].text + " twice";
  for (double x : {low, high})
    if (!(ruler.scale.share(x) >= 0 && ruler.scale.share(x) <= 1)) return "a share outside 0 .. 1";
  return "";
}

}  // namespace

TEST_CASE("figure_svg: every kind is well-formed, with title, axes and units as text") {
  for (const Chart& chart : {two_lines(), two_bars(), Chart{.title = "none"}}) {
    const std::string svg = figure_svg(chart);
    CHECK(xml_problem(svg) == "");
    CHECK(count(svg, ">" + chart.title + "</text>") == 1);
    CHECK(count(svg, "<title>" + chart.title + "</title>") == 1);
    CHECK(count(svg, "prefers-color-scheme: dark") == 1);
    CHECK(count(svg, "<script") + count(svg, "href") + count(svg, "url(") == 0);
    CHECK(figure_svg(chart) == svg);
    CHECK(count(figure_element(chart), "<style>") == 0);
  }
  const std::string svg = figure_svg(two_lines());
  for (const char* words : {">epoch</text>", ">loss (nats)</text>", ">GRU</text>", ">LSTM</text>",
                            ">floor</text>", ">10</text>", ">8</text>"})
    CHECK(count(svg, words) >= 1);
}

TEST_CASE("figure_svg: points are where their numbers say") {
  const std::string svg = figure_svg(two_lines());
  const Area area = area_of(svg);
  const std::vector<Spot> gru = places_of(value_of(tags(svg, "hit").at(1), "d"));
  CHECK(gru.at(0).x == doctest::Approx(area.left + area.width / 2).epsilon(1e-3));
  CHECK(gru.at(0).y == doctest::Approx(area.top + area.height / 2).epsilon(1e-3));
  CHECK(drawn_inside(svg) > 30);
  CHECK(count(svg, "<title>GRU: epoch 5, loss 5 nats (4 to 6)</title>") == 1);
}

TEST_CASE("figure_svg: the axis holds the bounds, too") {
  const std::string svg = figure_svg({.series = {{"s", {0, 1}, {1, 1}, {0, 0}, {4, 4}}}});
  const Area area = area_of(svg);
  const std::vector<Spot> band = places_of(value_of(tags(svg, "band").at(0), "d"));
  REQUIRE(band.size() == 4);
  for (int i = 0; i < 4; i++) {
    CHECK(band[i].x == doctest::Approx(i == 0 || i == 3 ? area.left : area.right()).epsilon(1e-3));
    CHECK(band[i].y == doctest::Approx(i < 2 ? area.top : area.bottom()).epsilon(1e-3));
  }
  CHECK(places_of(value_of(tags(svg, "hit").at(0), "d")).at(0).y ==
        doctest::Approx(area.bottom() - area.height / 4).epsilon(1e-3));
}

TEST_CASE("figure_svg: no number of an axis is cut off") {
  for (double most : {1.0, 123456.0, 1e300}) {
    const std::string svg = figure_svg({.series = {{"s", {-most, most}, {0, 4}}}});
    for (const std::string& tag : tags(svg, "tick")) {
      const std::size_t begin = svg.find(tag) + tag.size();
      const double width = width_of(svg.substr(begin, svg.find('<', begin) - begin));
      const bool middle = value_of(tag, "class") == "tick middle";
      CHECK(number(tag, "x") - (middle ? width / 2 : width) >= 0);
      CHECK(number(tag, "x") + (middle ? width / 2 : 0) <= figure_width);
    }
  }
}

TEST_CASE("figure_svg: extremes, one point and equal numbers stay inside") {
  const double most = 1e300, least = 1e-300;
  const std::vector<Series> cases = {{"a", {-most, most}, {-most, most}},
                                     {"b", {least, 2 * least}, {least, -least}},
                                     {"c", {3}, {0.7}},
                                     {"d", {0, 1, 2}, {5, 5, 5}, {5, 5, 5}, {5, 5, 5}},
                                     {"e", {0, 0}, {0, 0}}};
  for (const Series& series : cases) {
    const std::string svg = figure_svg({.series = {series}});
    INFO(series.name);
    CHECK(xml_problem(svg) == "");
    CHECK(drawn_inside(svg) >= 3);
  }
  const Series wide{"w", {least, 1, most}, {most, 1, least}};
  const std::string svg =
      figure_svg({.x = {.log = true}, .y = {.log = true}, .series = {wide}});
  CHECK(drawn_inside(svg) >= 9);
  CHECK(count(svg, "nan") + count(svg, "inf") == 0);
}

TEST_CASE("figure_svg: bands in the order of their series, below every curve") {
  const std::string svg = figure_svg(two_lines());
  const std::string body = svg.substr(svg.find("class=\"area\""));
  const auto first = [&](const std::string& what, std::size_t from = 0) {
    return body.find("<path class=\"" + what + "\"", from);
  };
  const std::size_t band = first("band"), second = first("band", band + 1);
  CHECK(body.rfind("class=\"c0\"", band) != body.npos);
  CHECK(body.rfind("class=\"c1\"", band) == body.npos);
  CHECK(body.rfind("class=\"c1\"", second) != body.npos);
  CHECK(second < first("level"));
  CHECK(first("level") < first("curve"));
  CHECK(first("band", second + 1) == body.npos);
}

TEST_CASE("figure_svg: the legend is above the data") {
  Chart chart = two_lines();
  for (int k = 2; k < 12; k++)
    chart.series.push_back({join("a long name of series ", k), {1}, {1}});
  const std::string svg = figure_svg(chart);
  const std::vector<std::string> keys = tags(svg, "key-name");
  REQUIRE(keys.size() == 13);
  for (const std::string& key : keys) {
    CHECK(number(key, "y") < area_of(svg).top - 16);           // and above the axis's title
    CHECK(number(key, "x") < figure_width);
  }
}

TEST_CASE("figure: hatching stays within its bar") {
  const Area bar{10, 20, 13, 47};
  for (int k = 0; k < hatch_count; k++)
    for (const Spot& p : places_of(value_of(hatch_element(k, bar), "d")))
      CHECK(is_inside(p, bar));
  CHECK(places_of(value_of(hatch_element(1, bar), "d")).size() >= 10);
}

TEST_CASE("figure_svg: what is not finite is left out, and said") {
  Chart chart = two_lines();
  chart.series[0] = {"GRU", {0, 1, 2, 3, 4}, {1, 2, NAN, INFINITY, 3}};
  chart.series[1].low[0] = NAN;
  chart.levels[0].y = -INFINITY;
  const std::string svg = figure_svg(chart);
  CHECK(count(svg, ">Left out, not finite: 2 points of GRU; 1 bound of LSTM; level floor.<") == 1);
  CHECK(count(svg, "nan") + count(svg, "inf") == 0);
  CHECK(count(value_of(tags(svg.substr(svg.find("area\"")), "curve").at(0), "d"), "M") == 2);
  CHECK(tags(svg, "hit").size() == 6);
  CHECK(count(figure_svg(two_lines()), "Left out") == 0);
  chart = {.series = std::vector<Series>(5, Series{"s", {1, 2, 3}, {NAN, 0, NAN}})};
  CHECK(count(figure_svg(chart), ">Left out, not finite: 10 points of 5 series.<") == 1);
}

TEST_CASE("figure_svg: nothing to draw is said") {
  CHECK(count(figure_svg({}), ">Nothing to draw: there are no series.</text>") == 1);
  const Chart chart{.title = "t", .series = {{"s", {1, NAN}, {INFINITY, 2}}}};
  CHECK(count(figure_svg(chart), ">Nothing to draw: there is no finite point.</text>") == 1);
  CHECK(count(figure_svg(chart), "2 points of s.") == 1);
  const Chart bars{.series = {{"s"}}, .kind = ChartKind::bars};
  CHECK(count(figure_svg(bars), "Nothing to draw") == 1);
  CHECK(count(figure_tsv({}), "\n") == 1);
}

TEST_CASE("bars: they begin at zero, and their heights are their numbers") {
  const std::string svg = figure_svg(two_bars());
  const auto height = [&](const char* tip) {
    return number(tag_of(svg, tip), "height");
  };
  const double one = height("with: short, BLEU 90 (88 to 91)") / 90;
  CHECK(height("with: long, BLEU 60 (50 to 70)") == doctest::Approx(60 * one).epsilon(2e-3));
  CHECK(height("without: short, BLEU 30") == doctest::Approx(30 * one).epsilon(2e-3));
  CHECK(height("without: long, BLEU −20") == doctest::Approx(20 * one).epsilon(2e-3));
  const auto top = [&](const char* tip) { return number(tag_of(svg, tip), "y"); };
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
    CHECK(number(bar, "height") == doctest::Approx(300 * 0.95).epsilon(0.01));
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
  std::vector<std::string> words = hostile_words;
  words.push_back(std::string(5000, 'w'));
  for (const std::string& word : words) {
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
  CHECK(figure_tsv(two_bars())
            .starts_with("series\tx\tBLEU\tlow\thigh\nwith\tshort\t90\t88\t91\n"));
}

TEST_CASE("linear_ruler: steps of 1, 2 or 5 that a reader counts in") {
  CHECK(ticks(linear_ruler(0, 100, 7)) == "0 20 40 60 80 100");
  CHECK(ticks(linear_ruler(3, 97, 7)) == "0 20 40 60 80 100");
  CHECK(ticks(linear_ruler(0, 1, 7)) == "0 0.2 0.4 0.6 0.8 1.0");
  CHECK(ticks(linear_ruler(-0.3, 0.61, 7)) == "−0.4 −0.2 0 0.2 0.4 0.6 0.8");
  CHECK(ticks(linear_ruler(0, 12345, 7)) == "0 5,000 10,000 15,000");
  CHECK(ticks(linear_ruler(0, 7.5e6, 5)) == "0 2,000,000 4,000,000 6,000,000 8,000,000");
  CHECK(ticks(linear_ruler(0.00012, 0.0004, 7)) == "0.00010 0.00015 0.00020 0.00025 0.00030 "
                                                   "0.00035 0.00040");
  CHECK(ticks(linear_ruler(-2e-9, 3e-9, 6)) == "−2×10⁻⁹ −1×10⁻⁹ 0 1×10⁻⁹ 2×10⁻⁹ 3×10⁻⁹");
  CHECK(ticks(linear_ruler(0, 3.2e15, 5)) == "0 1×10¹⁵ 2×10¹⁵ 3×10¹⁵ 4×10¹⁵");
  CHECK(ticks(linear_ruler(1e6 + 1, 1e6 + 4, 5)) == "1,000,001 1,000,002 1,000,003 1,000,004");
}

TEST_CASE("linear_ruler: a single number gets room on both sides") {
  CHECK(ticks(linear_ruler(0, 0, 5)) == "−1.0 −0.5 0 0.5 1.0");
  CHECK(ticks(linear_ruler(10, 10, 5)) == "5 10 15");
  CHECK(linear_ruler(10, 10, 5).scale.share(10) == 0.5);
  CHECK(linear_ruler(0.3, 0.1 + 0.2, 5).ticks.size() >= 3);
}

TEST_CASE("log_ruler: decades, and 1-2-5 where they are few") {
  CHECK(ticks(log_ruler(1, 1000, 8)) == "1 10 100 1,000");
  CHECK(ticks(log_ruler(30, 2048, 8)) == "20 50 100 200 500 1,000 2,000 5,000");
  CHECK(ticks(log_ruler(0.002, 0.03, 8)) == "0.002 0.005 0.01 0.02 0.05");
  CHECK(ticks(log_ruler(3e-7, 0.4, 8)) == "10⁻⁷ 10⁻⁶ 10⁻⁵ 10⁻⁴ 10⁻³ 10⁻² 10⁻¹ 10⁰");
  CHECK(ticks(log_ruler(1e-21, 1, 8)) == "10⁻²¹ 10⁻¹⁸ 10⁻¹⁵ 10⁻¹² 10⁻⁹ 10⁻⁶ 10⁻³ 10⁰");
  CHECK(ticks(log_ruler(3e7, 8e7, 8)) == "2×10⁷ 5×10⁷ 10⁸");
  const Ruler ruler = log_ruler(1, 1000, 5);
  CHECK(ruler.scale.share(10) == doctest::Approx(1 / 3.0).epsilon(1e-12));
  REQUIRE(ruler.minor.size() == 24);            // 2 .. 9 of each decade
  CHECK(ruler.minor[0] == doctest::Approx(std::log10(2) / 3).epsilon(1e-12));
  CHECK(log_ruler(1e-21, 1, 8).minor.empty());
}

TEST_CASE("ruler: ticks cover the data, whatever they are") {
  for (double size : {1e-305, 1e-300, 1e-17, 0.003, 1.0, 7.3, 99999.0, 1e12, 3.3e120, 1e300})
    for (double part : {-1.0, -0.999, 0.0, 1e-12, 0.17, 0.5, 0.99, 1.0})
      for (int most : {3, 5, 9}) {
        INFO("from ", size * part, " to ", size, " in ", most);
        CHECK(ruler_problem(linear_ruler(size * part, size, most), size * part, size, most) == "");
        CHECK(ruler_problem(linear_ruler(-size, -size * part, most), -size, -size * part, most) ==
              "");
        if (size * part <= 0) continue;
        CHECK(ruler_problem(log_ruler(size * part, size, most), size * part, size, most) == "");
        CHECK(ruler_problem(log_ruler(1e-300, size * 1e5 > 1e300 ? 1e300 : 1e5, most), 1e-300, 1e5,
                      most) == "");
      }
}

TEST_CASE("ruler: what has no scale is refused") {
  CHECK_THROWS_WITH_AS(linear_ruler(2, 1, 5), "ruler: from 2 to 1 in 5 ticks", Error);
  CHECK_THROWS_WITH_AS(linear_ruler(NAN, 1, 5), "ruler: from nan to 1 in 5 ticks", Error);
  CHECK_THROWS_WITH_AS(linear_ruler(0, 1e301, 5), "ruler: from 0 to 1e+301 in 5 ticks", Error);
  CHECK_THROWS_WITH_AS(linear_ruler(0, 1, 2), "ruler: from 0 to 1 in 2 ticks", Error);
  CHECK_THROWS_WITH_AS(log_ruler(0, 1, 5), "ruler: decades from 0 to 1 in 5 ticks", Error);
  CHECK_THROWS_WITH_AS(log_ruler(-1, 1, 5), "ruler: decades from -1 to 1 in 5 ticks", Error);
}

TEST_CASE("readable: commas, a true minus, six digits") {
  CHECK(readable(0) == "0");
  CHECK(readable(0.1 + 0.2) == "0.3");
  CHECK(readable(-1234.5) == "−1,234.5");
  CHECK(readable(123456789) == "123,456,789");
  CHECK(readable(999.9996) == "1,000");
  CHECK(readable(1.5e-7) == "1.5e-07");
  CHECK(readable(1e300) == "1e+300");
  CHECK(readable(NAN) == "nan");
  CHECK(readable(-0.001, 2) == "0.00");
  CHECK(readable(-12345.678, 1) == "−12,345.7");
}
