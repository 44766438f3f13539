// Softmax and what is built on it. The plain definition is eˣ / Σ eˣ; subtracting the row's largest
// number first changes nothing and keeps every exponent at or below 0.
#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/ops.h"
#include "autograd/softmax_row.h"
#include "tensor/parallel.h"
#include "tensor/rows.h"
#include "tensor/vector_math.h"
#include "tensor/views.h"

namespace babelgrad {
namespace {

using raw::fill_row, raw::pairwise_sum, raw::sum_row;

// body(row, values of x, values of the result) for each row of the last axis; rows run in parallel.
template <class Body>
Tensor each_row(const Tensor& x, const Body& body, Tensor out = Tensor()) {
  Tensor in = raw::contiguous(x);
  if (!out) out = Tensor::empty(x.shape());
  Index n = std::max(x.dim(-1), 1);
  auto run = [&, from = in.data(), to = out.data()](Index begin, Index end) {
    for (Index row = begin; row < end; row++) body(row, from + row * n, to + row * n);
  };
  parallel_for(x.numel() / n, std::max<Index>(1, 4096 / n), run);
  return out;
}

// ln Σ eˣ = m + ln Σ eˣ⁻ᵐ, m the largest. One pass for m, one for the sum, while memory is asked
// for the row that comes next. If all of x is −∞, it is 0, so that x minus it stays −∞.
Real log_sum_exp(const Real* x, Index n) {
  Real largest = shift_of(x, n), total = sum_row(n, [=](Index j, Index left) {
    __builtin_prefetch(x + n + j);
    return simd::exp(load_some(x + j, left) - largest);
  });
  return total == 0 ? 0 : largest + std::log(total);
}

// dx = p (dp − Σ dp p), row by row: ∂p_i/∂x_j = p_i (δ_ij − p_j)
Tensor softmax_gradient(const Tensor& p, const Tensor& dp) {
  Tensor d = raw::contiguous(dp);
  Index n = p.dim(-1);
  return each_row(p, [&](Index row, const Real* pr, Real* dx) {
    const Real* dr = d.data() + row * n;
    Real dot = sum_row(n, [=](Index j, Index left) {
      return load_some(dr + j, left) * load_some(pr + j, left);
    });
    fill_row(dx, n, [=](Index j, Index left) {
      return load_some(pr + j, left) * (load_some(dr + j, left) - dot);
    });
  });
}

// op of any axis, by way of the last.
template <class Op>
Tensor along(int axis, const Tensor& x, Op op) {
  return transpose(op(transpose(x, axis, -1), -1), axis, -1);
}

bool is_last(int axis, const Tensor& x, const char* name) {
  check_given(name, x);
  return normalize_axis(axis, x.shape(), name) == x.rank() - 1;
}

Tensor operator~(const Tensor& mask) { return 1 - mask; }

}  // namespace

// x (..., n) -> (..., n), each row adding up to 1, or to 0 where all of x is −∞.
Tensor softmax(const Tensor& x, int axis) {
  if (!is_last(axis, x, "softmax")) return along(axis, x, softmax);
  Index n = x.dim(-1);
  Tensor p = each_row(x, [n](Index, const Real* xr, Real* pr) { softmax_row(xr, pr, n); });
  return record("softmax", p, {x},
                [p](const Tensor& dp, Gradients d) { d[0] += softmax_gradient(p, dp); });
}

// y = x − ln Σ eˣ: never the logarithm of a p that has become 0.
Tensor log_softmax(const Tensor& x, int axis) {
  if (!is_last(axis, x, "log_softmax")) return along(axis, x, log_softmax);
  Index n = x.dim(-1);
  Tensor y = each_row(x, [n](Index, const Real* xr, Real* yr) {
    Real total = log_sum_exp(xr, n);
    for (Index i = 0; i < n; i++) yr[i] = xr[i] - total;
  });
  return record("log_softmax", y, {x}, [y, n](const Tensor& dy, Gradients d) {
    // dx = dy − p Σ dy
    Tensor rows = raw::contiguous(dy);
    d[0] += each_row(y, [&](Index row, const Real* yr, Real* dx) {
      const Real* dr = rows.data() + row * n;
      Real total = pairwise_sum(dr, n);
      fill_row(dx, n, [=](Index j, Index left) {
        return load_some(dr + j, left) - simd::exp(load_some(yr + j, left)) * total;
      });
    });
  });
}

// D2L 11.3.2.1 Masked Softmax Operation
// X (batch_size, num_queries, num_keys); valid_lens (batch_size) or (batch_size, num_queries) says
// how many keys count, none: all. Departs from D2L (D3): what is masked is −∞, not −10⁶, so that it
// weighs nothing, and a row without any valid key is a row of zeros.
Tensor masked_softmax(Tensor X, Ints valid_lens) {
  // X (rows, maxlen) with `value` in place of all but the first valid_len (rows) of each row.
  struct Rows {
    static Tensor sequence_mask(Tensor X, const Ints& valid_len, Real value) {
      int maxlen = X.dim(1);
      Tensor mask(X.shape());
      for (Index row = 0; row < X.dim(0); row++) {
        check_length("masked_softmax", valid_len[row], maxlen);
        std::fill_n(mask.data() + row * maxlen, valid_len[row], Real(1));
      }
      X = masked_fill(X, ~mask, value);
      return X;
    }
  };
  check_given("masked_softmax", X);
  if (!valid_lens) return softmax(X, -1);
  Shape shape = X.shape();
  check(X.rank() == 3 && (valid_lens.shape() == Shape{shape[0]} ||
                          valid_lens.shape() == Shape{shape[0], shape[1]}),
        "masked_softmax: valid_lens ", valid_lens.shape(), " for scores ", shape);
  if (shape[-1] == 0) return X;                 // there is no key
  if (valid_lens.rank() == 1) valid_lens = repeat_interleave(valid_lens, shape[1]);
  else valid_lens = reshape(valid_lens, -1);
  constexpr Real value = -std::numeric_limits<Real>::infinity();
  X = Rows::sequence_mask(reshape(X, {-1, shape[-1]}), valid_lens, value);
  return softmax(reshape(X, shape), -1);
}

namespace {

// For one row of V logits: loss = ln Σ eˣ − (1 − ε) x_target − ε mean(x). And its gradient, times
// `scale`: dx = p − ε / V, minus 1 − ε at the target.
Real row_loss(const Real* x, int classes, int target, Real eps, Real log_total) {
  Real loss = log_total - (1 - eps) * x[target];
  return eps > 0 ? loss - eps / classes * pairwise_sum(x, classes) : loss;
}
void row_gradient(const Real* x, int classes, int target, Real eps, Real log_total, Real scale,
                  Real* dx) {
  fill_row(dx, classes, [=](Index j, Index left) {
    return scale * (simd::exp(load_some(x + j, left) - log_total) - eps / Real(classes));
  });
  dx[target] -= scale * (1 - eps);
}

}  // namespace

// logits (..., V), targets (...): loss = −Σ_c w_c log p_c with w = (1 − ε) at the target + ε / V
// everywhere, one for each target, then reduced; dlogits = dloss (p − w).
// Only the row's ln Σ eˣ is kept: p follows from it in the backward pass.
Tensor cross_entropy(const Tensor& logits, const Ints& targets, const LossOptions& options) {
  check_given("cross_entropy", logits);
  Shape rows_shape = logits.shape();
  check(logits.rank() > 0, "cross_entropy: logits need a last axis of classes");
  rows_shape.remove(logits.rank() - 1);
  check(targets.shape() == rows_shape,
        "cross_entropy: targets ", targets.shape(), " for logits ", logits.shape());

  // Every target is a class or ignored; the mean is over the others.
  int classes = logits.dim(-1), ignore = options.ignore_index;
  Index counted = 0;
  for (int target : targets.values()) {
    check(target == ignore || (target >= 0 && target < classes),
          "cross_entropy: target ", target, " is outside 0 .. ", classes - 1);
    counted += target != ignore;
  }

  Real eps = options.label_smoothing;
  check(eps >= 0 && eps <= 1, "cross_entropy: label_smoothing ", eps, " is outside [0, 1]");
  Tensor x = raw::contiguous(logits);
  Tensor total = Tensor::empty(rows_shape), losses = Tensor::empty(rows_shape);
  auto run = [&, xs = x.data(), lse = total.data(), loss = losses.data()](Index begin, Index end) {
    for (Index r = begin; r < end; r++) {
      const Real* row = xs + r * classes;
      bool skip = targets[r] == ignore;
      lse[r] = skip ? 0 : log_sum_exp(row, classes);
      loss[r] = skip ? 0 : row_loss(row, classes, targets[r], eps, lse[r]);
    }
  };
  parallel_for(targets.numel(), std::max<Index>(1, 4096 / std::max(classes, 1)), run);
  Tensor loss = record("cross_entropy", losses, {logits}, [=](const Tensor& dloss, Gradients d) {
    // The logits are the largest tensor of a step: if nobody else holds them any more, their memory
    // becomes the gradient's.
    Tensor dl = raw::contiguous(dloss), place = x.sole_owner() ? x : Tensor();
    d[0] += each_row(x, [&](Index r, const Real* row, Real* dx) {
      if (targets[r] == ignore) return void(std::fill_n(dx, classes, Real(0)));
      row_gradient(row, classes, targets[r], eps, total.data()[r], dl.data()[r], dx);
    }, place);
  });
  if (options.reduction == Reduction::none) return loss;
  return options.reduction == Reduction::sum ? sum(loss)
                                             : sum(loss) / Real(std::max<Index>(counted, 1));
}

}  // namespace babelgrad
