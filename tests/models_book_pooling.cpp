// The book's kernels beside ours.
#include "tests/models_book_pooling.h"

using namespace babelgrad;

TEST_CASE(
    "book's form: boxcar, epanechikov and gaussian_with_width by masks and zeros give our bits") {
  Random random(1);
  Tensor x = cat({random_tensor({300}, random), Tensor({4}, {1, -1, 0, 2})}, 0);
  CHECK(same_bits(book::boxcar(x), boxcar(x)));
  CHECK(same_bits(book::epanechikov(x), epanechikov(x)));
  for (Real sigma : {Real(0.1), Real(0.5), Real(3)})
    CHECK(same_bits(book::gaussian_with_width(sigma)(x), gaussian_with_width(sigma)(x)));
}
