// Reductions against long double loops, over every set of axes; ties and NaN.
#include <limits>

#include "tensor/reduce.h"
#include "tensor/simd.h"
#include "tensor/views.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

struct Exact { std::vector<long double> sum, magnitude, largest; Index count; };

// The definition: each number of x goes to the place that its remaining axes say.
Exact by_definition(const Tensor& x, int axes) {
  Index size = 1;
  for (int axis = 0; axis < x.rank(); axis++) if (!(axes >> axis & 1)) size *= x.dim(axis);
  Exact exact{std::vector<long double>(size), std::vector<long double>(size),
              std::vector<long double>(size, -std::numeric_limits<long double>::infinity()),
              x.numel() / std::max<Index>(size, 1)};
  std::vector<Real> values = x.values();
  for (Index i = 0; i < x.numel(); i++) {
    Index place = 0, step = 1, rest = i;
    for (int axis = x.rank() - 1; axis >= 0; rest /= x.dim(axis--)) {
      if (axes >> axis & 1) continue;
      place += rest % x.dim(axis) * step;
      step *= x.dim(axis);
    }
    exact.sum[place] += values[i];
    exact.magnitude[place] += std::abs(values[i]);
    exact.largest[place] = std::max(exact.largest[place], (long double)values[i]);
  }
  return exact;
}

void check_reductions(const Tensor& x) {
  for (int axes = 1; axes < 1 << x.rank(); axes++) {
    raw::Axes list;
    for (int axis = 0; axis < x.rank(); axis++)
      if (axes >> axis & 1) list.insert(list.begin(), axis % 2 ? axis : axis - x.rank());
    Exact exact = by_definition(x, axes);
    std::vector<Real> sum = raw::sum(x, list).values();
    REQUIRE(sum.size() == exact.sum.size());
    long double allowed = 4 * std::max(1.0, std::log2(double(std::max<Index>(exact.count, 1)))) *
                          std::numeric_limits<Real>::epsilon();
    bool near = true;
    for (std::size_t i = 0; i < sum.size(); i++)
      near = near && std::abs(sum[i] - exact.sum[i]) <= allowed * exact.magnitude[i];
    CHECK_MESSAGE(near, text(x.shape()), " axes ", axes);
    CHECK(raw::sum(x, list, true).values() == sum);
    if (exact.count > 0) {
      std::vector<Real> largest = raw::max(x, list).values();
      CHECK(std::vector<long double>(largest.begin(), largest.end()) == exact.largest);
    }
  }
}

}  // namespace

TEST_CASE("sum and max: every set of axes of every layout is within 4 log2(n) eps of long double") {
  Random random(1);
  for (const Shape& shape : {Shape{1},
                             {7},
                             {300, 3},
                             {3, 300},
                             {70, 5, 4},
                             {2, 130, 3, 5},
                             {2, 1, 3},
                             {64, 65},
                             {1, 1},
                             {200, 1, 200}}) {
    Tensor x = random_tensor(shape, random, 3, 1);
    check_reductions(x);
    check_reductions(raw::flip(x, 0));
    if (x.rank() > 1) check_reductions(raw::transpose(x, 0, -1));
    Shape wide = shape;
    wide.insert(0, 3);
    check_reductions(raw::expand(x, wide));
  }
}

TEST_CASE("sum: a million numbers, and columns of many rows, keep their digits") {
  Random random(2);
  Tensor x = random_tensor({1000003}, random, 1, 5),
         columns = random_tensor({100000, 10}, random, 1, 5);
  check_reductions(x);
  check_reductions(columns);
}

TEST_CASE("sum: of up to 64 rows from the first to the last, of more by halves") {
  const Real large = 2 / std::numeric_limits<Real>::epsilon();           // large + 1 is rounded off
  for (int rows : {64, 128}) {
    Tensor x({rows, 2}, 1);
    x.data()[0] = x.data()[1] = large;
    CHECK(same_bits(raw::sum(x, {0}), Tensor({2}, large + Real(rows - 64))));
  }
}

TEST_CASE("sum: of a row, stretches of 1024 numbers are added up by halves") {
  const Real large = 2 / std::numeric_limits<Real>::epsilon();
  Tensor x({4096});
  x.data()[0] = large, x.data()[2048] = x.data()[3072] = 1;
  CHECK(raw::sum(x).item() == large + 2);
  x.data()[1024] = 1, x.data()[2048] = 0;       // each meets large alone
  CHECK(raw::sum(x).item() == large);
}

TEST_CASE("sum: of a row, every other vector has a sum of its own") {
  const Real large = 2 / std::numeric_limits<Real>::epsilon();
  Tensor x({4 * lanes});
  x.data()[0] = large, x.data()[lanes] = x.data()[3 * lanes] = 1;
  CHECK(raw::sum(x).item() == large + 2);
}

TEST_CASE("reductions of nothing: a sum is 0, a largest number is an error") {
  CHECK(raw::sum(Tensor({0})).item() == 0);
  CHECK(same_bits(raw::sum(Tensor({0, 2}), {0}), Tensor({2})));
  CHECK(same_bits(raw::sum(Tensor({2, 0}), {1}), Tensor({2})));
  CHECK(raw::sum(Tensor({0, 2}), {1}).shape() == Shape{0});
  CHECK(raw::sum(Tensor::scalar(3)).item() == 3);
  CHECK(raw::cumsum(Tensor({2, 0}), 1).shape() == Shape{2, 0});
  CHECK(raw::max(Tensor({0, 2}), {1}).shape() == Shape{0});
  CHECK(error_of([] {
          (void)raw::max(Tensor({2, 0}));
        }) == "max: shape (2, 0) has no numbers to choose from");
  CHECK(error_of([] {
          (void)raw::argmax(Tensor({2, 0}));
        }) == "argmax: axis -1 of shape (2, 0) is empty");
  CHECK(error_of([] {
          (void)raw::sum(Tensor({2}), {0, -1});
        }) == "sum: axis 0 is named twice for shape (2,)");
  CHECK(error_of([] { (void)raw::sum(Tensor({2}), {1}); }) == "sum: axis 1 is outside shape (2,)");
}

