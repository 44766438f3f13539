// Which lines of Python and C++ are the same line, and which are not.
#include <doctest/doctest.h>

#include "tools/checks/book_lines.h"

using namespace babelgrad::checks;

namespace {

using Lines = std::vector<std::string>;

Lines texts(const std::vector<CanonicalLine>& lines) {
  Lines out;
  for (const CanonicalLine& line : lines) out.push_back(line.text);
  return out;
}

Lines python(const std::string& code) { return texts(python_lines(code)); }

Lines cpp(const std::string& code) {
  const Source source = read_source("models/x.h", code);
  return texts(cpp_lines(source, 1, int(source.lines.size())));
}

void same(const std::string& theirs, const std::string& ours) {
  INFO(theirs, "  and  ", ours);
  CHECK(python(theirs) == cpp(ours));
  CHECK(!cpp(ours).empty());
}

void different(const std::string& theirs, const std::string& ours) {
  INFO(theirs, "  and  ", ours);
  CHECK(python(theirs) != cpp(ours));
}

}  // namespace

TEST_CASE("book lines: self, types, brackets and semicolons are each language's own") {
  same("Y = self.addnorm1(X, X2)", "Tensor Y = addnorm1(X, X2);");
  same("H = torch.zeros((n, h), device=X.device)", "Tensor H({n, h});");
  different("Y = self.addnorm1(X, X2)", "Tensor Y = addnorm1(X2, X);");
  different("Y = self.addnorm1(X, X2)", "Tensor Y = addnorm2(X, X2);");
}

TEST_CASE("book lines: X.f(a) is f(X, a)") {
  same("return Y.permute(1, 0, 2)", "return permute(Y, {1, 0, 2});");
  same("score = (q * k).sum(dim=-1).exp()", "Tensor score = exp(sum(q * k, {-1}));");
  different("return Y.permute(1, 0, 2)", "return permute(Y, {0, 1, 2});");
}

TEST_CASE("book lines: the last of something is xs.back() or select(X, 0, -1)") {
  same("context = enc_output[-1]", "Tensor context = select(enc_output, 0, -1);");
  same("query = unsqueeze(hidden[-1], dim=1)", "Tensor query = unsqueeze(hidden.back(), 1);");
  different("context = enc_output[-1]", "Tensor context = select(enc_output, 0, 0);");
  different("context = enc_output[-2]", "Tensor context = enc_output.back();");
}

TEST_CASE("book lines: loops over ranges, over things, and over things with their number") {
  same("for i in range(n):", "for (int i = 0; i < n; i++) {}");
  same("for i in range(1, n + 1):", "for (int i = 1; i < n + 1; i++) {}");
  same("for _ in range(2):", "for (int t = 0; t < 2; t++) {}");
  same("for i, blk in enumerate(self.blks):", "for (auto& blk : blks) {}");
  different("for i in range(n):", "for (int i = 1; i < n; i++) {}");
}

TEST_CASE("book lines: a list in one line is a loop that fills it") {
  same("xs = [f(x) for x in s]",
       "std::vector<int> xs;\nfor (int x : s) xs.push_back(f(x));");
  different("xs = [f(x) for x in s]",
            "std::vector<int> xs;\nfor (int x : s) xs.push_back(g(x));");
}

TEST_CASE("book lines: a choice is ?: and None is what is absent") {
  same("x = a if c else b", "int x = c ? a : b;");
  same("if H is None:", "if (!H) {}");
  same("if H is not None:", "if (H) {}");
  same("f, b = Hs if Hs is not None else (None, None)", "auto [f, b] = Hs ? Hs : State{};");
  same("lens = None", "Ints lens;");
  different("if H is None:", "if (H) {}");
  different("x = a if c else b", "int x = c ? b : a;");
}

TEST_CASE("book lines: n absent things are a vector of n") {
  same("Hs = [None] * self.num_layers", "Hs = std::vector<Tensor>(num_layers);");
  same("return [X, [None] * n]", "return {X, std::vector<Tensor>(n)};");
  different("Hs = [0] * n", "Hs = std::vector<Tensor>(n);");
}

TEST_CASE("book lines: shapes, sizes and ranks") {
  same("n = X.shape[1]", "int n = X.dim(1);");
  same("n = X.size(1)", "int n = X.dim(1);");
  same("shape = X.shape", "Shape shape = X.shape();");
  same("if lens.dim() == 1:", "if (rank(lens) == 1) {}");
  same("b, n, _ = X.shape", "int b = X.dim(0), n = X.dim(1);");
  same("b, n = X.shape", "int b = X.dim(0), n = X.dim(1);");
  different("n = X.size(1)", "int n = X.dim(0);");
  different("n = X.size(1)", "int n = X.size();");
  different("b, n, _ = X.shape", "int b = X.dim(1), n = X.dim(0);");
  different("if lens.dim() == 1:", "if (lens.dim(1) == 1) {}");
}

