// A matrix of shades: a row for each series, a column for each name, and beside it what they mean.
#include <algorithm>
#include <cmath>

#include "tensor/check.h"
#include "tools/app/view/figure_parts.h"

namespace babelgrad {
namespace {

constexpr double bar_room = 104, bar_width = 16;               // what the shades mean, at the right
constexpr int longest_row = 30;

Extent extent_of(const Chart& chart) {
  Extent extent;
  for (const Series& s : chart.series)
    for (double v : s.y) extent.add(v);
  return extent;
}

struct Matrix {
  const Chart& chart;
  Area area;
  Extent extent;
  Ruler ruler;
  bool numbers = false;                         // in the cells

  double width() const { return area.width / double(chart.names.size()); }
  double height() const { return area.height / double(chart.series.size()); }
  double largest() const { return std::max(-extent.low, extent.high); }
  std::string shade(double v) const { return text(std::lround(ruler.scale.share(v) * 32)); }
};

bool numbers_fit(const Matrix& m) {
  if (m.ruler.scale.log || m.height() < 16) return false;
  for (const Series& s : m.chart.series)
    for (double v : s.y)
      if (drawable(v) && width_of(brief(v, m.largest())) * 0.92 > m.width()) return false;
  return true;
}

std::string cell_svg(const Matrix& m, std::size_t row, std::size_t column) {
  const Series& s = m.chart.series[row];
  const Area cell{m.area.left + m.width() * double(column), m.area.top + m.height() * double(row),
                  m.width(), m.height()};
  const double v = s.y[column], x = cell.left + cell.width / 2, y = cell.top + cell.height / 2 + 4;
  const std::string tip = tip_text(m.chart, s, column, m.chart.names[column]);
  if (!drawable(v))
    return rect_element(cell, "cell absent", tip) +
           (m.numbers ? text_element(x, y, "–", "tick middle") : "");
  std::string out = rect_element(cell, "cell shade" + m.shade(v), tip);
  if (m.numbers) out += text_element(x, y, brief(v, m.largest()), "tick middle on" + m.shade(v));
  return out;
}

std::string shade_bar(const Chart& chart, const Ruler& ruler, const Area& bar) {
  std::string out;
  const double step = bar.height / 32;
  for (int k = 0; k < 32; k++)                  // a little taller, so that no seams show
    out += rect_element({bar.left, bar.bottom() - step * (k + 1), bar.width, step + (k > 0) * 0.5},
                        join("shade", k + (k > 15)));
  for (const Tick& tick : ruler.ticks) {
    const double y = bar.bottom() - tick.at * bar.height;
    out += path_element(join("M", point_text(bar.right(), y), "h4"), "axis");
    out += text_element(bar.right() + 8, y + 4, tick.text, "tick");
  }
  const std::string title = short_name(axis_title(chart.shade), 60);
  const double right = bar.right() + ticks_width(ruler) + 8;
  return title.empty() ? out : out + text_element(right, bar.top - 14, title, "name end");
}

Area cells_area(const Chart& chart, double top) {
  std::vector<std::string> rows;
  for (const Series& s : chart.series) rows.push_back(short_name(s.name, longest_row));
  const double m = double(chart.series.size()), n = double(chart.names.size());
  Area area{std::max(widest(rows), width_of(short_name(chart.y.label, 20))) + 22, top + 30, 0, 0};
  const double room = figure_width - bar_room;
  area.width = n * std::clamp((room - area.left) / n, 13.0, 64.0);
  const double over = names_overhang(chart.names, area.width / n);
  const double shift = std::max(0.0, over + 12 - area.left);
  area.left += shift;
  area.width = n * std::clamp((room - area.left) / n, 13.0, 64.0);
  area.height = m * std::clamp(320 / m, 13.0, 34.0);
  return area;
}

}  // namespace

Picture heat_picture(const Chart& chart, double top) {
  const Extent e = extent_of(chart);
  Matrix m{chart, cells_area(chart, top), e,
           chart.shade.log ? log_ruler(e.low, e.high, 7) : linear_ruler(e.low, e.high, 7)};
  m.numbers = numbers_fit(m);
  const Area& area = m.area;
  Picture p = name_axis(chart.names, chart.x, area);
  p.svg += rect_element(area, "area");
  p.svg += text_element(12, area.top - 14, short_name(axis_title(chart.y), 50), "name");
  for (std::size_t i = 0; i < chart.series.size(); i++) {
    p.svg += text_element(area.left - 8, area.top + m.height() * (double(i) + 0.5) + 4,
                          short_name(chart.series[i].name, longest_row), "tick end");
    for (std::size_t j = 0; j < chart.names.size(); j++) p.svg += cell_svg(m, i, j);
  }
  const double bar_height = std::clamp(area.height, 100.0, 240.0);
  p.svg += shade_bar(chart, m.ruler, {area.right() + 24, area.top, bar_width, bar_height});
  p.bottom = std::max(p.bottom, area.top + bar_height + 12);
  p.width = std::max(figure_width, area.right() + bar_room);
  return p;
}

}  // namespace babelgrad
