// Curves with bands. Bands lie below, in the order of their series; then levels, curves, markers.
#include <algorithm>

#include "tensor/check.h"
#include "tools/app/view/figure_parts.h"

namespace babelgrad {
namespace {

constexpr double height = 300;
constexpr int every_marker = 24;                // more points than this get a marker here and there
constexpr int most_tips = 500;                  // of a series

struct Plot {
  const Chart& chart;
  Area area;
  Scale x, y;
  std::string at(double a, double b) const { return point_text(place(a), level(b)); }
  double place(double a) const { return area.left + x.share(a) * area.width; }
  double level(double b) const { return area.bottom() - y.share(b) * area.height; }
};

Extent x_extent(const Chart& chart) {
  Extent extent;
  for (const Series& s : chart.series)
    for (std::size_t i = 0; i < s.y.size(); i++)
      if (has_point(chart, s, i)) extent.add(s.x[i]);
  return extent;
}

// With zero, where that costs no more than half of the height.
Extent y_extent(const Chart& chart) {
  Extent extent;
  for (const Level& level : chart.levels) extent.add(level.y);
  for (const Series& s : chart.series)
    for (std::size_t i = 0; i < s.y.size(); i++) {
      if (!has_point(chart, s, i)) continue;
      extent.add(s.y[i]);
      if (has_bounds(s, i)) extent.add(s.low[i]), extent.add(s.high[i]);
    }
  if (!chart.y.log && extent.low > 0 && extent.low <= extent.high / 2) extent.low = 0;
  if (!chart.y.log && extent.high < 0 && extent.high >= extent.low / 2) extent.high = 0;
  return extent;
}

struct Run {                                    // points begin .. end - 1, none left out
  std::size_t begin, end;
};

template <class Holds>
std::vector<Run> runs(std::size_t count, const Holds& holds) {
  std::vector<Run> all;
  for (std::size_t i = 0; i < count; i++) {
    if (!holds(i)) continue;
    if (all.empty() || all.back().end != i) all.push_back({i, i});
    all.back().end = i + 1;
  }
  return all;
}

std::string band(const Plot& plot, const Series& s) {
  const auto bounded = [&](std::size_t i) {
    return has_point(plot.chart, s, i) && has_bounds(s, i);
  };
  std::string out;
  for (const Run& run : runs(s.y.size(), bounded)) {
    std::string d;
    for (std::size_t i = run.begin; i < run.end; i++)
      d += (d.empty() ? "M" : "L") + plot.at(s.x[i], s.high[i]);
    for (std::size_t i = run.end; i > run.begin; i--) d += "L" + plot.at(s.x[i - 1], s.low[i - 1]);
    const bool alone = run.end - run.begin == 1;
    out += alone ? path_element(d, "whisker") : path_element(d + "Z", "band");
  }
  return out;
}

// Markers far apart on a long curve, those of each series at other places.
bool is_marked(std::size_t i, std::size_t count, std::size_t series, std::size_t all) {
  if (count <= every_marker) return true;
  const std::size_t stride = count / 8;
  return i % stride == stride * (2 * series + 1) / (2 * all) % stride;
}

std::string curve(const Plot& plot, std::size_t series) {
  const Series& s = plot.chart.series[series];
  const std::size_t count = s.y.size();
  std::string d, dots;
  for (const Run& run : runs(count, [&](std::size_t i) { return has_point(plot.chart, s, i); })) {
    for (std::size_t i = run.begin; i < run.end; i++) {
      d += (i == run.begin ? "M" : "L") + plot.at(s.x[i], s.y[i]);
      const bool alone = run.end - run.begin == 1;
      if (alone || is_marked(i, count, series, plot.chart.series.size()))
        dots += marker_element(int(series), plot.place(s.x[i]), plot.level(s.y[i]));
    }
  }
  return d.empty() ? "" : path_element(d, "curve", dash_pattern(int(series))) + dots;
}

// Unseen circles about the points, which say their numbers.
std::string tips(const Plot& plot, const Series& s) {
  const std::size_t stride = 1 + s.y.size() / most_tips;
  std::string out;
  for (std::size_t i = 0; i < s.y.size(); i += stride) {
    if (!has_point(plot.chart, s, i)) continue;
    const std::string tip = tip_text(plot.chart, s, i, readable(s.x[i]));
    out += path_element(join("M", plot.at(s.x[i], s.y[i]), "m-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0z"),
                        "hit", "", tip);
  }
  return out;
}

}  // namespace

Picture lines_picture(const Chart& chart, double top) {
  const Extent ys = y_extent(chart);
  const Ruler y = chart.y.log ? log_ruler(ys.low, ys.high, 8) : linear_ruler(ys.low, ys.high, 7);
  Area area{ticks_width(y) + 22, top + 30, figure_width, height};
  const Ruler x = fitting_ruler(x_extent(chart), chart.x.log, figure_width - area.left - 30);
  const double beyond = ticks_width(x) / 2 + 4;  // half of the first number and of the last
  area.left = std::max(area.left, beyond);
  area.width = figure_width - area.left - std::max(24.0, beyond);
  const Plot plot{chart, area, x.scale, y.scale};
  Picture p = number_axis(x, chart.x, area);
  p.svg = rect_element(area, "area") + value_axis(y, chart.y, area) + p.svg;
  const auto in_color = [](std::size_t k, const std::string& svg) {
    return svg.empty() ? "" : join("<g class=\"", color_class(int(k)), "\">\n", svg, "</g>\n");
  };
  for (std::size_t k = 0; k < chart.series.size(); k++)
    p.svg += in_color(k, band(plot, chart.series[k]));
  p.svg += level_lines(chart, y.scale, area);
  for (std::size_t k = 0; k < chart.series.size(); k++) p.svg += in_color(k, curve(plot, k));
  for (const Series& s : chart.series) p.svg += tips(plot, s);
  return p;
}

}  // namespace babelgrad
