#include "tools/guarded.h"

#include <new>

#include "tools/args.h"
#include "tools/output.h"

namespace babelgrad {

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

}  // namespace babelgrad
