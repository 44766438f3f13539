// What all charts are made of: where things are, how text is set, how series are told apart, axes.
#pragma once

#include "tools/app/view/chart.h"

namespace babelgrad {

constexpr double figure_width = 720;            // pixels
constexpr double letter_width = 7.2;            // of a wide sans serif, 12 pixels high

struct Area {                                   // where the data are
  double left = 0, top = 0, width = 0, height = 0;
  double right() const { return left + width; }
  double bottom() const { return top + height; }
};

struct Picture {                                // a part, and how far down it reaches
  std::string svg;
  double bottom = 0;
};

struct Extent {
  double low = 0, high = 0;
  bool any = false;
  void add(double x);                           // what cannot be drawn is passed over
};

// --- elements
std::string point_text(double x, double y);     // "12.5 30.0"
std::string text_element(double x, double y, const std::string& words, const std::string& kind,
                         int angle = 0);
std::string rect_element(const Area& area, const std::string& kind, const std::string& tip = "");
std::string path_element(const std::string& d, const std::string& kind,
                         const std::string& dashes = "", const std::string& tip = "");

// --- words
double width_of(const std::string& words);      // pixels, about
double widest(const std::vector<std::string>& words);
std::string short_name(const std::string& name, int columns = 40);       // printable
// For little room: as many decimals as numbers up to `largest` ask for, the same for all of them.
std::string brief(double x, double largest);
std::string axis_title(const Axis& axis);       // "loss (nats)"
// "GRU: length 12, BLEU 71.2 (68.9 to 73.4)", where x is what stands for the place.
std::string tip_text(const Chart& chart, const Series& series, std::size_t i,
                     const std::string& x);

// --- points
bool has_bounds(const Series& series, std::size_t i);          // both drawable
bool has_point(const Chart& chart, const Series& series, std::size_t i);

// --- how the series differ
constexpr int color_count = 7, dash_count = 6, marker_count = 8, hatch_count = 4;
std::string color_class(int series);
std::string dash_pattern(int series);           // of stroke-dasharray; "": a whole line
std::string marker_element(int series, double x, double y);
std::string hatch_element(int series, const Area& bar);
std::string legend_sample(const Chart& chart, int series, double x, double y);

// --- from numbers to places along an axis, and the ticks a reader can take in
struct Scale {
  double low = 0, high = 1;                     // of a log scale: the log10 of its ends
  bool log = false;
  double share(double x) const;                 // 0 at the low end, 1 at the high one
};

struct Tick {
  double at;                                    // 0 .. 1
  std::string text;
};

struct Ruler {
  Scale scale;
  std::vector<Tick> ticks;                      // the first is at 0, the last at 1
  std::vector<double> minor = {};               // between decades, without a number
};

// From `low` or less to `high` or more, in as many ticks as fit in `most` (3 or more); ends that
// are equal get room. Error if the ends are not drawable or in the wrong order.
Ruler linear_ruler(double low, double high, int most);
Ruler log_ruler(double low, double high, int most);            // Error also if low <= 0

// --- axes
Ruler fitting_ruler(const Extent& extent, bool log, double width);       // its numbers fit beside
double ticks_width(const Ruler& ruler);         // the widest number
// The gridlines of y, its numbers and its title, above the area.
std::string value_axis(const Ruler& ruler, const Axis& axis, const Area& area);
Picture number_axis(const Ruler& ruler, const Axis& axis, const Area& area);
// Names below equal parts of the area: in lines where they fit, else slanted.
Picture name_axis(const std::vector<std::string>& names, const Axis& axis, const Area& area);
double names_overhang(const std::vector<std::string>& names, double pitch);   // left of the area
std::string level_lines(const Chart& chart, const Scale& scale, const Area& area);

}  // namespace babelgrad
