#include "tensor/compare.h"

#include "tensor/reduce.h"
#include "tensor/views.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

template <class Boxed>
concept can_be_asked = requires(const Boxed& x) { bool(x); };

}  // namespace

TEST_CASE("compare: six signs make masks of 0 and 1, by a number and by a tensor") {
  const Tensor x({3}, {1, 2, 3}), y({3}, {2, 2, 2});
  CHECK(Mask(x < 2).values() == std::vector<Real>{1, 0, 0});
  CHECK((x > 2).values() == std::vector<Real>{0, 0, 1});
  CHECK((x <= 2).values() == std::vector<Real>{1, 1, 0});
  CHECK((x >= 2).values() == std::vector<Real>{0, 1, 1});
  CHECK((x == 2).values() == std::vector<Real>{0, 1, 0});
  CHECK((x != 2).values() == std::vector<Real>{1, 0, 1});
  CHECK(same_bits(x < y, x < 2));
  CHECK(same_bits(x > y, x > 2));
  CHECK(same_bits(x <= y, x <= 2));
  CHECK(same_bits(x >= y, x >= 2));
  CHECK(same_bits(x == y, x == 2));
  CHECK(same_bits(x != y, x != 2));
}

TEST_CASE("compare: ids with an id, exactly, where a float would have no room") {
  const Ints ids({2, 2}, {16777217, 5, 16777216, -1});
  CHECK((ids == 16777217).values() == std::vector<Real>{1, 0, 0, 0});
  CHECK((ids != 16777217).values() == std::vector<Real>{0, 1, 1, 1});
  CHECK((ids > 16777216).values() == std::vector<Real>{1, 0, 0, 0});
  CHECK((ids < 16777217).values() == std::vector<Real>{0, 1, 1, 1});
  CHECK((ids >= 5).values() == std::vector<Real>{1, 1, 1, 0});
  CHECK((ids <= 5).values() == std::vector<Real>{0, 1, 0, 1});
  CHECK((ids == 5).shape() == Shape{2, 2});
}

TEST_CASE("compare: broadcasts, says both shapes if it cannot, and NaN equals nothing") {
  const Tensor t = arange(3.);
  const Mask causal = raw::reshape(t, {1, 3}) <= raw::reshape(t, {3, 1});
  CHECK(causal.values() == std::vector<Real>{1, 0, 0, 1, 1, 0, 1, 1, 1});
  CHECK(error_of([] { (void)(Tensor({2}) < Tensor({3})); }) ==
        "<: shapes (2,) and (3,) do not broadcast; aligned at the right, dimensions must be equal "
        "or 1");
  const Tensor nan({1}, NAN);
  CHECK((nan == nan).item() == 0);
  CHECK((nan != nan).item() == 1);
  CHECK((nan < nan).item() == 0);
  CHECK(says(error_of([] { (void)(Tensor() == 1); }), "==: there is no tensor"));
}

TEST_CASE("compare: a mask is no condition, which a tensor of any numbers would meet") {
  CHECK(can_be_asked<Tensor>);
  CHECK_FALSE(can_be_asked<Mask>);
}

TEST_CASE("arange: Ints of whole numbers, a tensor of others, the end left out") {
  CHECK(arange(4) == Ints{0, 1, 2, 3});
  CHECK(arange(2, 9, 3) == Ints{2, 5, 8});
  CHECK(arange(2, 8, 3) == Ints{2, 5});
  CHECK(arange(5, 0, -2) == Ints{5, 3, 1});
  CHECK(arange(0) == Ints(Shape{0}));
  CHECK(arange(0, 1, 0.25).values() == std::vector<Real>{0, Real(0.25), Real(0.5), Real(0.75)});
  CHECK(arange(2.).values() == std::vector<Real>{0, 1});
  CHECK(arange(1., 3).values() == std::vector<Real>{1, 2});
  CHECK(arange(1, -1., -0.5).numel() == 4);
  CHECK(error_of([] { arange(-1); }) == "arange: no steps of 1 lead from 0 to -1");
  CHECK(error_of([] { arange(0, 1, 0); }) == "arange: no steps of 0 lead from 0 to 1");
  CHECK(error_of([] { arange(0, 1, -0.5); }) == "arange: no steps of -0.5 lead from 0 to 1");
  CHECK(says(error_of([] { arange(0., double(INFINITY)); }), "arange: no steps of 1 lead"));
  CHECK(says(error_of([] { arange(0, double(NAN)); }), "arange: no steps of 1 lead"));
  CHECK(says(error_of([] { arange(0, 1, 1e-12); }), "arange: no steps of 1e-12 lead"));
}

TEST_CASE("tensor: rows of whole numbers are Ints, of others a tensor") {
  const int k = 3;
  const Real half = Real(0.5);
  CHECK(tensor({1, k}) == Ints{1, 3});
  CHECK(tensor({{k}}) == Ints(Shape{1, 1}, 3));
  CHECK(tensor({{1, 2}, {3, 4}}) == Ints(Shape{2, 2}, {1, 2, 3, 4}));
  CHECK(same_bits(tensor({0.5, 2.}), Tensor({2}, {half, 2})));
  CHECK(same_bits(tensor({{half}}), Tensor({1, 1}, half)));
  CHECK(same_bits(tensor({{1., 2.}, {3., 4.}, {5., 6.}}), Tensor({3, 2}, {1, 2, 3, 4, 5, 6})));
  CHECK(error_of([] { tensor({{1., 2.}, {3.}}); }) == "tensor: a row of 1 below one of 2");
}

TEST_CASE("Ints: the values of one that is about to go are its reader's") {
  std::vector<int> read;
  for (int id : raw::argmax(Tensor({2, 3}, {0, 0, 7, 7, 0, 0})).values()) read.push_back(id);
  CHECK(read == std::vector<int>{2, 0});
  const Ints kept{1, 2};
  CHECK(kept.values().data() == kept.values().data());     // and of one that stays are not copied
}
