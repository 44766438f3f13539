// The products and the element-wise operations that training spends its time in, at its shapes.
#include "autograd/ops.h"
#include "nn/optim.h"
#include "tensor/matmul.h"
#include "tensor/views.h"
#include "tools/app/bench/bench.h"

namespace babelgrad::bench {
namespace {

Tensor random_tensor(const Shape& shape) {
  static Random random(1);
  Tensor x(shape);
  for (Index i = 0; i < x.numel(); i++) x.data()[i] = 2 * random.uniform() - 1;
  return x;
}

// Puts GFLOP/s and the share of the peak of a product under `key` and `key`_share.
void add_product(Json& row, const std::string& key, const std::function<void()>& product,
                 double flops, const Machine& machine, double seconds) {
  Spread time = measure(product, seconds);
  double gflops = 1e-9 * flops / time.median;
  row[key] = gflops;
  row[key + "_share"] = gflops / machine.gflops;
  row[key + "_p10"] = 1e-9 * flops / time.p90;
  row[key + "_p90"] = 1e-9 * flops / time.p10;
}
void add_product(Json& row, const std::string& key, const Tensor& A, const Tensor& B, double flops,
                 const Machine& machine, double seconds) {
  add_product(row, key, [&] { raw::matmul(A, B); }, flops, machine, seconds);
}

}  // namespace

// y = x Wᵀ, y = x W', and the gradients of the first, dx = dy W and dW = dyᵀ x; the first in int8.
void add_products(Json& rows, const Machine& machine, double seconds) {
  for (auto [m, n, k] : {std::array{1152, 256, 256}, {1152, 768, 256}, {128, 768, 256},
                         {128, 256, 256}, {1152, 200, 256}, {2560, 10000, 256},
                         {1024, 1024, 1024}, {2048, 2048, 2048}, {1, 768, 256},
                         {1, 10000, 256}}) {
    Tensor x = random_tensor({m, k}), W = random_tensor({n, k}), dy = random_tensor({m, n});
    Tensor W_across = random_tensor({k, n});
    Json row = Json::object({{"threads", machine.threads}, {"m", m}, {"n", n}, {"k", k}});
    double flops = 2.0 * m * n * k;
    add_product(row, "xwt", x, raw::transpose(W), flops, machine, seconds);
    add_product(row, "xw", x, W_across, flops, machine, seconds);
    add_product(row, "dx", dy, W, flops, machine, seconds);
    add_product(row, "dw", raw::transpose(dy), x, flops, machine, seconds);
    raw::Prepacked bytes = raw::Prepacked::in_int8(W, raw::Side::W_transposed);
    add_product(row, "int8", [&] { bytes.multiply(x, dy); }, flops, machine, seconds);
    rows.push_back(std::move(row));
  }
}

// The small products of attention heads: q kᵀ and weights v, for a stack of 512.
void add_heads(Json& rows, const Machine& machine, double seconds) {
  for (int steps : {9, 20}) {
    constexpr int heads = 512, width = 64;
    Tensor q = random_tensor({heads, steps, width}), k = random_tensor({heads, steps, width});
    Tensor weights = random_tensor({heads, steps, steps});
    Json row = Json::object({{"threads", machine.threads}, {"heads", heads}, {"steps", steps},
                             {"width", width}});
    double flops = 2.0 * heads * steps * steps * width;
    add_product(row, "qkt", q, raw::transpose(k), flops, machine, seconds);
    add_product(row, "wv", weights, k, flops, machine, seconds);
    add_product(row, "dk", raw::transpose(weights), q, flops, machine, seconds);
    rows.push_back(std::move(row));
  }
}

namespace {

struct ElementWise {                            // the rows of one size: in a cache, or in memory
  Json& rows;
  const Machine& machine;
  double seconds;

  // arrays: how many numbers must be read or written for each number of x
  void add(const char* name, const Tensor& x, double arrays, const std::function<void()>& work) {
    double bytes = arrays * double(x.numel()) * sizeof(Real);
    Spread time = measure(work, seconds);
    double rate = 1e-9 * bytes / time.median;
    Json row = Json::object({{"threads", machine.threads}, {"kernel", name},
                             {"shape", text(x.shape())}, {"ms", 1e3 * time.median},
                             {"p10", 1e3 * time.p10}, {"p90", 1e3 * time.p90}, {"gb_s", rate}});
    if (bytes >= (64 << 20)) row["share"] = rate / machine.memory;
    rows.push_back(std::move(row));
  }

  void add_all(int m, int n) {
    Tensor x = random_tensor({m, n}), y = random_tensor({m, n});
    Tensor weight = random_tensor({n}), bias = random_tensor({n});
    add("add", x, 3, [&] { x + y; });
    add("tanh", x, 2, [&] { tanh(x); });
    add("exp", x, 2, [&] { exp(x); });
    add("softmax", x, 2, [&] { softmax(x); });
    add("layer norm", x, 2, [&] { layer_norm(x, weight, bias); });
    add("dropout", x, 2, [&] { dropout(x, Real(0.2)); });
    add("sum", x, 1, [&] { sum(x); });
    x = requires_grad(x);
    x.node->grad = y;
    Adam adam({{"x", x}}, Real(1e-6));
    add("Adam", x, 7, [&] { adam.step(); });    // w, m and v both ways, and g
  }

  void add_cross_entropy(int m, int n) {        // forward and backward: read twice, written once
    Tensor logits = requires_grad(random_tensor({m, n}));
    Ints targets(Shape{m}, n / 2);
    add("cross entropy, both ways", logits, 3, [&] {
      zero_grad(logits);
      backward(cross_entropy(logits, targets));
    });
  }
};

}  // namespace

void add_elementwise(Json& rows, const Machine& machine, double seconds) {
  ElementWise all{rows, machine, seconds};
  all.add_all(1152, 256);
  all.add_cross_entropy(1152, 200);
  Tensor scores = random_tensor({512, 9, 9}), features = random_tensor({128 * 81, 256});
  all.add("softmax", scores, 2, [&] { softmax(scores); });
  all.add("tanh", features, 2, [&] { tanh(features); });
  all.add_all(1 << 16, 256);
  all.add_cross_entropy(2560, 10000);
}

}  // namespace babelgrad::bench
