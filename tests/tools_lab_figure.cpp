#include "tools/app/view/chart.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>

#include "tensor/check.h"
#include "tests/charts.h"
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

Chart small_map() {
  return {.title = "Alignment",
          .x = {"head"},
          .y = {"layer"},
          .series = {{"first", {}, {0, 0.25}}, {"second", {}, {1, NAN}}},
          .kind = ChartKind::heat_map,
          .names = {"1", "2"},
          .shade = {"AER"}};
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

std::string attribute(const std::string& tag, const std::string& name) {
  const std::size_t at = tag.find(" " + name + "=\"");
  if (at == tag.npos) return "";
  const std::size_t begin = at + name.size() + 3;
  return tag.substr(begin, tag.find('"', begin) - begin);
}

double number(const std::string& tag, const std::string& name) {
  return std::strtod(attribute(tag, name).c_str(), nullptr);
}

struct Place { double x, y; };

std::vector<Place> places(const std::string& d) {              // of its M and L
  std::vector<Place> all;
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

// How many places of these classes are drawn; a failed check for each outside the data's area.
int drawn_inside(const std::string& svg) {
  const Area area = area_of(svg);
  int n = 0;
  for (const char* kind : {"curve", "band", "dot", "hit", "level", "whisker"})
    for (const std::string& tag : tags(svg.substr(svg.find("class=\"area\"")), kind))
      for (const Place& p : places(attribute(tag, "d"))) {
        n++;
        CHECK(p.x >= area.left - 0.1);
        CHECK(p.x <= area.right() + 0.1);
        CHECK(p.y >= area.top - 0.1);
        CHECK(p.y <= area.bottom() + 0.1);
      }
  return n;
}

}  // namespace

TEST_CASE("figure_svg: every kind is well-formed, with title, axes and units as text") {
  for (const Chart& chart : {two_lines(), two_bars(), small_map(), Chart{.title = "none"}}) {
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
  const std::vector<Place> gru = places(attribute(tags(svg, "hit").at(1), "d"));
  CHECK(gru.at(0).x == doctest::Approx(area.left + area.width / 2).epsilon(1e-3));
  CHECK(gru.at(0).y == doctest::Approx(area.top + area.height / 2).epsilon(1e-3));
  CHECK(drawn_inside(svg) > 30);
  CHECK(count(svg, "<title>GRU: epoch 5, loss 5 nats (4 to 6)</title>") == 1);
}

TEST_CASE("figure_svg: the axis holds the bounds, too") {
  const std::string svg = figure_svg({.series = {{"s", {0, 1}, {1, 1}, {0, 0}, {4, 4}}}});
  const Area area = area_of(svg);
  const std::vector<Place> band = places(attribute(tags(svg, "band").at(0), "d"));
  REQUIRE(band.size() == 4);
  for (int i = 0; i < 4; i++) {
    CHECK(band[i].x == doctest::Approx(i == 0 || i == 3 ? area.left : area.right()).epsilon(1e-3));
    CHECK(band[i].y == doctest::Approx(i < 2 ? area.top : area.bottom()).epsilon(1e-3));
  }
  CHECK(places(attribute(tags(svg, "hit").at(0), "d")).at(0).y ==
        doctest::Approx(area.bottom() - area.height / 4).epsilon(1e-3));
}

TEST_CASE("figure_svg: no number of an axis is cut off") {
  for (double most : {1.0, 123456.0, 1e300}) {
    const std::string svg = figure_svg({.series = {{"s", {-most, most}, {0, 4}}}});
    for (const std::string& tag : tags(svg, "tick")) {
      const std::size_t begin = svg.find(tag) + tag.size();
      const double width = width_of(svg.substr(begin, svg.find('<', begin) - begin));
      const bool middle = attribute(tag, "class") == "tick middle";
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
    for (const Place& p : places(attribute(hatch_element(k, bar), "d"))) {
      CHECK(p.x >= bar.left - 0.1);
      CHECK(p.x <= bar.right() + 0.1);
      CHECK(p.y >= bar.top - 0.1);
      CHECK(p.y <= bar.bottom() + 0.1);
    }
  CHECK(places(attribute(hatch_element(1, bar), "d")).size() >= 10);
}

TEST_CASE("figure_svg: what is not finite is left out, and said") {
  Chart chart = two_lines();
  chart.series[0] = {"GRU", {0, 1, 2, 3, 4}, {1, 2, NAN, INFINITY, 3}};
  chart.series[1].low[0] = NAN;
  chart.levels[0].y = -INFINITY;
  const std::string svg = figure_svg(chart);
  CHECK(count(svg, ">Left out, not finite: 2 points of GRU; 1 bound of LSTM; level floor.<") == 1);
  CHECK(count(svg, "nan") + count(svg, "inf") == 0);
  CHECK(count(attribute(tags(svg.substr(svg.find("area\"")), "curve").at(0), "d"), "M") == 2);
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
