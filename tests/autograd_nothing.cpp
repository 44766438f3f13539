// Every operation without something: with an axis of 0, and with an operand that is no tensor.
#include "tensor/views.h"
#include "tests/autograd_operations.h"
#include "tests/close.h"

using namespace babelgrad;
using namespace babelgrad::every;

namespace {

std::string in_words(const Dims& d) {
  std::string words;
  for (int n : d) words += text(n) + " ";
  return words;
}

bool finite(const Tensor& x) {
  std::vector<Real> values = x.values();
  return std::all_of(values.begin(), values.end(), [](Real v) { return std::isfinite(v); });
}

Inputs leaves_of(const Operation& op, const Dims& d) {
  Random random(4);
  Inputs x;
  for (const Shape& shape : op.inputs(d)) {
    Tensor positive({shape});
    for (Index i = 0; i < positive.numel(); i++) positive.data()[i] = Real(0.25) + random.uniform();
    x.push_back(requires_grad(positive));
  }
  return x;
}

}  // namespace

TEST_CASE("nothing: with any axes of 0, a result of the right shape, or a named error") {
  int errors = 0;
  for (const Operation& op : operations()) {
    for (int zero = 0; zero < 1 << op.dims.size(); zero++) {
      Dims d = op.dims;
      for (std::size_t i = 0; i < d.size(); i++) if (zero >> i & 1) d[i] = 0;
      INFO(std::string(op.name), " with sizes ", in_words(d));
      Inputs x = leaves_of(op, d);
      std::string error = error_of([&] {
        Tensor y = op.f(x, d);
        CHECK(y.shape() == op.y(d));
        CHECK(finite(y));
        if (!has_grad(y)) return;
        backward(y, Tensor(y.shape(), 1));
        for (const Tensor& leaf : x) {
          if (grad(leaf)) CHECK(grad(leaf).shape() == leaf.shape());
          if (grad(leaf)) CHECK(finite(grad(leaf)));
        }
      });
      if (error != "") CHECK_MESSAGE(error.starts_with(std::string(op.name) + ": "), error);
      CHECK_MESSAGE((zero > 0 || error == ""), error);
      errors += error != "";
    }
  }
  CHECK(errors > 0);
}

TEST_CASE("nothing: an operand that is no tensor is called so, by the operation that needs one") {
  for (const Operation& op : operations()) {
    Inputs x = leaves_of(op, op.dims);
    for (std::size_t i = 0; i < x.size(); i++) {
      if (std::string(op.name) == "linear" && i == 2) continue;          // a bias may be absent
      Inputs some = x;
      some[i] = Tensor();
      std::string error = error_of([&] { (void)op.f(some, op.dims); });
      CHECK_MESSAGE(error.starts_with(std::string(op.name) + ": there is no tensor"),
                    std::string(op.name), " without ", i, ": ", error);
    }
  }
  const Tensor none;
  CHECK(error_of([&] { backward(none); }).starts_with("backward: there is no tensor"));
  CHECK(error_of([&] { (void)none.item(); }).starts_with("item: there is no tensor"));
  CHECK(error_of([&] { (void)none.at({}); }).starts_with("at: there is no tensor"));
  CHECK(error_of([&] { raw::contiguous(none); }).starts_with("contiguous: there is no tensor"));
  Tensor w = requires_grad(Tensor({2}, 1)), unused = requires_grad(Tensor({2}, 1));
  backward(sum(w));
  CHECK(error_of([&] { (void)(w - grad(unused)); }).starts_with("sub: there is no tensor"));
}

TEST_CASE("nothing: of no parts there is nothing to put together") {
  CHECK(error_of([] { (void)cat({}, 0); }) == "cat: no tensors");
  CHECK(error_of([] { (void)stack({}); }) == "stack: no tensors");
  CHECK(error_of([] { (void)stack({Tensor({2})}, 3); }).starts_with("stack: a new axis 3"));
  CHECK(unbind(Tensor({0, 2})).empty());
  CHECK(cat({Tensor({0, 3}), Tensor({0, 3})}, 0).shape() == Shape{0, 3});
  CHECK(repeat(Tensor({2}), {0}).shape() == Shape{0});
}

TEST_CASE("nothing: no sentences, and sentences without words") {
  for (const Ints& lens : {Ints(Shape{0}), Ints{0, 0}}) {
    CHECK(positions(lens).numel() == 0);
    CHECK(sentences(lens).numel() == 0);
    CHECK(packed_sequence(lens).count() == 0);
    CHECK(packed_segments(lens, lens).queries() == 0);
    CHECK(causal_segments(lens).most == 0);
    CHECK(pack(Ints(Shape{int(lens.numel()), 3}), lens).numel() == 0);
    CHECK(padded_sequence(lens, 3, int(lens.numel())).count() == 0);
  }
  CHECK(lengths(Ints(Shape{0, 3}), 0).shape() == Shape{0});
  CHECK(padded_segments({}, 0, 3, 4).queries() == 0);
  CHECK(take(Ints{1, 2}, Ints(Shape{0})).numel() == 0);
  CHECK(repeat_interleave(Ints{1, 2}, 0).shape() == Shape{0});
}

