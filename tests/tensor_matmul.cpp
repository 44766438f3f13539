// Products of matrices against their definition, in every storage, and with B packed beforehand.
#include "tensor/gemm.h"
#include "tensor/gemm_tile.h"
#include "tensor/map.h"
#include "tensor/matmul.h"
#include "tensor/parallel.h"
#include "tensor/views.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

// |C − exact| <= 4 log2(k) ε Σ|a b| for every element, with long double sums.
bool near(const Tensor& A, const Tensor& B, const Tensor& C) {
  int m = A.dim(0), k = A.dim(1), n = B.dim(1);
  long double allowed =
      4 * std::max(1.0, std::log2(double(std::max(k, 1)))) * std::numeric_limits<Real>::epsilon();
  for (int i = 0; i < m; i++) {
    for (int j = 0; j < n; j++) {
      long double sum = 0, magnitude = 0;
      for (int p = 0; p < k; p++) {
        long double product = (long double)(A.at({i, p})) * B.at({p, j});
        sum += product, magnitude += std::abs(product);
      }
      if (!(std::abs(C.at({i, j}) - sum) <= allowed * magnitude)) return false;
    }
  }
  return C.shape() == Shape{m, n};
}

// B as it may be stored: row by row, column by column, or with gaps everywhere.
struct Stored {
  Tensor memory;
  Matrix matrix;
};

Stored stored(const Tensor& X, int how) {
  int rows = X.dim(0), columns = X.dim(1);
  Tensor memory(how == 2 ? Shape{rows, 2 * columns + 3} : Shape{rows, columns}, 7);
  Index row = how == 0 ? columns : how == 1 ? 1 : 2 * columns + 3;
  Index column = how == 0 ? 1 : how == 1 ? rows : 2;
  for (int i = 0; i < rows; i++) {
    for (int j = 0; j < columns; j++) memory.data()[i * row + j * column] = X.at({i, j});
  }
  return {memory, {memory.data(), row, column}};
}

struct Sizes {
  int m, n, k;
};

// C with guard numbers to its right, which nobody may touch.
Tensor product(Sizes size, Matrix A, Matrix B, bool panels, bool accumulate,
               const Real* bias) {
  auto [m, n, k] = size;
  Tensor C({m, n + 3}, Real(0.5));
  if (panels) gemm(m, A, Panels(n, k, B), C.data(), n + 3, accumulate, bias);
  else gemm(m, n, k, A, B, C.data(), n + 3, accumulate, bias);
  return C;
}

}  // namespace

TEST_CASE(
    "matmul: the fast product equals the three loops, for every size, stride and transposition") {
  Random random(1);
  for (int m : {1, 5, 6, 7, 97, 130}) {
    for (int n : {1, 15, 16, 17, 65}) {
      for (int k : {1, 3, 64, 257, 300}) {
        Tensor A = random_tensor({k, m}, random), B = random_tensor({n, k}, random);
        Tensor a = raw::transpose(A), b = raw::transpose(B), C = Tensor::empty({m, n});
        gemm_plain(m, n, k, {a.data(), a.strides()[0], a.strides()[1]},
                   {b.data(), b.strides()[0], b.strides()[1]}, C.data(), n);
        CHECK(distance(raw::matmul(a, b), C) < tol(1e-13, 1e-5));
        CHECK(distance(raw::matmul(raw::contiguous(a), raw::contiguous(b)), C) < tol(1e-13, 1e-5));
      }
    }
  }
}

TEST_CASE("matmul: every element is within 4 log2(k) eps of long double") {
  Random random(2);
  const int sizes[][3] = {{1, 1, 1},     {3, 5, 2},     {12, 32, 12}, {13, 33, 257},
                          {40, 70, 513}, {5, 1030, 20}, {100, 3, 1},  {2, 2, 5000}};
  for (auto [m, n, k] : sizes) {
    Tensor A = random_tensor({m, k}, random, 1, 2), B = random_tensor({k, n}, random);
    std::string size = text(Shape{m, n, k});
    CAPTURE(size);
    CHECK(near(A, B, raw::matmul(A, B)));
    Tensor flipped = raw::flip(A, 1),
           wide = raw::slice(raw::expand(raw::unsqueeze(B, 1), {k, 2, n}), 1, 1, 2);
    CHECK(near(flipped, B, raw::matmul(flipped, B)));
    CHECK(near(A, B, raw::matmul(A, raw::squeeze(wide, 1))));
    CHECK(near(raw::expand(raw::slice(A, 0, 0, 1), {m, k}), B,
               raw::matmul(raw::expand(raw::slice(A, 0, 0, 1), {m, k}), B)));
  }
}

