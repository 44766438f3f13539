// The rules of backward(): what is summed, what is kept, what is freed, and what is refused.
#include <pthread.h>

#include "autograd/observer.h"
#include "autograd/ops.h"
#include "tensor/views.h"
#include "tests/child.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

Tensor leaf(const Shape& shape, std::uint64_t seed = 1) {
  Random random(seed);
  return requires_grad(random_tensor(shape, random));
}

// y = x + 1 + 1 + ...: forward, backward or not, and the end of a graph of `length` nodes.
bool chain(long length, bool with_backward) {
  long before = live_nodes();
  {
    Tensor x = requires_grad(Tensor::scalar(2)), y = x, one = Tensor::scalar(1);
    for (long i = 0; i < length; i++) y = y + one;
    if (live_nodes() != before + length + 1) return false;
    if (with_backward) {
      backward(y);
      if (grad(x).item() != 1) return false;
    }
  }
  return live_nodes() == before;
}

void* short_stack(void* result) {
  *static_cast<bool*>(result) = chain(100000, true) && chain(100000, false);
  return nullptr;
}

}  // namespace

TEST_CASE("backward: a chain of 1,000,000 nodes is computed, differentiated and freed") {
  CHECK(chain(1000000, true));
  CHECK(chain(1000000, false));
}