TEST_CASE("book lines: a part on one axis is select, slice or unsqueeze") {
  same("y = X[:, 0]", "Tensor y = select(X, 1, 0);");
  same("y = P[:, :X.shape[1], :]", "Tensor y = slice(P, 1, 0, X.dim(1));");
  same("y = P[a:b, :]", "Tensor y = slice(P, 0, a, b);");
  same("m = arange((n))[None, :] < lens[:, None]",
       "Tensor m = unsqueeze(arange<int>(n), 0) < unsqueeze(lens, 1);");
  same("return cat(outputs[1:], 1)", "return cat(drop(outputs, 1), 1);");
  different("y = X[:, 0]", "Tensor y = select(X, 0, 0);");
  different("y = P[:, :n, :]", "Tensor y = slice(P, 2, 0, n);");
  different("y = P[:, n:]", "Tensor y = slice(P, 1, 0, n);");
  different("return cat(outputs[1:], 1)", "return cat(outputs, 1);");
}

TEST_CASE("book lines: what has no twin is not made one: steps, two axes at once, lists") {
  CHECK(python("P[:, :, 0::2] = torch.sin(X)") == Lines{"P 0 2 sin X"});
  CHECK(python("y = X[1, 2]") == Lines{"y X 1 2"});
  CHECK(python("return [a, b]") == Lines{"return a b"});
}

TEST_CASE("book lines: writing where a mask is 0 is masked_fill") {
  same("X[~mask] = value", "X = masked_fill(X, ~mask, value);");
  different("X[~mask] = value", "X = masked_fill(X, mask, value);");
  different("X[mask] = value", "X = masked_fill(X, mask, value);");
}

TEST_CASE("book lines: the method of a base is called by its name alone") {
  same("l = super(Seq2Seq, self).loss(Y_hat, Y, averaged=False)",
       "Tensor l = this->Classifier::loss(Y_hat, Y, false);");
  CHECK(python("super().__init__(encoder, decoder)").empty());
  different("l = super(Seq2Seq, self).loss(Y_hat, Y)", "Tensor l = Classifier::cost(Y_hat, Y);");
}

TEST_CASE("book lines: elements of a tuple, and casts that C++ asks for") {
  same("state[2][self.i] = key_values", "std::get<2>(state)[i] = key_values;");
  same("enc_outputs, lens = state[0], state[1]",
       "Tensor enc_outputs = std::get<0>(state);\nInts lens = std::get<1>(state);");
  same("if type(module) == nn.Linear:", "if (typeid(module) == typeid(Linear)) {}");
  same("init(module.weight)", "init(dynamic_cast<Linear&>(module).weight);");
  different("state[2][self.i] = key_values", "std::get<1>(state)[i] = key_values;");
  different("if type(module) == nn.Linear:", "if (typeid(module) == typeid(GRU)) {}");
}

TEST_CASE("book lines: the items of a constructor's list, without sizes that the book leaves out") {
  CHECK(python("self.num_heads = num_heads\nself.W_q = nn.LazyLinear(num_hiddens, bias=bias)") ==
        Lines{"num_heads num_heads", "W_q num_hiddens bias"});
  CHECK(cpp("struct A {\n  Linear W_q;\n  A(int n)\n"
            "      : num_heads(num_heads), W_q(n, num_hiddens, bias) {}\n};\n") ==
        Lines{"W_q", "num_heads num_heads", "W_q num_hiddens bias"});
}

TEST_CASE("book lines: moving a batch to a device says nothing, adding what was moved does") {
  CHECK(python("batch = [d2l.to(a, device) for a in batch]").empty());
  same("X = X + self.P[:, :X.shape[1], :].to(X.device)", "X = X + slice(P, 1, 0, X.dim(1));");
  same("X = X.to(device)", "X = X;");
}

TEST_CASE("book lines: ceremony is no line") {
  CHECK(python("def f(self, X):\n    \"\"\"What.\"\"\"\n    # why\n    pass\n").empty());
  CHECK(python("self.save_hyperparameters()").empty());
  CHECK(cpp("struct A {\n  // why\n};\n").empty());
}

TEST_CASE("book lines: numbers and words are the same in both, and others are not") {
  same("return abs(x) < 1.0", "return abs(x) < 1;");
  same("plot('ppl', exp(l), train=True)", "plot(\"ppl\", exp(l), true);");
  same("return -x**2 / 2", "return -square(x) / 2;");
  different("plot('ppl', exp(l))", "plot(\"loss\", exp(l));");
  different("return -x**3 / 2", "return -square(x) / 2;");
  different("return a - b", "return a + b;");
}

TEST_CASE("book lines: lines that are cut off are read, not run into") {
  for (const char* line :
       {"super", "X[", "X[:,", "a, b =", "a, b = X.shape[", "f(", "x if", "[None] *", "X[~m]",
        "xs = [x for", "lambda", "a if b else", "\"", "self.", "]", ")", "std::get<",
        "std::get<0>(x", "typeid(", "typeid(A", "dynamic_cast<A&>(x", "a <", "for", "for (",
        "if"}) {
    INFO(line);
    CHECK(python(line).size() <= 2);
    CHECK(cpp(line).size() <= 2);
  }
}

TEST_CASE("book lines: a hash has eight digits and tells one word from another") {
  CHECK(line_hash("return X").size() == 8);
  CHECK(line_hash("return X") != line_hash("return Y"));
  CHECK(line_hash("return X") == line_hash("return X"));
}
