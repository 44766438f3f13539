// Chapters that must pass, and chapters that must not.
#include "tools/checks/examples.h"

#include <cstdlib>

#include "data/file.h"
#include "tests/close.h"
#include "tests/folder.h"

using namespace babelgrad;
using namespace babelgrad::checks;

namespace {

const std::string notebook =
    "# A chapter\n"                             // 1
    "\n"
    "```cpp global\n"
    "int twice(int x) { return 2 * x; }\n"
    "```\n"
    "```cpp\n"                                  // 6
    "int a = twice(3);\n"
    "print(a, \" and \", 0.25);\n"
    "print(\"end\");\n"
    "```\n"
    "\n"
    "```text\n"                                 // 12
    "6 and 0.2500\n"
    "end\n"
    "```\n"
    "It goes on:\n"
    "```cpp\n"                                  // 17
    "a += 1;\n"
    "print(\"[\", a, \"]\");                          // [7]\n"
    "```\n"
    "```\n"
    "a drawing is not run\n"
    "```\n";

Chapter chapter(const std::string& text) { return read_chapter("x/README.md", text); }

std::string error_in(const std::string& text) {
  return error_of([&] { chapter(text); });
}

using Found = std::vector<std::string>;

struct Built { int status; std::string said, printed; };

// Compiles the chapter's program, and runs it if that went well.
Built build(const Chapter& c) {
  Folder folder;
  std::string at = folder.path + "/chapter";
  write_file_atomically(at + ".cpp", program_of(c, {}));
  const char* compiler = std::getenv("CXX");
  std::string make = std::string(compiler ? compiler : "c++") + " -std=c++20 -I. ";
  std::string command = "(" + make + at + ".cpp -o " + at + " && " + at + " > " + at + ".out) 2> ";
  int status = std::system((command + at + ".err").c_str());
  return {status, read_file(at + ".err"), exists(at + ".out") ? read_file(at + ".out") : ""};
}

}  // namespace

TEST_CASE("examples: a chapter is one program, and prints what it says") {
  Chapter c = chapter(notebook);
  REQUIRE(c.examples.size() == 3);
  Built built = build(c);
  INFO(built.said);
  REQUIRE(built.status == 0);
  CHECK(built.printed == "\f6\n6 and 0.2500\nend\n\f17\n[7]\n");
  CHECK(differences(c, built.printed) == Found{});
}

TEST_CASE("examples: what does not compile is reported with its line in the README") {
  std::string broken = notebook;
  broken.replace(broken.find("a += 1"), 6, "b += 1");
  Built built = build(chapter(broken));
  CHECK(built.status != 0);
  INFO(built.said);
  CHECK(built.said.find("x/README.md:18:1: error: ") != std::string::npos);
}

TEST_CASE("examples: an exception ends the program, and later examples did not run") {
  Chapter c = chapter("```cpp\nfail(\"no: luck\");\n```\n```cpp\nprint(1);  // [1]\n```\n");
  Built built = build(c);
  CHECK(built.status != 0);
  CHECK(built.said == "x/README.md:1: no: luck\n");
  CHECK(differences(c, built.printed) == Found{"x/README.md:4: this example did not run"});
}

TEST_CASE("examples: wrong, missing and surplus output are found, with the line") {
  Chapter c = chapter(notebook);
  auto of = [&](const std::string& printed) { return differences(c, printed); };
  CHECK(of("\f6\n6 and 0.2501\nend\n\f17\n[7]\n") ==
        Found{"x/README.md:13: expected \"6 and 0.2500\", printed \"6 and 0.2501\""});
  CHECK(of("\f6\n6 and 0.2500\n\f17\n[8]\n") ==
        Found{"x/README.md:14: expected \"end\", printed nothing more",
              "x/README.md:19: expected \"[7]\", printed \"[8]\""});
  CHECK(of("\f6\n6 and 0.2500\nend\nand\n\f17\n[7]\n") ==
        Found{"x/README.md:14: expected nothing more, printed \"and\""});
  CHECK(of("") == Found{"x/README.md:6: this example did not run",
                        "x/README.md:17: this example did not run"});
  CHECK(differences(chapter("```cpp\nprint(1);\n```\n"), "\f1\n1\n") ==
        Found{"x/README.md:1: expected nothing more, printed \"1\""});
}

