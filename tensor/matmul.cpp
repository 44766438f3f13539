#include "tensor/matmul.h"

#include "tensor/gemm_bf16.h"
#include "tensor/parallel.h"
#include "tensor/views.h"

namespace babelgrad::raw {
namespace {

Shape leading(const Shape& shape) {             // (..., m, k) without m and k
  Shape out = shape;
  out.remove(out.rank() - 1);
  out.remove(out.rank() - 1);
  return out;
}

// Number `batch` of the stack.
Matrix matrix(const Tensor& X, Index batch, int batch_axes) {
  const Real* at = X.data();
  for (int axis = batch_axes - 1; axis >= 0; batch /= X.shape()[axis--]) {
    at += batch % X.shape()[axis] * X.strides()[axis];
  }
  return {at, X.strides()[batch_axes], X.strides()[batch_axes + 1]};
}

void check_inner(const Tensor& A, const Tensor& B, int a, int b) {
  check(a == b, "matmul: ", A.shape(), " @ ", B.shape(), ": inner dimensions ", a, " and ", b,
        " differ");
}

// A (..., m, k) times B (..., k, n), the leading axes stretched by stride 0 instead of copied.
Tensor stacked(const Tensor& A, const Tensor& B) {
  int m = A.dim(-2), k = A.dim(-1), n = B.dim(-1);
  check_inner(A, B, k, B.dim(-2));
  Shape batch = broadcast(leading(A.shape()), leading(B.shape()), "matmul"), out = batch;
  out.append(m, "matmul");
  out.append(n, "matmul");
  out.numel("matmul");
  Tensor C = Tensor::empty(out);
  auto stretch = [&](const Tensor& X) {
    Shape full = batch;
    full.append(X.dim(-2));
    full.append(X.dim(-1));
    return expand(X, full);
  };
  Tensor a = stretch(A), b = stretch(B);
  int axes = batch.rank();
  auto multiply = [&, to = C.data()](Index begin, Index end) {
    for (Index i = begin; i < end; i++) {
      gemm(m, n, k, matrix(a, i, axes), matrix(b, i, axes), to + i * m * n, n);
    }
  };

  // Many small products are dealt to the threads, a few at a time.
  Index work = std::max<Index>(1, Index(m) * n * k), count = batch.numel();
  Index grain = std::max<Index>(1, 100000 / work);
  if (count >= threads() && work < 4000000) parallel_for(count, grain, multiply);
  else multiply(0, count);                      // few large ones: gemm itself uses the threads
  return C;
}

}  // namespace

Tensor matmul(const Tensor& A, const Tensor& B) {
  check_given("matmul", A, B);
  check(A.rank() > 0 && B.rank() > 0,
        "matmul: ", A.shape(), " @ ", B.shape(), ": each side needs at least one axis");
  if (A.rank() == 1) return squeeze(matmul(unsqueeze(A, 0), B), B.rank() == 1 ? 0 : -2);
  if (B.rank() == 1) return squeeze(matmul(A, unsqueeze(B, 1)), -1);
  // A stack times one matrix is one product.
  if (B.rank() == 2 && A.rank() > 2 && A.contiguous() && A.numel() > 0 &&
      A.numel() / A.dim(-1) <= INT32_MAX) {
    Shape out = A.shape();
    out[A.rank() - 1] = B.dim(-1);
    check_inner(A, B, A.dim(-1), B.dim(0));
    return reshape(stacked(reshape(A, {int(A.numel() / A.dim(-1)), A.dim(-1)}), B), out);
  }
  return stacked(A, B);
}

namespace {

Matrix left_side(const Tensor& X) { return {X.data(), X.strides()[0], X.strides()[1]}; }
Matrix right_side(const Tensor& W, Side side) {
  return side == Side::W ? Matrix{W.data(), W.strides()[0], W.strides()[1]}
                         : Matrix{W.data(), W.strides()[1], W.strides()[0]};
}
Index columns(const Tensor& W, Side side) { return W.dim(side == Side::W ? 1 : 0); }

constexpr Index few = 4;                        // rows of X that are not worth panels

}  // namespace

void multiply(const Tensor& X, const Tensor& W, Side side, Tensor& C, bool accumulate,
              const Real* bias) {
  Index n = columns(W, side);
  gemm(X.dim(0), n, X.dim(1), left_side(X), right_side(W, side), C.data(), n, accumulate, bias);
}

Prepacked::Prepacked(const Tensor& W, Side side, Index most_rows) : W_(W), side_(side) {
  Index n = columns(W, side), k = columns(raw::transpose(W), side);
  if (most_rows > few && precision() == Precision::full) {
    panels_ = Panels(n, k, right_side(W, side));
  }
}

void Prepacked::multiply(const Tensor& X, Tensor& C, bool accumulate, const Real* bias) const {
  if (X.dim(0) <= few || !panels_ || precision() == Precision::bf16) {
    return raw::multiply(X, W_, side_, C, accumulate, bias);
  }
  gemm(X.dim(0), left_side(X), panels_, C.data(), panels_.columns(), accumulate, bias);
}

void add_matmul(Tensor& C, const Tensor& A, const Tensor& B) {
  bool add = bool(C);
  if (!add) C = Tensor::empty({A.dim(0), B.dim(1)});
  gemm(A.dim(0), B.dim(1), A.dim(1), left_side(A), right_side(B, Side::W), C.data(), B.dim(1), add);
}

}  // namespace babelgrad::raw
