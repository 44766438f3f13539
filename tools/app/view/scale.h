// From numbers to places along an axis, and the ticks a reader can take in: steps of 1, 2 or 5, or
// decades on a log scale.
#pragma once

#include <string>
#include <vector>

namespace babelgrad {

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

constexpr double largest_drawn = 1e300;         // beyond it a number counts as infinite
bool drawable(double x);                        // finite, and not beyond

// From `low` or less to `high` or more, in as many ticks as fit in `most` (3 or more); ends that
// are equal get room. Error if the ends are not drawable or in the wrong order.
Ruler linear_ruler(double low, double high, int most);
Ruler log_ruler(double low, double high, int most);            // Error also if low <= 0

// For a reader: six digits, 12,345,678, a true minus sign.
std::string readable(double x);
std::string readable(double x, int decimals);

}  // namespace babelgrad
