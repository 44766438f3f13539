// Every operation against PyTorch, its value and each gradient: a new one is one line in the table.
// And layers, losses, optimisers and clipping, built from the file's sizes and options.
#include <charconv>

#include "nn/layers.h"
#include "nn/optim.h"
#include "nn/recurrent.h"
#include "tests/golden.h"

using namespace babelgrad;

namespace {

using Op = std::function<Tensor(GoldenCase&)>;

Tensor x(GoldenCase& c, int i = 0) { return c.leaf("in/" + text(i)); }
int dim(GoldenCase& c, int usual = 0) { return c.integer("dim", usual); }

Op unary(Tensor (*f)(const Tensor&)) {
  return [f](GoldenCase& c) { return f(x(c)); };
}
Op binary(Tensor (*f)(const Tensor&, const Tensor&)) {
  return [f](GoldenCase& c) {
    Tensor a = x(c, 0);
    return f(a, x(c, 1));
  };
}
Op along(Tensor (*f)(const Tensor&, int)) {
  return [f](GoldenCase& c) { return f(x(c), c.attributes.get_int("dim")); };
}
Op reduction(Tensor (*f)(const Tensor&, const Axes&, bool)) {
  return [f](GoldenCase& c) { return f(x(c), c.list("dim"), c.flag("keepdim")); };
}
Op spread(Tensor (*f)(const Tensor&, const Axes&, bool, bool)) {
  return [f](GoldenCase& c) {
    return f(x(c), c.list("dim"), !c.given("unbiased") || c.flag("unbiased"), c.flag("keepdim"));
  };
}
Op joined(Tensor (*f)(const std::vector<Tensor>&, int)) {
  return [f](GoldenCase& c) {
    std::vector<Tensor> parts;
    while (c.has("in/" + text(parts.size()))) parts.push_back(x(c, int(parts.size())));
    return f(parts, dim(c));
  };
}
Op scalar(Tensor (*f)(const Tensor&, Real), const char* attribute) {
  return [=](GoldenCase& c) { return f(x(c), Real(c.attributes.get_double(attribute))); };
}

Shape shape_of(const std::vector<int>& dims) {
  Shape shape;
  for (int d : dims) shape.append(d);
  return shape;
}

Tensor as_tensor(const Ints& ids) {
  return Tensor(ids.shape(), std::vector<Real>(ids.values().begin(), ids.values().end()));
}

Ints as_ints(const Tensor& x) {
  std::vector<Real> values = x.values();
  return Ints(x.shape(), std::vector<int>(values.begin(), values.end()));
}

Tensor matrix_product(GoldenCase& c) {  // "a^T b" and the like, if not a b
  Tensor a = x(c, 0), b = x(c, 1);
  std::string rule = c.text("rule");
  if (rule.find("a^T") != rule.npos) a = transpose(a);
  if (rule.find("b^T") != rule.npos) b = transpose(b);
  return matmul(a, b);
}

Tensor triangle(GoldenCase& c, bool lower) {  // zeros above the diagonal, or below it
  Tensor in = x(c), mask({in.dim(-2), in.dim(-1)});
  int diagonal = c.integer("diagonal", 0);
  for (int i = 0; i < mask.dim(0); i++) {
    for (int j = 0; j < mask.dim(1); j++)
      mask.data()[i * mask.dim(1) + j] = lower ? j - i > diagonal : j - i < diagonal;
  }
  return masked_fill(in, mask, 0);
}

Tensor padded(GoldenCase& c) {
  Tensor in = x(c);
  Shape left = in.shape(), right = in.shape();
  left[in.rank() - 1] = c.integer("left", 0), right[in.rank() - 1] = c.integer("right", 0);
  return cat({Tensor(left), in, Tensor(right)}, -1);
}

Tensor one_hot(GoldenCase& c) {
  int classes = int(c.attributes.get_int("classes"));
  Tensor identity({classes, classes});
  for (int i = 0; i < classes; i++) identity.data()[i * classes + i] = 1;
  return embedding(identity, c.ints("in/0"));
}

Tensor flipped(GoldenCase& c) {
  Tensor y = x(c);
  for (int axis : c.list("dim")) y = flip(y, axis);
  return y;
}

Tensor chunk(GoldenCase& c) {
  Tensor in = x(c);
  int chunks = c.integer("chunks", 1), take = c.integer("take", 0), n = in.dim(dim(c)),
      size = (n + chunks - 1) / chunks;
  return slice(in, dim(c), take * size, std::min(n, (take + 1) * size));
}

Tensor filled(GoldenCase& c) {
  Tensor in = x(c), mask = c.tensor("in/1");
  if (c.text("rule").find("first row") != std::string::npos) mask = slice(mask, 0, 0, 1);
  return masked_fill(in, mask, Real(c.attributes.get_double("value")));
}

Tensor gathered(GoldenCase& c) {  // ours picks along the last axis
  int axis = dim(c);
  return transpose(
      gather(transpose(x(c), axis, -1), as_ints(transpose(c.tensor("in/1"), axis, -1))), axis, -1);
}

Tensor repeated(GoldenCase& c) {
  Tensor in = x(c);
  Shape times = shape_of(c.list("times"));
  while (in.rank() < times.rank()) in = unsqueeze(in, 0);
  return repeat(in, times);
}

int number_in(const std::string& s, int usual) {  // "" is the usual
  std::size_t begin = std::min(s.find_first_not_of(' '), s.size());
  int value = usual;
  std::from_chars(s.data() + begin, s.data() + s.size(), value);
  return value;
}

std::vector<std::string> split(const std::string& s, char mark) {
  std::vector<std::string> parts(1);
  for (char ch : s) {
    if (ch == mark) parts.emplace_back();
    else parts.back() += ch;
  }
  return parts;
}

Tensor indexed(GoldenCase& c) {  // Python's x[1:3, ..., ::2], from its text
  Tensor y = x(c);
  std::string index = c.attributes.get_string("index");
  std::vector<std::string> items = split(index.substr(2, index.size() - 3), ',');
  int axis = 0, rest = int(items.size());
  for (const std::string& item : items) {
    rest--;
    std::vector<std::string> range = split(item, ':');
    if (item.find("...") != item.npos) axis = y.rank() - rest;
    else if (range.size() == 1) y = select(y, axis, number_in(item, 0));
    else
      y = slice(y, axis, number_in(range[0], 0), number_in(range[1], y.dim(axis)),
                range.size() > 2 ? number_in(range[2], 1) : 1),
      axis++;
  }
  return y;
}

const std::map<std::string, Op> ops{
    {"add", binary([](const Tensor& a, const Tensor& b) { return a + b; })},
    {"sub", binary([](const Tensor& a, const Tensor& b) { return a - b; })},
    {"mul", binary([](const Tensor& a, const Tensor& b) { return a * b; })},
    {"div", binary([](const Tensor& a, const Tensor& b) { return a / b; })},
    {"pow", binary(pow)},
    {"maximum", binary(maximum)},
    {"minimum", binary(minimum)},
    {"where",
     [](GoldenCase& c) {
       Tensor a = x(c, 1);
       return where(c.tensor("in/0"), a, x(c, 2));
     }},
    {"masked_fill", filled},
    {"add_scalar", scalar([](const Tensor& a, Real b) { return a + b; }, "value")},
    {"rsub_scalar", scalar([](const Tensor& a, Real b) { return b - a; }, "value")},
    {"rdiv_scalar", scalar([](const Tensor& a, Real b) { return b / a; }, "value")},
    {"pow_scalar", scalar(pow, "exponent")},
    {"pow_half", scalar(pow, "exponent")},

    {"neg", unary([](const Tensor& a) { return -a; })},
    {"abs", unary(abs)},
    {"square", unary(square)},
    {"sqrt", unary(sqrt)},
    {"rsqrt", unary(rsqrt)},
    {"reciprocal", unary(reciprocal)},
    {"exp", unary(exp)},
    {"expm1", unary(expm1)},
    {"log", unary(log)},
    {"log1p", unary(log1p)},
    {"sin", unary(sin)},
    {"cos", unary(cos)},
    {"erf", unary(erf)},
    {"tanh", unary(tanh)},
    {"sigmoid", unary(sigmoid)},
    {"log_sigmoid", unary(log_sigmoid)},
    {"softplus", unary(softplus)},
    {"relu", unary(relu)},
    {"elu", unary(elu)},
    {"silu", unary(silu)},
    {"gelu_erf", unary(gelu)},
    {"gelu_tanh", unary(gelu_tanh)},
    {"leaky_relu", scalar(leaky_relu, "slope")},
    {"clamp",
     [](GoldenCase& c) {
       return clamp(x(c), Real(c.attributes.get_double("lo")), Real(c.attributes.get_double("hi")));
     }},

    {"sum", reduction(sum)},
    {"mean", reduction(mean)},
    {"max", reduction(max)},
    {"min", reduction(min)},
    {"empty_axis_sum", reduction(sum)},
    {"var", spread(var)},
    {"std", spread(std_dev)},
    {"softmax", along(softmax)},
    {"log_softmax", along(log_softmax)},
    {"logsumexp", along(logsumexp)},
    {"cumsum", along(cumsum)},
    {"argmax",
     [](GoldenCase& c) {
       return as_tensor(raw::argmax(c.tensor("in/0"), int(c.attributes.get_int("dim"))));
     }},
    {"norm2", [](GoldenCase& c) { return sqrt(sum(square(x(c)))); }},

    {"matmul", matrix_product},
    {"bmm", matrix_product},
    {"addmm",
     [](GoldenCase& c) {
       Tensor b = x(c, 0), X = x(c, 1);
       return linear(X, transpose(x(c, 2)), b);
     }},

    {"transpose",
     [](GoldenCase& c) {
       std::vector<int> dims = c.list("dims");
       return dims.empty() ? transpose(x(c)) : transpose(x(c), dims.at(0), dims.at(1));
     }},
    {"permute", [](GoldenCase& c) { return permute(x(c), shape_of(c.list("dims"))); }},
    {"reshape", [](GoldenCase& c) { return reshape(x(c), shape_of(c.list("shape"))); }},
    {"transpose_reshape",
     [](GoldenCase& c) { return reshape(transpose(x(c), 1, 2), c.shape("out/y")); }},
    {"expand", [](GoldenCase& c) { return expand(x(c), shape_of(c.list("shape"))); }},
    {"unsqueeze_squeeze", [](GoldenCase& c) { return squeeze(unsqueeze(x(c), 1), 2); }},
    {"slice", indexed},
    {"flip", flipped},
    {"cat", joined(cat)},
    {"stack", joined(stack)},
    {"chunk", chunk},
    {"repeat", repeated},
    {"pad", padded},
    {"one_hot", one_hot},
    {"gather", gathered},
    {"repeat_interleave",
     [](GoldenCase& c) { return repeat_interleave(x(c), c.integer("times", 1), dim(c)); }},
    {"tril", [](GoldenCase& c) { return triangle(c, true); }},
    {"triu", [](GoldenCase& c) { return triangle(c, false); }},
    {"embedding", [](GoldenCase& c) { return embedding(x(c), c.ints("in/1")); }},
    {"index_select", [](GoldenCase& c) { return index_select(x(c), dim(c), c.ints("in/1")); }},

    // Inputs that are used twice: their gradients add up.
    {"reuse",
     [](GoldenCase& c) {
       Tensor a = x(c);
       return a * tanh(a) + sum(a, {1}, true) * a;
     }},
    {"diamond",
     [](GoldenCase& c) {
       Tensor e = exp(x(c));
       return sum(matmul(e, transpose(e)), {0});
     }},
};

}  // namespace

