#include "tools/app/view/scale.h"

#include <algorithm>
#include <cmath>

#include "tools/app/cli/terminal.h"

namespace babelgrad {
namespace {

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

}  // namespace

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

}  // namespace babelgrad
