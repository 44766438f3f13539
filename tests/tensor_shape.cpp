#include "tensor/views.h"
#include "tests/close.h"

using namespace babelgrad;

__extension__ typedef __int128 Wide;             // the oracle: nothing in this test overflows it

TEST_CASE("Shape: prints as a tuple, and stops at six dimensions") {
  CHECK(text(Shape{}) == "()");
  CHECK(text(Shape{3}) == "(3,)");
  CHECK(text(Shape{2, 0, 3}) == "(2, 0, 3)");
  CHECK(Shape{}.numel() == 1);
  CHECK(Shape{2, 0, 3}.numel() == 0);
  CHECK(error_of([] { Shape{1, 2, 3, 4, 5, 6, 7}; }) ==
        "shape: (1, 2, 3, 4, 5, 6) has the largest rank there is, 6");
  CHECK(error_of([] { (void)Shape{2, -1}.numel(); }) == "shape: (2, -1) has a negative dimension");
}

TEST_CASE("Shape: insert and remove move the axes behind") {
  Shape shape{2, 4};
  shape.insert(1, 3);
  CHECK(shape == Shape{2, 3, 4});
  shape.remove(0);
  CHECK(shape == Shape{3, 4});
  CHECK(!(shape == Shape{3}));
}

TEST_CASE("broadcast: aligned at the right, equal or 1, also with 0") {
  CHECK(broadcast({2, 1, 3}, {4, 1}, "f") == Shape{2, 4, 3});
  CHECK(broadcast({}, {2, 3}, "f") == Shape{2, 3});
  CHECK(broadcast({0, 3}, {1, 1}, "f") == Shape{0, 3});
  CHECK(error_of([] {
          (void)broadcast({2, 3}, {2}, "f");
        }) ==
        "f: shapes (2, 3) and (2,) do not broadcast; aligned at the right, dimensions must be "
        "equal or 1");
  CHECK(error_of([] { (void)broadcast({0}, {2}, "f"); }) != "");
}

TEST_CASE(
    "Shape: 40 shapes around the limits agree with 128-bit arithmetic, and no factory takes too "
    "large a one") {
  Random random(2);
  const Tensor one({1});
  int refused = 0, allowed = 0;
  for (int i = 0; i < 40; i++) {
    Shape shape;
    int rank = 2 + random.below(5);
    for (int axis = 0; axis < rank; axis++)
      shape.append(int((1u << random.below(32)) - unsigned(random.below(2))) & INT32_MAX);
    if (i % 8 == 0) shape[0] = 0;  // nothing in it, yet its strides may not wrap either
    Wide bytes = sizeof(double);
    bool over = false, zero = false;
    for (int dim : shape) {
      zero |= dim == 0;
      if (dim > 0) bytes *= dim;
      over |= bytes > INT64_MAX;
      if (over) break;
    }
    for (int dim : shape) zero |= dim == 0;
    CAPTURE(text(shape));
    if (over) {
      refused++;
      Index system = memory_use().from_system;
      std::string too_many = text(shape) + " has more elements than memory can address",
                  message = "shape: " + too_many;
      CHECK(error_of([&] { (void)shape.numel(); }) == message);
      CHECK(error_of([&] { (void)Tensor::empty(shape); }) == message);
      CHECK(error_of([&] { Tensor x(shape, 1); }) == message);
      CHECK(error_of([&] { Tensor x(shape, std::vector<Real>{1}); }) == message);
      CHECK(error_of([&] { (void)raw::reshape(one, shape); }) == "reshape: " + too_many);
      CHECK(error_of([&] { (void)raw::expand(one, shape); }) == "expand: " + too_many);
      CHECK(error_of([&] { (void)one.view(shape, {}, 0); }) == "view: " + too_many);
      CHECK(error_of([&] { Ints ids(shape); }) == "Ints: " + too_many);
      CHECK(memory_use().from_system == system);
    } else {
      allowed++;
      CHECK(shape.numel() == (zero ? 0 : Index(bytes / Index(sizeof(double)))));
    }
  }
  CHECK(refused >= 10);
  CHECK(allowed >= 10);
  CHECK(error_of([] {
          (void)raw::reshape(Tensor({1}), {INT32_MAX, INT32_MAX, INT32_MAX, -1});
        }).starts_with("reshape: "));
}

