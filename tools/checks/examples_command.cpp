// checks examples: the program of a chapter, and whether what it printed is what the chapter says.
#include <algorithm>
#include <filesystem>

#include "data/file.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/output.h"
#include "tools/checks/commands.h"
#include "tools/checks/examples.h"

namespace babelgrad::checks {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> headers_in(const std::vector<std::string>& folders) {
  std::vector<std::string> headers;
  for (const std::string& folder : folders) {
    check(is_folder(folder), folder, ": is no folder with headers");
    std::size_t first = headers.size();
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() == ".h") headers.push_back(entry.path().generic_string());
    }
    std::sort(headers.begin() + first, headers.end());
  }
  return headers;
}

bool runs_commands(const Chapter& chapter) {
  return std::ranges::any_of(chapter.examples,
                             [](const Example& e) { return e.kind == Example::console; });
}

int compare(const Chapter& chapter, const std::string& output, const std::string& program) {
  std::vector<std::string> all = differences(chapter, read_file(output));
  if (runs_commands(chapter)) {
    if (program.empty()) usage_error("examples: ", chapter.path, " runs commands; needs --program");
    std::ranges::copy(console_differences(chapter, program), std::back_inserter(all));
  }
  for (const std::string& found : all) say(found);
  std::size_t count = chapter.examples.size();
  print(join(chapter.path, ": ", count, count == 1 ? " example" : " examples"));
  return all.empty() ? 0 : 1;
}

}  // namespace

int examples_command(int argc, const char* const* argv) {
  std::string readme, out, output, program;
  std::vector<std::string> folders;
  Args args("examples", "checks examples tensor/README.md tensor --out tensor.cpp");
  args.positional("chapter", &readme, "a README.md");
  args.rest("folders", &folders, "whose headers its examples may use");
  args.string("out", &out, "FILE", "write the program of its examples");
  args.string("compare", &output, "FILE", "what that program printed: compare it with the chapter");
  args.string("program", &program, "FILE", "the babelgrad that its consoles run");
  args.parse(argc, argv);
  if (out.empty() == output.empty()) usage_error("examples: needs --out or --compare");
  Chapter chapter = read_chapter(readme, read_file(readme));
  if (!output.empty()) return compare(chapter, output, program);
  write_file_atomically(out, program_of(chapter, headers_in(folders)));
  return 0;
}

}  // namespace babelgrad::checks
