// What gemm is asked for, and who does it.
#pragma once

#include "tensor/gemm.h"

namespace babelgrad::raw {

struct Product {
  Index m, n, k;
  Matrix A, B;
  const Panels* packed;                         // B, if it comes as panels
  Real* C;
  Index c_row;
  bool accumulate;
  Finish finish;
};

struct Range {
  Index begin, end;
  Index size() const { return end - begin; }
};

void one_row(const Product& x);                 // all of a product with m = 1
void rectangle(const Product& x, Range rows, Range panels);     // a part of one with m > 1

}  // namespace babelgrad::raw
