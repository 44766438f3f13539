#include "tensor/standing.h"

#include <unordered_map>

#include "tensor/views.h"

namespace babelgrad {
namespace {

struct Packed {
  Tensor matrix;                                // held, so that its place in memory is not reused
  Panels sides[2];
};

std::unordered_map<const Real*, Packed>& standing() {
  thread_local std::unordered_map<const Real*, Packed> all;
  return all;
}

Matrix right_side(const Tensor& W, raw::Side side) {
  return side == raw::Side::W ? Matrix{W.data(), W.strides()[0], W.strides()[1]}
                              : Matrix{W.data(), W.strides()[1], W.strides()[0]};
}

}  // namespace

Standing::Standing(const std::vector<Tensor>& matrices) {
  for (const Tensor& W : matrices) {
    if (W.rank() != 2 || !W.contiguous()) continue;
    if (!standing().try_emplace(W.data(), Packed{W, {}}).second) continue;
    added_.push_back(W.data());
  }
}

Standing::~Standing() {
  for (const Real* at : added_) standing().erase(at);
}

namespace raw {

// Packed when it is first asked for, each side by itself: what only runs forwards packs only Wᵀ.
Panels panels(const Tensor& W, Side side) {
  bool plain = side == Side::W;
  Index n = W.dim(plain ? 1 : 0), k = W.dim(plain ? 0 : 1);
  auto make = [&] { return Panels(n, k, right_side(W, side)); };
  auto found = standing().find(W.data());
  if (found == standing().end() || !W.contiguous() ||
      found->second.matrix.shape() != W.shape()) {
    return make();
  }
  Panels& kept = found->second.sides[int(side)];
  if (!kept) kept = make();
  return kept;
}

void multiply(const Tensor& X, const Tensor& W, Side side, Tensor& C, bool accumulate,
              Finish finish) {
  Index m = X.dim(0), n = W.dim(side == Side::W ? 1 : 0), k = X.dim(1);
  Matrix A{X.data(), X.strides()[0], X.strides()[1]};
  // A few rows are best multiplied with W as it lies; many pay for packing it by themselves.
  bool packed = m > 4 && m <= 256 && standing().contains(W.data());
  if (packed) gemm(m, A, panels(W, side), C.data(), n, accumulate, finish);
  else gemm(m, n, k, A, right_side(W, side), C.data(), n, accumulate, finish);
}

}  // namespace raw
}  // namespace babelgrad
