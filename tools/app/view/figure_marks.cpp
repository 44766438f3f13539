// How series are told apart: seven colours (Okabe and Ito's, without the yellow), six dashes, eight
// markers, six hatchings. No two of most_series share colour and dash, or dash and marker.
#include <algorithm>
#include <vector>

#include "tensor/check.h"
#include "tools/app/view/figure_parts.h"

namespace babelgrad {
namespace {

struct Marker {
  const char* d;                                // from its middle, as relative moves
  bool hollow;
};

constexpr Marker markers[marker_count] = {
    {"m-3.6 0a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0 -7.2 0z", false},
    {"m-3.3 -3.3h6.6v6.6h-6.6z", false},
    {"m0 -4.6l4 6.9h-8z", false},
    {"m0 -4.8l4.8 4.8l-4.8 4.8l-4.8 -4.8z", false},
    {"m-3.3 0a3.3 3.3 0 1 0 6.6 0a3.3 3.3 0 1 0 -6.6 0z", true},
    {"m0 4.6l4 -6.9h-8z", false},
    {"m-3 -3h6v6h-6z", true},
    {"m0 -4.3l4.3 4.3l-4.3 4.3l-4.3 -4.3z", true}};

constexpr const char* dashes[dash_count] = {"", "7 4", "2 3", "11 3 2 3", "14 4", "6 3 2 3 2 3"};

// The part within the bar of the line x + slope * y = c, with slope 1 or -1.
std::string slanted_line(const Area& bar, double slope, double c) {
  double from = bar.top, to = bar.bottom();
  const double left_at = (c - bar.left) / slope, right_at = (c - bar.right()) / slope;
  from = std::max(from, std::min(left_at, right_at));
  to = std::min(to, std::max(left_at, right_at));
  if (from >= to) return "";
  return "M" + point_text(c - slope * from, from) + "L" + point_text(c - slope * to, to);
}

std::string slanted_lines(const Area& bar, double slope, double gap) {
  const double a = bar.left + slope * bar.top, b = bar.right() + slope * bar.top;
  const double c = bar.left + slope * bar.bottom(), d = bar.right() + slope * bar.bottom();
  std::string out;
  for (double at = std::min({a, b, c, d}) + gap / 2; at < std::max({a, b, c, d}); at += gap)
    out += slanted_line(bar, slope, at);
  return out;
}

std::string level_strokes(const Area& bar, double gap) {
  std::string out;
  for (double y = bar.bottom() - gap; y > bar.top; y -= gap)
    out += join("M", point_text(bar.left, y), "h", fixed(bar.width, 1));
  return out;
}

std::string upright_strokes(const Area& bar, double gap) {
  std::string out;
  for (double x = bar.left + gap; x < bar.right() - 1; x += gap)
    out += join("M", point_text(x, bar.top), "v", fixed(bar.height, 1));
  return out;
}

}  // namespace

std::string color_class(int series) { return join("c", series % color_count); }

std::string dash_pattern(int series) { return dashes[series % dash_count]; }

std::string marker_element(int series, double x, double y) {
  const Marker& marker = markers[series % marker_count];
  return path_element("M" + point_text(x, y) + marker.d, marker.hollow ? "dot ring" : "dot");
}

// Strokes of the paper's colour over the bar's.
std::string hatch_element(int series, const Area& bar) {
  std::string d;
  switch (series % hatch_count) {
  case 0: break;                                // whole
  case 1: d = slanted_lines(bar, 1, 7); break;
  case 2: d = level_strokes(bar, 5); break;
  case 3: d = slanted_lines(bar, -1, 7); break;
  case 4: d = slanted_lines(bar, 1, 9) + slanted_lines(bar, -1, 9); break;
  case 5: d = upright_strokes(bar, 4); break;
  }
  return d.empty() ? "" : path_element(d, "hatch");
}

std::string legend_sample(const Chart& chart, int series, double x, double y) {
  std::string out = "<g class=\"" + color_class(series) + "\">\n";
  if (chart.kind == ChartKind::bars) {
    const Area swatch{x + 8, y - 7, 22, 14};
    out += rect_element(swatch, "bar") + hatch_element(series, swatch);
  } else {
    out += path_element(join("M", point_text(x, y), "h34"), "curve", dash_pattern(series));
    out += marker_element(series, x + 17, y);
  }
  return out + "</g>\n";
}

}  // namespace babelgrad
