#include "tensor/reduce.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "tensor/map.h"
#include "tensor/parallel.h"
#include "tensor/rows.h"
#include "tensor/views.h"
#include "tensor/walk.h"

namespace babelgrad::raw {
namespace {

constexpr Index block = 1024;                   // numbers added up without halving

// out[c] = sum over rows of x[r, c], for columns begin .. end-1; pairwise over the rows.
void column_sums(const Real* x, Index rows, Index width, Index begin, Index end, Real* out) {
  if (width == 1) return void(*out = pairwise_sum(x, rows));
  if (rows <= 64) {
    std::fill(out + begin, out + end, Real(0));
    for (Index r = 0; r < rows; r++) {
      for (Index c = begin; c < end; c++) out[c] += x[r * width + c];
    }
    return;
  }
  Index half = rows / 2;
  std::vector<Real> second(end - begin);
  column_sums(x, half, width, begin, end, out);
  column_sums(x + half * width, rows - half, width, begin, end, second.data() - begin);
  for (Index c = begin; c < end; c++) out[c] += second[c - begin];
}

// The same with the work shared: many rows make 16 sums (whatever the number of threads), which are
// added in the end, so that each thread reads on without gaps; few rows are split by columns.
void sum_columns(const Real* x, Index rows, Index width, Real* out) {
  constexpr int shares = 16;
  if (rows < 64 * shares || rows * width < shares * parallel_grain) {
    Index grain = std::max<Index>(64, parallel_grain / std::max<Index>(rows, 1) / 64 * 64);
    return parallel_for(width, grain, [=](Index begin, Index end) {
      column_sums(x, rows, width, begin, end, out);
    });
  }
  Tensor parts = Tensor::empty({shares, int(width)});
  parallel_for(shares, 1, [=, to = parts.data()](Index begin, Index end) {
    for (Index i = begin; i < end; i++) {
      Index first = rows * i / shares, count = rows * (i + 1) / shares - first;
      column_sums(x + first * width, count, width, 0, width, to + i * width);
    }
  });
  column_sums(parts.data(), shares, width, 0, width, out);
}

struct Plan {
  std::vector<bool> gone;                       // per axis: is it summed over?
  Shape kept, with_ones;
  Index reduced = 1;
};

Plan plan(const Tensor& x, const Axes& axes, const char* operation) {
  check_given(operation, x);
  const Shape& shape = x.shape();
  Plan p{std::vector<bool>(shape.rank(), axes.empty()), {}, shape, 1};
  for (int axis : axes) {
    axis = normalize_axis(axis, shape, operation);
    check(!p.gone[axis], operation, ": axis ", axis, " is named twice for shape ", shape);
    p.gone[axis] = true;
  }
  for (int axis = 0; axis < shape.rank(); axis++) {
    if (p.gone[axis]) p.with_ones[axis] = 1, p.reduced *= shape[axis];
    else p.kept.append(shape[axis]);
  }
  return p;
}

// x as rows: (kept elements, reduced elements), contiguous.
Tensor reduced_last(const Tensor& x, const Plan& p) {
  Shape order;
  for (bool gone : {false, true}) {
    for (int axis = 0; axis < x.rank(); axis++) if (p.gone[axis] == gone) order.append(axis);
  }
  return contiguous(permute(x, order));
}

// Only leading axes are summed over: the columns of a matrix.
bool sums_columns(const Tensor& x, const Plan& p) {
  return x.contiguous() && std::is_sorted(p.gone.rbegin(), p.gone.rend());
}

// f(i, row i of `count` rows of n numbers)
template <class F>
void each_row(const Tensor& rows, Index count, Index n, F f) {
  parallel_for(count, std::max<Index>(1, parallel_grain / std::max<Index>(n, 1)),
               [&, in = rows.data()](Index begin, Index end) {
    for (Index i = begin; i < end; i++) f(i, in + i * n);
  });
}

// y[i] = f(row i, length)
template <class F>
Tensor of_rows(const Tensor& rows, const Plan& p, bool keepdim, F f) {
  Tensor y = Tensor::empty(keepdim ? p.with_ones : p.kept);
  each_row(rows, y.numel(), p.reduced,
           [f, n = p.reduced, out = y.data()](Index i, const Real* row) { out[i] = f(row, n); });
  return y;
}

Real largest(const Real* x, Index n) {          // what is not <= wins, and nothing beats a NaN
  return fold_row(x, n, [](auto a, auto b) { return ((b <= a) | (a != a)) ? a : b; });
}

constexpr Index stretch = 256;                  // of a row, whose largest number is found in one go

// The first of the largest numbers: of the stretches of the row, then in the first best one.
Index first_largest(const Real* x, Index n) {
  Real best = x[0];
  Index at = 0;
  for (Index i = 0; i < n && best == best; i += stretch) {
    Real y = largest(x + i, std::min(stretch, n - i));
    if (!(y <= best)) best = y, at = i;
  }
  return std::find_if(x + at, x + n, [best](Real v) { return v == best || v != v; }) - x;
}

// Does number a of x come before number b in order of size: a NaN first, equals by their index?
bool comes_first(const Real* x, int a, int b) {
  bool a_nan = std::isnan(x[a]), b_nan = std::isnan(x[b]);
  if (a_nan || b_nan) return a_nan && (!b_nan || a < b);
  return x[a] != x[b] ? x[a] > x[b] : a < b;
}

// Where the k largest of a row are, in order: a short list which a number enters if it comes before
// the last of them. Most stretches of a long row have none that does, as their largest number says.
std::vector<int> largest_first(const Real* x, int n, int k) {
  if (k == 1) return {int(first_largest(x, n))};
  std::vector<int> best;
  auto before = [x](int a, int b) { return comes_first(x, a, b); };
  for (int begin = 0; begin < n; begin += stretch) {
    const int end = int(std::min<Index>(begin + stretch, n));
    if (int(best.size()) == k && largest(x + begin, end - begin) <= x[best.back()]) continue;
    for (int i = begin; i < end; i++) {
      if (int(best.size()) == k && !before(i, best.back())) continue;
      best.insert(std::ranges::upper_bound(best, i, before), i);
      if (int(best.size()) > k) best.pop_back();
    }
  }
  return best;
}

}  // namespace

Real pairwise_sum(const Real* x, Index n) {
  if (n <= block) return sum_row(n, [x](Index j, Index left) { return load_some(x + j, left); });
  Index half = (n / 2 + block - 1) / block * block;
  return pairwise_sum(x, half) + pairwise_sum(x + half, n - half);
}

Index count_of(const Tensor& x, const Axes& axes, const char* operation) {
  return plan(x, axes, operation).reduced;
}

// If only axes in front go, the columns are summed as they lie; others are first moved to the end,
// to be rows.
Tensor sum(const Tensor& x, const Axes& axes, bool keepdim) {
  Plan p = plan(x, axes, "sum");
  if (!sums_columns(x, p)) return of_rows(reduced_last(x, p), p, keepdim, pairwise_sum);
  Tensor y = Tensor::empty(keepdim ? p.with_ones : p.kept);
  sum_columns(x.data(), p.reduced, y.numel(), y.data());
  return y;
}

Tensor max(const Tensor& x, const Axes& axes, bool keepdim) {
  Plan p = plan(x, axes, "max");
  check(p.reduced > 0, "max: shape ", x.shape(), " has no numbers to choose from");
  return of_rows(reduced_last(x, p), p, keepdim, largest);
}

// (4, 2, 3) to (2, 1): axis 0 was added by broadcasting, the last was 1 and repeated.
Tensor sum_to(const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  int extra = x.rank() - shape.rank();
  Axes axes;
  for (int axis = 0; axis < x.rank(); axis++) {
    if (axis < extra || (shape[axis - extra] == 1 && x.shape()[axis] != 1)) axes.push_back(axis);
  }
  return axes.empty() ? reshape(x, shape) : reshape(sum(x, axes), shape);
}

Tensor cumsum(const Tensor& x, int axis) {
  check_given("cumsum", x);
  axis = normalize_axis(axis, x.shape(), "cumsum");
  Tensor y = map(transpose(x, axis, -1), [](Real v) { return v; });
  Index n = y.dim(-1);
  for (Index i = 0; i < y.numel(); i++) if (i % n) y.data()[i] += y.data()[i - 1];
  return transpose(y, axis, -1);
}

Ints argmax(const Tensor& x, int axis) {
  Plan p = plan(x, {axis}, "argmax");
  check(p.reduced > 0, "argmax: axis ", axis, " of shape ", x.shape(), " is empty");
  Tensor rows = reduced_last(x, p);
  Ints out(p.kept);
  each_row(rows, out.numel(), p.reduced, [&, n = p.reduced](Index i, const Real* row) {
    out[i] = int(first_largest(row, n));
  });
  return out;
}

TopK topk(const Tensor& x, int k) {
  check_given("topk", x);
  check(x.rank() > 0, "topk: needs an axis, not shape ", x.shape());
  int n = x.dim(-1);
  check(k >= 1 && k <= n, "topk: k = ", k, " of ", n, " in shape ", x.shape());
  Tensor rows = contiguous(x);
  Shape shape = x.shape();
  shape[x.rank() - 1] = k;
  TopK top{Tensor::empty(shape), Ints(shape)};
  each_row(rows, x.numel() / n, n, [&, values = top.values.data()](Index row, const Real* at) {
    std::vector<int> order = largest_first(at, n, k);
    for (int i = 0; i < k; i++) {
      top.indices[row * k + i] = order[i];
      values[row * k + i] = at[order[i]];
    }
  });
  return top;
}

Tensor one_hot(const Ints& ids, int num_classes) {
  Shape shape = ids.shape();
  shape.append(num_classes, "one_hot");
  shape.numel("one_hot");
  Tensor out(shape);
  for (Index i = 0; i < ids.numel(); i++) {
    check(ids[i] >= 0 && ids[i] < num_classes,
          "one_hot: id ", ids[i], " of ", num_classes, " classes");
    out.data()[i * num_classes + ids[i]] = 1;
  }
  return out;
}

}  // namespace babelgrad::raw
