#include "tensor/ints.h"

namespace babelgrad {

Ints column(const Ints& table, int j) {
  check(table.shape().rank() == 2 && j >= 0 && j < table.dim(1), "column: ", j, " of ", table.shape());
  Ints out(Shape{table.dim(0), 1});
  for (int i = 0; i < table.dim(0); i++) out[i] = table.at(i, j);
  return out;
}

Ints reshape(Ints ids, Shape shape) {
  check(shape.numel() == ids.numel(), "reshape: ", ids.shape(), " to ", shape);
  return Ints(shape, ids.values());
}

}  // namespace babelgrad
