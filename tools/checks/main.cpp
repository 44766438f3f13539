// checks COMMAND: claims, style, examples and page, for make. Whatever goes wrong is one line
// on stderr and an exit status: 1 failed, 2 wrong use.
#include "tools/checks/commands.h"

#include <map>
#include <string>

#include "tools/app/cli/args.h"
#include "tools/app/cli/guarded.h"

namespace babelgrad {
namespace {

const std::map<std::string, int (*)(int, const char* const*)> commands = {
    {"claims", checks::claims_command},
    {"style", checks::style_command},
    {"examples", checks::examples_command},
    {"page", checks::page_command}};

int run(int argc, char** argv) {
  auto command = commands.find(argc > 1 ? argv[1] : "");
  if (command == commands.end()) usage_error("checks: claims, style, examples or page");
  return command->second(argc - 1, argv + 1);
}

}  // namespace
}  // namespace babelgrad

int main(int argc, char** argv) {
  return babelgrad::guarded([=] { return babelgrad::run(argc, argv); });
}
