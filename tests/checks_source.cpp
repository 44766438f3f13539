// Lines, types and functions of C++, on snippets and on every file of the house.
#include "tools/checks/source.h"

#include <doctest/doctest.h>

#include "data/file.h"
#include "tensor/check.h"
#include "tests/folder.h"

using namespace babelgrad;
using namespace babelgrad::checks;

namespace {

// A line `type Outer::Inner 2-2-4` for each: begin, body, end.
std::string shown(const std::string& text) {
  std::string all;
  for (const Definition& it : read_source("a.h", text).definitions) {
    std::string scope = it.scope.empty() ? "" : it.scope + "::";
    all += join(it.kind == Definition::type ? "type " : "function ", scope, it.name, " ", it.begin,
                "-", it.body, "-", it.end, "\n");
  }
  return all;
}

}  // namespace

TEST_CASE("source: a line's code, its comment, and its code without what strings say") {
  Source source = read_source("a.h", "int a = 1;  // one  \n"
                                     "const char* b = \"// no \\\" comment\"; // yes\n"
                                     "char c = '\"', d = '\\'';  // 'q'\n"
                                     "int e = 1'000;  // a comma's place\n"
                                     "\n"
                                     "   // alone\n"
                                     "int /* inner */ f;\n"
                                     "/* over\n   two */ int g;");
  REQUIRE(source.lines.size() == 9);
  CHECK(source.line(1).code == "int a = 1;");
  CHECK(source.line(1).comment == "one");
  CHECK(source.line(1).text == "int a = 1;  // one  ");
  CHECK(source.line(2).code == "const char* b = \"// no \\\" comment\";");
  CHECK(source.line(2).plain == "const char* b = \"                \";");
  CHECK(source.line(2).comment == "yes");
  CHECK(source.line(3).plain == "char c = ' ', d = '  ';");
  CHECK(source.line(3).comment == "'q'");
  CHECK(source.line(4).comment == "a comma's place");
  CHECK(source.line(5).bare());
  CHECK(source.line(6).code == "");
  CHECK(source.line(6).comment == "alone");
  CHECK(source.line(7).plain == "int  f;");
  CHECK(source.line(7).comment == "inner");
  CHECK(source.line(8).comment == "over");
  CHECK(source.line(9).code == " int g;");
  CHECK(source.line(9).comment == "two");
  CHECK(code_lines(source, 1, 9) == 6);
  CHECK(code_lines(source, 5, 6) == 0);
}

TEST_CASE("source: a raw string is one string, over all its lines") {
  Source source = read_source("a.h", "auto a = R\"x(struct A { // \" )\" no\n"
                                     "void f() {\n\n"
                                     ")x\"; int b;  // end\n"
                                     "int VAR = 1; auto c = VAR\"(\";  // end\n");
  CHECK(source.definitions.empty());
  CHECK(source.unbalanced == 0);
  CHECK(source.line(1).comment == "");
  CHECK(source.line(2).code == "void f() {");
  CHECK(source.line(2).plain == "");
  CHECK(source.line(4).plain == "  \"; int b;");
  CHECK(source.line(4).comment == "end");
  CHECK(source.line(5).comment == "end");
}

TEST_CASE("source: types, nested ones and templates") {
  CHECK(shown(R"(namespace a {
struct A : B<C> {
  struct State { int x; };
  enum class E { p };
};
template <class T = int,
          int n>
class Long final {
 public:
  union U {
    int a;
  } u;
};
struct A;
enum Kind { x } kind;
}
struct A::State::Deep {};
struct alignas(64) Wide { };
template <> struct hash<A> { };
struct { int y; } table[] = {{1}, {2}};
)") == "type A 2-2-5\ntype A::State 3-3-3\ntype A::E 4-4-4\ntype Long 6-8-13\n"
       "type Long::U 10-10-12\ntype Kind 15-15-15\ntype A::State::Deep 17-17-17\n"
       "type Wide 18-18-18\ntype hash 19-19-19\n");
}

TEST_CASE("source: functions, over one line and over many") {
  CHECK(shown(R"(Tensor f() { return {}; }
Tensor g(int a,
         B b = {1, {2}}) {
  if (a) {
  }
}
int declared(int a = {});
auto h(int x) -> std::vector<int> {
}
[[noreturn]] void i() noexcept {
}
static std::function<void(int)> j(A<B<int>> a) {
}
int A::B::k() const && { return 1; }
A<int>::~A() {}
)") == "function f 1-1-1\nfunction g 2-3-6\nfunction h 8-8-9\nfunction i 10-10-11\n"
       "function j 12-12-13\nfunction A::B::k 14-14-14\nfunction A::~A 15-15-15\n");
}

