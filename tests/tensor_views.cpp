// Views against the definition: for every index, the number that it should show.
#include "tensor/map.h"
#include "tensor/reduce.h"
#include "tensor/views.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

__extension__ typedef __int128 WideIndex;       // the oracle: nothing in these tests overflows it

// A chain of random views of one box; every layout the verbs have to read.
Tensor random_view(Random& random) {
  Tensor x = counted({2 + random.below(3), 1 + random.below(4), 1 + random.below(3), 3});
  for (int step = 0; step < 4; step++) {
    int axis = random.below(4);
    switch (random.below(5)) {
      case 0: x = raw::transpose(x, axis, random.below(4)); break;
      case 1: x = raw::flip(x, axis); break;
      case 2: x = raw::slice(x, axis, x.dim(axis) > 1, x.dim(axis), 1 + random.below(2)); break;
      case 3: x = raw::permute(x, {2, 0, 3, 1}); break;
      default: {
        Shape shape = raw::select(x, axis, 0).shape();
        shape.insert(axis, 2);
        x = raw::expand(raw::slice(x, axis, 0, 1), shape);
      }
    }
  }
  return x;
}

}  // namespace

TEST_CASE("view: a million random shapes, strides and offsets agree with 128-bit arithmetic") {
  Random random(1);
  Tensor storage = Tensor::empty({1000});
  int wrong = 0, accepted = 0;
  for (int i = 0; i < 1000000; i++) {
    Shape shape;
    Strides strides;
    int rank = random.below(4);
    WideIndex low = 0, high = 0;
    Index offset = random.below(20) ? Index(random.below(1100)) - 50 : Index(random.bits());
    for (int axis = 0; axis < rank; axis++) {
      shape.append(random.below(12));
      strides[axis] = random.below(50) ? Index(random.below(120)) - 40
                                       : Index(random.bits() >> random.below(40));
      WideIndex reach = WideIndex(shape[axis] - 1) * strides[axis];
      (reach < 0 ? low : high) += reach;
    }
    bool inside = shape.numel() == 0 ? offset >= 0 && offset <= 1000
                                     : low + offset >= 0 && high + offset < 1000;
    bool taken = true;
    try {
      (void)storage.view(shape, strides, offset);
    } catch (const Error&) {
      taken = false;
    }
    wrong += taken != inside;
    accepted += taken;
  }
  CHECK(wrong == 0);
  CHECK(accepted > 100000);
  CHECK(accepted < 900000);
}

TEST_CASE("view: the error names shape, strides, offset and storage") {
  CHECK(error_of([] { (void)Tensor({6}).view({2, 3}, {{4, -1}}, 1); }) ==
        "view: shape (2, 3) with strides (4, -1) from 1 reaches outside a storage of 6 numbers");
}

TEST_CASE("views: share their storage, and show the numbers their definition says") {
  Tensor x = counted({2, 3, 4});
  CHECK(raw::permute(x, {2, 0, 1}).at({3, 1, 2}) == x.at({1, 2, 3}));
  CHECK(raw::transpose(x).at({1, 3, 2}) == x.at({1, 2, 3}));
  CHECK(raw::slice(x, 2, 1, 4, 2).values() ==
        std::vector<Real>{1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23});
  CHECK(raw::select(x, 1, -1).values() == std::vector<Real>{8, 9, 10, 11, 20, 21, 22, 23});
  CHECK(raw::flip(raw::select(x, 0, 0), 0).values() ==
        std::vector<Real>{8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3});
  CHECK(raw::expand(counted({3, 1}), {2, 3, 2}).values() ==
        std::vector<Real>{0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2});
  CHECK(raw::unsqueeze(x, -1).shape() == Shape{2, 3, 4, 1});
  CHECK(raw::squeeze(raw::unsqueeze(x, 1), 1).shape() == x.shape());
  for (const Tensor& y : {raw::permute(x, {2, 0, 1}), raw::flip(x, 1), raw::slice(x, 0, 1, 2),
                          raw::reshape(x, {6, -1})}) {
    CHECK(y.data() >= x.data());
    CHECK(y.data() < x.data() + 24);
  }
}

