// checks style: the house rules. Complaints on stdout, one line each, or one line of figures.
#include "tensor/check.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/output.h"
#include "tools/checks/commands.h"
#include "tools/checks/style_rules.h"

namespace babelgrad::checks {
namespace {

std::string summary(const Figures& it) {
  std::string line = join("style: ", it.files, " files, core of ", it.core_code,
                          " lines of code, median file ", it.median_file, ", median function ",
                          it.median_function, ", comments per line of code ",
                          fixed(it.core_comments, 2), " (");
  for (const auto& [folder, share] : it.comments)
    line += join(&folder == &it.comments[0].first ? "" : ", ", folder, " ", fixed(share, 2));
  return line + ")";
}

}  // namespace

int style_command(int argc, const char* const* argv) {
  std::string root = ".";
  Args args("style", "checks style");
  args.optional("root", &root, "the folder of the repository; without it, this one");
  args.parse(argc, argv);
  const Files files = read_files(root);
  const std::vector<std::string> lines = complaints(files);
  for (const auto& line : lines) print(line);
  if (lines.empty()) print(summary(figures(files)));
  else say(join("style: ", lines.size(), lines.size() == 1 ? " complaint" : " complaints"));
  return lines.empty() ? 0 : 1;
}

}  // namespace babelgrad::checks
