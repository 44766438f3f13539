// Products in int8: the same bits in every form, near the product of Reals, exact where it must be.
#include "tensor/gemm_int8.h"
#include "tensor/matmul.h"
#include "tensor/views.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

std::vector<Int8> int8_forms() {
  std::vector<Int8> all;
  for (int i = 0; i <= int(fastest_int8); i++) all.push_back(Int8(i));
  return all;
}

std::vector<int> quantized(const std::vector<Real>& x, Real* scale = nullptr) {
  std::vector<std::int8_t> q(x.size());
  const Real its = quantize(x.data(), 1, Index(x.size()), q.data());
  if (scale) *scale = its;
  return {q.begin(), q.end()};
}

// W is (n, k); C has guard numbers to its right, which nobody may touch.
Tensor in_int8(const Tensor& X, const Tensor& W, Int8 form, bool accumulate = false,
               const Real* bias = nullptr) {
  const Index n = W.dim(0);
  Int8Panels panels(n, W.dim(1), {W.data(), W.strides()[1], W.strides()[0]});
  Tensor C({X.dim(0), int(n) + 3}, Real(0.5));
  gemm_int8(X.dim(0), {X.data(), X.strides()[0], X.strides()[1]}, panels, C.data(), n + 3,
            accumulate, bias, form);
  return C;
}

// By integers of 64 bits, with what a row of C is scaled by.
Tensor by_integers(const Tensor& X, const Tensor& W) {
  Tensor C({X.dim(0), W.dim(0) + 3}, Real(0.5));
  auto row = [](const Tensor& x, int i, Real* scale) {
    std::vector<Real> numbers;
    for (int p = 0; p < x.dim(1); p++) numbers.push_back(x.at({i, p}));
    return quantized(numbers, scale);
  };
  for (int i = 0; i < X.dim(0); i++) {
    for (int j = 0; j < W.dim(0); j++) {
      Real x_scale, w_scale;
      const std::vector<int> a = row(X, i, &x_scale), b = row(W, j, &w_scale);
      long long sum = 0;
      for (std::size_t p = 0; p < a.size(); p++) sum += (long long)(a[p]) * b[p];
      C.data()[i * C.dim(1) + j] = Real(sum) * (w_scale * x_scale);
    }
  }
  return C;
}

}  // namespace

TEST_CASE("quantize: the largest is 127, halves go to the even number, the scale is theirs") {
  Real scale;
  CHECK(quantized({127, -127, Real(0.5), Real(1.5), Real(2.5), Real(-0.5), Real(-1.5), 3},
                  &scale) == std::vector<int>{127, -127, 0, 2, 2, 0, -2, 3});
  CHECK(scale == 1);
  CHECK(quantized({Real(0.1), Real(-0.02), 0}, &scale) == std::vector<int>{127, -25, 0});
  CHECK(scale == doctest::Approx(0.1 / 127));
  for (Real largest : {Real(1e-30), Real(0.7), Real(3.3), Real(1e30)})
    CHECK(quantized({largest, -largest, largest / 4}) == std::vector<int>{127, -127, 32});
}

TEST_CASE("quantize: zeros, next to nothing, and what is no number") {
  Real scale;
  for (Real x : {Real(0), std::numeric_limits<Real>::min()}) {
    CHECK(quantized({0, x, -x}, &scale) == std::vector<int>{0, 0, 0});
    CHECK(scale == 0);
  }
  const Real inf = std::numeric_limits<Real>::infinity();
  for (Real x : {inf, -inf, std::numeric_limits<Real>::quiet_NaN()}) {
    for (int place : {0, 1, 20}) {
      std::vector<Real> row(33, 1);
      row[place] = x;
      CHECK(quantized(row, &scale) == std::vector<int>(33, 0));
      CHECK(std::isnan(scale));
    }
  }
  CHECK(quantized({}, &scale).empty());
  CHECK(scale == 0);
}

TEST_CASE("gemm_int8: in every form exactly what integers give, for every size") {
  Random random(1);
  for (int m : {0, 1, 2, 3, 4, 5, 9}) {
    for (int n : {1, 15, 16, 17, 48, 64, 81, 130}) {
      for (int k : {0, 1, 3, 4, 7, 64, 257}) {
        Tensor X = random_tensor({m, k}, random), W = random_tensor({n, k}, random);
        const Tensor expected = by_integers(X, W);
        for (Int8 form : int8_forms()) {
          CAPTURE(int(form));
          CHECK(same_bits(in_int8(X, W, form), expected));
        }
      }
    }
  }
}