TEST_CASE("Shape, Strides, Ints: -1 is the last axis, and what is not there is an error") {
  Shape shape{2, 3, 4};
  CHECK(shape[-1] == 4);
  CHECK(shape[-3] == 2);
  shape[-2] = 7;
  CHECK(shape == Shape{2, 7, 4});
  CHECK(error_of([&] { (void)shape[3]; }) == "shape: axis 3 is outside shape (2, 7, 4)");
  CHECK(error_of([&] { shape[-4] = 1; }) == "shape: axis -4 is outside shape (2, 7, 4)");
  CHECK(error_of([&] { (void)Shape{}[0]; }) == "shape: axis 0 is outside shape ()");
  CHECK(error_of([&] { shape.remove(3); }) == "shape: axis 3 is outside shape (2, 7, 4)");
  CHECK(error_of([&] { shape.insert(4, 1); }) == "shape: axis 4 cannot be put into (2, 7, 4)");
  const Tensor x({2, 3});
  CHECK(x.shape()[-1] == 3);
  CHECK(x.strides()[0] == 3);
  CHECK(error_of([&] { (void)x.strides()[-1]; }) == "strides: there is no axis -1");
  CHECK(error_of([&] { (void)x.strides()[max_rank]; }) == "strides: there is no axis 6");
  Ints ids(Shape{2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(ids.shape()[-1] == 3);
  for (Index i : {-1, 6}) {
    CHECK(error_of([&] { (void)ids[i]; }) == join("Ints: index ", i, " is outside shape (2, 3)"));
    CHECK(error_of([&] { ids[i] = 1; }) == join("Ints: index ", i, " is outside shape (2, 3)"));
  }
  CHECK(error_of([&] { (void)ids.at(0, 3); }) == "at: index (0, 3) is outside shape (2, 3)");
  CHECK(error_of([&] { (void)ids.at(2, 0); }) == "at: index (2, 0) is outside shape (2, 3)");
  CHECK(error_of([&] { (void)ids.at(0, -1); }) == "at: index (0, -1) is outside shape (2, 3)");
  CHECK(error_of([&] { ids.at(-1, 0) = 1; }) == "at: index (-1, 0) is outside shape (2, 3)");
  CHECK(error_of([] { (void)Ints{1, 2}.at(0, 0); }) == "at: index (0, 0) is outside shape (2,)");
}

TEST_CASE("Ints: repeated more often than an axis can have numbers, or fewer than 0 times") {
  CHECK(repeat_interleave(Ints{1, 2}, 2) == Ints{1, 1, 2, 2});
  CHECK(error_of([] { repeat_interleave(Ints(Shape{65536}), 65536); }) ==
        "repeat_interleave: 65536 times axis 0 of shape (65536,)");
  CHECK(error_of([] { repeat_interleave(Ints{1}, -1); }) ==
        "repeat_interleave: -1 times axis 0 of shape (1,)");
  CHECK(error_of([] { take(Ints(Shape{}, 1), Ints{0}); }) == "take: rows of shape ()");
}

TEST_CASE("Ints: holds what it is given, and refuses another count") {
  Ints ids(Shape{2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(ids.at(1, 0) == 4);
  CHECK(ids.dim(-1) == 3);
  CHECK(column(ids, 1) == Ints(Shape{2, 1}, {2, 5}));
  CHECK(reshape(ids, {3, 2}).at(2, 1) == 6);
  CHECK(!Ints());
  CHECK(bool(Ints{}) == false);
  CHECK(bool(Ints(Shape{0})));
  CHECK(error_of([] { Ints(Shape{2, 2}, {1, 2, 3}); }) == "Ints: 3 values for shape (2, 2)");
  CHECK(column(ids, 0) == Ints(Shape{2, 1}, {1, 4}));
  for (int bad : {-1, 3}) {
    CHECK(error_of([&] { (void)column(ids, bad); }) == join("column: ", bad, " of (2, 3)"));
  }
  CHECK(error_of([] { (void)column(Ints{1, 2}, 0); }) == "column: 0 of (2,)");
  CHECK(error_of([] { (void)transpose(Ints(Shape{1, 2, 1})); }) ==
        "transpose: ids of shape (1, 2, 1) are not a table");
  CHECK(error_of([&] { (void)reshape(ids, Shape{4}); }) ==
        "reshape: (2, 3) has 6 elements and does not fit (4,)");
  CHECK(reshape(ids, -1) == Ints{1, 2, 3, 4, 5, 6});
  CHECK(reshape(ids, {3, -1}) == Ints(Shape{3, 2}, {1, 2, 3, 4, 5, 6}));
}

TEST_CASE("cat of ids: columns and tables side by side, and what does not fit") {
  Ints ids(Shape{2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(cat(std::vector<Ints>{column(ids, 2), ids}, 1) ==
        Ints(Shape{2, 4}, {3, 1, 2, 3, 6, 4, 5, 6}));
  CHECK(cat(std::vector<Ints>{}, 1) == Ints(Shape{0, 0}));
  CHECK(error_of([&] { cat(std::vector<Ints>{ids}, 0); }) ==
        "cat: axis 0 of ids; there is axis 1 only");
  CHECK(error_of([&] { cat(std::vector<Ints>{ids, Ints(Shape{3, 1})}, 1); }) ==
        "cat: (3, 1) beside (2, 3)");
  CHECK(error_of([&] { cat(std::vector<Ints>{ids, Ints{1, 2}}, 1); }) ==
        "cat: (2,) beside (2, 3)");
  CHECK(tensor({{1, 2, 3}, {4, 5, 6}}) == ids);
  CHECK(error_of([] { tensor({{1, 2}, {3}}); }) == "tensor: a row of 1 below one of 2");
  CHECK(reshape(ids, -1).rank() == 1);
  CHECK(column(ids, 0).dim(0) == 2);
  CHECK(Ints{7}.item() == 7);
  CHECK(error_of([&] { (void)ids.item(); }) == "item: shape (2, 3) has 6 numbers, not one");
  CHECK(before(ids, 5) == std::vector<std::vector<int>>{{1, 2, 3}, {4}});
}

TEST_CASE("Tensor: item, at and values check what they are asked for") {
  Tensor x({2, 2}, {1, 2, 3, 4});
  CHECK(x.at({1, 0}) == 3);
  CHECK(Tensor({1, 1}, 7).item() == 7);
  CHECK(error_of([&] { (void)x.item(); }) == "item: needs exactly one number, not shape (2, 2)");
  CHECK(error_of([] { (void)Tensor().item(); }).starts_with("item: "));
  CHECK(error_of([&] { (void)x.at({1}); }) == "at: 1 indices for shape (2, 2)");
  CHECK(error_of([&] { (void)x.at({0, 2}); }) == "at: index 2 of axis 1 is outside shape (2, 2)");
  CHECK(error_of([&] { (void)x.at({-1, 0}); }) == "at: index -1 of axis 0 is outside shape (2, 2)");
  CHECK(error_of([&] { (void)x.dim(2); }) == "dim: axis 2 is outside shape (2, 2)");
  CHECK(error_of([] {
          Tensor({2, 2}, std::vector<Real>{1});
        }) == "Tensor: 1 values for shape (2, 2)");
}
