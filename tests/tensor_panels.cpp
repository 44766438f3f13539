#include "tensor/gemm.h"
#include "tensor/matmul.h"
#include "tensor/parallel.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

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

TEST_CASE("gemm: C and bias are those of the definition, for every size and storage") {
  Random random(5);
  for (int m : {1, 2, 3, 4, 5, 6, 7, 13, 130}) {
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
