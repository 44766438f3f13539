// The stream of each seed is a promise of this project: the same numbers everywhere, for ever.
#include <map>
#include <thread>

#include "tests/close.h"

using namespace babelgrad;

TEST_CASE("Random: the first draws of seeds 0, 1 and 42 are these") {
  const std::map<std::uint64_t, std::vector<std::uint64_t>> golden = {
      {0, {0xA706DD2F4D197E6Fu, 0xB382A305F4414F5Eu, 0x631A9154FBABF717u, 0xA80ABA8C86640906u}},
      {1, {0x5E41AB087439611Eu, 0xF18D6CE93D6CF1EEu, 0x0B95F66D327E8D78u, 0xC7061B1B93322BA9u}},
      {42, {0x57E1FABA65107204u, 0xF4ABD143FEB24055u, 0x7C816738C12903B2u, 0x113E5DEC6F8FD8A8u}}};
  for (auto& [seed, draws] : golden) {
    Random random(seed);
    for (std::uint64_t draw : draws) CHECK(random.bits() == draw);
  }
  CHECK(Random(0).normal() == Real(0x1.ff38618f51e98p-1));
  CHECK(Random(1).normal() == Real(-0x1.44b6e7faf4a5ep-3));
  CHECK(Random(42).normal() == Real(-0x1.fef7f5e0d1611p-4));
  CHECK(Random(42).uniform() ==
        (is_double ? Real(0x57E1FABA65107200u * 0x1p-64) : Real(0x57E1FAu * 0x1p-24)));
  CHECK(Random(42).below(1000) == 668);
  CHECK(Random(42).permutation(8) == std::vector<int>{3, 6, 0, 7, 1, 2, 5, 4});
}

TEST_CASE("Random: at() and reserve() see the numbers that bits() draws") {
  Random random(7), copy(7);
  std::vector<std::uint64_t> drawn(100);
  for (auto& draw : drawn) draw = random.bits();
  CHECK(copy.reserve(40) == 0);
  CHECK(copy.reserve(60) == 40);
  CHECK(copy.counter() == random.counter());
  for (std::uint64_t i = 0; i < 60; i++) CHECK(copy.at(40, i) == drawn[40 + i]);
  Random resumed(random.seed(), 50);
  CHECK(resumed.bits() == drawn[50]);
}

TEST_CASE("Random: uniform has its moments and stays in [0, 1)") {
  Random random(1);
  constexpr int n = 1000000;
  double sum = 0, squares = 0, neighbours = 0, last = 0.5;
  bool inside = true;
  for (int i = 0; i < n; i++) {
    double x = random.uniform();
    inside = inside && x >= 0 && x < 1;
    sum += x, squares += x * x, neighbours += (x - 0.5) * (last - 0.5), last = x;
  }
  CHECK(inside);
  CHECK(std::abs(sum / n - 0.5) < 4 * std::sqrt(1 / 12.0 / n));
  CHECK(std::abs(squares / n - 1 / 3.0) < 4 * std::sqrt(4 / 45.0 / n));
  CHECK(std::abs(neighbours / n) < 4 / 12.0 / std::sqrt(n));
}

TEST_CASE("Random: normal has the moments of the normal distribution") {
  Random random(2);
  constexpr int n = 1000000;
  double moment[5] = {};
  int beyond_two = 0;
  for (int i = 0; i < n; i++) {
    double x = random.normal(), power = 1;
    for (double& m : moment) m += power / n, power *= x;
    beyond_two += std::abs(x) > 2;
  }
  CHECK(std::abs(moment[1]) < 4 / std::sqrt(n));
  CHECK(std::abs(moment[2] - 1) < 4 * std::sqrt(2.0 / n));
  CHECK(std::abs(moment[3]) < 4 * std::sqrt(15.0 / n));
  CHECK(std::abs(moment[4] - 3) < 4 * std::sqrt(96.0 / n));
  CHECK(std::abs(beyond_two / double(n) - 0.0455003) < 4 * std::sqrt(0.0455 / n));
}

TEST_CASE("Random: below() is unbiased, for small bounds and for ones that do not divide 2^64") {
  Random random(3);
  for (int bound : {1, 2, 3, 7, 10, 100}) {
    std::vector<int> count(bound);
    for (int i = 0; i < 1000 * bound; i++) count[random.below(bound)]++;
    double chi_squared = 0;
    for (int c : count) chi_squared += (c - 1000.0) * (c - 1000.0) / 1000;
    CHECK(chi_squared < bound + 5 * std::sqrt(2.0 * bound));
  }
  int high = 0;
  for (int i = 0; i < 100000; i++)
    high += random.below(1610612736) >= 1073741824;  // the last third
  CHECK(std::abs(high / 1e5 - 1 / 3.0) < 0.006);
  CHECK(error_of([&] { (void)random.below(0); }) == "below: needs a positive bound, got 0");
  CHECK(error_of([&] { (void)random.below(-3); }) == "below: needs a positive bound, got -3");
}

TEST_CASE("Random: a permutation has every number once, and all orders are equally likely") {
  Random random(4);
  for (int n : {0, 1, 2, 1000}) {
    std::vector<int> order = random.permutation(n);
    std::sort(order.begin(), order.end());
    CHECK(int(order.size()) == n);
    for (int i = 0; i < n; i++) CHECK(order[i] == i);
  }
  CHECK(error_of([&] { random.permutation(-1); }) == "permutation: of -1 numbers");
  std::map<std::vector<int>, int> count;
  for (int i = 0; i < 24000; i++) count[random.permutation(4)]++;
  CHECK(count.size() == 24);
  double chi_squared = 0;
  for (auto& [order, c] : count) chi_squared += (c - 1000.0) * (c - 1000.0) / 1000;
  CHECK(chi_squared < 57);                      // one in 10,000 for 23 degrees of freedom
}

TEST_CASE("generator: each thread has its own, which begins with seed 0") {
  manual_seed(5);
  std::uint64_t other = 0;
  std::thread([&] { other = generator().bits(), manual_seed(9); }).join();
  CHECK(other == Random(0).bits());
  CHECK(generator().bits() == Random(5).bits());
  manual_seed(5);                               // starts it again
  CHECK(generator().bits() == Random(5).bits());
}
