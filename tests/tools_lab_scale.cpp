#include "tools/app/view/chart.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/check.h"

using namespace babelgrad;

namespace {

std::string ticks(const Ruler& ruler) {
  std::string out;
  for (const Tick& tick : ruler.ticks) out += (out.empty() ? "" : " ") + tick.text;
  return out;
}

// What is wrong with it for these data, "" if nothing.
std::string problem(const Ruler& ruler, double low, double high, int most) {
  const auto& all = ruler.ticks;
  if (all.size() < 2 || int(all.size()) > most) return join(all.size(), " ticks of ", most);
  if (all.front().at != 0 || all.back().at != 1) return "no ticks at the ends";
  const double from = ruler.scale.log ? std::log10(low) : low;
  const double to = ruler.scale.log ? std::log10(high) : high;
  const double hair = 1e-8 * (ruler.scale.high - ruler.scale.low);
  if (!(ruler.scale.low <= from + hair && ruler.scale.high >= to - hair)) return "data beyond it";
  for (std::size_t i = 1; i < all.size(); i++)
    if (all[i].at <= all[i - 1].at || all[i].text == all[i - 1].text)
      return "tick " + all[i].text + " twice";
  for (double x : {low, high})
    if (!(ruler.scale.share(x) >= 0 && ruler.scale.share(x) <= 1)) return "a share outside 0 .. 1";
  return "";
}

}  // namespace

TEST_CASE("linear_ruler: steps of 1, 2 or 5 that a reader counts in") {
  CHECK(ticks(linear_ruler(0, 100, 7)) == "0 20 40 60 80 100");
  CHECK(ticks(linear_ruler(3, 97, 7)) == "0 20 40 60 80 100");
  CHECK(ticks(linear_ruler(0, 1, 7)) == "0 0.2 0.4 0.6 0.8 1.0");
  CHECK(ticks(linear_ruler(-0.3, 0.61, 7)) == "−0.4 −0.2 0 0.2 0.4 0.6 0.8");
  CHECK(ticks(linear_ruler(0, 12345, 7)) == "0 5,000 10,000 15,000");
  CHECK(ticks(linear_ruler(0, 7.5e6, 5)) == "0 2,000,000 4,000,000 6,000,000 8,000,000");
  CHECK(ticks(linear_ruler(0.00012, 0.0004, 7)) == "0.00010 0.00015 0.00020 0.00025 0.00030 "
                                                   "0.00035 0.00040");
  CHECK(ticks(linear_ruler(-2e-9, 3e-9, 6)) == "−2×10⁻⁹ −1×10⁻⁹ 0 1×10⁻⁹ 2×10⁻⁹ 3×10⁻⁹");
  CHECK(ticks(linear_ruler(0, 3.2e15, 5)) == "0 1×10¹⁵ 2×10¹⁵ 3×10¹⁵ 4×10¹⁵");
  CHECK(ticks(linear_ruler(1e6 + 1, 1e6 + 4, 5)) == "1,000,001 1,000,002 1,000,003 1,000,004");
}

TEST_CASE("linear_ruler: a single number gets room on both sides") {
  CHECK(ticks(linear_ruler(0, 0, 5)) == "−1.0 −0.5 0 0.5 1.0");
  CHECK(ticks(linear_ruler(10, 10, 5)) == "5 10 15");
  CHECK(linear_ruler(10, 10, 5).scale.share(10) == 0.5);
  CHECK(linear_ruler(0.3, 0.1 + 0.2, 5).ticks.size() >= 3);
}

TEST_CASE("log_ruler: decades, and 1-2-5 where they are few") {
  CHECK(ticks(log_ruler(1, 1000, 8)) == "1 10 100 1,000");
  CHECK(ticks(log_ruler(30, 2048, 8)) == "20 50 100 200 500 1,000 2,000 5,000");
  CHECK(ticks(log_ruler(0.002, 0.03, 8)) == "0.002 0.005 0.01 0.02 0.05");
  CHECK(ticks(log_ruler(3e-7, 0.4, 8)) == "10⁻⁷ 10⁻⁶ 10⁻⁵ 10⁻⁴ 10⁻³ 10⁻² 10⁻¹ 10⁰");
  CHECK(ticks(log_ruler(1e-21, 1, 8)) == "10⁻²¹ 10⁻¹⁸ 10⁻¹⁵ 10⁻¹² 10⁻⁹ 10⁻⁶ 10⁻³ 10⁰");
  CHECK(ticks(log_ruler(3e7, 8e7, 8)) == "2×10⁷ 5×10⁷ 10⁸");
  const Ruler ruler = log_ruler(1, 1000, 5);
  CHECK(ruler.scale.share(10) == doctest::Approx(1 / 3.0).epsilon(1e-12));
  REQUIRE(ruler.minor.size() == 24);            // 2 .. 9 of each decade
  CHECK(ruler.minor[0] == doctest::Approx(std::log10(2) / 3).epsilon(1e-12));
  CHECK(log_ruler(1e-21, 1, 8).minor.empty());
}

TEST_CASE("ruler: ticks cover the data, whatever they are") {
  for (double size : {1e-305, 1e-300, 1e-17, 0.003, 1.0, 7.3, 99999.0, 1e12, 3.3e120, 1e300})
    for (double part : {-1.0, -0.999, 0.0, 1e-12, 0.17, 0.5, 0.99, 1.0})
      for (int most : {3, 5, 9}) {
        INFO("from ", size * part, " to ", size, " in ", most);
        CHECK(problem(linear_ruler(size * part, size, most), size * part, size, most) == "");
        CHECK(problem(linear_ruler(-size, -size * part, most), -size, -size * part, most) == "");
        if (size * part <= 0) continue;
        CHECK(problem(log_ruler(size * part, size, most), size * part, size, most) == "");
        CHECK(problem(log_ruler(1e-300, size * 1e5 > 1e300 ? 1e300 : 1e5, most), 1e-300, 1e5,
                      most) == "");
      }
}

TEST_CASE("ruler: what has no scale is refused") {
  CHECK_THROWS_WITH_AS(linear_ruler(2, 1, 5), "ruler: from 2 to 1 in 5 ticks", Error);
  CHECK_THROWS_WITH_AS(linear_ruler(NAN, 1, 5), "ruler: from nan to 1 in 5 ticks", Error);
  CHECK_THROWS_WITH_AS(linear_ruler(0, 1e301, 5), "ruler: from 0 to 1e+301 in 5 ticks", Error);
  CHECK_THROWS_WITH_AS(linear_ruler(0, 1, 2), "ruler: from 0 to 1 in 2 ticks", Error);
  CHECK_THROWS_WITH_AS(log_ruler(0, 1, 5), "ruler: decades from 0 to 1 in 5 ticks", Error);
  CHECK_THROWS_WITH_AS(log_ruler(-1, 1, 5), "ruler: decades from -1 to 1 in 5 ticks", Error);
}

TEST_CASE("readable: commas, a true minus, six digits") {
  CHECK(readable(0) == "0");
  CHECK(readable(0.1 + 0.2) == "0.3");
  CHECK(readable(-1234.5) == "−1,234.5");
  CHECK(readable(123456789) == "123,456,789");
  CHECK(readable(999.9996) == "1,000");
  CHECK(readable(1.5e-7) == "1.5e-07");
  CHECK(readable(1e300) == "1e+300");
  CHECK(readable(NAN) == "nan");
  CHECK(readable(-0.001, 2) == "0.00");
  CHECK(readable(-12345.678, 1) == "−12,345.7");
}