TEST_CASE("sizes: what is larger than any memory is an error of the operation that would make it") {
  const Tensor one({1, 1}), wide = raw::expand(one, {1 << 30, 1 << 20}),
               tall = raw::expand(Tensor({1, 1, 1}), {2, 1 << 16, 1 << 16});
  const Ints many(Shape{1 << 16});
  auto named = [](const std::string& name, auto f) {
    std::string error = error_of(f);
    CHECK_MESSAGE(error.starts_with(name + ": "), name, ": ", error);
  };
  named("mul", [&] { (void)(raw::expand(one, {1 << 30, 1}) * raw::expand(one, {1, 1 << 30})); });
  named("where", [&] {
    (void)where(raw::expand(one, {1 << 30, 1}), raw::expand(one, {1, 1 << 30}), one);
  });
  named("matmul", [&] {
    (void)matmul(raw::expand(one, {1 << 30, 1}), raw::expand(one, {1, 1 << 30}));
  });
  named("linear", [&] { (void)linear(wide, raw::expand(one, {1 << 30, 1 << 20})); });
  Tensor rows = raw::expand(Tensor({1, 1, 1}), {1 << 16, 1 << 16, 1});
  named("linear", [&] { (void)linear(rows, one); });
  named("expand", [&] { (void)expand(one, {1 << 30, 1 << 30}); });
  named("expand", [&] { (void)expand(one, {-1, 3}); });
  named("reshape", [&] { (void)reshape(one, {1 << 30, 1 << 30, 1 << 30}); });
  named("repeat", [&] { (void)repeat(one, {1 << 30, 1 << 30}); });
  named("repeat", [&] { (void)repeat(Tensor({2}), {1 << 30}); });
  named("repeat_interleave", [&] { (void)repeat_interleave(Tensor({2}), 1 << 30, 0); });
  named("repeat_interleave", [&] { (void)repeat_interleave(wide, 1 << 10, 1); });
  named("repeat_interleave", [&] { (void)repeat_interleave(many, 1 << 16); });
  named("repeat_interleave", [&] { (void)repeat_interleave(Ints(Shape{}), 2); });
  Tensor column = raw::expand(one, {1 << 30, 1});
  named("cat", [&] { (void)cat({column, column}, 0); });
  named("stack", [&] { (void)stack({Tensor({1, 1, 1, 1, 1, 1})}, 0); });
  named("embedding", [&] { (void)embedding(one, Ints(Shape{1, 1, 1, 1, 1, 1})); });
  named("index_select", [&] { (void)index_select(tall, 0, Ints{0}); });
  named("packed", [&] { (void)positions({INT32_MAX, INT32_MAX}); });
  named("packed", [&] { (void)packed_sequence({INT32_MAX, INT32_MAX}); });
  named("attention", [&] { (void)padded_segments({}, 1 << 16, 1 << 16, 1); });
  named("attention", [&] { (void)padded_segments({}, 1 << 16, 1, 1 << 16); });
  named("Ints", [&] { (void)Ints(Shape{1 << 30, 1 << 30, 1 << 30}); });
}

TEST_CASE("recurrence: steps made by hand that say something else than they may are refused") {
  Tensor gi({2, 3}), W({3, 3}), b({3}), H({2, 3});
  auto run = [&](const PackedSequence& steps) {
    return error_of([&] { recurrence(Cell::rnn, gi, W, b, H, {}, steps); });
  };
  const PackedSequence good{{0, 1}, {0, 1}, {0, 2}};
  CHECK(run(good) == "");
  CHECK(run({{0, 1}, {0, -1}, {0, 2}}) == "recurrence: row -1 of 2");
  CHECK(run({{0, 1}, {0, 2}, {0, 2}}) == "recurrence: row 2 of 2");
  CHECK(run({{0, 0}, {0, 1}, {0, 2}}).starts_with("recurrence: sentence 0 of 2"));
  CHECK(run({{0, 2}, {0, 1}, {0, 2}}).starts_with("recurrence: sentence 2 of 2"));
  CHECK(run({{0, 1}, {0, 1}, {0, 1}}).starts_with("recurrence: steps of 2 sentences and 2 rows"));
  CHECK(run({{0, 1}, {0, 1}, {}}).starts_with("recurrence: steps of 2"));
  CHECK(run({{0, 1}, {0, 1, 0, 1}, {0, 1, 4}}) == "recurrence: 3 sentences go on at step 1");
  CHECK(error_of([&] { recurrence(Cell::lstm, Tensor({2, 12}), Tensor({12, 3}), Tensor({12}), H,
                                  Tensor({3, 3}), good); }) ==
        "recurrence: memory (3, 3) for a state (2, 3)");
}
