// Elements, words and points.
#include "tools/app/view/figure_parts.h"

#include <algorithm>
#include <cstdlib>

#include "tensor/check.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/view/heatmap.h"

namespace babelgrad {
namespace {

std::string with_tip(const std::string& element, const char* name, const std::string& tip) {
  if (tip.empty()) return element + "/>\n";
  return join(element, "><title>", escape_markup(tip), "</title></", name, ">\n");
}

}  // namespace

void Extent::add(double x) {
  if (!drawable(x)) return;
  low = any ? std::min(low, x) : x;
  high = any ? std::max(high, x) : x;
  any = true;
}

std::string point_text(double x, double y) { return fixed(x, 1) + " " + fixed(y, 1); }

std::string text_element(double x, double y, const std::string& words, const std::string& kind,
                         int angle) {
  std::string out = join("<text class=\"", kind, "\" x=\"", fixed(x, 1), "\" y=\"", fixed(y, 1),
                         "\"");
  if (angle) out += join(" transform=\"rotate(", angle, " ", point_text(x, y), ")\"");
  return out + ">" + escape_markup(words) + "</text>\n";
}

std::string rect_element(const Area& area, const std::string& kind, const std::string& tip) {
  return with_tip(join("<rect class=\"", kind, "\" x=\"", fixed(area.left, 1), "\" y=\"",
                       fixed(area.top, 1), "\" width=\"", fixed(area.width, 1), "\" height=\"",
                       fixed(area.height, 1), "\""),
                  "rect", tip);
}

std::string path_element(const std::string& d, const std::string& kind, const std::string& dashes,
                         const std::string& tip) {
  const std::string dashed = dashes.empty() ? "" : join(" stroke-dasharray=\"", dashes, "\"");
  return with_tip(join("<path class=\"", kind, "\"", dashed, " d=\"", d, "\""), "path", tip);
}

double width_of(const std::string& words) { return letter_width * display_width(words); }

double widest(const std::vector<std::string>& words) {
  double width = 0;
  for (const std::string& word : words) width = std::max(width, width_of(word));
  return width;
}

std::string short_name(const std::string& name, int columns) {
  return cut(printable(name), columns, "…");
}

std::vector<std::string> wrapped(const std::string& words, int columns) {
  std::vector<std::string> lines;
  const std::string all = printable(words);
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find(' ', at), all.size());
    const std::string word = cut(all.substr(at, end - at), std::max(columns, 1), "…");
    const bool fits = !lines.empty() && display_width(lines.back() + " " + word) <= columns;
    if (fits) lines.back() += " " + word;
    else lines.push_back(word);
    at = end + 1;
  }
  return lines;
}

std::string brief(double x, double largest) {
  if (largest >= 1e4 || largest < 0.05)
    return readable(std::strtod(significant(x, 3).c_str(), nullptr));
  return readable(x, largest < 10 ? 2 : largest < 100 ? 1 : 0);
}

std::string axis_title(const Axis& axis) {
  return axis.unit.empty() ? axis.label : join(axis.label, " (", axis.unit, ")");
}

std::string tip_text(const Chart& chart, const Series& series, std::size_t i,
                     const std::string& x) {
  const Axis& value = chart.kind == ChartKind::heat_map ? chart.shade : chart.y;
  const auto named = [](const std::string& name) { return name.empty() ? name : name + " "; };
  std::string out = series.name.empty() ? "" : series.name + ": ";
  out += join(named(chart.x.label), x, ", ", named(value.label), readable(series.y[i]));
  if (!value.unit.empty()) out += " " + value.unit;
  if (has_bounds(series, i))
    out += join(" (", readable(series.low[i]), " to ", readable(series.high[i]), ")");
  return out;
}

bool has_bounds(const Series& series, std::size_t i) {
  return !series.low.empty() && drawable(series.low[i]) && drawable(series.high[i]);
}

bool has_point(const Chart& chart, const Series& series, std::size_t i) {
  return drawable(series.y[i]) && (chart.kind != ChartKind::lines || drawable(series.x[i]));
}

}  // namespace babelgrad
