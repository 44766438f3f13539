#include "tools/app/view/chart_parts.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "tensor/check.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/view/heatmap.h"

namespace babelgrad {
namespace {

// --- elements
std::string with_tip(const std::string& element, const char* name, const std::string& tip) {
  if (tip.empty()) return element + "/>\n";
  return join(element, "><title>", escape_markup(tip), "</title></", name, ">\n");
}

// --- marks
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

constexpr const char* dash_patterns[dash_count] = {"",         "7 4",  "2 3",
                                                  "11 3 2 3", "14 4", "6 3 2 3 2 3"};

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

// --- scales
constexpr double tolerance = 1e-9;              // of log10: 1000 is a decade however it is rounded

std::string with_commas(std::string digits) {   // of the part before the point
  int end = int(std::min(digits.find('.'), digits.size()));
  for (int at = end - 3; at > 0; at -= 3) digits.insert(at, ",");
  return digits;
}

std::string with_sign(bool negative, const std::string& size) {
  return (negative ? "−" : "") + size;
}

std::string power_of_ten(int exponent) {
  static const char* const digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string out = exponent < 0 ? "10⁻" : "10";
  for (char c : text(std::abs(exponent))) out += digits[c - '0'];
  return out;
}

int decade(double x) { return int(std::floor(std::log10(x) + tolerance)); }

// Ends that are equal, or are but for rounding, get room on both sides.
void widen(double& low, double& high) {
  const double size = std::max(std::abs(low), std::abs(high));
  if (high - low > std::max(1e-9 * size, 1e-300)) return;
  const double room = size == 0 ? 1 : std::max(size / 2, 1e-300);
  low -= room, high += room;
}

struct Step {                                   // digit * 10^exponent
  int digit = 1, exponent = 0;
  double times(double k) const {                // to the last bit where the power is exact
    const double power = std::pow(10.0, std::abs(exponent));
    return exponent < 0 ? k * digit / power : k * digit * power;
  }
};

double first_multiple(double low, const Step& step) {
  return std::floor(low / step.times(1) + tolerance);
}
double last_multiple(double high, const Step& step) {
  return std::ceil(high / step.times(1) - tolerance);
}

Step step_between(double low, double high, int most) {
  for (int e = decade((high - low) / most) - 1;; e++)
    for (int digit : {1, 2, 5}) {
      const Step step{digit, e};
      if (last_multiple(high, step) - first_multiple(low, step) < most) return step;
    }
}

// Up to some millions and down to 0.00001 digits stay digits; else every tick has the same power,
// as in 1.5×10⁻⁸.
std::string tick_text(double k, const Step& step, double largest) {
  if (k == 0) return "0";
  const double digits = std::abs(k) * step.digit;
  if (step.exponent >= -5 && step.exponent <= 6 && largest < 1e12)
    return with_sign(k < 0, with_commas(fixed(std::abs(step.times(k)),
                                              std::max(0, -step.exponent))));
  const int top = decade(largest), places = top - step.exponent;
  return with_sign(k < 0, fixed(digits / std::pow(10.0, places), places) + "×" +
                              power_of_ten(top));
}

constexpr int digits_of_decade[] = {1, 2, 5};

// Ticks at 1, 2 and 5 of each decade are numbered through: 3 e + 0, 1, 2.
double log_of_tick(int i) {
  const int e = int(std::floor(i / 3.0));
  return e + std::log10(digits_of_decade[i - 3 * e]);
}

std::string log_text(int digit, int exponent, bool plain) {
  if (plain)
    return exponent < 0 ? fixed(digit * std::pow(10.0, exponent), -exponent)
                        : with_commas(fixed(digit * std::pow(10.0, exponent), 0));
  return digit == 1 ? power_of_ten(exponent) : join(digit, "×", power_of_ten(exponent));
}

bool plain_decades(double low, double high) { return low >= -4 - tolerance && high <= 6; }

Ruler ruler_of_ticks(int first, int last) {
  Ruler r{{log_of_tick(first), log_of_tick(last), true}, {}};
  const bool plain = plain_decades(r.scale.low, r.scale.high);
  for (int i = first; i <= last; i++) {
    const int e = int(std::floor(i / 3.0));
    r.ticks.push_back({(log_of_tick(i) - r.scale.low) / (r.scale.high - r.scale.low),
                       log_text(digits_of_decade[i - 3 * e], e, plain)});
  }
  return r;
}

Ruler ruler_of_decades(double low, double high, int most) {
  int first = 0, last = 0, each = 0;
  for (int step : {1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500}) {    // of a double's 632
    each = step;
    first = int(std::floor(low / each + tolerance)) * each;
    last = int(std::ceil(high / each - tolerance)) * each;
    if ((last - first) / each < most) break;
  }
  Ruler r{{double(first), double(last), true}, {}};
  for (int e = first; e <= last; e += each) {
    r.ticks.push_back({double(e - first) / (last - first),
                       log_text(1, e, plain_decades(first, last))});
    for (int digit = 2; each == 1 && e < last && digit < 10; digit++)
      r.minor.push_back((e - first + std::log10(digit)) / (last - first));
  }
  return r;
}

// --- axes
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

// Level if they fit, in lines or, if short, every n-th; else slanted, or upright where narrow.
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
  const auto named = [](const std::string& name) { return name.empty() ? name : name + " "; };
  std::string out = series.name.empty() ? "" : series.name + ": ";
  out += join(named(chart.x.label), x, ", ", named(chart.y.label), readable(series.y[i]));
  if (!chart.y.unit.empty()) out += " " + chart.y.unit;
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

std::string color_class(int series) { return join("c", series % color_count); }

std::string dash_pattern(int series) { return dash_patterns[series % dash_count]; }

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

bool drawable(double x) { return std::abs(x) <= largest_drawn; }

// Rounding may leave an end a hair outside of itself.
double Scale::share(double x) const {
  return std::clamp(((log ? std::log10(x) : x) - low) / (high - low), 0.0, 1.0);
}

Ruler linear_ruler(double low, double high, int most) {
  check(drawable(low) && drawable(high) && low <= high && most >= 3, "ruler: from ", low, " to ",
        high, " in ", most, " ticks");
  widen(low, high);
  const Step step = step_between(low, high, most);
  const double first = first_multiple(low, step), last = last_multiple(high, step);
  Ruler r{{step.times(first), step.times(last)}, {}};
  const double largest = std::max(std::abs(r.scale.low), std::abs(r.scale.high));
  for (double k = first; k <= last; k++)
    r.ticks.push_back({(k - first) / (last - first), tick_text(k, step, largest)});
  return r;
}

Ruler log_ruler(double low, double high, int most) {
  check(drawable(high) && low > 0 && low <= high && most >= 3, "ruler: decades from ", low, " to ",
        high, " in ", most, " ticks");
  double from = std::log10(low), to = std::log10(high);
  if (to - from < tolerance) from -= 0.5, to += 0.5;
  int first = int(std::floor(from)) * 3, last = int(std::ceil(to)) * 3;
  while (log_of_tick(first + 1) <= from + tolerance) first++;
  while (log_of_tick(last - 1) >= to - tolerance) last--;
  return last - first < most ? ruler_of_ticks(first, last) : ruler_of_decades(from, to, most);
}

std::string readable(double x, int decimals) {
  const std::string size = with_commas(fixed(std::abs(x), decimals));
  return with_sign(x < 0 && size.find_first_of("123456789") != size.npos, size);
}

std::string readable(double x) {
  if (!std::isfinite(x)) return text(x);
  const double size = std::abs(x);
  const bool whole = size >= 1e5 && size < 1e15;
  const std::string digits = whole ? fixed(size, 0) : significant(size, 6);
  return with_sign(x < 0, digits.find('e') == digits.npos ? with_commas(digits) : digits);
}

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
  Picture p{baseline(area), area.bottom() + 20};
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
  Picture p{"", area.bottom() + 20};
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