TEST_CASE("views: of the largest rank there is") {
  const Tensor x = counted({2, 1, 3, 1, 2, 2}), flat = counted({24});
  const Tensor five = raw::squeeze(x, 1);
  CHECK(five.shape() == Shape{2, 3, 1, 2, 2});
  CHECK(same_bits(five, raw::reshape(flat, {2, 3, 1, 2, 2})));
  CHECK(same_bits(raw::unsqueeze(five, 1), x));
  CHECK(raw::squeeze(raw::slice(x, 5, 1, 2), 5).shape() == Shape{2, 1, 3, 1, 2});
  CHECK(raw::permute(x, {5, 4, 3, 2, 1, 0}).at({1, 0, 0, 2, 0, 1}) == x.at({1, 0, 2, 0, 0, 1}));
  CHECK(raw::transpose(x, 0, 5).at({1, 0, 2, 0, 1, 0}) == x.at({0, 0, 2, 0, 1, 1}));
  CHECK(raw::flip(x, 5).at({0, 0, 0, 0, 0, 0}) == 1);
  CHECK(raw::expand(x, {2, 5, 3, 1, 2, 2}).at({1, 4, 2, 0, 1, 1}) == 23);
  CHECK(same_bits(raw::reshape(raw::transpose(raw::transpose(x, 2, 5), 2, 5), {24}), flat));
  CHECK(same_bits(raw::contiguous(raw::flip(raw::flip(x, 0), 0)), x));
}

TEST_CASE("views: what does not fit is refused, and what just fits is not") {
  const Tensor x({2, 3});
  CHECK(error_of([&] { (void)raw::permute(x, {0}); }) == "permute: axes (0,) for shape (2, 3)");
  CHECK(error_of([&] { (void)raw::permute(x, {1, -1}); }) ==
        "permute: axes (1, -1) name an axis twice");
  CHECK(error_of([&] { (void)raw::expand(x, {3}); }) == "expand: (2, 3) to (3,)");
  for (const Shape& wrong : {Shape{4, 3}, {2, 1}}) {
    CHECK(error_of([&] { (void)raw::expand(x, wrong); }) ==
          join("expand: (2, 3) to ", wrong, "; only a 1 can be repeated"));
  }
  CHECK(error_of([&] { (void)raw::slice(x, 0, 0, 2, 0); }) == "slice: step 0 must be positive");
  CHECK(error_of([&] { (void)raw::squeeze(x, 1); }) ==
        "squeeze: axis 1 of shape (2, 3) is not 1");
  for (int bad : {-4, 3}) {
    CHECK(error_of([&] { (void)raw::select(x, 1, bad); }) ==
          join("select: index ", bad, " of axis 1 of shape (2, 3)"));
    CHECK(error_of([&] { (void)raw::unsqueeze(x, bad); }) ==
          join("unsqueeze: axis ", bad, " is outside shape (2, 3) and one more"));
    CHECK(error_of([&] { (void)raw::flip(x, bad); }) ==
          join("flip: axis ", bad, " is outside shape (2, 3)"));
  }
  CHECK(raw::select(x, 1, -3).shape() == Shape{2});
  CHECK(raw::select(x, 1, 2).shape() == Shape{2});
  CHECK(raw::unsqueeze(x, -3).shape() == Shape{1, 2, 3});
  CHECK(raw::unsqueeze(x, 2).shape() == Shape{2, 3, 1});
  CHECK(raw::flip(x, -2).shape() == x.shape());
  CHECK(raw::expand(x, x.shape()).shape() == x.shape());
}

TEST_CASE("raw: what takes a tensor says in its own name that there is none") {
  Tensor none, x({2, 2});
  const auto refuses = [](const std::string& name, auto f) {
    CHECK_MESSAGE(error_of(f).starts_with(name + ": there is no tensor"), name);
  };
  const auto sum_of = [](Real a, Real b) { return a + b; };
  refuses("item", [&] { (void)none.item(); });
  refuses("at", [&] { (void)none.at({}); });
  refuses("view", [&] { (void)none.view({}, {}, 0); });
  refuses("reshape", [&] { (void)raw::reshape(none, {}); });
  refuses("permute", [&] { (void)raw::permute(none, {}); });
  refuses("transpose", [&] { (void)raw::transpose(none); });
  refuses("expand", [&] { (void)raw::expand(none, {2}); });
  refuses("slice", [&] { (void)raw::slice(none, 0, 0, 1); });
  refuses("select", [&] { (void)raw::select(none, 0, 0); });
  refuses("unsqueeze", [&] { (void)raw::unsqueeze(none, 0); });
  refuses("squeeze", [&] { (void)raw::squeeze(none, 0); });
  refuses("flip", [&] { (void)raw::flip(none, 0); });
  refuses("contiguous", [&] { (void)raw::contiguous(none); });
  refuses("map", [&] { (void)raw::map(none, [](Real v) { return v; }); });
  refuses("zip", [&] { (void)raw::zip(none, x, sum_of); });
  refuses("zip", [&] { (void)raw::zip(x, none, sum_of); });
  refuses("add_into", [&] { raw::add_into(none, x); });
  refuses("copy_into", [&] { raw::copy_into(x, none); });
  refuses("sum", [&] { (void)raw::sum(none); });
  refuses("max", [&] { (void)raw::max(none); });
  refuses("argmax", [&] { (void)raw::argmax(none); });
  refuses("cumsum", [&] { (void)raw::cumsum(none, 0); });
  refuses("topk", [&] { (void)raw::topk(none, 1); });
}

