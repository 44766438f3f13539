// A chart: plain data, and from it one SVG and one table of the same numbers. The same
// data give the same bytes. Series differ in colour (safe for the colour-blind), in dashes and
// markers or hatching, so that a print in grey reads; on a dark screen the picture is dark.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace babelgrad {

struct Series {
  std::string name = {};
  std::vector<double> x = {}, y = {};           // equally many; x only of lines
  std::vector<double> low = {}, high = {};      // about each y: the band or error bar; or none
};

struct Axis {
  std::string label = {}, unit = {};            // "loss", "nats"
  bool log = false;
};

struct Level {                                  // a line across: a floor, a threshold
  std::string name = {};
  double y = 0;
};

enum class ChartKind { lines, bars };
inline std::vector<std::string> words_of(ChartKind) { return {"lines", "bars"}; }

struct Chart {
  std::string title = {};
  Axis x = {}, y = {};
  std::vector<Series> series = {};
  ChartKind kind = ChartKind::lines;
  std::vector<std::string> names = {};          // of the groups of bars
  std::vector<Level> levels = {};
  std::string note = {};                        // below: what line and band are, of how many runs
};

constexpr int most_series = 24;                 // that dashes and markers still tell apart
constexpr int most_points = 100'000;            // of a chart

// What is not finite, or beyond 1e300, is left out, and the picture says of which series; without
// anything to draw it says that. Error `figure "TITLE": ...` if lists do not fit one another, a
// bound is on the wrong side of the other, a log scale gets zero or below, bars get a log scale, or
// there are too many series or points.
std::string figure_svg(const Chart& chart);

// As figure_svg, to stand in a page that has the style sheet chart.css.
std::string figure_element(const Chart& chart);

// A header and one row for each point, the ones left out too: series, x (or the name), y, and low
// and high if there are any. Numbers are the shortest that read back equal. Errors as above.
std::string figure_tsv(const Chart& chart);

constexpr double largest_drawn = 1e300;         // beyond it a number counts as infinite
bool drawable(double x);                        // finite, and not beyond

// For a reader: six digits, 12,345,678, a true minus sign.
std::string readable(double x);
std::string readable(double x, int decimals);

}  // namespace babelgrad