TEST_CASE("backward: a thread with a stack of 256 KiB is enough for 100,000 nodes") {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  REQUIRE(pthread_attr_setstacksize(&attributes, 256 * 1024) == 0);
  pthread_t thread;
  bool fine = false;
  REQUIRE(pthread_create(&thread, &attributes, short_stack, &fine) == 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  CHECK(fine);
}

TEST_CASE("backward: a leaf that is used twice gets the sum of both gradients") {
  Tensor x = leaf({2, 3});
  backward(sum(x * Tensor({2, 3}, 3) + x * Tensor({2, 3}, 4)));
  CHECK(same_bits(grad(x), Tensor({2, 3}, 7)));
}

TEST_CASE("backward: a second loss adds to the gradients, and the same loss doubles them exactly") {
  Tensor x = leaf({4, 5}), w = leaf({5, 3}, 2), first_x, first_w;
  for (int pass = 0; pass < 2; pass++) {
    backward(mean(square(tanh(matmul(x, w)) + select(w, 0, 1))));
    if (pass == 0) first_x = grad(x), first_w = grad(w);
  }
  CHECK(same_bits(grad(x), first_x * Real(2)));
  CHECK(same_bits(grad(w), first_w * Real(2)));
  zero_grad(x);
  CHECK(!grad(x));
}

TEST_CASE("backward: adding to a gradient does not change copies of it, nor dL/dy that was given") {
  Tensor a = leaf({3}), b = leaf({3}, 2), dy({3}, 1);
  backward(a + b, dy);
  Tensor early = grad(a);
  backward(a * b, Tensor({3}, 5));
  CHECK(same_bits(dy, Tensor({3}, 1)));
  CHECK(same_bits(early, Tensor({3}, 1)));
}

TEST_CASE("backward: a second pass over one graph is an error that says so") {
  Tensor x = leaf({3}), y = sum(x * x);
  backward(y);
  CHECK(error_of([&] { backward(y); }) ==
        "backward: the graph of this sum has been used up; compute it again");
  Tensor h = exp(x), first = sum(h), second = sum(h * h);
  backward(first);                              // frees exp(x), which the second loss would need
  CHECK(error_of([&] { backward(second); }) ==
        "backward: the graph of this exp has been used up; compute it again");
}

TEST_CASE("backward: a pass that is refused adds nothing to any leaf") {
  Tensor x = leaf({3}), v = leaf({3}, 2), h = exp(x);
  backward(sum(h));
  Tensor before = grad(x);
  CHECK(error_of([&] { backward(sum(v * x) + sum(h * h)); }) ==
        "backward: the graph of this exp has been used up; compute it again");
  CHECK(!grad(v));
  CHECK(same_bits(grad(x), before));
  CHECK(error_of([&] { backward(v * x, Tensor({2})); }).find("a gradient of shape (2,)") !=
        std::string::npos);
  CHECK(!grad(v));
}

TEST_CASE("backward: a graph that has read a leaf's old numbers refuses to go back") {
  const std::string of_square =
      "backward: a leaf of shape (3,) has been written to since square read it; compute the graph "
      "again";
  Tensor x = leaf({3}), v = leaf({3}, 2), y = sum(v * square(x));
  overwrite(x, "test")[0] = 7;
  CHECK(error_of([&] { backward(y); }) == of_square);
  CHECK(!grad(x));
  CHECK(!grad(v));
  backward(sum(square(x)));                     // a new graph is as good as any
  CHECK(grad(x).values()[0] == 14);
  CHECK(error_of([&] { backward(y); }) == of_square);

  // Whatever shows the leaf's numbers counts: views, and what is no part of the graph.
  for (int way = 0; way < 4; way++) {
    Tensor W = leaf({2, 3}), k = leaf({2, 3}, 2), shown = W;
    if (way == 1) shown = detach(W);
    if (way == 2) shown = reshape(flip(transpose(W), 0), {2, 3});
    if (way == 3) shown = raw::expand(raw::slice(W, 0, 1, 2), {2, 3});
    Tensor z = sum(k * shown);
    overwrite(W, "test");
    CHECK(error_of([&] { backward(z); }).find("has been written to since") != std::string::npos);
    CHECK(!grad(k));
  }
}

TEST_CASE("requires_grad: a leaf owns its numbers, in row-major order, whatever it was made of") {
  Tensor base({2, 3}, {1, 2, 3, 4, 5, 6});
  for (const Tensor& view :
       {base, raw::transpose(base), raw::slice(base, 1, 1, 3), raw::flip(base, 0),
        raw::select(base, 0, 1), raw::reshape(base, {6}), raw::permute(base, {1, 0})}) {
    Tensor w = requires_grad(view);
    CHECK(same_bits(detach(w), view));
    CHECK(w.contiguous());
    overwrite(w, "test")[0] = 100;
    CHECK(base.values() == std::vector<Real>{1, 2, 3, 4, 5, 6});
  }
  Tensor recorded = square(leaf({2, 2})), cut = requires_grad(recorded);
  overwrite(cut, "test")[0] = 100;
  CHECK(recorded.values()[0] != 100);
  CHECK(leaves(cut).size() == 1);
}

TEST_CASE("requires_grad: no leaf shows a number twice, and an absent tensor is none") {
  Tensor base({2, 3}, {1, 2, 3, 4, 5, 6});
  const std::string twice =
      " shows the same number in several places; make a leaf before it is expanded";
  CHECK(error_of([&] { requires_grad(raw::expand(Tensor({1, 3}), {4, 3})); }) ==
        "requires_grad: shape (4, 3)" + twice);
  Strides overlapping;                          // windows of 4 numbers, 2 apart
  overlapping[0] = 2, overlapping[1] = 1;
  CHECK(error_of([&] { requires_grad(base.view({2, 4}, overlapping, 0)); }) ==
        "requires_grad: shape (2, 4)" + twice);
  CHECK(error_of([] { requires_grad(Tensor()); }) == "requires_grad: there is no tensor");
  CHECK(requires_grad(Tensor({0, 3})).numel() == 0);
  CHECK(requires_grad(raw::expand(Tensor({1, 3}), {1, 3})).numel() == 3);
}

TEST_CASE("overwrite: of leaves and plain row-major tensors alone") {
  Tensor plain({2, 3}), w = leaf({2, 3}), y = square(w), view = raw::transpose(plain), none;
  CHECK(overwrite(plain, "fill") == plain.data());
  CHECK(overwrite(w, "fill") == w.data());
  CHECK(error_of([&] { overwrite(y, "fill"); }) ==
        "fill: a tensor of shape (2, 3) is the result of square; only leaves are written to");
  CHECK(error_of([&] { overwrite(view, "fill"); }) ==
        "fill: a tensor of shape (3, 2) is a view that is not row-major; requires_grad() makes a "
        "leaf of it");
  CHECK(error_of([&] { overwrite(none, "fill"); }) == "fill: there is no tensor to write to");
}

TEST_CASE("backward: what has no single number, no graph or the wrong dL/dy is refused") {
  Tensor x = leaf({2, 3});
  CHECK(error_of([&] { backward(x * x); }) ==
        "backward: a loss is one number, not shape (2, 3); for other shapes pass dL/dy as well");
  CHECK(error_of([&] { backward(Tensor::scalar(1)); }).find("depends on no leaf") !=
        std::string::npos);
  CHECK(error_of([&] { backward(x * x, Tensor({3, 2})); }) ==
        "backward: a gradient of shape (3, 2) for a result of mul of shape (2, 3)");
}

TEST_CASE("backward: dL/dy of any shape weights the result") {
  Tensor x = leaf({2, 2}), dy({2, 2}, {1, 2, 3, 4});
  backward(x * Real(3), dy);
  CHECK(same_bits(grad(x), dy * Real(3)));
}

TEST_CASE("live_nodes: back to its start after backward, and after a graph is dropped") {
  long before = live_nodes();
  {
    Tensor x = leaf({4, 6}), w = leaf({6, 6}, 2), y = x;
    for (int i = 0; i < 20; i++)
      y = layer_norm(gelu(linear(y, w)) + x, select(w, 0, 0), select(w, 0, 1));
    Tensor loss = cross_entropy(cat({y, slice(y, 0, 0, 2)}, 0), Ints{0, 1, 2, 3, 4, 5});
    CHECK(live_nodes() > before + 100);
    backward(loss);
    y = Tensor();
    CHECK(live_nodes() == before + 3);          // x, w and the loss itself
  }
  CHECK(live_nodes() == before);
  { Tensor dropped = sum(softmax(leaf({3, 3})) / leaf({3})); }
  CHECK(live_nodes() == before);
}

TEST_CASE("NoGrad: nothing is recorded while one lives, also nested") {
  Tensor x = leaf({3});
  {
    NoGrad outer;
    { NoGrad inner; }
    CHECK(!has_grad(x * x));
    CHECK_FALSE(is_grad_enabled());
  }
  CHECK(is_grad_enabled());
  CHECK(has_grad(x * x));
}

TEST_CASE("detach: the same numbers, and no gradient through them") {
  Tensor x = leaf({3});
  CHECK(same_bits(detach(x), x));
  CHECK(!has_grad(detach(x)));
  backward(sum(x * detach(x)));
  CHECK(same_bits(grad(x), detach(x)));
}

TEST_CASE("retain_grad: a result's gradient is kept when asked for, else let go") {
  Tensor x = leaf({3}), kept = x * Real(2), other = kept * Real(3);
  retain_grad(kept);
  backward(sum(other * Real(5)));
  CHECK(same_bits(grad(kept), Tensor({3}, 15)));
  CHECK(error_of([&] { grad(other); }).starts_with(
      "grad: a tensor of shape (3,) is the result of mul, not (or no longer) a leaf, and keeps no "
      "gradient; "));
  CHECK(same_bits(grad(x), Tensor({3}, 30)));
}

TEST_CASE("a step by hand: makes a leaf of the result, and is told to where it does not") {
  auto descend = [](bool leaf) {
    Tensor w = requires_grad(Tensor::scalar(1));
    for (int i = 0; i < 3; i++) {
      backward(square(w));
      if (leaf) { NoGrad n; w = requires_grad(w - 0.1 * grad(w)); }
      else w = w - 0.1 * grad(w);
    }
    return w.item();
  };
  CHECK(descend(true) == doctest::Approx(0.8 * 0.8 * 0.8));
  CHECK(error_of([&] { descend(false); }) ==
        "grad: a tensor of shape () is the result of sub, not (or no longer) a leaf, and keeps no "
        "gradient; a step by hand is { NoGrad n; w = requires_grad(w - 0.1 * grad(w)); }, or an "
        "optimiser's; for the gradient of a result, retain_grad before backward");
}

TEST_CASE("name_parameter: leaves beside named ones are told of, once after each naming") {
  Tensor a = leaf({2}), b = leaf({3, 1}), c = leaf({1});
  auto told = [](const std::function<void()>& f) { return in_a_child(f).err; };
  auto pass = [](const std::vector<Tensor>& x) {
    Tensor loss = Tensor::scalar(0);
    for (const Tensor& t : x) loss = loss + sum(t);
    backward(loss);
  };
  auto note = [](const std::string& what) {
    return "note: backward: the loss also depends on " + what + "; what should learn is named in "
           "fields(), what should not is better a constant: detach()\n";
  };
  const std::string b_and_c = note("2 leaves that no optimiser changes, of shape (3, 1), (1,)");
  CHECK(told([&] { pass({a, b, c}); }) == "");  // none has a name
  CHECK(told([&] { name_parameter(a, "a"), pass({a, b, c}), pass({a, b}); }) == b_and_c);
  CHECK(told([&] { name_parameter(a, ""), pass({a, b, c}); }) == b_and_c);
  CHECK(told([&] { name_parameter(a, "a"), pass({a}), pass({b, c}), pass({a, detach(b)}); }) == "");
  CHECK(told([&] {
          for (const Tensor& x : {a, b, c}) name_parameter(x, "x"), pass({a, b});
        }) == note("1 leaf that no optimiser changes, of shape (3, 1)"));
  CHECK(told([&] { name_parameter(a, "a"), pass({a, c, c + leaf({1}), leaf({1}), leaf({1}),
                                                  leaf({1})}); }) ==
        note("5 leaves that no optimiser changes, of shape (1,), (1,), (1,), (1,), ..."));
}

TEST_CASE("live_nodes: a graph that a static holds goes after all else, and needs nothing of it") {
  static Tensor kept;                           // a sanitizer looks on when it goes
  Tensor a = leaf({2});
  backward(sum(square(a)));
  kept = tanh(a * a);
  CHECK(has_grad(kept));
}

TEST_CASE("leaves: those a result depends on, each once, oldest first") {
  Tensor a = leaf({2}), unused = leaf({2}), b = leaf({2}), y = (b + a) * a + b;
  CHECK(leaves(y) == std::vector<Node*>{a.node.get(), b.node.get()});
  CHECK(leaves(Tensor::scalar(1)).empty());
}

TEST_CASE(
    "set_check_nan: names the operation that made the first NaN or Inf, forward and backward") {
  Tensor x = requires_grad(Tensor({3}, {1, 0, 2}));
  auto steep = [](const Tensor&, Gradients d) { d[0] += Tensor({3}, {1, INFINITY, 2}); };
  Tensor y = record("steep", detach(x), {x}, steep);
  set_check_nan(true);
  std::string forward = error_of([&] { (void)log(x - Real(1)); }),
              back = error_of([&] { backward(sum(y)); });
  Tensor W = leaf({1, 3}), bias = leaf({1});
  name_parameter(W, "out.weight"), name_parameter(bias, "out.bias");
  std::string named = error_of([&] { (void)linear(x / Real(0), W, bias); }),
              named_too = error_of([&] { (void)(W * Real(INFINITY)); });
  set_check_nan(false);
  CHECK(named == "div: forward made an Inf at element 0 of shape (3,)");
  CHECK(named_too.ends_with(" of shape (1, 3), by out.weight"));
  CHECK(forward == "log: forward made an Inf at element 0 of shape (3,)");
  CHECK(back == "steep: backward made an Inf at element 1 of shape (3,)");
  CHECK(error_of([&] { (void)log(x); }) == "");
}
