// Operations steered by whole numbers: rows of a table, chosen elements, and the mask of dropout.
#include <algorithm>

#include "autograd/dropout_mask.h"
#include "autograd/ops.h"
#include "tensor/map.h"
#include "tensor/parallel.h"

namespace babelgrad {
namespace {

void check_ids(const char* name, const Ints& ids, int rows) {
  for (int id : ids.values()) {
    check(id >= 0 && id < rows, name, ": index ", id, " is outside 0 .. ", rows - 1);
  }
}

}  // namespace

// table (rows, features), ids (...) -> (..., features): y_i = table[id_i], dtable[id_i] += dy_i.
Tensor embedding(const Tensor& table, const Ints& ids) {
  check_given("embedding", table);
  check(table.rank() == 2, "embedding: a table is (rows, features), not ", table.shape());
  check_ids("embedding", ids, table.dim(0));
  Index width = table.dim(1), grain = std::max<Index>(1, 16384 / std::max<Index>(width, 1));
  Shape shape = ids.shape();
  shape.append(int(width), "embedding");
  shape.numel("embedding");
  Tensor from = raw::contiguous(table), y = Tensor::empty(shape);
  parallel_for(ids.numel(), grain, [&, to = y.data()](Index begin, Index end) {
    for (Index i = begin; i < end; i++) {
      std::copy_n(from.data() + ids[i] * width, width, to + i * width);
    }
  });
  return record("embedding", y, {table}, [ids, width, whole = table.shape()](const Tensor& dy,
                                                                            Gradients d) {
    d[0].in_place([&, rows = raw::contiguous(dy)](Tensor& dtable) {
      if (!dtable) dtable = Tensor(whole);
      // A word may occur often: each thread takes some columns, and all words in their order.
      parallel_for(width, 64, [&, to = dtable.data()](Index begin, Index end) {
        for (Index i = 0; i < ids.numel(); i++) {
          Real* row = to + ids[i] * width;
          for (Index c = begin; c < end; c++) row[c] += rows.data()[i * width + c];
        }
      });
    });
  });
}

// The axis comes first, and what lies behind it is a row of a table: a lookup, then the axis back.
Tensor index_select(const Tensor& x, int axis, const Ints& index, Site at) {
  here = at;
  check_given("index_select", x);
  check(index.shape().rank() == 1, "index_select: an index is (n,), not ", index.shape());
  axis = normalize_axis(axis, x.shape(), "index_select");
  check_ids("index_select", index, x.dim(axis));
  Tensor first = transpose(x, 0, axis);
  Shape shape = first.shape();
  shape[0] = index.dim(0);
  shape.numel("index_select");
  Index rest = first.dim(0) > 0 ? x.numel() / first.dim(0) : 0;
  check(rest <= INT32_MAX, "index_select: ", rest, " numbers at each place of axis ", axis,
        " of shape ", x.shape());
  Tensor rows = embedding(reshape(first, {first.dim(0), int(rest)}), index);
  return transpose(reshape(rows, shape), 0, axis);
}

// x (..., n), index (..., picks) of the same leading axes: dx[r, index[r, j]] += dy[r, j].
Tensor gather(const Tensor& x, const Ints& index) {
  check_given("gather", x);
  Shape rows = x.shape();
  check(x.rank() > 0 && index.shape().rank() == x.rank(),
        "gather: index ", index.shape(), " for ", x.shape());
  int n = x.dim(-1), picks = index.dim(-1);
  rows[-1] = picks;
  check(rows == index.shape(), "gather: index ", index.shape(), " for ", x.shape());
  check_ids("gather", index, n);
  Tensor in = raw::contiguous(x), y = Tensor::empty(rows);
  for (Index i = 0; i < y.numel(); i++) y.data()[i] = in.data()[i / picks * n + index[i]];
  return record("gather", y, {x}, [=, shape = x.shape()](const Tensor& dy, Gradients d) {
    Tensor from = raw::contiguous(dy), dx(shape);
    for (Index i = 0; i < from.numel(); i++) dx.data()[i / picks * n + index[i]] += from.data()[i];
    d[0] += dx;
  });
}

// y = x m with m = 0 or 1 / (1 − p), so that the mean stays; dx = dy m. The mask is not kept:
// the backward pass works it out again.
Tensor dropout(const Tensor& x, Real p) {
  check_given("dropout", x);
  DropoutMask mask(p, x.numel());
  if (p == 0) return x;
  auto masked = [=](const Tensor& v) {
    Tensor in = raw::contiguous(v), out = Tensor::empty(v.shape());
    auto run = [&, from = in.data(), to = out.data()](Index begin, Index end) {
      constexpr Index stretch = 512;
      Real factors[stretch];
      for (Index i = begin; i < end; i += stretch) {
        Index n = std::min(stretch, end - i);
        mask.factors(i, n, factors);
        raw::fill_row(to + i, n, [=, f = &factors[0]](Index j, Index left) {
          return kept_part(load_some(f + j, left), load_some(from + i + j, left));
        });
      }
    };
    parallel_for(v.numel(), raw::parallel_grain, run);
    return out;
  };
  return record("dropout", masked(x), {x},
                [masked](const Tensor& dy, Gradients d) { d[0] += masked(dy); });
}

}  // namespace babelgrad
