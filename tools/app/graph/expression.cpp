// The grammar, loosest first; each function reads one line of it:
//   sum      = product (("+" | "-") product)*
//   product  = negative (("*" | "/") negative)*
//   negative = "-" negative | power
//   power    = primary ["**" negative]
//   primary  = number | name | name "(" sum ("," sum)* ")" | "(" sum ")" | "[" sum ("," sum)* "]"
#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <set>

#include "autograd/ops.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/terminal.h"
#include "tools/app/graph/graph.h"

namespace babelgrad {
namespace {

struct Function {                               // that an expression may call
  using List = const std::vector<Tensor>&;
  const char* name;
  int arguments;
  std::function<Tensor(List)> compute;

  Function(const char* name, int arguments, std::function<Tensor(List)> compute)
      : name(name), arguments(arguments), compute(compute) {}
  Function(const char* name, Tensor (*f)(const Tensor&))
      : Function(name, 1, [=](List x) { return f(x[0]); }) {}
  Function(const char* name, Tensor (*f)(const Tensor&, const Tensor&))
      : Function(name, 2, [=](List x) { return f(x[0], x[1]); }) {}
};

// A bound of clamp, which is a number and no tensor.
Real plain_number(const Tensor& x) {
  check(!x.node && x.numel() == 1, "clamp: its bounds are plain numbers");
  return x.item();
}

const std::vector<Function>& functions() {
  using X = const Tensor&;
  static const std::vector<Function> all = {
      {"abs", abs}, {"square", square}, {"sqrt", sqrt}, {"rsqrt", rsqrt},
      {"reciprocal", reciprocal}, {"exp", exp}, {"expm1", expm1}, {"log", log}, {"log1p", log1p},
      {"sin", sin}, {"cos", cos}, {"erf", erf}, {"tanh", tanh}, {"sigmoid", sigmoid},
      {"log_sigmoid", log_sigmoid}, {"softplus", softplus}, {"relu", relu},
      {"leaky_relu", [](X x) { return leaky_relu(x); }}, {"elu", elu}, {"silu", silu},
      {"gelu", gelu}, {"gelu_tanh", gelu_tanh}, {"softmax", [](X x) { return softmax(x); }},
      {"log_softmax", [](X x) { return log_softmax(x); }}, {"sum", [](X x) { return sum(x); }},
      {"mean", [](X x) { return mean(x); }}, {"max", [](X x) { return max(x); }},
      {"min", [](X x) { return min(x); }}, {"pow", pow}, {"maximum", maximum},
      {"minimum", minimum}, {"matmul", matmul},
      {"clamp", 3, [](auto& x) { return clamp(x[0], plain_number(x[1]), plain_number(x[2])); }}};
  return all;
}

struct Operator {
  const char* symbol;
  std::function<Tensor(const Tensor& a, const Tensor& b)> compute;
};
const Operator plus{"+", std::plus<>()}, minus{"-", std::minus<>()};
const Operator times{"*", std::multiplies<>()}, over{"/", std::divides<>()};
const Operator power_of{"**", [](auto& a, auto& b) { return pow(a, b); }};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// 2 or [1 2 3]; "" if it is none.
std::string constant_text(const Tensor& x) {
  if (x.node) return "";
  if (x.rank() == 0) return text(x.item());
  if (x.rank() > 1 || x.numel() > 4) return "constant";
  std::string out;
  for (Real v : x.values()) out += (out.empty() ? "" : " ") + text(v);
  return "[" + out + "]";
}

struct Names {
  std::map<std::string, Tensor> values;
  std::set<std::string> used = {};
};

class Parser {
 public:
  Parser(const std::string& text, std::size_t begin, Names& names,
         std::map<const Node*, Told>& told)
      : text_(text), at_(begin), names_(names), told_(told) {}

  Tensor whole() {
    Tensor value = sum();
    if (skip() < text_.size()) wrong(at_, "expected an operator or the end");
    return value;
  }

 private:
  // What is wrong, and below it the text with a caret under the place. Of a long text a part.
  [[noreturn]] void wrong(std::size_t place, const std::string& what) const {
    constexpr std::size_t before = 50, shown = 76;
    std::size_t from = place > before ? place - before : 0;
    std::string_view part = std::string_view(text_).substr(from, shown);
    int column = display_width(printable(part.substr(0, place - from)));
    usage_error("graph: ", what, "\n  ", printable(part), "\n  ", std::string(column, ' '), "^");
  }

  std::size_t skip() {                          // blanks
    while (at_ < text_.size() && text_[at_] == ' ') at_++;
    return at_;
  }
  bool take(std::string_view symbol) {
    if (text_.compare(skip(), symbol.size(), symbol) != 0) return false;
    at_ += symbol.size();
    return true;
  }
  void need(const char* symbol) {
    if (!take(symbol)) wrong(at_, join("expected ", symbol));
  }

  // The result of one operation, remembered as it is written. An error of the operation itself,
  // say about shapes, gets its place.
  template <class Compute>
  Tensor computed(std::size_t place, const std::string& label, Compute compute) {
    Tensor y;
    try {
      y = compute();
    } catch (const UsageError&) { throw; } catch (const Error& e) { wrong(place, e.what()); }
    if (y.node) told_.try_emplace(y.node.get(), Told{label, detach(y)});
    return y;
  }
  // a + b is written "+", but a constant stands in it: "2 *", "** 2".
  Tensor binary(std::size_t place, const Operator& by, const Tensor& a, const Tensor& b) {
    std::string left = constant_text(a), right = constant_text(b);
    std::string label = (left.empty() ? "" : left + " ") + by.symbol + (right.empty() ? "" : " ");
    return computed(place, label + right, [&] { return by.compute(a, b); });
  }

