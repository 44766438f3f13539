#include "tools/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "tensor/check.h"

namespace babelgrad {

void print(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
}

void say(std::string_view line) {
  std::fflush(stdout);
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fputc('\n', stderr);
}

void flush_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout))
    fail("stdout: ", std::strerror(errno ? errno : EIO));
}

bool read_line(std::string& line) {
  constexpr std::size_t limit = 1 << 20;
  line.clear();
  int c;
  while ((c = std::getchar()) != EOF && c != '\n') {
    check(line.size() < limit, "stdin: a line of more than ", limit, " bytes");
    line.push_back(char(c));
  }
  check(!std::ferror(stdin), "stdin: ", std::strerror(errno));
  if (c == '\n' && !line.empty() && line.back() == '\r') line.pop_back();
  return c != EOF || !line.empty();
}

bool stdin_is_terminal() { return isatty(0); }

}  // namespace babelgrad
