#include "tests/close.h"
#include "tensor/gemm.h"
#include "tensor/matmul.h"
#include "tensor/views.h"

using namespace babelgrad;

TEST_CASE("matmul: the fast product equals the three loops, for every size, stride and transposition") {
  Random random(1);
  for (int m : {1, 5, 6, 7, 97, 130}) {
    for (int n : {1, 15, 16, 17, 65}) {
      for (int k : {1, 3, 64, 257, 300}) {
        Tensor A = random_tensor({k, m}, random), B = random_tensor({n, k}, random);
        Tensor a = raw::transpose(A), b = raw::transpose(B), C = Tensor::empty({m, n});
        gemm_plain(m, n, k, {a.data(), a.strides()[0], a.strides()[1]}, {b.data(), b.strides()[0], b.strides()[1]},
                   C.data(), n);
        CHECK(distance(raw::matmul(a, b), C) < tol(1e-13, 1e-5));
        CHECK(distance(raw::matmul(raw::contiguous(a), raw::contiguous(b)), C) < tol(1e-13, 1e-5));
      }
    }
  }
}
