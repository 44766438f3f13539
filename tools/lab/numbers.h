// What the experiments count with: mean and spread over seeds, exponents, numbers as text.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "nn/module.h"
#include "tools/app/view/chart.h"

namespace babelgrad::lab {

struct Spread {
  double mean, deviation;                       // of a sample (n − 1); 0 of one number
};
Spread spread_of(const std::vector<double>& values);
double mean_of(const std::vector<double>& values);

// The slope of the line through (x, y) by least squares. Error with fewer than two different x.
double slope(const std::vector<double>& x, const std::vector<double>& y);
// The p of y ~ xᵖ: the slope of log y over log x. Error if a number is not above zero.
double exponent(const std::vector<double>& x, const std::vector<double>& y);

// A point more, or a bar, which has no x: the mean over seeds, with one deviation to each side,
// never below `floor`.
void add_point(Series& series, double x, const std::vector<double>& values, double floor = -1e300);
void add_bar(Series& series, const std::vector<double>& values, double floor = -1e300);
// The same for natural logarithms, turned back into numbers: the geometric mean.
void add_geometric(Series& series, double x, const std::vector<double>& logs);
// What a chart of such points says of its lines; ending in "." or " to each side.".
inline const std::string means_and_bands =
    "Lines: means over the seeds; bands: one standard deviation";
std::string digits(double x, int significant = 3);       // "0.312", "31,200", "3.12e-09"
std::string with_spread(const std::vector<double>& values);  // "0.312 ± 0.004"; of one "0.312"

// Seconds of a call: the median of as many as begin within `enough` seconds, one at least.
double seconds_of(const std::function<void()>& work, double enough);
double squares_of(const Tensor& x);              // their sum, of all numbers
void forget_gradients(Module& module);          // so that each pass backwards begins alike

}  // namespace babelgrad::lab
