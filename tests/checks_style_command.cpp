// make style as it is called: a folder in, lines and an exit status out.
#include <unistd.h>

#include "data/file.h"
#include "tests/checks_style.h"
#include "tests/folder.h"
#include "tools/app/cli/args.h"
#include "tools/checks/commands.h"

using namespace babelgrad;
using namespace babelgrad::checks;

namespace {

struct Outcome { int status; std::string out, err; };

// While it lives, what goes to a stream is written to a file.
struct Redirected {
  std::FILE* stream;
  int kept;

  Redirected(std::FILE* stream, const std::string& path) : stream(stream) {
    std::fflush(stream);
    kept = ::dup(::fileno(stream));
    std::FILE* file = std::fopen(path.c_str(), "w");
    ::dup2(::fileno(file), ::fileno(stream));
    std::fclose(file);
  }
  ~Redirected() {
    std::fflush(stream);
    ::dup2(kept, ::fileno(stream));
    ::close(kept);
  }
  Redirected(const Redirected&) = delete;
};

Outcome style(const std::string& root) {
  Folder folder;
  Outcome outcome;
  {
    Redirected out(stdout, folder.path + "/out"), err(stderr, folder.path + "/err");
    const char* arguments[] = {"style", root.c_str()};
    outcome.status = style_command(2, arguments);
  }
  outcome.out = read_file(folder.path + "/out");
  outcome.err = read_file(folder.path + "/err");
  return outcome;
}

const char* const good = "// What it is.\n#pragma once\n\nnamespace babelgrad {\n\nint a();\n"
                         "int b();\nint c();\nint d();\nint e();\nint f();\nint g();  // all\n"
                         "\n}  // namespace babelgrad\n";

}  // namespace

TEST_CASE("style: a folder with one bad file has exit status 1, and a clean one says its figures") {
  Folder folder;
  for (const char* inner : {"/data", "/build", "/.git"}) make_folder(folder.path + inner);
  write_file_atomically(folder.path + "/data/a.h", good);
  write_file_atomically(folder.path + "/build/b.h", "#define X\n");
  write_file_atomically(folder.path + "/.git/c.h", "#define X\n");
  write_file_atomically(folder.path + "/data/corpus.tsv", "a\tb \n");
  Outcome clean = style(folder.path);
  CHECK(clean.status == 0);
  CHECK(clean.out == "style: 1 files, core of 0 lines of code, median file 0, median function 0, "
                     "comments per line of code 0.00 (data 0.30)\n");
  write_file_atomically(folder.path + "/data/b.h", "// What it is.\n#pragma once\n#define X\n");
  Outcome bad = style(folder.path);
  CHECK(bad.status == 1);
  CHECK(bad.out == "data/b.h:3: macros, a #define, write a function or a constant\n");
  CHECK(bad.err == "style: 1 complaint\n");
  const char* two_folders[] = {"style", "a", "b"};
  CHECK_THROWS_AS(style_command(3, two_folders), UsageError);
}

TEST_CASE("style: a folder that is not there is an error") {
  const char* arguments[] = {"style", "nowhere"};
  CHECK_THROWS_WITH_AS(style_command(2, arguments), "style: nowhere is no folder", Error);
  CHECK_THROWS_WITH_AS(rule("taste"), "style: no rule \"taste\"", Error);
}

TEST_CASE("style: complaints come in the order of the rules, each with its place") {
  std::vector<std::string> lines =
      complaints(house_of({{"nn/a.h", "#define X\nint x = 1.5f; \n"}, {"nn/b.cpp", "// One.\n"}}));
  CHECK(lines == std::vector<std::string>{
                     "core: comments, 0.50 per line of code, at most 0.35",
                     "nn/: comments, 0.50 per line of code, at most 0.40",
                     "nn/a.h:2: blanks, blanks at the end, the line ends with its text",
                     "nn/a.h:1: opening comment, open with a comment saying what this is",
                     "nn/a.h:1: pragma once, #pragma once comes before any code",
                     "nn/a.h:1: macros, a #define, write a function or a constant",
                     "nn/a.h:2: float suffix, 1.5f, write Real(1.5) or float(1.5)"});
}

TEST_CASE("style: hostile files do not stop it") {
  for (const char* text : {"", "\n", "\"", "#", "#include", "#include \"", "TEST_CASE(", "f(\"",
                           "\xFF\xFE", "struct A : Module { Tensor", "1e", "0x", "x[", "\t"})
    for (const char* path : {"autograd/ops.h", "models/a.h", "tests/nn_a.cpp", "Makefile", "a.md"})
      CHECK(complaints(house_of({{path, text}})).size() < 10);
}

TEST_CASE("style: every rule has a fixture that must fail") {
  std::string fixtures;
  for (const File& file : read_files("."))
    if (file.path.starts_with("tests/checks_style_")) fixtures += file.text;
  for (const Rule& rule : rules()) {
    CAPTURE(std::string(rule.name));
    bool in_table = fixtures.find(join("{\"", rule.name, "\", {{\"")) != std::string::npos;
    bool alone = fixtures.find(join("CHECK(told(\"", rule.name, "\", ")) != std::string::npos;
    CHECK((in_table || alone));
  }
}

TEST_CASE("style: words, literals and includes of a line") {
  CHECK(find_word("grand rand(1) rand", "rand") == 6);
  CHECK(find_word("grand rands", "rand") == std::string::npos);
  CHECK(has_word("a raw::add", "raw::"));
  CHECK_FALSE(has_word("a straw::add", "raw::"));
  Source source = read_source("a.cpp", "f(\"a \\\" b\", 'c', \"\");\n#include \"nn/a.h\"  // b\n"
                                       "#include <map>\n// #include <map>\n#include\n");
  CHECK(literals(source.line(1)) == std::vector<std::string>{"a \\\" b", ""});
  CHECK(included(source.line(2)) == "\"nn/a.h");
  CHECK(included(source.line(3)) == "<map");
  CHECK(included(source.line(4)) == "");
  CHECK(included(source.line(5)) == "");
}
