// Attention without parameters: kernels and the weighted mean of 11.2.
#include "models/attention_pooling.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

const double pooling_bar = tol(1e-14, 1e-6);
const Tensor distances({5}, {-2, -1, 0, Real(0.5), 3});

}  // namespace

TEST_CASE("gaussian, boxcar, constant, epanechikov and gaussian_with_width weigh distances") {
  CHECK(distance(gaussian(distances),
                 Tensor({5}, {Real(std::exp(-2.0)), Real(std::exp(-0.5)), 1,
                              Real(std::exp(-0.125)), Real(std::exp(-4.5))})) < pooling_bar);
  CHECK(same_bits(boxcar(distances), Tensor({5}, {0, 0, 1, 1, 0})));
  CHECK(same_bits(constant(distances), Tensor({5}, 1)));
  CHECK(same_bits(epanechikov(distances), Tensor({5}, {0, 0, 1, Real(0.5), 0})));
  CHECK(distance(gaussian_with_width(1)(distances), gaussian(distances)) < pooling_bar);
  CHECK(distance(gaussian_with_width(2)(distances), gaussian(distances / 2)) < pooling_bar);
}

TEST_CASE("nadaraya_watson: the constant kernel answers with the mean") {
  Tensor keys({3}, {0, 1, 4}), values({3}, {2, 4, 9}), queries({2}, {0, Real(3.5)});
  auto [mean, equal] = nadaraya_watson(keys, values, queries, constant);
  CHECK(distance(mean, Tensor({2}, 5)) < pooling_bar);
  CHECK(distance(equal, Tensor({3, 2}, Real(1) / 3)) < pooling_bar);
}

TEST_CASE("nadaraya_watson: a narrow kernel answers with the nearest value") {
  Tensor keys({3}, {0, 1, 4}), values({3}, {2, 4, 9}), queries({2}, {0, Real(3.5)});
  auto [answer, weights] = nadaraya_watson(keys, values, queries, gaussian_with_width(Real(0.1)));
  CHECK(distance(answer, Tensor({2}, {2, 9})) < pooling_bar);
  CHECK(distance(sum(weights, {0}), Tensor({2}, 1)) < pooling_bar);
}
