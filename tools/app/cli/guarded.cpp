#include "tools/app/cli/guarded.h"

#include <fcntl.h>

#include <new>

#include "tools/app/cli/args.h"
#include "tools/app/cli/output.h"
#include "tools/app/cli/signals.h"

namespace babelgrad {
namespace {

// A closed stdin, stdout or stderr would give its number to the next file opened. What stands in
// for stdout cannot be written to, so that lost data is an error; lost talk is not.
void open_standard_files() {
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) == -1) (void)!open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY);
  }
}

}  // namespace

int guarded(const std::function<int()>& run) {
  try {
    int status = run();
    flush_output();
    return status;
  } catch (const HelpWanted& help_wanted) {
    print(help_wanted.usage);
    return 0;
  } catch (const UsageError& error) {
    say(join("error: ", error.what()));
    return 2;
  } catch (const std::bad_alloc&) {
    say("error: out of memory");
  } catch (const std::exception& error) { say(join("error: ", error.what())); }
  return 1;
}

int program(const std::function<int()>& run) {
  open_standard_files();
  settle_signals();
  return guarded(run);
}

}  // namespace babelgrad
