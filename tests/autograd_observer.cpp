// An observer sees what is computed, and on which line it was called.
#include "autograd/observer.h"

#include <optional>

#include "autograd/ops.h"
#include "tensor/views.h"
#include "tests/close.h"

using namespace babelgrad;

namespace {

struct Seen {
  std::string operation;
  Tensor y;
  std::vector<Tensor> inputs;
  Site at;
};

struct Notes : Observer {
  std::vector<Seen> all;
  std::vector<std::string> back;
  double products = 0;

  void forward(const char* operation, const Tensor& y,
               const std::vector<Tensor>& inputs) override {
    all.push_back({operation, y, inputs, here});
  }
  void begin_backward() override { back.push_back("begin"); }
  void backward(const char* operation, const Tensor&, const Tensor& dx) override {
    back.push_back(std::string(operation) + (dx ? "" : " in place"));
  }
  void flops(double count) override { products += count; }

  // Of that operation, the last one seen.
  const Seen& of(const std::string& operation) const {
    for (auto it = all.rbegin(); it != all.rend(); ++it)
      if (it->operation == operation) return *it;
    FAIL("no ", operation, " was seen");
    return all[0];
  }
};

bool stands_here(const Site& at, int line, const char* file = __builtin_FILE()) {
  return at.line == line && std::string(at.file) == file;
}

Site line_of_call(Site at = {}) { return at; }

}  // namespace

TEST_CASE("observer: it sees every operation with its inputs and its result, recorded or not") {
  Tensor a = requires_grad(Tensor({2, 3}, 1)), b({2, 3}, 2);
  Notes notes;
  for (bool recorded : {true, false}) {
    notes.all.clear();
    Tensor sum;
    {
      std::optional<NoGrad> guard;
      if (!recorded) guard.emplace();
      Watch watch(&notes);
      sum = a + b;
      tanh(sum);
    }
    REQUIRE(notes.all.size() == 2);
    CHECK(notes.all[0].operation == "add");
    CHECK(notes.all[0].inputs[0].data() == a.data());
    CHECK(notes.all[0].inputs[1].data() == b.data());
    CHECK(notes.all[0].y.data() == sum.data());
    CHECK(notes.all[0].y.node == sum.node);
    CHECK(has_grad(notes.all[0].y) == recorded);
    CHECK(notes.all[1].operation == "tanh");
  }
}

TEST_CASE("observer: nobody who is not watching sees anything, and one at a time does") {
  Notes outer, inner;
  const Tensor x({2}, 1);
  exp(x);
  {
    Watch watch(&outer);
    exp(x);
    {
      Watch closer(&inner);
      exp(x), exp(x);
      Watch nobody(nullptr);
      exp(x);
    }
    exp(x);
    const auto wrong = [&] {
      Watch closer(&inner);
      matmul(x, Tensor({3}, 1));
    };
    CHECK(!error_of(wrong).empty());
    exp(x);
  }
  exp(x);
  CHECK(outer.all.size() == 3);
  CHECK(inner.all.size() == 2);
  CHECK(observer == nullptr);
}

TEST_CASE("observer: a call that takes its line says its caller's, an operator stands there") {
  const Tensor x({2, 3}, 1);
  Notes notes;
  Watch watch(&notes);
  int line = __LINE__ + 1;
  permute(x, {1, 0});
  CHECK(stands_here(notes.of("permute").at, line));
  line = __LINE__ + 1;
  unsqueeze(x, 0);
  CHECK(stands_here(notes.of("unsqueeze").at, line));
  line = __LINE__ + 1;
  const Tensor sum = x + index_select(x, 0, Ints{1, 0});
  CHECK(stands_here(notes.of("embedding").at, line));
  CHECK(stands_here(notes.of("add").at, line));
  line = __LINE__ + 2;
  tanh(unsqueeze(
      permute(x, {0, 1}), 0));
  CHECK(stands_here(notes.of("permute").at, line));
  CHECK(stands_here(notes.of("tanh").at, line - 1));
}