  Tensor from_left(std::initializer_list<Operator> operators, Tensor (Parser::*operand)()) {
    Tensor a = (this->*operand)();
    for (;;) {
      std::size_t place = skip();
      auto by = std::ranges::find_if(operators, [&](auto& it) { return take(it.symbol); });
      if (by == operators.end()) return a;
      Tensor b = (this->*operand)();
      a = binary(place, *by, a, b);
    }
  }
  Tensor sum() { return from_left({plus, minus}, &Parser::product); }
  Tensor product() { return from_left({times, over}, &Parser::negative); }

  Tensor negative() {
    constexpr int deepest = 200;                // every nested part comes through here
    std::size_t place = skip();
    if (++depth_ > deepest) wrong(place, join("more than ", deepest, " parts within each other"));
    Tensor y;
    if (take("-")) {
      Tensor x = negative();
      y = computed(place, "-", [&] { return -x; });
    } else {
      y = power();
    }
    depth_--;
    return y;
  }

  Tensor power() {
    Tensor a = primary();
    std::size_t place = skip();
    if (!take("**")) return a;
    Tensor b = negative();
    return binary(place, power_of, a, b);
  }

  Tensor primary() {
    std::size_t place = skip();
    if (place == text_.size()) wrong(place, "expected a value, found the end");
    char c = text_[place];
    if (is_digit(c) || c == '.') return number();
    if (is_letter(c)) return named();
    if (take("[")) return vector(place);
    if (!take("(")) wrong(place, "expected a number, a name, ( or [");
    Tensor inner = sum();
    need(")");
    return inner;
  }

  Tensor number() {
    double value = 0;
    const char* begin = text_.data() + at_;
    auto [end, problem] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (problem != std::errc() || !std::isfinite(Real(value))) wrong(at_, "not a number in range");
    at_ += std::size_t(end - begin);
    return Tensor::scalar(Real(value));
  }

  Tensor named() {
    std::size_t place = at_;
    while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) at_++;
    std::string name = text_.substr(place, at_ - place);
    if (take("(")) return call(place, name);
    auto value = names_.values.find(name);
    std::string shown = clipped(name);
    if (value == names_.values.end())
      wrong(place, join(shown, " has no value; --set ", shown, "=0.5 gives it one"));
    names_.used.insert(name);
    return value->second;
  }

  std::vector<Tensor> list(const char* close) {
    std::vector<Tensor> items{sum()};
    while (take(",")) items.push_back(sum());
    need(close);
    return items;
  }

  Tensor call(std::size_t place, const std::string& name) {
    auto function = std::ranges::find(functions(), name, &Function::name);
    if (function == functions().end())
      wrong(place, join("no function ", clipped(name), did_you_mean(name, function_names())));
    std::vector<Tensor> arguments = list(")");
    int count = int(arguments.size()), most = function->arguments;
    if (count != most)
      wrong(place, join(name, " takes ", most, most > 1 ? " arguments" : " argument", ", not ",
                        count));
    if (name == "mean") return mean_of(place, arguments[0]);
    return computed(place, name, [&] { return function->compute(arguments); });
  }

  Tensor mean_of(std::size_t place, const Tensor& x) {    // two operations, both to be seen
    Tensor total = computed(place, "sum", [&] { return babelgrad::sum(x); });
    Tensor n = Tensor::scalar(Real(x.numel()));
    return binary(place, over, total, n);
  }

  Tensor vector(std::size_t place) {            // rows of one shape, one above the other
    std::vector<Tensor> items = list("]");
    if (items[0].rank() >= max_rank) wrong(place, "too many brackets");
    for (Tensor& item : items)
      item = computed(place, "unsqueeze", [&] { return unsqueeze(item, 0); });
    return computed(place, "cat", [&] { return cat(items, 0); });
  }

  const std::string& text_;
  std::size_t at_;
  Names& names_;
  std::map<const Node*, Told>& told_;
  int depth_ = 0;
};

void check_text(const std::string& text, const std::string& what) {
  constexpr std::size_t longest = 1000;       // more is no picture
  if (text.size() > longest)
    usage_error("graph: ", what, " of ", text.size(), " bytes; at most ", longest, " are read");
}

// name=value; the value is constant, so it is read with no names.
void read_setting(const std::string& setting, Names& names) {
  check_text(setting, "a value");
  std::size_t equals = setting.find('='), letters = 0;
  while (letters < setting.size() && (is_letter(setting[letters]) ||
                                      (letters > 0 && is_digit(setting[letters])))) letters++;
  if (letters == 0 || letters != equals)
    usage_error("graph: --set ", in_quotes(setting), " is not name=value");
  std::string name = setting.substr(0, equals);
  if (names.values.contains(name)) usage_error("graph: ", clipped(name), " is set twice");
  Names none;
  std::map<const Node*, Told> nothing;
  names.values[name] = requires_grad(Parser(setting, equals + 1, none, nothing).whole());
}

}  // namespace

Expression evaluate(const std::string& text, const std::vector<std::string>& settings) {
  check_text(text, "an expression");
  Names names;
  for (const std::string& setting : settings) read_setting(setting, names);
  Expression out;
  out.result = Parser(text, 0, names, out.told).whole();
  for (const auto& [name, value] : names.values) {
    if (!names.used.contains(name))
      usage_error("graph: ", clipped(name), " is set, but the expression does not use it");
    out.leaves.push_back({name, value});
  }
  if (out.leaves.empty())
    usage_error("graph: the expression names no value, so nothing has a gradient; --set x=0.5");
  if (out.result.numel() != 1)
    usage_error("graph: the expression's shape is ", out.result.shape(),
                "; a gradient needs one number, such as sum(...)");
  return out;
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const Function& function : functions()) names.push_back(function.name);
  return names;
}

}  // namespace babelgrad
