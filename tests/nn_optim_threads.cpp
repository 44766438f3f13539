// Optimisers and clipping go through all parameters in one parallel loop.
#include "autograd/ops.h"
#include "nn/optim.h"
#include "tensor/map.h"
#include "tensor/parallel.h"
#include "tensor/views.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

std::vector<Parameter> parameters_with_gradients() {
  Random random(9);
  std::vector<Parameter> params;
  for (const Shape& shape : {Shape{3}, {200, 301}, {1}, {40000}, {7, 5}}) {
    params.push_back({"p" + text(int(params.size())), requires_grad(random_tensor(shape, random))});
    params.back().tensor.node->grad = random_tensor(shape, random);
  }
  params.push_back({"idle", requires_grad(Tensor({5}, 2))});  // without a gradient
  return params;
}

template <class Make>
void same_for_all_threads(Make make) {
  std::vector<Parameter> first;
  double first_norm = 0;
  int before = threads();
  for (int count : {1, 2, 3, 4}) {
    set_threads(count);
    std::vector<Parameter> params = parameters_with_gradients();
    auto optimizer = make(params);
    double norm = 0;
    for (int i = 0; i < 3; i++) norm = clip_grad_norm(params, 10 - i), optimizer.step();
    if (count == 1) first = params, first_norm = norm;
    CHECK(norm == first_norm);
    for (std::size_t i = 0; i < params.size(); i++) {
      CHECK(same_bits(params[i].tensor, first[i].tensor));
      if (i + 1 < params.size()) CHECK(same_bits(grad(params[i].tensor), grad(first[i].tensor)));
    }
  }
  set_threads(before);
}

}  // namespace

TEST_CASE("optimisers and clipping: the same bits for 1 to 4 threads") {
  same_for_all_threads([](auto p) { return Adam(p, Real(0.01), Real(0.1)); });
  same_for_all_threads([](auto p) { return AdamW(p, Real(0.01)); });
  same_for_all_threads([](auto p) { return SGD(p, Real(0.01), Real(0.9), true, Real(0.1)); });
}

TEST_CASE("Adam: a number's update does not depend on where it stands") {
  Random random(10);
  Tensor w = random_tensor({37}, random), g = random_tensor({37}, random);
  auto updated = [](const Tensor& from, const Tensor& gradient) {
    Tensor leaf = requires_grad(raw::map(from, [](Real v) { return v; }));
    leaf.node->grad = gradient;
    Adam({{"w", leaf}}, Real(0.01)).step();
    return leaf.values();
  };
  auto whole = updated(w, g);
  for (int i = 0; i < 37; i++) {
    CHECK(updated(raw::slice(w, 0, i, i + 1), raw::slice(g, 0, i, i + 1))[0] == whole[i]);
  }
}

TEST_CASE("clip_grad_norm: scales in place only what nobody else holds") {
  std::vector<Parameter> params = parameters_with_gradients();
  Tensor held = grad(params[1].tensor);
  std::vector<Real> before = held.values();
  const Real* own = params[3].tensor.node->grad.data();
  double norm = clip_grad_norm(params, 1);
  CHECK(norm > 100);
  CHECK(held.values() == before);
  CHECK(params[3].tensor.node->grad.data() == own);
  CHECK(std::abs(clip_grad_norm(params, 10) - 1) < tol(1e-12, 1e-6));
}
