// A figure from its title down to its notes, and what it refuses.
#include "tools/app/view/figure.h"

#include <algorithm>
#include <cmath>

#include "tensor/check.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/view/figure_parts.h"
#include "tools/app/view/heatmap.h"

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
  const bool heat = chart.kind == ChartKind::heat_map;
  for (std::size_t i = 0; i < s.y.size(); i++) {
    if (chart.kind == ChartKind::lines && chart.x.log) check_positive(chart, s.name, "x", s.x[i]);
    if (heat ? chart.shade.log : chart.y.log) check_positive(chart, s.name, "y", s.y[i]);
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
  const bool heat = chart.kind == ChartKind::heat_map;
  check_chart(chart, heat || chart.series.size() <= most_series, chart.series.size(),
              " series, and ", most_series, " can be told apart");
  check_chart(chart, chart.kind == ChartKind::lines || (!chart.x.log && !chart.y.log),
              heat ? "a heat map's names have no log scale"
                   : "bars begin at zero and have no log scale; draw lines");
  check_chart(chart, !heat || chart.levels.empty(), "a heat map has no levels");
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

std::string counted(std::size_t n, const char* what) {
  return n == 0 ? "" : join(n, " ", what, n == 1 ? "" : "s");
}

struct LeftOut {
  std::string name;
  std::size_t points = 0, bounds = 0;

  std::string text() const {
    const std::string both = points && bounds ? " and " : "";
    return counted(points, "point") + both + counted(bounds, "bound") +
           (name.empty() ? "" : " of " + name);
  }
};

LeftOut left_out_of(const Chart& chart, const Series& s) {
  LeftOut out{s.name};
  for (std::size_t i = 0; i < s.y.size(); i++) {
    out.points += !has_point(chart, s, i);
    out.bounds += has_point(chart, s, i) && !s.low.empty() && !has_bounds(s, i);
  }
  return out;
}

// Each by its name; of more than four only their number.
std::string left_out(const Chart& chart) {
  std::vector<std::string> parts;
  LeftOut all;
  for (const Series& s : chart.series) {
    const LeftOut one = left_out_of(chart, s);
    if (one.points + one.bounds > 0) parts.push_back(one.text());
    all.points += one.points, all.bounds += one.bounds;
  }
  all.name = join(parts.size(), " series");
  if (parts.size() > 4) parts = {all.text()};
  for (const Level& level : chart.levels)
    if (!drawable(level.y)) parts.push_back("level " + level.name);
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : "; ") + part;
  return out.empty() ? "" : "Left out, not finite: " + out + ".";
}

// --- from the top down

Picture lines_of_text(const std::string& words, const char* kind, double top, double height,
                      double letter) {
  Picture p{"", figure_width, top};
  for (const std::string& line : wrapped(words, int((figure_width - 2 * margin) / letter))) {
    p.bottom += height;
    p.svg += text_element(margin, p.bottom, line, kind);
  }
  return p;
}

struct Key {
  std::string name;
  int series;                                   // -1: a level
};

std::vector<Key> keys_of(const Chart& chart) {
  std::vector<Key> keys;
  const bool named = chart.kind != ChartKind::heat_map;
  for (std::size_t k = 0; named && k < chart.series.size(); k++)
    if (!chart.series[k].name.empty()) keys.push_back({chart.series[k].name, int(k)});
  for (const Level& level : chart.levels)
    if (!level.name.empty()) keys.push_back({level.name, -1});
  return keys;
}

// In rows above the data, where it covers none of them.
Picture legend(const Chart& chart, double top) {
  Picture p{"", figure_width, top};
  double x = margin;
  const std::vector<Key> keys = keys_of(chart);
  if (!keys.empty()) p.bottom += legend_height;
  for (const Key& key : keys) {
    const std::string name = short_name(key.name);
    const double width = 42 + width_of(name);
    if (x > margin && x + width > figure_width - margin) x = margin, p.bottom += legend_height;
    p.svg += key.series >= 0 ? legend_sample(chart, key.series, x, p.bottom - 4)
                             : path_element(join("M", point_text(x, p.bottom - 4), "h34"), "level",
                                            "1 4");
    p.svg += text_element(x + 40, p.bottom, name, "key-name");
    x += width + 16;
  }
  return p;
}

Picture body(const Chart& chart, double top) {
  if (!has_anything(chart)) {
    const Area area{margin, top + 10, figure_width - 2 * margin, 90};
    const char* words = chart.series.empty() ? "Nothing to draw: there are no series."
                                             : "Nothing to draw: there is no finite point.";
    return {rect_element(area, "area empty") +
                text_element(figure_width / 2, area.top + 50, words, "name middle"),
            figure_width, area.bottom()};
  }
  switch (chart.kind) {
  case ChartKind::bars: return bars_picture(chart, top);
  case ChartKind::heat_map: return heat_picture(chart, top);
  default: return lines_picture(chart, top);
  }
}

std::string svg_of(const Chart& chart, const std::string& style) {
  check_all(chart);
  Picture all = lines_of_text(chart.title, "heading", 6, title_height, 8.9);
  double width = figure_width;
  const auto add = [&](const Picture& part) {
    all.svg += part.svg, all.bottom = part.bottom, width = std::max(width, part.width);
  };
  add(legend(chart, all.bottom + 4));
  add(body(chart, all.bottom + 4));
  add(lines_of_text(chart.note, "remark", all.bottom + 8, note_height, 6.6));
  add(lines_of_text(left_out(chart), "remark left-out", all.bottom + 2, note_height, 6.6));
  const std::string w = fixed(width, 0), h = fixed(all.bottom + margin, 0);
  return join("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" width=\"", w,
              "\" height=\"", h, "\" viewBox=\"0 0 ", w, " ", h, "\" role=\"img\">\n<title>",
              escape_markup(chart.title.empty() ? "A figure" : chart.title), "</title>\n", style,
              rect_element({0, 0, std::round(width), std::round(all.bottom + margin)}, "paper"),
              all.svg, "</svg>\n");
}

std::string row(const Chart& chart, const Series& s, std::size_t i, bool bounds) {
  const std::string place =
      chart.kind == ChartKind::lines ? text(s.x[i]) : printable(chart.names[i]);
  std::string out = join(printable(s.name), "\t", place, "\t", s.y[i]);
  if (bounds)
    out += s.low.empty() ? "\t\t" : join("\t", s.low[i], "\t", s.high[i]);
  return out + "\n";
}

}  // namespace

std::string figure_svg(const Chart& chart) {
  return svg_of(chart, "<style>\n" + figure_style() + "</style>\n");
}

std::string figure_element(const Chart& chart) { return svg_of(chart, ""); }

std::string figure_tsv(const Chart& chart) {
  check_all(chart);
  const bool heat = chart.kind == ChartKind::heat_map;
  const auto heading = [](const Axis& axis, const char* otherwise) {
    return axis.label.empty() ? otherwise : printable(axis_title(axis));
  };
  const bool bounds = std::ranges::any_of(chart.series, [](auto& s) { return !s.low.empty(); });
  std::string out = join(heat ? heading(chart.y, "row") : "series", "\t", heading(chart.x, "x"),
                         "\t", heading(heat ? chart.shade : chart.y, "y"),
                         bounds ? "\tlow\thigh\n" : "\n");
  for (const Series& s : chart.series)
    for (std::size_t i = 0; i < s.y.size(); i++) out += row(chart, s, i, bounds);
  return out;
}

}  // namespace babelgrad
