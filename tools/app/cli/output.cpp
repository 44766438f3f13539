#include "tools/app/cli/output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "tensor/check.h"
#include "tools/app/cli/terminal.h"

namespace babelgrad {
namespace {

std::string& called() {
  static std::string name = "babelgrad";
  return name;
}

}  // namespace

void name_program(std::string_view name) { called() = name; }
const std::string& program_name() { return called(); }

std::string for_shell(const std::string& word) {
  bool plain = !word.empty() && std::ranges::all_of(word, [](char c) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || std::string_view("_./=:,+-").find(c) != std::string_view::npos;
  });
  if (plain) return word;
  std::string quoted = "'";
  for (char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return printable(quoted + "'");
}

std::string as_utf8(const std::string& text) {
  return invalid_utf8(text) < 0 ? text : printable(text);
}

void say(std::string_view line) {
  std::fflush(stdout);
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fputc('\n', stderr);
}

void note(std::string_view line) {
  if (!line.empty()) say(line);
}

void flush_output() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout))
    fail("stdout: ", std::strerror(errno ? errno : EIO));
}

Lines lines_of_input(int file, Lines::Check check) {
  return {"stdin", [file](char* to, Index most) {
            ssize_t came;
            do came = ::read(file, to, std::size_t(most));
            while (came < 0 && errno == EINTR);
            return Index(came);
          }, check};
}

bool stdin_is_terminal() { return isatty(0); }

void check_writable(const std::string& out) {
  std::error_code missing;
  const std::string parent = std::filesystem::path(out).parent_path().string();
  const std::string folder = parent.empty() ? "." : parent;
  check(std::filesystem::is_directory(folder, missing), printable(out), ": there is no folder ",
        in_quotes(folder), " to write it to");
  check(!std::filesystem::is_directory(out, missing), printable(out), ": is a folder, not a file");
  check(access(folder.c_str(), W_OK) == 0, printable(out), ": nothing may be written in ",
        in_quotes(folder));
}

}  // namespace babelgrad