TEST_CASE("sum_to: sums exactly what broadcasting repeated") {
  Tensor x({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(same_bits(raw::sum_to(x, {3}), Tensor({3}, {5, 7, 9})));
  CHECK(same_bits(raw::sum_to(x, {2, 1}), Tensor({2, 1}, {6, 15})));
  CHECK(same_bits(raw::sum_to(x, {}), Tensor::scalar(21)));
  CHECK(same_bits(raw::sum_to(x, {1, 1}), Tensor({1, 1}, 21)));
  CHECK(same_bits(raw::sum_to(Tensor({0, 3}), {1, 3}), Tensor({1, 3})));
}

TEST_CASE("cumsum: along any axis") {
  Tensor x({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(raw::cumsum(x, 0).values() == std::vector<Real>{1, 2, 3, 5, 7, 9});
  CHECK(raw::cumsum(x, -1).values() == std::vector<Real>{1, 3, 6, 4, 9, 15});
}

TEST_CASE("argmax and max: the first of equals; NaN counts as largest") {
  Tensor x({3, 4}, {1, 7, 7, 0, NAN, 9, NAN, 1, -3, -3, -5, -3});
  CHECK(raw::argmax(x) == Ints{1, 0, 0});
  CHECK(raw::argmax(x, 0) == Ints{1, 1, 1, 1});
  Tensor largest = raw::max(x, {1});
  CHECK(largest.at({0}) == 7);
  CHECK(std::isnan(largest.at({1})));
  CHECK(largest.at({2}) == -3);
  CHECK(raw::argmax(Tensor({2}, -std::numeric_limits<Real>::infinity())) == Ints(Shape{}, 0));
  Tensor far({600});                            // equals in several of the stretches it is read in
  for (int i : {10, 300, 599}) far.data()[i] = 7;
  CHECK(raw::argmax(far) == Ints(Shape{}, 10));
}

TEST_CASE("topk: largest first, ties by index, NaN before all") {
  Tensor x({2, 5}, {3, 9, 3, 9, 1, 0, NAN, 5, NAN, 5});
  raw::TopK top = raw::topk(x, 4);
  CHECK(top.indices == Ints(Shape{2, 4}, {1, 3, 0, 2, 1, 3, 2, 4}));
  CHECK(raw::slice(top.values, 0, 0, 1).values() == std::vector<Real>{9, 9, 3, 3});
  CHECK(std::isnan(top.values.at({1, 1})));
  CHECK(top.values.at({1, 2}) == 5);
  CHECK(raw::topk(Tensor({300}, 4), 300).indices.values() ==
        raw::topk(Tensor({1, 300}, NAN), 300).indices.values());
  CHECK(raw::topk(raw::transpose(Tensor({3, 2}, {1, 6, 2, 5, 3, 4})), 1).indices ==
        Ints(Shape{2, 1}, {2, 0}));
  CHECK(error_of([&] { (void)raw::topk(x, 6); }) == "topk: k = 6 of 5 in shape (2, 5)");
  CHECK(error_of([&] { (void)raw::topk(x, 0); }) == "topk: k = 0 of 5 in shape (2, 5)");
  CHECK(error_of([&] { (void)raw::topk(Tensor(Shape{}, 1), 1); }) ==
        "topk: needs an axis, not shape ()");
}

TEST_CASE("one_hot: a 1 in the place of each id, in a new last axis; count_of: what is reduced") {
  CHECK(same_bits(raw::one_hot(Ints(Shape{2, 1}, {2, 0}), 3),
                  Tensor({2, 1, 3}, {0, 0, 1, 1, 0, 0})));
  CHECK(raw::one_hot(Ints(Shape{0}), 3).shape() == Shape{0, 3});
  for (int bad : {-1, 3})
    CHECK(error_of([&] { (void)raw::one_hot(Ints{0, bad}, 3); }) ==
          join("one_hot: id ", bad, " of 3 classes"));
  CHECK(raw::count_of(Tensor({2, 3, 4}), {0, -1}, "mean") == 8);
  CHECK(raw::count_of(Tensor({2, 3, 4}), {}, "mean") == 24);
}

TEST_CASE("topk: of long rows with ties, infinities and NaN, the same as counting who is ahead") {
  Random dice(3);
  for (int n : {255, 256, 257, 700, 1025}) {
    Tensor x({3, n});
    for (Index i = 0; i < x.numel(); i++) {
      double u = dice.uniform() * 50;
      x.data()[i] = u < 0.2 ? NAN : u < 0.4 ? INFINITY : u < 2 ? -INFINITY : Real(int(u));
    }
    for (int k : {1, 2, 5, 60}) {
      Ints found = raw::topk(x, k).indices;
      for (Index row = 0; row < 3; row++) {
        const Real* at = x.data() + row * n;
        auto ahead = [&](int a, int b) {        // does a stand before b?
          double va = at[a] != at[a] ? 1e9 : std::min<double>(double(at[a]), 1e8);
          double vb = at[b] != at[b] ? 1e9 : std::min<double>(double(at[b]), 1e8);
          return va != vb ? va > vb : a < b;
        };
        for (int i = 0; i < k; i++) {
          int before = 0, me = found[row * k + i];
          for (int j = 0; j < n; j++) before += ahead(j, me);
          REQUIRE(before == i);
        }
      }
    }
  }
}
