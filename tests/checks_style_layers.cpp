// Fixtures of tools/checks/style_layers.cpp and style_modules.cpp.
#include "tests/checks_style.h"

using namespace babelgrad;
using namespace babelgrad::checks;

TEST_CASE("style: includes point downwards, to files that are there") {
  check_fixtures({
      {"layers", {{"tensor/a.h", "// A.\n#include \"data/b.h\"\n#include \"tensor/c.h\"\n"}},
       "tensor/a.h:2: data/b.h is above tensor, which may know only what is below it",
       {{"data/b.h", "#include \"tensor/a.h\"\n#include <data/b.h>\n#include \"c.h\"\n"}}},
      {"layers", {{"data/a.h", "#include \"data/file.h\"\n"}, {"nn/a.h", "#include \"tests/b.h\"\n"},
                  {"tests/autograd_x.cpp", "#include \"data/file.h\"\n"},
                  {"tools/a.h", "#include \"tools/checks/source.h\"\n"}},
       "data/a.h:1: data/file.h is above data, which may know only what is below it\n"
       "nn/a.h:1: tests/b.h, nothing but tests may know the tests\n"
       "tests/autograd_x.cpp:1: data/file.h is above autograd, which may know only what is below it\n"
       "tools/a.h:1: tools/checks/source.h is above tools, which may know only what is below it",
       {{"models/a.h", "#include \"data/file.h\"\n"}, {"tests/nn_x.cpp", "#include \"data/file.h\"\n"},
        {"tools/page/a.h", "#include \"tools/checks/source.h\"\n"},
        {"tests/checks_x.cpp", "#include \"tests/b.h\"\n#include \"tools/page/a.h\"\n"}}},
      {"includes", {{"nn/a.h", "#include \"b.h\"\n#include <b.h>\n"}, {"nn/b.h", ""}},
       "nn/a.h:1: b.h is not there, write the path from the root",
       {{"nn/a.h", "#include \"nn/b.h\"\n// #include \"x.h\"\n"}, {"nn/b.h", ""}}}});
}

TEST_CASE("style: what headers may bring along, and who may know the machine") {
  check_fixtures({
      {"heavy headers", {{"nn/a.h", "#include <iostream>\n#include <map>\n"}},
       "nn/a.h:1: <iostream>, include it in the .cpp",
       {{"nn/a.cpp", "#include <iostream>\n"}, {"tools/a.h", "#include <regex>\n"}}},
      {"intrinsics", {{"tensor/a.h", "#include <immintrin.h>\n"},
                      {"tensor/b.cpp", "\n#include <arm_neon.h>\n"}},
       "tensor/a.h:1: <immintrin.h>, use the vectors of tensor/simd.h\n"
       "tensor/b.cpp:2: <arm_neon.h>, use the vectors of tensor/simd.h",
       {{"tensor/simd.h", "#include <immintrin.h>\n"}}},
      {"raw verbs", {{"models/a.h", "int x;\nx = raw::add(y, z);\n"}, {"nn/b.h", "raw::add();\n"}},
       "models/a.h:2: raw:: records nothing, use the operation of ops.h\n"
       "nn/b.h:1: raw:: records nothing, use the operation of ops.h",
       {{"models/a.h", "x = y + z;  // raw::add\n"}, {"nn/optim.cpp", "raw::add();\n"},
        {"nn/init.h", "raw::add();\n"}, {"autograd/a.cpp", "raw::add();\n"}}}});
}

TEST_CASE("style: a field has its own name") {
  check_fixtures({
      {"field names", {{"nn/a.h", "void fields(Visitor& f) { f(\"a\", a); f(\"b\", c); }\n"}},
       "nn/a.h:1: f(\"b\", c), write f(\"b\", b)",
       {{"nn/a.h", "void fields(Visitor& f) { f(\"a\", *a); f(\"b\", b); }\n"},
        {"nn/b.h", "void fields(Visitor& f) { for (auto& w : all) f(\"w_\" + w.name, w); }\n"},
        {"nn/c.h", "void other() { f(\"a\", b); }\n"}}},
      {"field names",
       {{"models/a.h", "void fields(Visitor& f) {\n  f(\"a\", *b);\n  f(\"c\", d.c);\n}\n"}},
       "models/a.h:2: f(\"a\", *b), write f(\"a\", a)\n"
       "models/a.h:3: f(\"c\", d.c), write f(\"c\", c)",
       {{"models/a.h", "void fields(Visitor& f) {\n  f(\"a\", *a);\n}\n"}}}});
}

namespace {

const char* const forgotten = R"(struct Half : Module {
  struct State { Tensor H; };
  struct Gate {
    Tensor w; Tensor b;
  };
  Tensor weight, bias;
  std::vector<Tensor> seen;                     // not a parameter
  mutable Tensor table; std::vector<Gate> gates;
  std::function<Tensor(int)> act;
  Real p = Real(1);
  Linear linear;

  explicit Half(int n) : linear(n) {}
  Tensor operator()(const Tensor& X) const;
  void fields(Visitor& f) override { f("weight", weight); }
};
struct Linear : Module {
  Tensor weight = Tensor({1});
  void fields(Visitor& f) override;
};
struct Plain { Tensor a; };
)";

}  // namespace

TEST_CASE("style: every parameter and every child of a module is in its fields()") {
  std::string mended = forgotten, without = "f(\"weight\", weight);";
  mended.replace(mended.find(without), without.size(),
                 "f(\"weight\", weight); f(\"bias\", bias); f(\"linear\", linear); "
                 "f(\"table\", table); for (Gate& it : gates) f(\"w\", it.w);");
  const char* fields = "void Linear::fields(Visitor& f) { f(\"weight\", weight); }\n";
  const char* rest = " is missing in fields(), or its comment says it is not a parameter";
  CHECK(told("members", {{"nn/a.h", forgotten}, {"nn/a.cpp", fields}}) ==
        join("nn/a.h:6: Half::bias", rest, "\nnn/a.h:8: Half::table", rest,
             "\nnn/a.h:8: Half::gates", rest, "\nnn/a.h:11: Half::linear", rest));
  CHECK(told("members", {{"nn/a.h", mended}}) == join("nn/a.h:18: Linear::weight", rest));
  CHECK(told("members", {{"nn/a.h", mended}, {"nn/a.cpp", fields}}) == "");
}

TEST_CASE("style: children are modules of a template, behind pointers and of derived types, too") {
  const char* bad = R"(template <class First, class Second>
struct Both : Module {
  First first;
  Second second;
  int size;
  std::shared_ptr<Deep> deep;
  void fields(Visitor& f) override { f("first", first); }
};
struct Deep : Middle {
};
struct Middle : Module {
};
)";
  const char* rest = " is missing in fields(), or its comment says it is not a parameter";
  CHECK(told("members", {{"models/a.h", bad}}) ==
        join("models/a.h:4: Both::second", rest, "\nmodels/a.h:6: Both::deep", rest));
  CHECK(module_types(house_of({{"models/a.h", bad}})) ==
        std::vector<std::string>{"Both", "Deep", "Middle", "Module"});
}
