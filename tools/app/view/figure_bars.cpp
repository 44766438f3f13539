// Bars from zero, a group for each name, with error bars and, where there is room, their numbers.
#include <algorithm>

#include "tensor/check.h"
#include "tools/app/view/figure_parts.h"

namespace babelgrad {
namespace {

constexpr double height = 300;

struct Bars {
  const Chart& chart;
  Area area;
  Scale scale;
  Extent extent;
  bool numbers = false;                         // each bar has its own
  double level(double y) const { return area.bottom() - scale.share(y) * area.height; }
  double pitch() const { return area.width / double(chart.names.size()); }
  double width() const { return std::min(0.8 * pitch() / double(chart.series.size()), 72.0); }
};

Extent extent_of(const Chart& chart) {
  Extent extent;
  extent.add(0);
  for (const Level& level : chart.levels) extent.add(level.y);
  for (const Series& s : chart.series)
    for (std::size_t i = 0; i < s.y.size(); i++) {
      extent.add(s.y[i]);
      if (has_point(chart, s, i) && has_bounds(s, i)) extent.add(s.low[i]), extent.add(s.high[i]);
    }
  return extent;
}

std::string whisker(double x, double from, double to, double cap) {
  std::string d;
  for (double y : {from, to})
    d += join("M", point_text(x - cap, y), "h", fixed(2 * cap, 1));
  d += join("M", point_text(x, from), "L", point_text(x, to));
  return path_element(d, "whisker halo") + path_element(d, "whisker");
}

double largest(const Bars& bars) { return std::max(-bars.extent.low, bars.extent.high); }

// All of them or none.
bool numbers_fit(const Bars& bars) {
  for (const Series& s : bars.chart.series)
    for (double y : s.y)
      if (drawable(y) && width_of(brief(y, largest(bars))) > bars.width() + 4) return false;
  return true;
}

// Beyond the bar and its error bar.
std::string number_text(const Bars& bars, const Series& s, std::size_t i, double middle) {
  double from = std::min(s.y[i], 0.0), to = std::max(s.y[i], 0.0);
  if (has_bounds(s, i)) from = std::min(from, s.low[i]), to = std::max(to, s.high[i]);
  const double y = s.y[i] < 0 ? bars.level(from) + 14 : bars.level(to) - 5;
  return text_element(middle, y, brief(s.y[i], largest(bars)), "tick middle");
}

std::string bar(const Bars& bars, std::size_t series, std::size_t i) {
  const Series& s = bars.chart.series[series];
  if (!has_point(bars.chart, s, i)) return "";
  const double width = bars.width(), all = width * double(bars.chart.series.size());
  const double left = bars.area.left + bars.pitch() * (double(i) + 0.5) - all / 2 +
                      width * double(series);
  const double top = bars.level(std::max(s.y[i], 0.0)), end = bars.level(std::min(s.y[i], 0.0));
  const double gap = std::min(1.0, width / 8), middle = left + width / 2;
  const Area place{left + gap, top, width - 2 * gap, end - top};
  const std::string tip = tip_text(bars.chart, s, i, bars.chart.names[i]);
  std::string out = rect_element(place, "bar", tip) + hatch_element(int(series), place);
  if (has_bounds(s, i))
    out += whisker(middle, bars.level(s.low[i]), bars.level(s.high[i]), std::min(5.0, width / 4));
  return bars.numbers ? out + number_text(bars, s, i, middle) : out;
}

}  // namespace

Picture bars_picture(const Chart& chart, double top) {
  const Extent extent = extent_of(chart);
  const Ruler y = linear_ruler(extent.low, extent.high, 7);
  Area area{ticks_width(y) + 22, top + 30, 0, height};
  area.width = figure_width - area.left - 16;
  const double over = names_overhang(chart.names, area.width / double(chart.names.size()));
  const double shift = std::max(0.0, over + 12 - area.left);
  area.left += shift, area.width -= shift;
  Bars bars{chart, area, y.scale, extent};
  bars.numbers = numbers_fit(bars);
  Picture p = name_axis(chart.names, chart.x, area);
  p.svg = rect_element(area, "area") + value_axis(y, chart.y, area) + p.svg;
  for (std::size_t k = 0; k < chart.series.size(); k++) {
    p.svg += "<g class=\"" + color_class(int(k)) + "\">\n";
    for (std::size_t i = 0; i < chart.names.size(); i++) p.svg += bar(bars, k, i);
    p.svg += "</g>\n";
  }
  p.svg += path_element(join("M", point_text(area.left, bars.level(0)), "h", fixed(area.width, 1)),
                        "axis");
  p.svg += level_lines(chart, y.scale, area);
  return p;
}

}  // namespace babelgrad