TEST_CASE("golden operations: values and gradients are PyTorch's") {
  GoldenTable table;
  for (const auto& entry : ops) {
    Op op = entry.second;
    table[entry.first] = [op](GoldenCase& c) { return GoldenOutputs{{"y", op(c)}}; };
  }
  check_golden_file("ops", table, [](const std::string&) { return true; });
}

// ---- layers -------------------------------------------------------------------------------------
namespace {

GoldenRun recurrent(Cell cell) {
  return [cell](GoldenCase& c) {
    Shape input = c.shape("param/weight_ih_l0"), hidden = c.shape("param/weight_hh_l0");
    Recurrent layer(cell, input[1], hidden[1], c.integer("layers", 1), 0, c.flag("bidirectional"));
    c.load(layer);
    RecurrentState begin;
    if (c.has("in/h0")) begin.H = c.leaf("in/h0");
    if (c.has("in/c0")) begin.C = c.leaf("in/c0");
    auto [Y, end] = layer(c.leaf("in/x"), begin);
    GoldenOutputs outputs{{"y", Y}, {"hn", end.H}};
    if (end.C) outputs.push_back({"cn", end.C});
    return outputs;
  };
}

GoldenOutputs linear_layer(GoldenCase& c) {
  Shape weight = c.shape("param/weight");
  Linear layer(weight[1], weight[0], c.has("param/bias"));
  c.load(layer);
  return {{"y", layer(c.leaf("in/x"))}};
}

GoldenOutputs normalised(GoldenCase& c) {
  check(c.integer("axis", -1) == -1, "LayerNorm is over the last axis");
  LayerNorm layer(c.shape("param/weight")[0]);
  layer.eps = Real(c.number("eps", 1e-5));
  c.load(layer);
  return {{"y", layer(c.leaf("in/x"))}};
}

GoldenOutputs masked(GoldenCase& c) {
  c.number("masked_score", 0);  // ours are exact zeros: the same weights, to rounding
  return {{"y", masked_softmax(c.leaf("in/x"), c.ints("in/lens"))}};
}

GoldenOutputs loss(GoldenCase& c) {
  LossOptions options;
  std::string reduction = c.text("reduction");
  options.reduction = reduction == "none"  ? Reduction::none
                      : reduction == "sum" ? Reduction::sum
                                           : Reduction::mean;
  options.ignore_index = c.integer("ignore_index", -100);
  options.label_smoothing = Real(c.number("label_smoothing", 0));
  return {{"y", cross_entropy(c.leaf("in/x"), c.ints("in/labels"), options)}};
}

std::unique_ptr<Optimizer> optimizer(const GoldenCase& c, const std::vector<Parameter>& params) {
  Real lr = Real(c.attributes.get_double("lr"));
  if (c.variant.starts_with("sgd")) {
    return std::make_unique<SGD>(params, lr, Real(c.number("momentum", 0)), c.flag("nesterov"),
                                 Real(c.number("weight_decay", 0)));
  }
  check(c.variant.starts_with("adam"), "no optimizer called ", c.variant);
  bool decoupled = c.variant.starts_with("adamw");
  auto adam = std::make_unique<Adam>(
      params, lr, Real(c.number("weight_decay", decoupled ? 0.01 : 0)), decoupled);
  adam->eps = Real(c.number("eps", 1e-8));
  adam->beta1 = Real(c.number("beta1", 0.9));
  adam->beta2 = Real(c.number("beta2", 0.999));
  return adam;
}

GoldenOutputs optimised(GoldenCase& c) {  // in/grads (steps, ...) one by one, w after each
  Tensor w = requires_grad(c.tensor("in/w")), grads = c.tensor("in/grads");
  auto optimizer = ::optimizer(c, {{"w", w}});
  std::vector<Tensor> trace;
  for (int step = 0; step < grads.dim(0); step++) {
    w.node->grad = select(grads, 0, step);
    optimizer->step();
    trace.push_back(Tensor(w.shape(), w.values()));
  }
  return {{"trace", stack(trace)}};
}

GoldenOutputs clipped(GoldenCase& c) {  // every in/NAME is the gradient of a parameter NAME
  std::vector<Parameter> params;
  for (const std::string& part : c.parts("in/")) {
    Tensor gradient = c.tensor(part), w = requires_grad(Tensor(gradient.shape()));
    w.node->grad = gradient;
    params.push_back({part.substr(3), w});
  }
  double norm = clip_grad_norm(params, c.attributes.get_double("clip"));
  GoldenOutputs outputs{{"norm", Tensor::scalar(Real(norm))}};
  for (const Parameter& p : params) outputs.push_back({p.name, grad(p.tensor)});
  return outputs;
}

const GoldenTable layers{
    {"rnn_tanh", recurrent(Cell::rnn)},
    {"gru", recurrent(Cell::gru)},
    {"lstm", recurrent(Cell::lstm)},
    {"linear", linear_layer},
    {"layer_norm", normalised},
    {"masked_softmax", masked},
    {"cross_entropy", loss},
    {"optim", optimised},
    {"clip", clipped},
};

}  // namespace

TEST_CASE("golden layers: outputs and gradients of layers, losses and optimisers are PyTorch's") {
  check_golden_file("layers", layers,
                    [](const std::string& kind) { return !golden_layer_of_models(kind); });
}
