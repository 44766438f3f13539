// `babelgrad lab` becomes the program babelgrad-lab that stands beside this one.
#include <unistd.h>

#include <filesystem>

#include "tools/app/cli/terminal.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/commands.h"
#include "tools/app/cli/output.h"

namespace babelgrad {

int lab_command(int, const char* const* argv) {
  std::error_code unknown;                      // no /proc: it is looked for among the commands
  const auto here = std::filesystem::read_symlink("/proc/self/exe", unknown);
  const std::string lab = unknown ? "babelgrad-lab" : here.parent_path() / "babelgrad-lab";
  flush_output();
  execvp(lab.c_str(), const_cast<char* const*>(argv));
  fail("lab: there is no program ", in_quotes(lab), ": make builds it, and make install copies it");
}

}  // namespace babelgrad
