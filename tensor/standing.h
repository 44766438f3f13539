// Weights that are used many times before they change again: at every step of a sentence, forwards
// and backwards. The matrix product packs its right side first; while a Standing lives, it does so
// once for each of the matrices given, instead of at every product.
#pragma once

#include "tensor/gemm.h"
#include "tensor/tensor.h"

namespace babelgrad {

// The caller promises that nobody writes to these matrices as long as this lives.
class Standing {
 public:
  explicit Standing(const std::vector<Tensor>& matrices);
  ~Standing();
  Standing(const Standing&) = delete;

 private:
  std::vector<const Real*> added_;
};

namespace raw {

// C (m, n) = or += X Wᵀ if transposed, else X W; X is (m, k), and W is row-major.
enum class Side { W, W_transposed };
void multiply(const Tensor& X, const Tensor& W, Side side, Tensor& C, bool accumulate = false,
              Finish finish = {});

// W or Wᵀ packed: found if it stands, else new.
Panels panels(const Tensor& W, Side side);

}  // namespace raw
}  // namespace babelgrad
