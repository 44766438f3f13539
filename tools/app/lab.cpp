// `babelgrad lab` becomes the program babelgrad-lab that stands beside this one.
#include <unistd.h>

#include <filesystem>

#include "tools/app/cli/terminal.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"

namespace babelgrad {

int lab_command(int, const char* const* argv) {
  std::error_code no_link;                      // no /proc: it is looked for among the commands
  const auto own = std::filesystem::read_symlink("/proc/self/exe", no_link);
  const std::string beside = no_link ? "babelgrad-lab" : own.parent_path() / "babelgrad-lab";
  flush_output();
  execvp(beside.c_str(), const_cast<char* const*>(argv));
  fail("lab: there is no program ", in_quotes(beside),
       ": make builds it, and make install copies it");
}

}  // namespace babelgrad
