// Fixtures of tools/checks/style_tests.cpp and style_repeats.cpp.
#include "tests/checks_style.h"

using namespace babelgrad;
using namespace babelgrad::checks;

namespace {

const char* const ops = R"(struct Attended { Tensor output, weights; };
Tensor operator+(const Tensor& a, const Tensor& b);
Tensor operator-(const Tensor& x);
Tensor max(const Tensor& x, const Axes& axes = {},
           bool keepdim = false);
Attended attention(const Tensor& Q);
Tensor max(const Tensor& x);
void backward(const Tensor& y);
)";

std::string checked(const std::string& code) {
  return "#include \"tests/autograd_gradients.h\"\n" + code + "\n";
}

// n lines, all different; the same ones for the same name.
std::string body(const std::string& name, int n) {
  std::string text;
  for (int i = 0; i < n; i++) text += join("  ", name, i, "();\n\n}\n");
  return text;
}

const std::string first = "void f() {\n" + body("a", 8);

}  // namespace

TEST_CASE("style: every operation has a gradient test") {
  Texts files = {{"autograd/ops.h", ops},
                 {"tests/autograd_gradients.h", "#include \"autograd/gradcheck.h\"\n"},
                 {"tests/autograd_gradients.cpp", checked("x[0] + x[1]; -x[0]; max(x[0], 1);")},
                 {"tests/autograd_others.cpp", "attention(x[0]);\n"}};
  const char* rest = " is in no gradient test, add it to tests/autograd_gradients.cpp";
  CHECK(told("gradient tests", files) == join("autograd/ops.h:6: attention", rest));
  files["tests/autograd_others.cpp"] = checked("attention(x[0]);");
  CHECK(told("gradient tests", files) == "");
  files["tests/autograd_gradients.cpp"] = checked("a + i; - 1; std::max(x[0], 1); // max(");
  CHECK(told("gradient tests", files) ==
        join("autograd/ops.h:2: operator+", rest, "\nautograd/ops.h:3: operator-", rest,
             "\nautograd/ops.h:4: max", rest));
}

TEST_CASE("style: every model is named in a test") {
  const char* models = "struct Coder : Module {\n};\nstruct Deep : Coder {\n};\nstruct Plain {};\n";
  check_fixtures({
      {"model tests", {{"models/a.h", models}, {"tests/models_a.cpp", "Coder x;  // Deep\n"},
                       {"tests/nn_a.cpp", "Deep x;\n"}},
       "models/a.h:3: Deep is in no test of models/, test it",
       {{"models/a.h", models}, {"tests/models_a.cpp", "Coder x;\n"},
        {"tests/models_b.cpp", "std::vector<Deep> x;\n"}}}});
}

TEST_CASE("style: where tests are, and what they are called") {
  const std::string one = "TEST_CASE(\"a: one\") {\n}\n";
  const std::string two = "TEST_CASE(\"a: \"\n  \"one\") {\n}\n";
  check_fixtures({
      {"test files", {{"tests/lore_a.cpp", "\n" + one}, {"tests/nn.cpp", one},
                      {"nn/nn_a.cpp", one}},
       "nn/nn_a.cpp:1: a test is in tests/ROOM_subject.cpp\n"
       "tests/lore_a.cpp:2: a test is in tests/ROOM_subject.cpp\n"
       "tests/nn.cpp:1: a test is in tests/ROOM_subject.cpp",
       {{"tests/nn_a.cpp", one}, {"tests/checks_b.cpp", two}, {"tests/main.cpp", "int x;\n"}}},
      {"test names", {{"tests/nn_a.cpp", one}, {"tests/nn_b.cpp", "\n" + two}},
       "tests/nn_b.cpp:2: \"a: one\" is the test of tests/nn_a.cpp:1, another fact has another "
       "name",
       {{"tests/nn_a.cpp", one},
        {"tests/nn_b.cpp", "TEST_CASE(\"a: two\") { f(\"a: one\"); }\n"}}}});
}

TEST_CASE("style: no six lines twice, between files or in one") {
  check_fixtures({
      {"repeats", {{"nn/a.cpp", first}, {"nn/b.cpp", "int x;\n" + body("a", 6)}},
       "nn/b.cpp:2: 6 lines as at nn/a.cpp:2, make them a function",
       {{"nn/a.cpp", first}, {"nn/b.cpp", body("a", 5) + body("b", 5) + body("a", 5)}}},
      {"repeats", {{"nn/a.cpp", first + "int x;\n" + body("a", 8)}},
       "nn/a.cpp:27: 8 lines as at nn/a.cpp:2, make them a function",
       {{"nn/a.cpp", first + body("b", 8)}}},
      {"repeats", {{"nn/a.cpp", times(12, "  next();\n")}},
       "nn/a.cpp:7: 6 lines as at nn/a.cpp:1, make them a function",
       {{"nn/a.cpp", times(11, "  next();\n")}}},
      {"repeats", {{"tests/nn_a.cpp", body("a", 11)}, {"tests/nn_b.cpp", body("a", 11)}},
       "tests/nn_b.cpp:1: 11 lines as at tests/nn_a.cpp:1, make them a function",
       {{"tests/nn_a.cpp", body("a", 10)}, {"tests/nn_b.cpp", body("a", 10)}}},
      {"repeats", {{"nn/a.cpp", body("a", 6)}, {"tests/nn_b.cpp", body("a", 6)}},
       "tests/nn_b.cpp:1: 6 lines as at nn/a.cpp:1, make them a function",
       {{"nn/a.cpp", times(9, "#include <map>\n")}, {"nn/b.cpp", times(9, "#include <map>\n")}}},
      {"repeats",
       {{"nn/a.cpp", body("a", 6)}, {"nn/b.cpp", "// one\n" + body("a", 6) + "// two\n"}},
       "nn/b.cpp:2: 6 lines as at nn/a.cpp:1, make them a function",
       {{"nn/a.h", times(9, "Tensor sum(const Tensor& x);\n")},
        {"nn/b.h", times(9, "Tensor sum(const Tensor& x);\n")}}}});
}
