// Products of bf16: how numbers are rounded, in which order they are added up, and that the
// processor's tiles, where there are any, give the bits of the definition.
#include <bit>
#include <limits>
#include <thread>

#include "tensor/gemm_bf16.h"
#include "tensor/matmul.h"
#include "tensor/subnormals.h"
#include "tensor/views.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

float of_bits(std::uint32_t bits) { return std::bit_cast<float>(bits); }
std::uint32_t bits_of(float x) { return std::bit_cast<std::uint32_t>(x); }

// Bits of the same numbers; a NaN is as good as any other.
bool alike(const Tensor& a, const Tensor& b) {
  const auto x = a.values(), y = b.values();
  for (std::size_t i = 0; i < x.size(); i++) {
    const bool nan = std::isnan(x[i]) && std::isnan(y[i]);
    if (!nan && (x[i] != y[i] || std::signbit(x[i]) != std::signbit(y[i]))) return false;
  }
  return a.shape() == b.shape();
}

// Numbers whose exponent is one of `spread` from `least` on: 0 is of subnormal ones, 255 of NaN.
Tensor numbers(const Shape& shape, Random& random, int least, int spread) {
  Tensor x(shape);
  for (Index i = 0; i < x.numel(); i++) {
    std::uint32_t exponent = least + random.below(spread);
    x.data()[i] = of_bits(std::uint32_t(random.below(2)) << 31 | exponent << 23 |
                          std::uint32_t(random.below(1 << 23)));
  }
  return x;
}

// C (m, n) of A and B as they lie, to which `product` adds, with guard numbers to its right.
using Product = decltype(&gemm_bf16);
Tensor result(Product product, const Tensor& A, const Tensor& B, const Tensor& C,
              const Real* bias) {
  const int m = A.dim(0), k = A.dim(1), n = B.dim(1);
  Tensor out({m, n + 3}, Real(0.5));
  for (int i = 0; C && i < m; i++) std::copy_n(C.data() + i * n, n, out.data() + i * (n + 3));
  product(m, n, k, {A.data(), A.strides()[0], A.strides()[1]},
          {B.data(), B.strides()[0], B.strides()[1]}, out.data(), n + 3, bool(C), bias);
  return out;
}

// One number: the sum over the pairs of a and b, after c.
float sum_of(const std::vector<float>& a, const std::vector<float>& b, float c = 0) {
  const int k = int(a.size());
  Tensor A({1, k}, std::vector<Real>(a.begin(), a.end()));
  Tensor B({k, 1}, std::vector<Real>(b.begin(), b.end())), C({1, 1}, Real(c));
  return float(result(gemm_bf16, A, B, C, nullptr).values()[0]);
}

}  // namespace

TEST_CASE("to_bf16: to nearest, ties to even; subnormal numbers are 0, and NaN is NaN") {
  CHECK(to_bf16(1) == 1);
  CHECK(bits_of(to_bf16(of_bits(0x3f808000))) == 0x3f800000);            // a tie: down to even
  CHECK(bits_of(to_bf16(of_bits(0x3f818000))) == 0x3f820000);            // a tie: up to even
  CHECK(bits_of(to_bf16(of_bits(0x3f808001))) == 0x3f810000);
  CHECK(bits_of(to_bf16(of_bits(0xbf817fff))) == 0xbf810000);
  CHECK(bits_of(to_bf16(of_bits(0x007fffff))) == 0);                     // not up to a normal one
  CHECK(bits_of(to_bf16(of_bits(0x80000001))) == 0x80000000);
  CHECK(bits_of(to_bf16(of_bits(0x00800000))) == 0x00800000);
  CHECK(to_bf16(of_bits(0x7f7fffff)) == INFINITY);                       // nearer than 3.39e38
  CHECK(to_bf16(-INFINITY) == -INFINITY);
  for (std::uint32_t nan : {0x7f800001u, 0x7fffffffu, 0xff800001u, 0xffffffffu})
    CHECK(std::isnan(to_bf16(of_bits(nan))));
}

TEST_CASE("gemm_bf16: of 32 products the even ones, then the odd ones, then C") {
  Random random(3);
  const int k = 70;
  Tensor a = random_tensor({1, k}, random), b = random_tensor({k, 1}, random);
  float c = 0.25;
  for (int p0 = 0; p0 < k; p0 += 32) {
    float even = 0, odd = 0;
    for (int p = p0; p < std::min(k, p0 + 32); p++) {
      float& sum = p % 2 ? odd : even;
      sum = std::fma(to_bf16(float(a.data()[p])), to_bf16(float(b.data()[p])), sum);
    }
    c += even + odd;
  }
  CHECK(result(gemm_bf16, a, b, Tensor({1, 1}, Real(0.25)), nullptr).values()[0] == Real(c));

  // 2^24 and 1 are 2^24: in whatever sum they meet.
  CHECK(sum_of({0x1p24, 0, 1, 0, 1, 0}, {1, 1, 1, 1, 1, 1}) == 0x1p24);      // 1 by 1
  CHECK(sum_of({0x1p24, 1, 0, 1, 0, 0}, {1, 1, 1, 1, 1, 1}) == 0x1p24 + 2);  // both at once
  CHECK(sum_of({1, 1}, {1, 1}, 0x1p24) == 0x1p24 + 2);
}