TEST_CASE("slice: begins and ends as Python's do") {
  Tensor x = counted({5});
  CHECK(raw::slice(x, 0, -2, 5).values() == std::vector<Real>{3, 4});
  CHECK(raw::slice(x, 0, -100, -3).values() == std::vector<Real>{0, 1});
  CHECK(raw::slice(x, 0, 3, 100).values() == std::vector<Real>{3, 4});
  CHECK(raw::slice(x, 0, 0, 5, INT32_MAX).values() == std::vector<Real>{0});
  CHECK(raw::slice(x, 0, 4, 2).numel() == 0);
  CHECK(raw::slice(x, 0, 0, 0).numel() == 0);
  CHECK(raw::slice(x, 0, 9, 12).numel() == 0);
}

TEST_CASE("views of nothing: every view of a shape with a 0 works") {
  Tensor x({0, 3});
  CHECK(raw::slice(x, 1, 1, 3).shape() == Shape{0, 2});
  CHECK(raw::select(x, 1, 2).shape() == Shape{0});
  CHECK(raw::flip(x, 1).shape() == x.shape());
  CHECK(raw::reshape(x, {3, 0, 2}).shape() == Shape{3, 0, 2});
  CHECK(raw::expand(Tensor({1, 3}), {0, 3}).numel() == 0);
  CHECK(raw::contiguous(raw::transpose(x)).shape() == Shape{3, 0});
  CHECK(error_of([&] {
          (void)raw::reshape(x, {0, -1});
        }).starts_with("reshape: (0, 3) has 0 elements"));
}

TEST_CASE(
    "reshape: any layout gives the row-major numbers, without a copy where strides can say it") {
  Random random(3);
  for (int i = 0; i < 2000; i++) {
    Tensor x = random_view(random);
    CHECK(raw::contiguous(x).values() == x.values());
    CHECK(raw::contiguous(x).contiguous());
    for (const Shape& shape : {Shape{-1}, Shape{x.dim(0), -1}, Shape{x.dim(0) * x.dim(1), 1, -1},
                               Shape{-1, x.dim(3), 1}}) {
      CHECK(raw::reshape(x, shape).values() == x.values());
    }
  }
  Tensor x = counted({4, 6}), part = raw::slice(x, 1, 0, 4);
  CHECK(raw::reshape(part, {2, 2, 2, 2}).data() == x.data());
  CHECK(raw::reshape(part, {16}).data() != x.data());
}

TEST_CASE("map, zip, add_into and copy_into: every pair of layouts agrees with plain loops") {
  Random random(4);
  for (int i = 0; i < 2000; i++) {
    Tensor a = random_view(random);
    std::vector<Real> values = a.values(), twice = values, sums = values;
    Tensor other = raw::reshape(counted({int(a.numel())}), a.shape()),
           row = raw::slice(other, 0, 0, 1);
    for (std::size_t k = 0; k < values.size(); k++)
      twice[k] *= 2, sums[k] += row.values()[k % std::size_t(row.numel())];
    CHECK(raw::map(a, [](Real v) { return 2 * v; }).values() == twice);
    CHECK(raw::zip(a, row, [](Real v, Real w) { return v + w; }).values() == sums);
    CHECK(raw::zip(row, a, [](Real v, Real w) { return w + v; }).values() == sums);
    Tensor target = raw::transpose(Tensor({a.dim(0), a.dim(1), a.dim(3), a.dim(2)}));
    raw::copy_into(target, a);
    raw::add_into(target, a);
    CHECK(target.values() == twice);
  }
  Tensor y({2});
  CHECK(error_of([&] { raw::add_into(y, Tensor({3})); }) == "add_into: (3,) into (2,)");
  CHECK(error_of([&] { raw::copy_into(y, Tensor({3})); }) == "copy_into: (3,) into (2,)");
}