TEST_CASE("gemm: adds to C when asked, with rows of C that are further apart") {
  Random random(3);
  for (int size : {3, 40, 300}) {
    Tensor A = random_tensor({size, size}, random), B = random_tensor({size, size}, random),
           C({size, size + 5}, 1), D({size, size + 5}, 1);
    Matrix a{A.data(), size, 1}, b{B.data(), size, 1};
    gemm(size, size, size, a, b, C.data(), size + 5, true);
    gemm_plain(size, size, size, a, b, D.data(), size + 5, true);
    CHECK(distance(C, D) < tol(1e-13, 1e-5));
    for (int i = 0; i < size; i++)
      CHECK(raw::slice(raw::select(C, 0, i), 0, size, size + 5).values() ==
            std::vector<Real>(5, 1));
  }
}

TEST_CASE(
    "matmul: leading axes broadcast, and each product of the stack is the product of its "
    "matrices") {
  Random random(4);
  Tensor A = random_tensor({2, 1, 4, 5}, random), B = random_tensor({3, 5, 6}, random),
         C = raw::matmul(A, B);
  REQUIRE(C.shape() == Shape{2, 3, 4, 6});
  for (int i = 0; i < 2; i++) {
    for (int j = 0; j < 3; j++) {
      CHECK(near(raw::select(raw::select(A, 0, i), 0, 0), raw::select(B, 0, j),
                 raw::select(raw::select(C, 0, i), 0, j)));
    }
  }
  CHECK(raw::matmul(raw::transpose(B), B).shape() == Shape{3, 6, 6});
  CHECK(same_bits(raw::matmul(raw::contiguous(raw::select(A, 1, 0)), raw::select(B, 0, 0)),
                  raw::select(C, 1, 0)));
}

