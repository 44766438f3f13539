// Mean and spread, least squares, and numbers for a reader.
#include "tools/lab/numbers.h"

#include <algorithm>
#include <cmath>

#include "tensor/check.h"
#include "tools/app/bench/bench.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/view/chart.h"

namespace babelgrad::lab {

Spread spread_of(const std::vector<double>& values) {
  check(!values.empty(), "lab: the mean of no numbers");
  double n = double(values.size()), sum = 0, squares = 0;
  for (double v : values) sum += v;
  for (double v : values) squares += (v - sum / n) * (v - sum / n);
  return {sum / n, n > 1 ? std::sqrt(squares / (n - 1)) : 0};
}

double mean_of(const std::vector<double>& values) { return spread_of(values).mean; }

double slope(const std::vector<double>& x, const std::vector<double>& y) {
  check(x.size() == y.size(), "lab: ", x.size(), " x and ", y.size(), " y for a line");
  const double mean_x = mean_of(x), mean_y = mean_of(y);
  double products = 0, squares = 0;
  for (std::size_t i = 0; i < x.size(); i++) {
    products += (x[i] - mean_x) * (y[i] - mean_y);
    squares += (x[i] - mean_x) * (x[i] - mean_x);
  }
  check(squares > 0, "lab: a line needs two different x");
  return products / squares;
}

double exponent(const std::vector<double>& x, const std::vector<double>& y) {
  auto logs = [](std::vector<double> values) {
    for (double& v : values) {
      check(v > 0, "lab: an exponent of numbers that are not above zero: ", v);
      v = std::log(v);
    }
    return values;
  };
  return slope(logs(x), logs(y));
}

void add_point(Series& series, double x, const std::vector<double>& values, double floor) {
  series.x.push_back(x);
  add_bar(series, values, floor);
}

void add_bar(Series& series, const std::vector<double>& values, double floor) {
  auto [mean, deviation] = spread_of(values);
  series.y.push_back(mean);
  series.low.push_back(std::max(mean - deviation, std::min(floor, mean)));
  series.high.push_back(mean + deviation);
}

void add_geometric(Series& series, double x, const std::vector<double>& logs) {
  auto [mean, deviation] = spread_of(logs);
  series.x.push_back(x), series.y.push_back(std::exp(mean));
  series.low.push_back(std::exp(mean - deviation));
  series.high.push_back(std::exp(mean + deviation));
}

std::string digits(double x, int significant) {
  if (!std::isfinite(x)) return readable(x, 0);
  const double size = std::abs(x);
  if (size > 0 && size < 1e-3) return scientific(x, significant);
  if (size == 0) return "0";
  const int before = int(std::floor(std::log10(size))) + 1;    // digits before the point
  return readable(x, std::max(0, significant - before));
}

std::string with_spread(const std::vector<double>& values) {
  auto [mean, deviation] = spread_of(values);
  if (deviation < 1e-12 * std::abs(mean)) deviation = 0;       // what rounding leaves of equal ones
  return values.size() == 1 ? digits(mean) : join(digits(mean), " ± ", digits(deviation, 2));
}

double seconds_of(const std::function<void()>& work, double enough) {
  std::vector<double> samples;
  const double begin = clock_seconds();
  for (double last = begin; samples.empty() || last - begin < enough;) {
    work();
    const double now = clock_seconds();
    samples.push_back(now - last);
    last = now;
  }
  return bench::quantile(samples, 0.5);
}

double squares_of(const Tensor& x) {
  double sum = 0;
  for (Real v : x.values()) sum += double(v) * double(v);
  return sum;
}

void forget_gradients(Module& module) {
  for (const Parameter& it : named_parameters(module)) zero_grad(it.tensor);
}

}  // namespace babelgrad::lab