TEST_CASE("gemm_bf16: what is rounded to a subnormal number is 0, products keep all digits") {
  const float tiny = 0x1p-126;                 // the smallest normal one
  CHECK(sum_of({0x1p-63}, {0x1p-63}) == tiny);
  CHECK(sum_of({0x1p-63}, {0x1p-64}) == 0);
  CHECK(sum_of({0x1p-63, 0, 0x1p-75}, {0x1p-63, 0, 0x1p-75}) == tiny);
  // 2^-126 less a bit: rounded to 24 digits it is normal again, or it is not.
  const auto less = [](float bit) { return sum_of({0x1p-63, 0, -0x1p-75}, {0x1p-63, 0, bit}); };
  CHECK(less(0x1p-75) == 0);
  CHECK(less(0x1p-76) == tiny);
  CHECK(less(0x1p-77) == tiny);
  CHECK(sum_of({1}, {of_bits(0x007fffff)}) == 0);                        // subnormal operands
  CHECK(sum_of({0}, {0}, of_bits(0x007fffff)) == 0);                     // and C
  CHECK(std::isnan(sum_of({INFINITY}, {0})));
  CHECK(sum_of({0x1p100}, {0x1p100}) == INFINITY);
}

TEST_CASE("gemm_bf16: the processor's tiles give the bits of the definition, for all numbers") {
  if (is_double || !has_amx()) {
    MESSAGE("skipped: this build or machine has no AMX; the definition is all there is");
    return;
  }
  Random random(5);
  const std::pair<int, int> exponents[] = {{124, 6}, {0, 255}, {0, 256}, {62, 4}, {58, 10}, {0, 3}};
  for (auto [least, spread] : exponents) {
    for (int m : {1, 16, 33, 70}) {
      for (int n : {1, 16, 31, 50}) {
        for (int k : {0, 1, 32, 45, 200}) {
          Tensor A = numbers({m, k}, random, least, spread), C = numbers({m, n}, random, 0, 4);
          Tensor B = numbers({k, n}, random, least, spread), bias = random_tensor({n}, random);
          for (int stored = 0; stored < 4; stored++) {
            Tensor a = A, b = B;
            if (stored & 1) a = raw::transpose(raw::contiguous(raw::transpose(A)));
            if (stored & 2) b = raw::transpose(raw::contiguous(raw::transpose(B)));
            for (const Tensor& c : {Tensor(), C}) {
              const Real* add = stored & 1 ? bias.data() : nullptr;
              if (!alike(result(gemm_bf16, a, b, c, add), result(gemm_bf16_plain, a, b, c, add)))
                FAIL("m ", m, ", n ", n, ", k ", k, ", stored ", stored, ", exponents ", least);
            }
          }
        }
      }
    }
  }
}

TEST_CASE("gemm_bf16: deep and wide products, with gaps everywhere, are those of the definition") {
  Random random(6);
  const int sizes[][3] = {{140, 40, 2300}, {40, 2200, 300}, {3, 5, 1100}, {129, 600, 1025}};
  for (auto [m, n, k] : sizes) {
    Tensor A = raw::slice(random_tensor({m, 2 * k}, random), 1, 0, 2 * k, 2);
    Tensor B = raw::slice(random_tensor({k, 3 * n}, random), 1, 1, 3 * n, 3);
    Tensor C = random_tensor({m, n}, random);
    CHECK(alike(result(gemm_bf16, A, B, C, nullptr), result(gemm_bf16_plain, A, B, C, nullptr)));
  }
}

TEST_CASE("gemm_bf16: no product is further off than its operands are rounded") {
  Random random(7);
  Tensor A = random_tensor({20, 333}, random), B = random_tensor({333, 25}, random);
  Tensor C = result(gemm_bf16, A, B, Tensor(), nullptr);
  for (int i = 0; i < 20; i++) {
    for (int j = 0; j < 25; j++) {
      double sum = 0, size = 0;
      for (int p = 0; p < 333; p++) {
        double product = double(A.at({i, p})) * double(B.at({p, j}));
        sum += product, size += std::abs(product);
      }
      CHECK(std::abs(C.at({i, j}) - sum) <= 0x1p-8 * 1.01 * size);       // 2^-9 of each operand
    }
  }
}

TEST_CASE("WithPrecision: gemm, matmul and Prepacked take it, on 1 to 8 threads, until it ends") {
  Random random(8);
  Tensor X = random_tensor({300, 500}, random), W = random_tensor({400, 500}, random);
  Tensor plain = Tensor::empty({300, 400}), before = raw::matmul(X, raw::transpose(W));
  gemm_bf16_plain(300, 400, 500, {X.data(), 500, 1}, {W.data(), 1, 500}, plain.data(), 400);
  CHECK(!same_bits(plain, before));
  const raw::Prepacked packed(W, raw::Side::W_transposed, 300);
  const int count = threads();
  for (int n : {1, 2, 3, 8}) {
    set_threads(n);
    const WithPrecision chosen(Precision::bf16);
    Tensor C = Tensor::empty(plain.shape()), D = Tensor::empty(plain.shape());
    raw::multiply(X, W, raw::Side::W_transposed, C);
    packed.multiply(X, D);
    CHECK(same_bits(raw::matmul(X, raw::transpose(W)), plain));
    CHECK(same_bits(C, plain));
    CHECK(same_bits(D, plain));
    raw::Prepacked(W, raw::Side::W_transposed, 300).multiply(X, D);
    CHECK(same_bits(D, plain));
    Tensor few = raw::matmul(raw::slice(X, 0, 7, 8), raw::transpose(W));       // a row is a row
    CHECK(same_bits(few, raw::contiguous(raw::slice(plain, 0, 7, 8))));
    const WithPrecision inner(Precision::full);
    CHECK(same_bits(raw::matmul(X, raw::transpose(W)), before));
  }
  set_threads(count);
  CHECK(precision() == Precision::full);
  CHECK(same_bits(raw::matmul(X, raw::transpose(W)), before));

  Tensor elsewhere;
  {
    const WithPrecision chosen(Precision::bf16);
    std::thread([&] { elsewhere = raw::matmul(X, raw::transpose(W)); }).join();
  }
  CHECK(same_bits(elsewhere, plain));
}