TEST_CASE("examples: blanks at the end do not count, those before and between do") {
  Chapter c = chapter("```cpp\nf();\n```\n```text\n a  b  \n\n```\n");
  CHECK(differences(c, "\f1\n a  b\n\n\n") == Found{});
  CHECK(differences(c, "\f1\n a b\n").size() == 1);
  CHECK(differences(c, "\f1\na  b\n").size() == 1);
}

TEST_CASE("examples: a program of its own stands alone, with its output in the margin") {
  std::string text = "```cpp\n#include \"tensor/check.h\"\nint main() {\n"
                     "  print(1);       // [[1 2]\n"
                     "}                 //  [3 4]]   \n```\n";
  Chapter c = chapter(text);
  CHECK(program_of(c, {"tensor/tensor.h"}).starts_with("#line 2 \"x/README.md\"\n#include"));
  CHECK(differences(c, "[[1 2]\n [3 4]]\n") == Found{});
  CHECK(differences(c, "[[1 2]\n[3 4]]\n") ==
        Found{"x/README.md:5: expected \" [3 4]]\", printed \"[3 4]]\""});
  CHECK(error_in(text + "```cpp\nf();\n```\n") ==
        "x/README.md:7: a program with its own main() is the only C++ of its chapter");
}

TEST_CASE("examples: fences that are open, misplaced or empty are refused") {
  for (auto [text, says] : std::vector<std::pair<std::string, std::string>>{
           {"\n```cpp\nf();\n", "x/README.md:2: a fence without an end"},
           {"```cpp\nf();\n```cpp\n```\n", "x/README.md:3: the fence of line 1 is still open"},
           {"  ```cpp\nf();\n```\n", "x/README.md:1: a fence begins in the first column"},
           {"```cpp globl\nf();\n```\n", "x/README.md:1: a fence is cpp or cpp global"},
           {"```cpp\n```\n", "x/README.md:1: an example without a line"},
           {"```text\n1\n```\n", "x/README.md:1: a ```text fence stands right after"},
           {"```cpp\nf();\n```\nprints\n```text\n1\n```\n", "x/README.md:5: a ```text fence"},
           {"```cpp global\nint x;\n```\n```text\n1\n```\n", "x/README.md:4: a ```text fence"},
           {"```console\nbabelgrad demo\n```\n", "x/README.md:1: a console begins with"},
           {"```console\n$ rm -r x\n```\n", "x/README.md:2: a command is `$ babelgrad ...`"}}) {
    CHECK(error_in(text).starts_with(says));
  }
  CHECK(chapter("").examples.empty());
  CHECK(error_in("```cpp\n\xFF<script>\x1B\n") == "x/README.md:1: a fence without an end");
}

TEST_CASE("examples: a console is run, and held against the program's output") {
  auto found = [](const std::string& text, const char* program = "/bin/echo") {
    return console_differences(chapter("```console\n" + text + "```\n"), program);
  };
  CHECK(found("$ make all\nanything\n$ babelgrad go on\ngo on\n") == Found{});
  CHECK(found("$ babelgrad a  \"b  c\" > f\n$ babelgrad; cat f\n\na b  c\n") == Found{});
  CHECK(found("$ babelgrad go\ngone\n") ==
        Found{"x/README.md:3: expected \"gone\", printed \"go\""});
  CHECK(found("$ babelgrad x\n", "/bin/false") == Found{"x/README.md:2: exit status 1: "});
  CHECK(found("$ babelgrad x\n", "/no/such/program")[0].starts_with("x/README.md:2: exit status"));
}
