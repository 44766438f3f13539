// Products of matrices. The gradients of a product are two more, dA = dC Bᵀ and dB = Aᵀ dC, so the
// backward pass costs twice the forward pass.
#include "autograd/observer.h"
#include "autograd/ops.h"
#include "tensor/map.h"
#include "tensor/matmul.h"

namespace babelgrad {
namespace {

// A vector as the matrix that matmul takes it for, and its gradient back as a vector.
Tensor as_row(const Tensor& a) { return a.rank() == 1 ? raw::unsqueeze(a, 0) : a; }
Tensor as_column(const Tensor& b) { return b.rank() == 1 ? raw::unsqueeze(b, 1) : b; }

// dC with the axis of 1 again that matmul dropped for a vector.
Tensor full_rank(const Tensor& dC, const Tensor& A, const Tensor& B) {
  Tensor d = dC;
  if (B.rank() == 1) d = raw::unsqueeze(d, d.rank());
  if (A.rank() == 1) d = raw::unsqueeze(d, d.rank() - 1);
  return d;
}

// d as a gradient of X: summed over the stack, if X was one matrix for all of it.
Tensor back(const Tensor& d, const Tensor& X) {
  Shape matrix = X.shape();
  if (X.rank() == 1) {
    Shape as_matrix = d.dim(-1) == 1 ? Shape{X.dim(0), 1} : Shape{1, X.dim(0)};
    return raw::reshape(raw::sum_to(d, as_matrix), matrix);
  }
  return raw::sum_to(d, matrix);
}

Tensor product(const Tensor& A, const Tensor& B) {
  Tensor C = raw::matmul(A, B);
  count_flops(2.0 * double(C.numel()) * A.dim(-1));
  return C;
}

Tensor rows(const Tensor& X) {                  // (..., d) as (everything else, d)
  Shape leading = X.shape();
  leading.remove(-1);
  Index count = leading.numel("linear");
  check(count <= INT32_MAX, "linear: input ", X.shape(), " has too many rows");
  return raw::reshape(X, {int(count), X.dim(-1)});
}

}  // namespace

// A (..., m, k), B (..., k, n) -> (..., m, n); leading axes broadcast, vectors as in raw::matmul.
Tensor matmul(const Tensor& A, const Tensor& B) {                        // C = A B
  return record("matmul", product(A, B), {A, B}, [=](const Tensor& dC, Gradients d) {
    Tensor dc = full_rank(dC, A, B);
    if (d[0]) d[0] += back(product(dc, raw::transpose(as_column(B))), A);          // dA = dC Bᵀ
    if (d[1]) d[1] += back(product(raw::transpose(as_row(A)), dc), B);             // dB = Aᵀ dC
  });
}

std::unique_ptr<Prepacked> prepacked(const Tensor& W, Index most_rows) {
  return std::make_unique<Prepacked>(W, raw::Side::W_transposed, most_rows);
}

std::unique_ptr<Prepacked> prepacked_in_int8(const Tensor& W) {
  return std::make_unique<Prepacked>(Prepacked::in_int8(W, raw::Side::W_transposed));
}

// X (..., in), W (out, in), b (out) -> (..., out). The bias is added while the product is written,
// and dW goes straight into the sum of W's gradients.
Tensor linear(const Tensor& X, const Tensor& W, const Tensor& b,         // Y = X Wᵀ + b
              const Prepacked* packed) {
  check_given("linear", X, W);
  check(X.rank() > 0 && W.rank() == 2 && X.dim(-1) == W.dim(1), "linear: input ", X.shape(),
        " and weight ", W.shape(), "; the weight is (out, in)");
  check(!b || b.shape() == Shape{W.dim(0)}, "linear: bias ", b.shape(), " for weight ", W.shape());
  Shape out = X.shape();
  out[-1] = W.dim(0);
  out.numel("linear");
  Tensor x = rows(X), Y = Tensor::empty({x.dim(0), W.dim(0)}), bias = b ? raw::contiguous(b) : b;
  const Real* add = bias ? bias.data() : nullptr;
  if (packed) packed->multiply(x, Y, false, add);
  else raw::multiply(x, W, raw::Side::W_transposed, Y, false, add);
  double flops = 2.0 * double(x.numel()) * W.dim(0);
  count_flops(flops);
  return record("linear", raw::reshape(Y, out), b ? std::vector{X, W, b} : std::vector{X, W},
                [=, whole = X.shape()](const Tensor& dY, Gradients d) {
    Tensor dy = rows(dY);
    if (d[0]) {                                                          // dX = dY W
      Tensor dx = Tensor::empty(x.shape());
      raw::multiply(dy, W, raw::Side::W, dx);
      count_flops(flops);
      d[0] += raw::reshape(dx, whole);
    }
    d[1].in_place([&](Tensor& dW) {                                      // dW = dYᵀ X
      raw::add_matmul(dW, raw::transpose(dy), x);
      count_flops(flops);
    });
    if (b && d[2]) d[2] += raw::sum(dy, {0});                            // db = Σ dY, over the rows
  });
}

}  // namespace babelgrad
