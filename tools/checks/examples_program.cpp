// From examples to one C++ program.
#include "tensor/check.h"
#include "tools/checks/examples.h"

namespace babelgrad::checks {
namespace {

std::string in_quotes(const std::string& s) {
  check(s.find_first_of("\"\\\n") == std::string::npos, "examples: a path without quotes, not ", s);
  return "\"" + s + "\"";
}

// The lines of an example, where a compiler says README.md:42 for what is wrong with them.
std::string placed(const Chapter& chapter, const Example& example) {
  std::string out = join("#line ", example.code[0].number, " ", in_quotes(chapter.path), "\n");
  for (const ChapterLine& line : example.code) out += line.text + "\n";
  return out;
}

std::string all_of(const Chapter& chapter, Example::Kind kind) {
  std::string out;
  for (const Example& example : chapter.examples) {
    if (example.kind != kind) continue;
    if (kind == Example::statements) out += join("examples::begin_example(", example.line, ");\n");
    out += placed(chapter, example);
  }
  return out;
}

}  // namespace

std::string program_of(const Chapter& chapter, const std::vector<std::string>& headers) {
  std::string program = all_of(chapter, Example::program);
  if (!program.empty()) return program;
  std::string out = "#include \"tools/checks/examples_prelude.h\"\n";
  for (const std::string& header : headers) out += "#include " + in_quotes(header) + "\n";
  out += "using namespace babelgrad;\nusing examples::print;\n";
  out += all_of(chapter, Example::global);
  out += "static void chapter() {\n" + all_of(chapter, Example::statements) + "}\n";
  return out + "int main() { return examples::run(chapter, " + in_quotes(chapter.path) + "); }\n";
}

}  // namespace babelgrad::checks
