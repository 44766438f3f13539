// babelgrad COMMAND [arguments]: finds the command, and turns whatever goes wrong into one line on
// stderr and an exit status (1 failed, 2 wrong use, 128 + n stopped by signal n).
#include <algorithm>

#include "tensor/parallel.h"
#include "tensor/simd.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/compiler.h"
#include "tools/app/cli/guarded.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/terminal.h"

namespace babelgrad {
namespace {

std::string version() {
  return join("babelgrad ", program_version, " ", is_double ? "double" : "float",
              ", vectors of ", lanes, ", threads ", threads(), ", ", compiler);
}

const Command& known(const std::string& name) {
  const auto found = std::ranges::find_if(
      all_commands(), [&](const Command& it) { return name == it.name; });
  if (found != all_commands().end()) return *found;
  std::vector<std::string> names{"help"};
  for (const Command& it : all_commands()) names.push_back(it.name);
  usage_error("unknown command ", in_quotes(name), did_you_mean(name, names),
              "; babelgrad --help lists them");
}

int run(int argc, char** argv) {
  std::string name = argc > 1 ? argv[1] : "--help";
  const bool help = name == "--help" || name == "-h" || name == "help";
  if (help && argc < 3) return print(commands_help(reading_width(screen(1)))), 0;
  if (help) {
    std::vector<const char*> words(argv + 2, argv + argc);
    words.insert(words.end(), {"--help", nullptr});
    return known(words[0]).run(argc - 1, words.data());
  }
  if (name == "--version") return print(version()), 0;
  return known(name).run(argc - 1, argv + 1);
}

}  // namespace
}  // namespace babelgrad

int main(int argc, char** argv) {
  if (argc > 0 && *argv[0]) babelgrad::name_program(argv[0]);
  return babelgrad::program([=] { return babelgrad::run(argc, argv); });
}
