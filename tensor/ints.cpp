#include "tensor/ints.h"

#include <algorithm>

namespace babelgrad {

int Ints::item() const {
  check(numel() == 1, "item: shape ", shape_, " has ", numel(), " numbers, not one");
  return data_[0];
}

Ints tensor(const std::vector<std::vector<int>>& rows) {
  const std::size_t columns = rows.empty() ? 0 : rows[0].size();
  std::vector<int> values;
  for (const std::vector<int>& row : rows) {
    check(row.size() == columns, "tensor: a row of ", row.size(), " below one of ", columns);
    values.insert(values.end(), row.begin(), row.end());
  }
  return Ints(Shape{int(rows.size()), int(columns)}, values);
}

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

Ints reshape(const Ints& ids, const Shape& shape) {
  return Ints(completed(shape, ids.shape()), ids.values());
}

Ints reshape(const Ints& ids, int size) { return reshape(ids, Shape{size}); }

template <std::same_as<Ints> Part>
Ints cat(const std::vector<Part>& parts, int axis) {
  check(axis == 1, "cat: axis ", axis, " of ids; there is axis 1 only");
  Shape shape{parts.empty() ? 0 : parts[0].dim(0), 0};
  for (const Ints& part : parts) {
    check(part.rank() == 2 && part.dim(0) == shape[0], "cat: ", part.shape(), " beside ", shape);
    shape[1] += part.dim(1);
  }
  Ints out(shape);
  int begin = 0;
  for (const Ints& part : parts) {
    for (int i = 0; i < shape[0]; i++) {
      for (int t = 0; t < part.dim(1); t++) out.at(i, begin + t) = part.at(i, t);
    }
    begin += part.dim(1);
  }
  return out;
}

template Ints cat(const std::vector<Ints>&, int);

std::vector<std::vector<int>> before(const Ints& ids, int end) {
  std::vector<std::vector<int>> rows(ids.dim(0));
  for (int i = 0; i < ids.dim(0); i++) {
    for (int t = 0; t < ids.dim(1) && ids.at(i, t) != end; t++) rows[i].push_back(ids.at(i, t));
  }
  return rows;
}

}  // namespace babelgrad