TEST_CASE("observer: a default argument says the line of the call, not of the declaration") {
  CHECK(stands_here(line_of_call(), __LINE__));
  const auto forwarded = [](Site at = {}) { return line_of_call(at); };
  CHECK(stands_here(forwarded(), __LINE__));
  CHECK(!stands_here(Site(), __LINE__));        // the member's own line: only `{}` is the caller's
}

TEST_CASE("observer: the weights of an attention follow it, as they are returned") {
  Random random(3);
  const Tensor Q = random_tensor({2, 4, 3}, random), K = random_tensor({2, 5, 3}, random);
  const Tensor w = random_tensor({3}, random);
  for (bool additive : {false, true}) {
    Notes notes;
    Watch watch(&notes);
    auto [y, weights] = additive ? additive_attention(Q, K, w, K, {5, 2}, 0)
                                 : dot_attention(Q, K, K, {5, 2}, Real(0.5), 0);
    const Seen& second = notes.of("attention_weights");
    CHECK(same_bits(second.y, weights));
    CHECK(second.y.shape() == Shape{2, 4, 5});
    CHECK(second.inputs.empty());
    const Seen& first = notes.of(additive ? "additive_attention" : "dot_attention");
    CHECK(first.y.data() == y.data());
    CHECK(first.inputs.size() == (additive ? 4 : 3));
  }
}

TEST_CASE("observer: a gradient can be kept where it was seen, and the way back is seen, too") {
  Tensor x = requires_grad(Tensor({2, 2}, 3)), W = requires_grad(Tensor({2, 2}, 1));
  Notes notes;
  Watch watch(&notes);
  Tensor loss = sum(square(linear(x, W)));
  retain_grad(notes.of("linear").y);
  CHECK(notes.back.empty());
  backward(loss);
  CHECK(grad(notes.of("linear").y).values() == std::vector<Real>(4, 12));
  CHECK(notes.back ==
        std::vector<std::string>{"begin", "sum", "square", "linear", "linear in place"});
  CHECK(notes.products == 3 * 2 * 2 * 2 * 2);
}

TEST_CASE("observer: a product counts its additions and multiplications, gradients twice those") {
  using In = const std::vector<Tensor>&;
  struct Product {
    std::vector<Shape> shapes;
    Tensor (*f)(In x);
    double multiplications;
  };
  const Product products[] = {
      {{{5, 2, 3}, {5, 3, 4}}, [](In x) { return matmul(x[0], x[1]); }, 5 * 2 * 3 * 4},
      {{{5, 2, 3}, {4, 3}}, [](In x) { return linear(x[0], x[1]); }, 5 * 2 * 3 * 4},
      {{{5, 12}, {12, 4}, {12}, {3, 4}},       // three steps of GRU, and sentences of 3, 1 and 1
       [](In x) {
         const PackedSequence steps = packed_sequence({1, 3, 1});
         return recurrence(Cell::gru, x[0], x[1], x[2], x[3], {}, steps).outputs;
       }, 5 * 12 * 4},
      {{{2, 3, 5}, {2, 4, 5}, {2, 4, 7}},      // queries of the two see 4 keys, and 1
       [](In x) { return dot_attention(x[0], x[1], x[2], {4, 1}, 5, 0).output; },
       3 * (4 + 1) * (5 + 7)},
      {{{2, 3, 5}, {2, 4, 5}, {5}, {2, 4, 7}},
       [](In x) { return additive_attention(x[0], x[1], x[2], x[3], {4, 1}, 0).output; },
       3 * (4 + 1) * (5 + 7)}};
  for (const Product& product : products) {
    std::vector<Tensor> x;
    for (const Shape& shape : product.shapes) x.push_back(requires_grad(Tensor(shape, 1)));
    Notes notes;
    Watch watch(&notes);
    const Tensor y = product.f(x);
    CHECK(notes.products == 2 * product.multiplications);
    backward(sum(y));
    CHECK(notes.products == 3 * 2 * product.multiplications);
  }
}
