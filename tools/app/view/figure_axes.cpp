// Axes, their numbers and names, and the levels drawn across.
#include <algorithm>
#include <cmath>

#include "tensor/check.h"
#include "tools/app/view/figure_parts.h"

namespace babelgrad {
namespace {

constexpr double line_height = 15, cosine = 0.766, sine = 0.643;       // of 40 degrees
constexpr int slant = 40;
constexpr int longest_name = 24;

std::vector<std::string> short_names(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& name : names) out.push_back(short_name(name, longest_name));
  return out;
}

std::vector<std::string> lines_of(const std::string& name, double pitch) {
  return wrapped(name, std::max(1, int((pitch - 8) / letter_width)));
}

// Each word whole, at most three lines.
bool fits(const std::string& name, double pitch) {
  const std::vector<std::string> lines = lines_of(name, pitch);
  std::string again;
  for (const std::string& line : lines) again += (again.empty() ? "" : " ") + line;
  return lines.size() <= 3 && again == name;
}

bool all_fit(const std::vector<std::string>& names, double pitch) {
  return std::ranges::all_of(names, [&](const std::string& name) { return fits(name, pitch); });
}

struct NameSetting { int angle = 0, every = 1; };

// Level if they fit, in lines or, if short, every so many; else slanted, or upright where narrow.
NameSetting setting_of(const std::vector<std::string>& names, double pitch) {
  if (all_fit(names, pitch)) return {};
  const double width = widest(short_names(names));
  if (width <= 4 * letter_width) return {0, int(std::ceil((width + 8) / pitch))};
  return {pitch >= 18 ? slant : 90, 1};
}

Picture with_title(Picture p, const Axis& axis, const Area& area) {
  const std::string title = short_name(axis_title(axis), 80);
  if (title.empty()) return p;
  p.svg += text_element(area.left + area.width / 2, p.bottom + 18, title, "name middle");
  p.bottom += 22;
  return p;
}

std::string baseline(const Area& area) {
  return path_element(join("M", point_text(area.left, area.bottom()), "h", fixed(area.width, 1)),
                      "axis");
}

}  // namespace

Ruler fitting_ruler(const Extent& extent, bool log, double width) {
  for (int most = 9;; most--) {
    Ruler ruler = log ? log_ruler(extent.low, extent.high, most)
                      : linear_ruler(extent.low, extent.high, most);
    const double needed = (ticks_width(ruler) + 14) * double(ruler.ticks.size());
    if (needed <= width || most == 3) return ruler;
  }
}

double ticks_width(const Ruler& ruler) {
  double width = 0;
  for (const Tick& tick : ruler.ticks) width = std::max(width, width_of(tick.text));
  return width;
}

std::string value_axis(const Ruler& ruler, const Axis& axis, const Area& area) {
  const auto line = [&](double at, const char* kind) {
    return path_element(join("M", point_text(area.left, area.bottom() - at * area.height), "h",
                             fixed(area.width, 1)), kind);
  };
  std::string out = text_element(12, area.top - 14, short_name(axis_title(axis), 80), "name");
  for (double at : ruler.minor) out += line(at, "grid faint");
  for (const Tick& tick : ruler.ticks) {
    out += line(tick.at, "grid");
    out += text_element(area.left - 8, area.bottom() - tick.at * area.height + 4, tick.text,
                        "tick end");
  }
  return out;
}

Picture number_axis(const Ruler& ruler, const Axis& axis, const Area& area) {
  Picture p{baseline(area), figure_width, area.bottom() + 20};
  const auto stroke = [&](double at, int length) {
    return path_element(join("M", point_text(area.left + at * area.width, area.bottom()), "v",
                             length), "axis");
  };
  for (double at : ruler.minor) p.svg += stroke(at, 3);
  for (const Tick& tick : ruler.ticks)
    p.svg += stroke(tick.at, 5) + text_element(area.left + tick.at * area.width, p.bottom,
                                               tick.text, "tick middle");
  return with_title(p, axis, area);
}

double names_overhang(const std::vector<std::string>& names, double pitch) {
  const std::vector<std::string> shown = short_names(names);
  double over = 0;
  const bool slanted = setting_of(names, pitch).angle == slant;
  for (std::size_t j = 0; slanted && j < shown.size(); j++)
    over = std::max(over, cosine * width_of(shown[j]) - pitch * (double(j) + 0.5));
  return over;
}

Picture name_axis(const std::vector<std::string>& names, const Axis& axis, const Area& area) {
  const double pitch = area.width / double(names.size());
  const NameSetting setting = setting_of(names, pitch);
  const std::vector<std::string> shown = short_names(names);
  Picture p{"", figure_width, area.bottom() + 20};
  std::size_t most_lines = 1;
  for (std::size_t j = 0; j < names.size(); j += setting.every) {
    const double x = area.left + pitch * (double(j) + 0.5);
    if (setting.angle > 0) {
      p.svg += text_element(x + 4, area.bottom() + (setting.angle == slant ? 14 : 8), shown[j],
                            "tick end", -setting.angle);
      continue;
    }
    const std::vector<std::string> lines = lines_of(names[j], pitch * setting.every);
    for (std::size_t i = 0; i < lines.size(); i++)
      p.svg += text_element(x, p.bottom + line_height * double(i), lines[i], "tick middle");
    most_lines = std::max(most_lines, lines.size());
  }
  if (setting.angle == 0) p.bottom += line_height * double(most_lines - 1);
  else p.bottom += (setting.angle == slant ? sine : 1) * 0.92 * widest(shown);
  return with_title(p, axis, area);
}

std::string level_lines(const Chart& chart, const Scale& scale, const Area& area) {
  std::string out;
  for (const Level& level : chart.levels) {
    if (!drawable(level.y)) continue;
    const double y = area.bottom() - scale.share(level.y) * area.height;
    out += path_element(join("M", point_text(area.left, y), "h", fixed(area.width, 1)), "level",
                        "1 4", join(level.name, ": ", readable(level.y)));
  }
  return out;
}

}  // namespace babelgrad
