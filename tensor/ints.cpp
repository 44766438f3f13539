#include "tensor/ints.h"

#include <algorithm>

namespace babelgrad {

Ints column(const Ints& table, int j) {
  check(table.shape().rank() == 2 && j >= 0 && j < table.dim(1),
        "column: ", j, " of ", table.shape());
  Ints out(Shape{table.dim(0), 1});
  for (int i = 0; i < table.dim(0); i++) out[i] = table.at(i, j);
  return out;
}

Ints transpose(const Ints& table) {
  if (table.shape().rank() == 1) return table;
  check(table.shape().rank() == 2, "transpose: ids of shape ", table.shape(), " are not a table");
  Ints out(Shape{table.dim(1), table.dim(0)});
  for (int i = 0; i < table.dim(0); i++) {
    for (int j = 0; j < table.dim(1); j++) out.at(j, i) = table.at(i, j);
  }
  return out;
}

// (B, ...) -> (B times, ...): 0 0 1 1 2 2 for times = 2.
Ints repeat_interleave(const Ints& x, int times) {
  Shape shape = x.shape();
  check(shape.rank() > 0 && times >= 0 && Index(shape[0]) * times <= INT32_MAX,
        "repeat_interleave: ", times, " times axis 0 of shape ", shape);
  Index row = x.numel() / std::max(x.dim(0), 1);
  shape[0] *= times;
  Ints out(shape);
  for (Index i = 0; i < out.numel(); i++) out[i] = x[i / (row * times) * row + i % row];
  return out;
}

Ints take(const Ints& x, const Ints& rows) {
  if (!x) return x;
  Shape shape = x.shape();
  check(shape.rank() > 0, "take: rows of shape ", shape);
  Index row = x.numel() / std::max(x.dim(0), 1);
  shape[0] = int(rows.numel());
  Ints out(shape);
  for (Index i = 0; i < out.numel(); i++) {
    int from = rows[i / row];
    check(from >= 0 && from < x.dim(0), "take: row ", from, " of ", x.shape());
    out[i] = x[from * row + i % row];
  }
  return out;
}

Ints reshape(const Ints& ids, Shape shape) {
  check(shape.numel("reshape") == ids.numel(), "reshape: ", ids.shape(), " to ", shape);
  return Ints(shape, ids.values());
}

}  // namespace babelgrad
