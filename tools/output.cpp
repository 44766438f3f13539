#include "tools/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "data/tsv.h"
#include "tensor/check.h"
#include "tools/args.h"
#include "tools/terminal.h"

namespace babelgrad {
namespace {

// The file itself; of a run's folder all that the program keeps there. A report may be made anew.
std::vector<std::filesystem::path> files_of(const std::string& read, bool report) {
  std::vector<std::filesystem::path> files{read};
  std::error_code none;                         // a folder that is not there has no files
  for (const auto& entry : std::filesystem::directory_iterator(read, none)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".safetensors") || name == "log.jsonl" || name == "lock" ||
        name == "history.txt" || (name == "report.html" && !report))
      files.push_back(entry.path());
  }
  return files;
}

}  // namespace

void print(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
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

bool read_line(std::string& line, Index number) {
  constexpr std::size_t limit = 1 << 20;
  line.clear();
  int c;
  while ((c = std::getchar()) != EOF && c != '\n') {
    check(line.size() < limit, "stdin:", number, ": a line of more than ", limit, " bytes");
    line.push_back(char(c));
  }
  check(!std::ferror(stdin), "stdin:", number, ": ", std::strerror(errno));
  if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);       // a byte order mark
  check_text(line, "stdin", number);
  if (c == '\n' && !line.empty() && line.back() == '\r') line.pop_back();
  return c != EOF || !line.empty();
}

bool stdin_is_terminal() { return isatty(0); }

void check_not_read(std::string_view command, const std::string& out,
                    const std::vector<std::string>& read) {
  if (out.empty()) return;
  std::error_code missing;
  for (const std::string& in : read) {
    for (const auto& file : files_of(in, command == "report"))
      if (std::filesystem::equivalent(out, file, missing))
        usage_error(command, ": --out ", babelgrad::quoted(out), " is a file to be read");
  }
  const std::string parent = std::filesystem::path(out).parent_path().string();
  const std::string folder = parent.empty() ? "." : parent;
  check(std::filesystem::is_directory(folder, missing), printable(out), ": there is no folder ",
        babelgrad::quoted(folder), " to write it to");
  check(!std::filesystem::is_directory(out, missing), printable(out), ": is a folder, not a file");
  check(access(folder.c_str(), W_OK) == 0, printable(out), ": nothing may be written in ",
        babelgrad::quoted(folder));
}

}  // namespace babelgrad
