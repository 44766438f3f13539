#include "autograd/ops.h"
#include "tensor/map.h"
#include "tensor/matmul.h"

namespace babelgrad {
namespace {

// A vector as the matrix that matmul takes it for, and its gradient back as a vector.
Tensor as_row(const Tensor& a) { return a.rank() == 1 ? raw::unsqueeze(a, 0) : a; }
Tensor as_column(const Tensor& b) { return b.rank() == 1 ? raw::unsqueeze(b, 1) : b; }

Tensor full_rank(const Tensor& dC, const Tensor& A, const Tensor& B) {
  Tensor d = dC;
  if (B.rank() == 1) d = raw::unsqueeze(d, d.rank());
  if (A.rank() == 1) d = raw::unsqueeze(d, d.rank() - 1);
  return d;
}

Tensor back(const Tensor& d, const Tensor& X) {
  Shape matrix = X.shape();
  if (X.rank() == 1) {
    Shape as_matrix = d.dim(-1) == 1 ? Shape{X.dim(0), 1} : Shape{1, X.dim(0)};
    return raw::reshape(raw::sum_to(d, as_matrix), matrix);
  }
  return raw::sum_to(d, matrix);
}

Tensor rows(const Tensor& X) {                  // (..., d) as (everything else, d)
  Shape leading = X.shape();
  leading.remove(X.rank() - 1);
  return raw::reshape(X, {int(leading.numel()), X.dim(-1)});
}

}  // namespace

Tensor matmul(const Tensor& A, const Tensor& B) {                        // C = A B
  return record("matmul", raw::matmul(A, B), {
      {A, [=](const Tensor& dC) {                                        // dA = dC Bᵀ
         return back(raw::matmul(full_rank(dC, A, B), raw::transpose(as_column(B))), A);
       }},
      {B, [=](const Tensor& dC) {                                        // dB = Aᵀ dC
         return back(raw::matmul(raw::transpose(as_row(A)), full_rank(dC, A, B)), B);
       }}});
}

Tensor linear(const Tensor& X, const Tensor& W, const Tensor& b) {       // Y = X Wᵀ + b
  check(X.rank() > 0 && W.rank() == 2 && X.dim(-1) == W.dim(1), "linear: input ", X.shape(),
        " and weight ", W.shape(), "; the weight is (out, in)");
  Shape out = X.shape();
  out[X.rank() - 1] = W.dim(0);
  Tensor x = rows(X), Y = raw::reshape(raw::matmul(x, raw::transpose(W)), out);
  // dX = dY W   dW = dYᵀ X   db = Σ dY, over the rows
  auto dX = [=](const Tensor& dY) { return raw::reshape(raw::matmul(rows(dY), W), X.shape()); };
  auto dW = [=](const Tensor& dY) { return raw::matmul(raw::transpose(rows(dY)), x); };
  auto db = [=](const Tensor& dY) { return raw::sum(rows(dY), {0}); };
  if (!b) return record("linear", Y, {{X, dX}, {W, dW}});
  check(b.shape() == Shape{W.dim(0)}, "linear: bias ", b.shape(), " for weight ", W.shape());
  raw::add_into(Y, raw::expand(b, out));
  return record("linear", Y, {{X, dX}, {W, dW}, {b, db}});
}

}  // namespace babelgrad
