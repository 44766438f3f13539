// Every operation, with the shapes of its operands and of its result by the sizes of some axes:
// with an axis of 0, with an operand that is no tensor, and that it keeps no cycle.
#include "autograd/ops.h"
#include "tensor/views.h"
#include "tests/close.h"

namespace babelgrad::every {

using Dims = std::vector<int>;
using Inputs = std::vector<Tensor>;

// `inputs` says the shapes of the operands, `y` that of the result, by the sizes of some axes.
struct Operation {
  const char* name;
  Dims dims;
  std::vector<Shape> (*inputs)(const Dims& d);
  Tensor (*f)(const Inputs& x, const Dims& d);
  Shape (*y)(const Dims& d);
};

std::vector<Shape> table(const Dims& d) { return {{d[0], d[1]}}; }
std::vector<Shape> two_tables(const Dims& d) { return {{d[0], d[1]}, {d[0], d[1]}}; }
std::vector<Shape> norm_inputs(const Dims& d) { return {{d[0], d[1]}, {d[1]}, {d[1]}}; }
Shape same(const Dims& d) { return {d[0], d[1]}; }
Shape number(const Dims&) { return {}; }
Shape rows_left(const Dims& d) { return {d[0]}; }
Shape columns_left(const Dims& d) { return {d[1]}; }

Tensor minus(const Tensor& a, const Tensor& b) { return a - b; }
Tensor negative(const Tensor& x) { return -x; }

template <Tensor (*f)(const Tensor&)>
Operation pointwise(const char* name) {
  return {name, {2, 3}, table, [](const Inputs& x, const Dims&) { return f(x[0]); }, same};
}

template <Tensor (*f)(const Tensor&, const Tensor&)>
Operation of_two(const char* name) {
  return {name, {2, 3}, two_tables, [](const Inputs& x, const Dims&) { return f(x[0], x[1]); },
          same};
}

Ints zeros(int n) { return Ints(Shape{n}); }
Ints filled(int n, int value) { return Ints(Shape{n}, value); }

// d: batch, steps, width; the result's parts on top of each other.
std::vector<Shape> layer(int gates, const Dims& d) {
  return {{d[0] * d[1], gates * d[2]}, {gates * d[2], d[2]}, {gates * d[2]}, {d[0], d[2]},
          {d[0], d[2]}};
}
template <Cell cell>
Tensor run(const Inputs& x, const Dims& d) {
  Tensor C = cell == Cell::lstm ? x[4] : Tensor();
  Recurrence r = recurrence(cell, x[0], x[1], x[2], x[3], C, packed_sequence(filled(d[0], d[1])));
  return r.C ? cat({r.outputs, r.H, r.C}, 0) : cat({r.outputs, r.H}, 0);
}

const std::vector<Operation> elementwise = {
  of_two<operator+>("add"), of_two<minus>("sub"), of_two<operator*>("mul"),
    of_two<operator/>("div"), of_two<pow>("pow"), of_two<maximum>("maximum"),
    of_two<minimum>("minimum"), pointwise<negative>("neg"), pointwise<abs>("abs"),
    pointwise<square>("square"), pointwise<sqrt>("sqrt"), pointwise<rsqrt>("rsqrt"),
    pointwise<reciprocal>("reciprocal"), pointwise<exp>("exp"), pointwise<expm1>("expm1"),
    pointwise<log>("log"), pointwise<log1p>("log1p"), pointwise<sin>("sin"),
    pointwise<cos>("cos"), pointwise<erf>("erf"), pointwise<tanh>("tanh"),
    pointwise<sigmoid>("sigmoid"), pointwise<log_sigmoid>("log_sigmoid"),
    pointwise<softplus>("softplus"), pointwise<relu>("relu"), pointwise<elu>("elu"),
    pointwise<silu>("silu"), pointwise<gelu>("gelu"), pointwise<gelu_tanh>("gelu_tanh"),
    {"where", {2, 3}, [](const Dims& d) { return std::vector<Shape>{same(d), same(d), same(d)}; },
     [](const Inputs& x, const Dims&) { return where(x[0], x[1], x[2]); }, same},
    {"masked_fill", {2, 3}, two_tables,
     [](const Inputs& x, const Dims&) { return masked_fill(x[0], x[1], 7); }, same},
    {"add", {2, 3}, table, [](const Inputs& x, const Dims&) { return x[0] + Real(1); }, same},
    {"mul", {2, 3}, table, [](const Inputs& x, const Dims&) { return Real(2) * x[0]; }, same},
    {"pow", {2, 3}, table, [](const Inputs& x, const Dims&) { return pow(x[0], Real(2)); }, same},
    {"leaky_relu", {2, 3}, table, [](const Inputs& x, const Dims&) { return leaky_relu(x[0]); },
     same},
    {"clamp", {2, 3}, table, [](const Inputs& x, const Dims&) { return clamp(x[0], -1, 1); }, same},
    {"cumsum", {2, 3}, table, [](const Inputs& x, const Dims&) { return cumsum(x[0], 0); }, same},
    {"logsumexp", {2, 3}, table, [](const Inputs& x, const Dims&) { return logsumexp(x[0], 0); },
     columns_left}};

const std::vector<Operation> views = {
  {"reshape", {2, 3}, table,
     [](const Inputs& x, const Dims& d) { return reshape(x[0], {d[1], d[0]}); },
     [](const Dims& d) { return Shape{d[1], d[0]}; }},
    {"permute", {2, 3}, table, [](const Inputs& x, const Dims&) { return permute(x[0], {1, 0}); },
     [](const Dims& d) { return Shape{d[1], d[0]}; }},
    {"transpose", {2, 3}, table, [](const Inputs& x, const Dims&) { return transpose(x[0]); },
     [](const Dims& d) { return Shape{d[1], d[0]}; }},
    {"expand", {2, 3, 4}, [](const Dims& d) { return std::vector<Shape>{{d[0], 1, d[1]}}; },
     [](const Inputs& x, const Dims& d) { return expand(x[0], {d[0], d[2], d[1]}); },
     [](const Dims& d) { return Shape{d[0], d[2], d[1]}; }},
    {"slice", {2, 3}, table, [](const Inputs& x, const Dims&) { return slice(x[0], 1, 0, 1); },
     [](const Dims& d) { return Shape{d[0], std::min(d[1], 1)}; }},
    {"select", {2, 3}, table, [](const Inputs& x, const Dims&) { return select(x[0], 1, -1); },
     rows_left},
    {"unsqueeze", {2, 3}, table, [](const Inputs& x, const Dims&) { return unsqueeze(x[0], 1); },
     [](const Dims& d) { return Shape{d[0], 1, d[1]}; }},
    {"squeeze", {2, 3}, [](const Dims& d) { return std::vector<Shape>{{d[0], 1, d[1]}}; },
     [](const Inputs& x, const Dims&) { return squeeze(x[0], 1); }, same},
    {"flip", {2, 3}, table, [](const Inputs& x, const Dims&) { return flip(x[0], 1); }, same},
    {"cat", {2, 3, 4},
     [](const Dims& d) { return std::vector<Shape>{{d[0], d[1]}, {d[0], d[2]}}; },
     [](const Inputs& x, const Dims&) { return cat(x, 1); },
     [](const Dims& d) { return Shape{d[0], d[1] + d[2]}; }},
    {"stack", {2, 3}, two_tables, [](const Inputs& x, const Dims&) { return stack(x, -1); },
     [](const Dims& d) { return Shape{d[0], d[1], 2}; }},
    {"repeat", {2, 3, 4, 5}, table,
     [](const Inputs& x, const Dims& d) { return repeat(x[0], {2, d[2], d[3]}); },
     [](const Dims& d) { return Shape{2, d[0] * d[2], d[1] * d[3]}; }},
    {"repeat_interleave", {2, 3, 4}, table,
     [](const Inputs& x, const Dims& d) { return repeat_interleave(x[0], d[2], 1); },
     [](const Dims& d) { return Shape{d[0], d[1] * d[2]}; }},
    {"unbind", {2, 3}, table,
     [](const Inputs& x, const Dims& d) {
       std::vector<Tensor> parts = unbind(x[0], 1);
       return parts.empty() ? Tensor({d[0], 0}) : stack(parts, 1);
     },
     same}};

const std::vector<Operation> sums = {
  {"sum", {2, 3}, table, [](const Inputs& x, const Dims&) { return sum(x[0]); },
   number},
  {"sum", {2, 3}, table,
   [](const Inputs& x, const Dims&) { return sum(x[0], {1}); }, rows_left},
  {"mean", {2, 3}, table, [](const Inputs& x, const Dims&) { return mean(x[0]); },
   number},
  {"mean", {2, 3}, table,
   [](const Inputs& x, const Dims&) { return mean(x[0], {1}); }, rows_left},
  {"max", {2, 3}, table, [](const Inputs& x, const Dims&) { return max(x[0]); },
   number},
  {"max", {2, 3}, table,
   [](const Inputs& x, const Dims&) { return max(x[0], {1}); }, rows_left},
  {"min", {2, 3}, table, [](const Inputs& x, const Dims&) { return min(x[0]); },
   number},
  {"min", {2, 3}, table,
   [](const Inputs& x, const Dims&) { return min(x[0], {1}); }, rows_left},
  {"var", {2, 3}, table, [](const Inputs& x, const Dims&) { return var(x[0]); },
   number},
  {"var", {2, 3}, table,
   [](const Inputs& x, const Dims&) { return var(x[0], {1}); }, rows_left},
  {"std_dev", {2, 3}, table, [](const Inputs& x, const Dims&) { return std_dev(x[0]); },
   number},
  {"std_dev", {2, 3}, table,
   [](const Inputs& x, const Dims&) { return std_dev(x[0], {1}); }, rows_left},
  {"topk", {2, 3}, table,
     [](const Inputs& x, const Dims&) { return sum(raw::topk(x[0], 1).values); },
   number},
  {"topk", {2, 3}, table,
   [](const Inputs& x, const Dims&) { return squeeze(raw::topk(x[0], 1).values, 1); }, rows_left},
  {"argmax", {2, 3}, table,
     [](const Inputs& x, const Dims&) { return sum(Tensor(argmax(x[0]).shape())); },
   number},
  {"argmax", {2, 3}, table,
   [](const Inputs& x, const Dims&) { return Tensor(argmax(x[0]).shape()); }, rows_left}};

const std::vector<Operation> products = {
  {"matmul", {2, 3, 4, 5},
     [](const Dims& d) { return std::vector<Shape>{{d[3], d[0], d[1]}, {d[3], d[1], d[2]}}; },
     [](const Inputs& x, const Dims&) { return matmul(x[0], x[1]); },
     [](const Dims& d) { return Shape{d[3], d[0], d[2]}; }},
    {"matmul", {2, 3, 4, 5},
     [](const Dims& d) { return std::vector<Shape>{{d[3], d[0], d[1]}, {d[1], d[2]}}; },
     [](const Inputs& x, const Dims&) { return matmul(x[0], x[1]); },
     [](const Dims& d) { return Shape{d[3], d[0], d[2]}; }},
    {"matmul", {2, 3}, [](const Dims& d) { return std::vector<Shape>{{d[0]}, {d[0], d[1]}}; },
     [](const Inputs& x, const Dims&) { return matmul(x[0], x[1]); }, columns_left},
    {"matmul", {3}, [](const Dims& d) { return std::vector<Shape>{{d[0]}, {d[0]}}; },
     [](const Inputs& x, const Dims&) { return matmul(x[0], x[1]); }, number},
    {"linear", {2, 3, 4, 5},
     [](const Dims& d) { return std::vector<Shape>{{d[3], d[0], d[1]}, {d[2], d[1]}, {d[2]}}; },
     [](const Inputs& x, const Dims&) { return linear(x[0], x[1], x[2]); },
     [](const Dims& d) { return Shape{d[3], d[0], d[2]}; }}};

const std::vector<Operation> rows = {
  {"softmax", {2, 3}, table, [](const Inputs& x, const Dims&) { return softmax(x[0]); }, same},
    {"softmax", {2, 3}, table, [](const Inputs& x, const Dims&) { return softmax(x[0], 0); }, same},
    {"log_softmax", {2, 3}, table, [](const Inputs& x, const Dims&) { return log_softmax(x[0]); },
     same},
    {"masked_softmax", {2, 3, 4},
     [](const Dims& d) { return std::vector<Shape>{{d[0], d[1], d[2]}}; },
     [](const Inputs& x, const Dims& d) {
       return masked_softmax(x[0], filled(d[0], std::min(d[2], 1)));
     },
     [](const Dims& d) { return Shape{d[0], d[1], d[2]}; }},
    {"cross_entropy", {2, 3}, table,
     [](const Inputs& x, const Dims& d) { return cross_entropy(x[0], zeros(d[0])); }, number},
    {"cross_entropy", {2, 3}, table,
     [](const Inputs& x, const Dims& d) {
       return cross_entropy(x[0], filled(d[0], -100), {.label_smoothing = Real(0.1)});
     },
     number},
    {"layer_norm", {2, 3}, norm_inputs,
     [](const Inputs& x, const Dims&) { return layer_norm(x[0], x[1], x[2]); }, same},
    {"embedding", {2, 3, 4, 5}, table,
     [](const Inputs& x, const Dims& d) { return embedding(x[0], Ints(Shape{d[2], d[3]})); },
     [](const Dims& d) { return Shape{d[2], d[3], d[1]}; }},
    {"index_select", {2, 3, 4}, table,
     [](const Inputs& x, const Dims& d) { return index_select(x[0], 1, zeros(d[2])); },
     [](const Dims& d) { return Shape{d[0], d[2]}; }},
    {"gather", {2, 3, 4}, table,
     [](const Inputs& x, const Dims& d) { return gather(x[0], Ints(Shape{d[0], d[2]})); },
     [](const Dims& d) { return Shape{d[0], d[2]}; }},
    {"dropout", {2, 3}, table,
     [](const Inputs& x, const Dims&) { return dropout(x[0], Real(0.5)); }, same}};

const std::vector<Operation> layers = {
  {"dot_attention", {2, 3, 4, 5, 6},       // heads, queries, keys, d, v
     [](const Dims& d) {
       return std::vector<Shape>{{d[0], d[1], d[3]}, {d[0], d[2], d[3]}, {d[0], d[2], d[4]}};
     },
     [](const Inputs& x, const Dims& d) {
       Segments all = padded_segments({}, 1, d[1], d[2]);
       return dot_attention(x[0], x[1], x[2], all, 1, Real(0.5)).output;
     },
     [](const Dims& d) { return Shape{d[0], d[1], d[4]}; }},
    {"additive_attention", {2, 3, 4, 5},     // queries, keys, h, v
     [](const Dims& d) {
       return std::vector<Shape>{{1, d[0], d[2]}, {1, d[1], d[2]}, {d[2]}, {1, d[1], d[3]}};
     },
     [](const Inputs& x, const Dims& d) {
       Segments all = padded_segments({}, 1, d[0], d[1]);
       return additive_attention(x[0], x[1], x[2], x[3], all, 0).output;
     },
     [](const Dims& d) { return Shape{1, d[0], d[3]}; }},
    {"recurrence", {2, 3, 4},
     [](const Dims& d) {
       std::vector<Shape> shapes = layer(1, d);
       shapes.pop_back();
       return shapes;
     },
     run<Cell::rnn>, [](const Dims& d) { return Shape{d[0] * d[1] + d[0], d[2]}; }},
    {"recurrence", {2, 3, 4},
     [](const Dims& d) {
       std::vector<Shape> shapes = layer(3, d);
       shapes.pop_back();
       return shapes;
     },
     run<Cell::gru>, [](const Dims& d) { return Shape{d[0] * d[1] + d[0], d[2]}; }},
    {"recurrence", {2, 3, 4}, [](const Dims& d) { return layer(4, d); }, run<Cell::lstm>,
     [](const Dims& d) { return Shape{d[0] * d[1] + 2 * d[0], d[2]}; }}};

std::vector<Operation> operations() {
  std::vector<Operation> all;
  for (const auto& some : {elementwise, views, sums, products, rows, layers})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

}  // namespace babelgrad::every

using namespace babelgrad;
using namespace babelgrad::every;

namespace {

std::string in_words(const Dims& d) {
  std::string words;
  for (int n : d) words += text(n) + " ";
  return words;
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
  CHECK(error_of([&] { (void)mse_loss(none, none); }).starts_with("mse_loss: there is no tensor"));
  Tensor w = requires_grad(Tensor({2}, 1)), unused = requires_grad(Tensor({2}, 1));
  backward(sum(w));
  CHECK(error_of([&] { (void)(w - grad(unused)); }).starts_with("sub: there is no tensor"));
}

TEST_CASE("gradients: of one operand among constants, the same numbers as with all others") {
  for (const Operation& op : operations()) {
    const Inputs all = leaves_of(op, op.dims);
    const auto run = [&](const Inputs& x) {
      manual_seed(6);
      const Tensor y = op.f(x, op.dims);
      Random random(7);
      if (has_grad(y)) backward(y, random_tensor(y.shape(), random));
    };
    run(all);
    for (std::size_t i = 0; i < all.size(); i++) {
      Inputs x;
      for (const Tensor& leaf : all) x.push_back(detach(leaf));
      x[i] = requires_grad(x[i]);
      run(x);
      INFO(std::string(op.name), ", operand ", i);
      REQUIRE(bool(grad(x[i])) == bool(grad(all[i])));
      if (grad(x[i])) CHECK(same_bits(grad(x[i]), grad(all[i])));
    }
  }
}

TEST_CASE("defaults: what is not said is as in PyTorch") {
  Random random(5);
  const Tensor x = random_tensor({3, 4, 4}, random), w({4}, 2), b({4}, 1);
  for (auto f : {sum, mean, max, min}) {
    CHECK(f(x, {}, false).rank() == 0);
    CHECK(same_bits(f(x, {0}, false), select(f(x, {0}, true), 0, 0)));
  }
  CHECK(sum(x).rank() + mean(x).rank() + max(x).rank() + min(x).rank() == 0);
  CHECK(same_bits(var(x), var(x, {}, true, false)));
  CHECK(same_bits(std_dev(x), std_dev(x, {}, true, false)));
  CHECK(same_bits(softmax(x), softmax(x, 2)));
  CHECK(same_bits(log_softmax(x), log_softmax(x, 2)));
  CHECK(same_bits(logsumexp(x), logsumexp(x, 2)));
  CHECK(same_bits(transpose(x), transpose(x, 1, 2)));
  CHECK(same_bits(slice(x, 1, 0, 4), x));
  CHECK(same_bits(stack({x, x + 1}), stack({x, x + 1}, 0)));
  CHECK(unbind(x).size() == 3);
  CHECK(leaky_relu(Tensor::scalar(-1)).item() == Real(-0.01));
  CHECK(same_bits(layer_norm(x, w, b), layer_norm(x, w, b, Real(1e-5))));
  const LossOptions options;
  CHECK(options.reduction == Reduction::mean);
  CHECK(options.ignore_index == -100);
  CHECK(options.label_smoothing == 0);
}

TEST_CASE("nothing: of no parts there is nothing to put together") {
  CHECK(error_of([] { (void)cat({}, 0); }) == "cat: no tensors");
  CHECK(error_of([] { (void)stack({}); }) == "stack: no tensors");
  CHECK(error_of([] { (void)stack({Tensor({2})}, 3); }).starts_with("stack: a new axis 3"));
  CHECK(stack({Tensor({2}), Tensor({2})}, -2).shape() == Shape{2, 2});   // the first axis there is
  CHECK(error_of([] { (void)stack({Tensor({2})}, -3); }).starts_with("stack: a new axis -3"));
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
  // No numbers, and yet a shape of too many: what is larger than all memory is so beside a 0, too.
  const Tensor empty({1, 0, 1 << 30, 1 << 29});
  named("index_select", [&] { (void)index_select(empty, 0, zeros(16)); });
  named("embedding", [&] {
    (void)embedding(Tensor({1, 16}), Ints(Shape{0, 1 << 30, 1 << 29}));
  });
  named("cat", [&] { (void)cat(std::vector<Tensor>(16, empty), 0); });
  named("expand", [&] { (void)expand(empty, {16, 0, 1 << 30, 1 << 29}); });
  named("linear", [&] { (void)linear(Tensor({0, 1 << 30, 1 << 29, 1}), Tensor({16, 1})); });
  named("matmul", [&] { (void)matmul(Tensor({0, 1 << 30, 1 << 29, 1}), Tensor({1, 16})); });
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
  CHECK(run({{0, 1}, {0, 1}, {1, 2}}).starts_with("recurrence: steps of 2"));
  CHECK(run({{0}, {0}, {0, 1}}).starts_with("recurrence: steps of 1"));
  CHECK(run({{0, -1}, {0, 1}, {0, 2}}).starts_with("recurrence: sentence -1 of 2"));
  CHECK(run({{0, 1}, {0, 1}, {0, 3, 2}}) == "recurrence: 3 sentences go on at step 0");
  CHECK(run({{0, 1}, {0, 1}, {0, 2, 1, 2}}) == "recurrence: -1 sentences go on at step 1");
  CHECK(run({{0, 1}, {0, 1, 0, 1}, {0, 1, 4}}) == "recurrence: 3 sentences go on at step 1");
  CHECK(error_of([&] { recurrence(Cell::lstm, Tensor({2, 12}), Tensor({12, 3}), Tensor({12}), H,
                                  Tensor({3, 3}), good); }) ==
        "recurrence: memory (3, 3) for a state (2, 3)");
}

TEST_CASE("live_nodes: no operation keeps a cycle") {
  for (const Operation& op : operations()) {
    const long before = live_nodes();
    {
      Inputs x = leaves_of(op, op.dims);
      Tensor y = op.f(x, op.dims);
      CHECK_MESSAGE(live_nodes() >= before + long(x.size()) + has_grad(y), std::string(op.name));
    }
    CHECK_MESSAGE(live_nodes() == before, std::string(op.name));
  }
}