TEST_CASE("matmul: a vector is a row at the left and a column at the right") {
  Tensor v({2}, {1, 2}), M({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(raw::matmul(v, v).item() == 5);
  CHECK(same_bits(raw::matmul(v, M), Tensor({3}, {9, 12, 15})));
  CHECK(same_bits(raw::matmul(raw::transpose(M), v), Tensor({3}, {9, 12, 15})));
  CHECK(raw::matmul(v, Tensor({4, 2, 3})).shape() == Shape{4, 3});
  CHECK(raw::matmul(Tensor({4, 3, 2}), v).shape() == Shape{4, 3});
}

TEST_CASE("matmul: a side that is not there is named as such") {
  const Tensor none, x({2, 2});
  for (auto [A, B] : {std::pair(none, x), std::pair(x, none)})
    CHECK(says(error_of([&, A = A, B = B] { raw::matmul(A, B); }), "matmul: there is no tensor"));
}

TEST_CASE("matmul: a number has no axis") {
  const Tensor number(Shape{}, 1), x({2, 2});
  CHECK(error_of([&] { raw::matmul(x, number); }) ==
        "matmul: (2, 2) @ (): each side needs at least one axis");
  CHECK(error_of([&] { raw::matmul(number, x); }) ==
        "matmul: () @ (2, 2): each side needs at least one axis");
}

TEST_CASE("matmul: no rows, no columns, or nothing to sum") {
  CHECK(raw::matmul(Tensor({0, 3}), Tensor({3, 2})).shape() == Shape{0, 2});
  CHECK(raw::matmul(Tensor({2, 3}), Tensor({3, 0})).shape() == Shape{2, 0});
  CHECK(same_bits(raw::matmul(Tensor({2, 0}), Tensor({0, 3})), Tensor({2, 3})));
  CHECK(same_bits(raw::matmul(Tensor({4, 2, 0}), Tensor({0, 3})), Tensor({4, 2, 3})));
  CHECK(raw::matmul(Tensor({0, 2, 3}), Tensor({3, 4})).shape() == Shape{0, 2, 4});
  CHECK(raw::matmul(Tensor({0}), Tensor({0})).item() == 0);
}

TEST_CASE("Prepacked: changes no bit of X W and X Wᵀ, whatever the number of rows") {
  Random random(1);
  Tensor W = random_tensor({37, 53}, random);
  for (raw::Side side : {raw::Side::W, raw::Side::W_transposed}) {
    const bool plain = side == raw::Side::W;
    for (int most : {0, 4, 257}) {
      raw::Prepacked packed(W, side, most);
      for (int rows : {0, 1, 4, 5, 6, 7, 64, 257}) {
        if (rows > most) continue;
        Tensor X = random_tensor({rows, plain ? 37 : 53}, random);
        Tensor C = random_tensor({rows, plain ? 53 : 37}, random), expected(C.shape(), C.values());
        raw::multiply(X, W, side, expected, true);
        packed.multiply(X, C, true);
        CHECK(same_bits(C, expected));
      }
    }
  }
}

TEST_CASE("gemm: C and bias are those of the definition, for every size and storage") {
  Random random(5);
  for (int m : {1, 2, 3, 4, 5, 6, 7, 13, 130, raw::tile_rows, raw::tile_rows + 1}) {
    for (int n : {1, 7, 16, 31, 64, 65, 130}) {
      for (int k : {0, 1, 7, 8, 64, 257}) {
        Tensor A = random_tensor({m, k}, random), B = random_tensor({k, n}, random),
               bias = random_tensor({n}, random);
        for (int how = 0; how < 12; how++) {
          Stored a = stored(A, how % 3), b = stored(B, how % 4 % 3);
          bool accumulate = how % 2, panels = how > 5;
          const Real* add = how % 3 ? bias.data() : nullptr;
          Tensor C = product({m, n, k}, a.matrix, b.matrix, panels, accumulate, add);
          Tensor D({m, n + 3}, Real(0.5));
          gemm_plain(m, n, k, a.matrix, b.matrix, D.data(), n + 3, accumulate, add);
          CHECK(distance(C, D) < tol(1e-13, 1e-5));
        }
      }
    }
  }
}

TEST_CASE("gemm: an element's bits depend on nothing but its row of A, its column of B and k") {
  Random random(6);
  int before = threads();
  const int sizes[][2] = {{1, 333}, {1, 5},   {2, 40},    {4, 8},    {5, 333},
                          {9, 9},   {64, 17}, {399, 332}, {128, 333}};
  for (int k : {5, 64, 300, 1000}) {
    Tensor A = random_tensor({400, k}, random), B = random_tensor({k, 333}, random);
    bool accumulate = k == 300;
    Matrix a{A.data(), k, 1}, b{B.data(), 333, 1};
    Tensor row = product({1, 333, k}, a, b, false, accumulate, {}),
           rows = product({400, 333, k}, a, b, false, accumulate, {});
    for (auto [m, n] : sizes) {
      for (int how = 0; how < 18; how++) {
        set_threads(how % 2 ? 3 : 1);
        Tensor C = product({m, n, k}, stored(A, how % 3).matrix, stored(B, how / 3 % 3).matrix,
                           how >= 9, accumulate, {});
        bool same = true;
        for (int i = 0; i < m; i++) {            // one row has an order of its own
          const Tensor& right = m == 1 ? row : rows;
          for (int j = 0; j < n; j++) same = same && C.at({i, j}) == right.at({i, j});
        }
        std::string what = join(text(Shape{m, n, k}), ", stored in way ", how);
        CAPTURE(what);
        CHECK(same);
      }
    }
  }
  set_threads(before);
}

TEST_CASE("add_matmul: adds the product to C, or makes it C where there is none") {
  Random random(8);
  Tensor A = random_tensor({5, 3}, random), B = random_tensor({3, 4}, random), C;
  raw::add_matmul(C, A, B);
  CHECK(same_bits(C, raw::matmul(A, B)));
  raw::add_matmul(C, A, B);
  CHECK(distance(C, raw::map(raw::matmul(A, B), [](Real v) { return 2 * v; })) < tol(1e-15, 1e-6));
}

TEST_CASE("Panels: none are false; copies multiply as the first does") {
  CHECK_FALSE(Panels());
  Random random(7);
  Tensor A = random_tensor({3, 20}, random), B = random_tensor({20, 33}, random), C({3, 33});
  Panels first(33, 20, {B.data(), 33, 1}), copy = first;
  first = Panels();
  REQUIRE(copy);
  CHECK(copy.columns() == 33);
  CHECK(copy.depth() == 20);
  gemm(3, {A.data(), 20, 1}, copy, C.data(), 33);
  CHECK(distance(C, raw::matmul(A, B)) == 0);
}