TEST_CASE("gemm_int8: in every form the same bits when it adds to C and a bias") {
  Random random(2);
  Tensor X = random_tensor({7, 100}, random), W = random_tensor({83, 100}, random);
  Tensor bias = random_tensor({83}, random);
  for (bool accumulate : {false, true}) {
    const Tensor plain = in_int8(X, W, Int8::plain, accumulate, bias.data());
    for (Int8 form : int8_forms())
      CHECK(same_bits(in_int8(X, W, form, accumulate, bias.data()), plain));
    Tensor sum = by_integers(X, W);
    for (int i = 0; i < 7; i++)
      for (int j = 0; j < 83; j++)
        sum.data()[i * 86 + j] += bias.data()[j] + (accumulate ? Real(0.5) : 0);
    CHECK(distance(plain, sum) < tol(1e-14, 1e-6));
  }
}

TEST_CASE("gemm_int8: the largest sums there can be do not saturate") {
  for (int k : {256, 65536}) {
    for (Real sign : {1, -1}) {
      Tensor X({2, k}, 2), W({17, k}, sign);
      for (Int8 form : int8_forms()) {
        const Tensor C = in_int8(X, W, form);
        CHECK(C.at({1, 16}) == doctest::Approx(2.0 * sign * k).epsilon(1e-5));
        CHECK(same_bits(C, by_integers(X, W)));
      }
    }
  }
  const Real x = 1;
  CHECK(error_of([&] { Int8Panels(1, 65537, {&x, 0, 0}); }) ==
        "int8: a sum of 65537 products may not fit in 32 bits; at most 65536 do");
}

TEST_CASE("gemm_int8: an element's bits depend on its row and its column alone") {
  Random random(3);
  Tensor X = random_tensor({11, 70}, random), W = random_tensor({100, 70}, random);
  Tensor across = raw::contiguous(raw::transpose(W)), wide = random_tensor({11, 140}, random);
  for (int i = 0; i < 11; i++)
    for (int p = 0; p < 70; p++) wide.data()[i * 140 + 2 * p] = X.at({i, p});
  const Tensor all = in_int8(X, W, fastest_int8);
  CHECK(same_bits(in_int8(X, raw::transpose(across), fastest_int8), all));
  CHECK(same_bits(in_int8(raw::slice(wide, 1, 0, 140, 2), W, fastest_int8), all));
  for (int i : {0, 5, 10}) {
    for (int j : {0, 15, 16, 63, 99}) {
      const Tensor one = in_int8(raw::slice(X, 0, i, i + 1), raw::slice(W, 0, j, j + 1),
                                 fastest_int8);
      CHECK(one.at({0, 0}) == all.at({i, j}));
    }
  }
}

TEST_CASE("gemm_int8: a row with a NaN is NaN, and the others are not") {
  Random random(4);
  Tensor X = random_tensor({3, 20}, random), W = random_tensor({40, 20}, random);
  X.data()[27] = std::numeric_limits<Real>::quiet_NaN();
  const Tensor C = in_int8(X, W, fastest_int8);
  for (int j : {0, 39}) {
    CHECK(std::isnan(C.at({1, j})));
    CHECK(std::isfinite(C.at({0, j})));
    CHECK(std::isfinite(C.at({2, j})));
  }
}

TEST_CASE("Prepacked::in_int8: within the bound of rounding, and the same on any threads") {
  Random random(5);
  for (raw::Side side : {raw::Side::W, raw::Side::W_transposed}) {
    Tensor W = random_tensor({600, 500}, random);
    if (side == raw::Side::W) W = raw::contiguous(raw::transpose(W));
    const raw::Prepacked bytes = raw::Prepacked::in_int8(W, side);
    for (int m : {1, 65}) {
      Tensor X = random_tensor({m, 500}, random), exact = Tensor::empty({m, 600});
      raw::multiply(X, W, side, exact);
      auto rounded = [&] {
        Tensor C = Tensor::empty({m, 600});
        bytes.multiply(X, C);
        return C;
      };
      same_for_all_threads("in_int8", [&] { return std::vector{rounded()}; });
      const Tensor C = rounded();
      CHECK(distance(C, exact) < 0.02);
      CHECK(distance(C, exact) > 1e-5);
      // |x w − q_x q_w| <= |x| s_w / 2 + |w| s_x / 2 + s_x s_w / 4 for each product, s = max / 127
      auto largest = [](const Tensor& x, double& sum) {
        double most = 0;
        for (Index i = 0; i < x.numel(); i++) {
          const double size = std::abs(double(x.data()[i]));
          most = std::max(most, size), sum += size;
        }
        return most;
      };
      Tensor column = side == raw::Side::W ? raw::contiguous(raw::slice(W, 1, 7, 8))
                                           : raw::contiguous(raw::slice(W, 0, 7, 8));
      double x_sum = 0, w_sum = 0;
      const double s_x = largest(raw::contiguous(raw::slice(X, 0, 0, 1)), x_sum) / 127;
      const double s_w = largest(column, w_sum) / 127;
      CHECK(std::abs(C.at({0, 7}) - exact.at({0, 7})) <=
            x_sum * s_w / 2 + w_sum * s_x / 2 + 500 * s_x * s_w / 4);
    }
  }
}
