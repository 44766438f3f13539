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

int run(int argc, char** argv) {
  std::string name = argc > 1 ? argv[1] : "--help";
  if (name == "--help" || name == "-h" || name == "help") return print(commands_help()), 0;
  if (name == "--version") return print(version()), 0;
  std::vector<std::string> names;
  for (const Command& command : all_commands()) {
    if (name == command.name) return command.run(argc - 1, argv + 1);
    names.push_back(command.name);
  }
  std::ranges::sort(names);
  usage_error("unknown command ", in_quotes(name), did_you_mean(name, names),
              "; babelgrad --help lists them");
}

}  // namespace
}  // namespace babelgrad

int main(int argc, char** argv) {
  return babelgrad::program([=] { return babelgrad::run(argc, argv); });
}
