// Products with weights that stand: the same bits as with weights that do not.
#include "tensor/standing.h"
#include "tensor/views.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

Tensor product(const Tensor& X, const Tensor& W, raw::Side side) {
  Tensor C({X.dim(0), W.dim(side == raw::Side::W ? 1 : 0)});
  raw::multiply(X, W, side, C);
  return C;
}

}  // namespace

TEST_CASE("Standing: changes no bit of X W and X Wᵀ, whatever the number of rows") {
  Random random(1);
  Tensor W = random_tensor({37, 53}, random);
  for (int rows : {0, 1, 4, 5, 6, 7, 64, 257}) {
    Tensor X = random_tensor({rows, 53}, random), Y = random_tensor({rows, 37}, random);
    Tensor plain = product(X, W, raw::Side::W_transposed), back = product(Y, W, raw::Side::W);
    Standing weights({W});
    for (int again = 0; again < 2; again++) {
      CHECK(same_bits(product(X, W, raw::Side::W_transposed), plain));
      CHECK(same_bits(product(Y, W, raw::Side::W), back));
    }
  }
}

TEST_CASE("Standing: after it, new numbers in the same place count") {
  Random random(2);
  Tensor W = random_tensor({8, 9}, random), X = random_tensor({6, 9}, random);
  Tensor before = product(X, W, raw::Side::W_transposed);
  {
    Standing outer({W}), inner({W});
    CHECK(same_bits(product(X, W, raw::Side::W_transposed), before));
  }
  for (Index i = 0; i < W.numel(); i++) W.data()[i] = 0;
  Standing weights({W});
  CHECK(same_bits(product(X, W, raw::Side::W_transposed), Tensor({6, 8})));
}

TEST_CASE("Standing: a part of a matrix that stands, or another view, is not taken for it") {
  Random random(3);
  Tensor W = random_tensor({8, 8}, random), X = random_tensor({6, 8}, random);
  Tensor narrow = raw::slice(W, 0, 0, 5), turned = raw::transpose(W);
  Tensor a = product(X, narrow, raw::Side::W_transposed), b = product(X, turned, raw::Side::W);
  Standing weights({W});
  product(X, W, raw::Side::W);
  CHECK(same_bits(product(X, narrow, raw::Side::W_transposed), a));
  CHECK(same_bits(product(X, turned, raw::Side::W), b));
}