TEST_CASE("source: operators") {
  CHECK(shown(R"(struct A {
  int operator()(int i) const { return i; }
  A& operator=(A&&) = default;
  explicit operator bool() const { return true; }
  int operator[](int i) { return i; }
};
bool operator<(A a, A b) { return true; }
A operator+(A a, A b) { return a; }
bool operator<=>(A a, A b) { return 1; }
bool operator==(A a, A b) { return 1; }
)") == "type A 1-1-6\nfunction A::operator() 2-2-2\nfunction A::operator bool 4-4-4\n"
       "function A::operator[] 5-5-5\nfunction operator< 7-7-7\nfunction operator+ 8-8-8\n"
       "function operator<=> 9-9-9\nfunction operator== 10-10-10\n");
}

TEST_CASE("source: constructors with lists of initial values") {
  CHECK(shown(R"(struct A : B {
  A(int a, C c = {})
      : B(a), b{1, 2}, c(std::move(c)),
        d{c} {
    run();
  }
  explicit A(int a) : b{a} {}
  A() {}
  A(A&&) = default;
  template <class... T>
  A(T... t) : T(t)..., e<int>{1} { }
};
)") == "type A 1-1-12\nfunction A::A 2-4-6\nfunction A::A 7-7-7\nfunction A::A 8-8-8\n"
       "function A::A 10-11-11\n");
}

TEST_CASE("source: requires, lambdas and initial values are parts of what they stand in") {
  CHECK(shown(R"(template <class T>
  requires std::integral<T> || std::floating_point<T>
int f(T x) {
}
template <class T> requires requires(T t) { t.x; }
int g(T x) { return 1; }
template <class T>
void h(T x) requires(sizeof(T) < 4) { x(); }
const auto i = [](int x) {
  return x;
};
const std::map<int, int (*)(int)> j = {{1, f}};
std::vector<int> k{1, 2};
void l() {
  auto m = [&] { struct Local {}; return 1; };
}
template <class T>
concept C = requires(T t) { t.x; };
int n() { return k[0] < 3; }
)") == "function f 1-3-4\nfunction g 5-6-6\nfunction h 7-8-8\nfunction l 14-14-16\n"
       "function n 19-19-19\n");
}

TEST_CASE("source: directives do not count, and a comment right above belongs to a definition") {
  Source source = read_source("a.h", "#define F(x) { x\n#if A {\n#error don't {\n#endif\n"
                                     "// One.\n// Two.\nint f() { return 1; }\n"
                                     "// Apart.\n\nint g() {}\n");
  REQUIRE(source.definitions.size() == 2);
  CHECK(source.definitions[0].comment == 5);
  CHECK(source.definitions[1].comment == 0);
  CHECK(source.unbalanced == 0);
}

TEST_CASE("source: broken text is read to its end, and the brace without a partner is named") {
  CHECK(read_source("a.h", "int f() {\n").unbalanced == 1);
  CHECK(read_source("a.h", "\nstruct A {\n").unbalanced == 2);
  CHECK(read_source("a.h", "int f() {\n}\n}\n").unbalanced == 3);
  for (std::string text : {"", "\"", "'", "R\"(", "R\"", "/*", "//", "operator", "(((((", ")>]}",
                           "template <", "struct", "a::", "::f() {", "\xFF\xFE{", "\"\\", "#",
                           "requires {", "f<>() {", "~() {", ": {", "<script>"})
    CHECK(read_source("a.h", text).lines.size() <= 1);
  std::string deep;
  for (int i = 0; i < 100'000; i++) deep += "struct A { f(";
  CHECK(read_source("a.h", deep).lines.size() == 1);
}

TEST_CASE("source: of a folder, the .h and .cpp files in order of their paths") {
  Folder folder;
  for (const char* inner : {"/nn", "/build", "/.git"}) make_folder(folder.path + inner);
  for (const char* path : {"/nn/b.h", "/a.cpp", "/nn/README.md", "/build/c.h", "/.git/d.h"})
    write_file_atomically(folder.path + path, "int f() {}\n");
  std::vector<Source> sources = read_sources(folder.path);
  REQUIRE(sources.size() == 2);
  CHECK(sources[0].path == "a.cpp");
  CHECK(sources[1].path == "nn/b.h");
  CHECK(sources[1].definitions.size() == 1);
  CHECK_THROWS_AS(read_sources(folder.path + "/none"), Error);
}
