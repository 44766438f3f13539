// A chart from its title down to its notes, and what it refuses.
#include "tools/app/view/chart.h"

#include <algorithm>
#include <cmath>

#include "tensor/check.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/view/chart_parts.h"
#include "tools/app/view/heatmap.h"
#include "tools/app/view/page.h"

namespace babelgrad {
namespace {

constexpr double margin = 12, title_height = 21, legend_height = 21, note_height = 16;

template <class... Parts>
void check_chart(const Chart& chart, bool condition, const Parts&... parts) {
  check(condition, "figure ", in_quotes(chart.title), ": ", parts...);
}

void check_positive(const Chart& chart, const std::string& name, const char* what, double x) {
  check_chart(chart, !drawable(x) || x > 0, in_quotes(name), " has ", what, " = ", x,
              ", and a log scale begins above zero");
}

void check_logs(const Chart& chart, const Series& s) {
  for (std::size_t i = 0; i < s.y.size(); i++) {
    if (chart.kind == ChartKind::lines && chart.x.log) check_positive(chart, s.name, "x", s.x[i]);
    if (chart.y.log) check_positive(chart, s.name, "y", s.y[i]);
    if (chart.y.log && has_bounds(s, i)) check_positive(chart, s.name, "low", s.low[i]);
  }
}

void check_series(const Chart& chart, const Series& s) {
  const bool lines = chart.kind == ChartKind::lines;
  const std::size_t count = lines ? s.x.size() : chart.names.size();
  const std::string name = in_quotes(s.name);
  check_chart(chart, s.y.size() == count, name, " has ", s.y.size(), " y for ", count,
              lines ? " x" : " names");
  check_chart(chart, lines || s.x.empty(), name, " has x, and here the names are the places");
  check_chart(chart, s.low.size() == s.high.size() && (s.low.empty() || s.low.size() == count),
              name, " has bounds ", s.low.size(), " low and ", s.high.size(), " high for ", count,
              " y");
  for (std::size_t i = 0; i < s.y.size(); i++)
    check_chart(chart, !has_bounds(s, i) || s.low[i] <= s.high[i], name, " has low ",
                s.low.empty() ? 0 : s.low[i], " above high ", s.low.empty() ? 0 : s.high[i]);
  check_logs(chart, s);
}

void check_all(const Chart& chart) {
  check_chart(chart, chart.series.size() <= most_series, chart.series.size(), " series, and ",
              most_series, " can be told apart");
  check_chart(chart, chart.kind == ChartKind::lines || (!chart.x.log && !chart.y.log),
              "bars begin at zero and have no log scale; draw lines");
  check_chart(chart, chart.kind != ChartKind::lines || chart.names.empty(),
              "lines have x, not names");
  std::size_t points = 0;
  for (const Series& s : chart.series) check_series(chart, s), points += s.y.size();
  check_chart(chart, points <= most_points, points, " points, and a figure carries ", most_points);
  for (const Level& level : chart.levels)
    if (chart.y.log) check_positive(chart, level.name, "y", level.y);
}

// --- what is left out

bool has_anything(const Chart& chart) {
  for (const Series& s : chart.series)
    for (std::size_t i = 0; i < s.y.size(); i++)
      if (has_point(chart, s, i)) return true;
  return false;
}

// "2 points and 1 bound of GRU"
std::string counted(std::size_t points, std::size_t bounds, const std::string& name) {
  const auto some = [](std::size_t n, const char* what) {
    return n == 0 ? "" : join(n, " ", what, n == 1 ? "" : "s");
  };
  return some(points, "point") + (points && bounds ? " and " : "") + some(bounds, "bound") +
         (name.empty() ? "" : " of " + name);
}

// Each series by its name; of more than four only their number.
std::string left_out(const Chart& chart) {
  std::vector<std::string> parts;
  std::size_t all_points = 0, all_bounds = 0;
  for (const Series& s : chart.series) {
    std::size_t points = 0, bounds = 0;
    for (std::size_t i = 0; i < s.y.size(); i++) {
      points += !has_point(chart, s, i);
      bounds += has_point(chart, s, i) && !s.low.empty() && !has_bounds(s, i);
    }
    if (points + bounds > 0) parts.push_back(counted(points, bounds, s.name));
    all_points += points, all_bounds += bounds;
  }
  if (parts.size() > 4)
    parts = {counted(all_points, all_bounds, join(parts.size(), " series"))};
  for (const Level& level : chart.levels)
    if (!drawable(level.y)) parts.push_back("level " + level.name);
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : "; ") + part;
  return out.empty() ? "" : "Left out, not finite: " + out + ".";
}

// --- both kinds: what is common

constexpr double plot_height = 300;

// Of the numbers along y.
Extent value_extent(const Chart& chart) {
  Extent extent;
  for (const Level& level : chart.levels) extent.add(level.y);
  for (const Series& s : chart.series)
    for (std::size_t i = 0; i < s.y.size(); i++) {
      if (!has_point(chart, s, i)) continue;
      extent.add(s.y[i]);
      if (has_bounds(s, i)) extent.add(s.low[i]), extent.add(s.high[i]);
    }
  return extent;
}

double largest_of(const Extent& extent) { return std::max(-extent.low, extent.high); }

// Does each number fit into this room? All of them are shown or none.
bool numbers_fit(const Chart& chart, const Extent& extent, double room) {
  for (const Series& s : chart.series)
    for (double y : s.y)
      if (drawable(y) && width_of(brief(y, largest_of(extent))) > room) return false;
  return true;
}

std::string in_color(std::size_t series, const std::string& svg) {
  return svg.empty() ? "" : join("<g class=\"", color_class(int(series)), "\">\n", svg, "</g>\n");
}

// --- curves with bands: these lie below, in their order; then levels, curves, markers

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

// With zero, where that costs no more than half of the height.
Extent with_near_zero(Extent extent) {
  if (extent.low > 0 && extent.low <= extent.high / 2) extent.low = 0;
  if (extent.high < 0 && extent.high >= extent.low / 2) extent.high = 0;
  return extent;
}

struct Run {                                    // points begin .. end - 1, none left out
  std::size_t begin, end;
  bool alone() const { return end - begin == 1; }
};

template <class Holds>
std::vector<Run> runs_of(std::size_t count, const Holds& holds) {
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
  for (const Run& run : runs_of(s.y.size(), bounded)) {
    std::string d;
    for (std::size_t i = run.begin; i < run.end; i++)
      d += (d.empty() ? "M" : "L") + plot.at(s.x[i], s.high[i]);
    for (std::size_t i = run.end; i > run.begin; i--) d += "L" + plot.at(s.x[i - 1], s.low[i - 1]);
    out += run.alone() ? path_element(d, "whisker") : path_element(d + "Z", "band");
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
  const auto drawn = [&](std::size_t i) { return has_point(plot.chart, s, i); };
  std::string d, dots;
  for (const Run& run : runs_of(count, drawn))
    for (std::size_t i = run.begin; i < run.end; i++) {
      d += (i == run.begin ? "M" : "L") + plot.at(s.x[i], s.y[i]);
      if (run.alone() || is_marked(i, count, series, plot.chart.series.size()))
        dots += marker_element(int(series), plot.place(s.x[i]), plot.level(s.y[i]));
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

Picture lines_picture(const Chart& chart, double top) {
  const bool log = chart.y.log;
  const Extent ys = log ? value_extent(chart) : with_near_zero(value_extent(chart));
  const Ruler y = log ? log_ruler(ys.low, ys.high, 8) : linear_ruler(ys.low, ys.high, 7);
  Extent xs;
  for (const Series& s : chart.series)
    for (std::size_t i = 0; i < s.y.size(); i++)
      if (has_point(chart, s, i)) xs.add(s.x[i]);
  Area area{ticks_width(y) + 22, top + 30, figure_width, plot_height};
  const Ruler x = fitting_ruler(xs, chart.x.log, figure_width - area.left - 30);
  const double beyond = ticks_width(x) / 2 + 4;  // half of the first number and of the last
  area.left = std::max(area.left, beyond);
  area.width = figure_width - area.left - std::max(24.0, beyond);
  const Plot plot{chart, area, x.scale, y.scale};
  Picture p = number_axis(x, chart.x, area);
  p.svg = rect_element(area, "area") + value_axis(y, chart.y, area) + p.svg;
  for (std::size_t k = 0; k < chart.series.size(); k++)
    p.svg += in_color(k, band(plot, chart.series[k]));
  p.svg += level_lines(chart, y.scale, area);
  for (std::size_t k = 0; k < chart.series.size(); k++) p.svg += in_color(k, curve(plot, k));
  for (const Series& s : chart.series) p.svg += tips(plot, s);
  return p;
}

// --- bars from zero, a group for each name, with error bars and, if there is room, numbers

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

std::string whisker(double x, double from, double to, double cap) {
  std::string d;
  for (double y : {from, to})
    d += join("M", point_text(x - cap, y), "h", fixed(2 * cap, 1));
  d += join("M", point_text(x, from), "L", point_text(x, to));
  return path_element(d, "whisker halo") + path_element(d, "whisker");
}

// Beyond the bar and its error bar.
std::string number_text(const Bars& bars, const Series& s, std::size_t i, double middle) {
  double from = std::min(s.y[i], 0.0), to = std::max(s.y[i], 0.0);
  if (has_bounds(s, i)) from = std::min(from, s.low[i]), to = std::max(to, s.high[i]);
  const double y = s.y[i] < 0 ? bars.level(from) + 14 : bars.level(to) - 5;
  return text_element(middle, y, brief(s.y[i], largest_of(bars.extent)), "tick middle");
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

Picture bars_picture(const Chart& chart, double top) {
  Extent extent = value_extent(chart);
  extent.add(0);
  const Ruler y = linear_ruler(extent.low, extent.high, 7);
  Area area{ticks_width(y) + 22, top + 30, 0, plot_height};
  area.width = figure_width - area.left - 16;
  const double over = names_overhang(chart.names, area.width / double(chart.names.size()));
  const double shift = std::max(0.0, over + 12 - area.left);    // for slanted names
  area.left += shift, area.width -= shift;
  Bars bars{chart, area, y.scale, extent};
  bars.numbers = numbers_fit(chart, extent, bars.width() + 4);
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

// --- from the top down

Picture lines_of_text(const std::string& words, const char* kind, double top, double height,
                      double letter) {
  Picture p{"", top};
  for (const std::string& line : wrapped(words, int((figure_width - 2 * margin) / letter))) {
    p.bottom += height;
    p.svg += text_element(margin, p.bottom, line, kind);
  }
  return p;
}

// In rows above the data, where it covers none of them.
Picture legend_picture(const Chart& chart, double top) {
  Picture p{"", top};
  double x = margin;
  const auto add = [&](const std::string& name, const auto& sample) {
    if (name.empty()) return;
    const std::string shown = short_name(name);
    const double width = 42 + width_of(shown);
    const bool full = x > margin && x + width > figure_width - margin;
    if (full) x = margin;
    if (full || p.bottom == top) p.bottom += legend_height;
    p.svg += sample(x, p.bottom - 4) + text_element(x + 40, p.bottom, shown, "key-name");
    x += width + 16;
  };
  for (std::size_t k = 0; k < chart.series.size(); k++)
    add(chart.series[k].name,
        [&](double left, double y) { return legend_sample(chart, int(k), left, y); });
  for (const Level& level : chart.levels)
    add(level.name, [](double left, double y) {
      return path_element(join("M", point_text(left, y), "h34"), "level", "1 4");
    });
  return p;
}

Picture data_picture(const Chart& chart, double top) {
  if (!has_anything(chart)) {
    const Area area{margin, top + 10, figure_width - 2 * margin, 90};
    const char* words = chart.series.empty() ? "Nothing to draw: there are no series."
                                             : "Nothing to draw: there is no finite point.";
    return {rect_element(area, "area empty") +
                text_element(figure_width / 2, area.top + 50, words, "name middle"),
            area.bottom()};
  }
  return chart.kind == ChartKind::bars ? bars_picture(chart, top) : lines_picture(chart, top);
}

std::string svg_of(const Chart& chart, const std::string& style) {
  check_all(chart);
  Picture all = lines_of_text(chart.title, "heading", 6, title_height, 8.9);
  const auto add = [&](const Picture& part) { all.svg += part.svg, all.bottom = part.bottom; };
  add(legend_picture(chart, all.bottom + 4));
  add(data_picture(chart, all.bottom + 4));
  add(lines_of_text(chart.note, "remark", all.bottom + 8, note_height, 6.6));
  add(lines_of_text(left_out(chart), "remark left-out", all.bottom + 2, note_height, 6.6));
  const std::string w = fixed(figure_width, 0), h = fixed(all.bottom + margin, 0);
  return join("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" width=\"", w,
              "\" height=\"", h, "\" viewBox=\"0 0 ", w, " ", h, "\" role=\"img\">\n<title>",
              escape_markup(chart.title.empty() ? "A figure" : chart.title), "</title>\n", style,
              rect_element({0, 0, figure_width, std::round(all.bottom + margin)}, "paper"),
              all.svg, "</svg>\n");
}

std::string tsv_row(const Chart& chart, const Series& s, std::size_t i, bool bounds) {
  const std::string place =
      chart.kind == ChartKind::lines ? text(s.x[i]) : printable(chart.names[i]);
  std::string out = join(printable(s.name), "\t", place, "\t", s.y[i]);
  if (bounds)
    out += s.low.empty() ? "\t\t" : join("\t", s.low[i], "\t", s.high[i]);
  return out + "\n";
}

}  // namespace

std::string figure_svg(const Chart& chart) {
  return svg_of(chart, join("<style>\n", chart_css.text, "</style>\n"));
}

std::string figure_element(const Chart& chart) { return svg_of(chart, ""); }

std::string figure_tsv(const Chart& chart) {
  check_all(chart);
  const auto heading = [](const Axis& axis, const char* otherwise) {
    return axis.label.empty() ? otherwise : printable(axis_title(axis));
  };
  const bool bounds = std::ranges::any_of(chart.series, [](auto& s) { return !s.low.empty(); });
  std::string out = join("series\t", heading(chart.x, "x"), "\t", heading(chart.y, "y"),
                         bounds ? "\tlow\thigh\n" : "\n");
  for (const Series& s : chart.series)
    for (std::size_t i = 0; i < s.y.size(); i++) out += tsv_row(chart, s, i, bounds);
  return out;
}

}  // namespace babelgrad
