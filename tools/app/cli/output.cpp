#include "tools/app/cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "tensor/check.h"
#include "tools/app/cli/args.h"
#include "tools/app/cli/terminal.h"

namespace babelgrad {
namespace {

// The file itself; of a run's folder all that the program keeps there. A report may be made anew.
std::vector<std::filesystem::path> files_of(const std::string& read, bool report) {
  std::vector<std::filesystem::path> files{read};
  std::error_code none;                         // a folder that is not there has no files
  for (const auto& entry : std::filesystem::directory_iterator(read, none)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".safetensors") || name == "log.jsonl" || name == "lock" ||
        (name == "report.html" && !report))
      files.push_back(entry.path());
  }
  return files;
}

std::string& called() {
  static std::string name = "babelgrad";
  return name;
}

}  // namespace

void name_program(std::string_view name) { called() = name; }
const std::string& program_name() { return called(); }

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

void check_not_read(std::string_view command, const std::string& out,
                    const std::vector<std::string>& read) {
  if (out.empty()) return;
  std::error_code missing;
  for (const std::string& in : read) {
    for (const auto& file : files_of(in, command == "report"))
      if (std::filesystem::equivalent(out, file, missing))
        usage_error(command, ": --out ", in_quotes(out), " is a file to be read");
  }
  const std::string parent = std::filesystem::path(out).parent_path().string();
  const std::string folder = parent.empty() ? "." : parent;
  check(std::filesystem::is_directory(folder, missing), printable(out), ": there is no folder ",
        in_quotes(folder), " to write it to");
  check(!std::filesystem::is_directory(out, missing), printable(out), ": is a folder, not a file");
  check(access(folder.c_str(), W_OK) == 0, printable(out), ": nothing may be written in ",
        in_quotes(folder));
}

}  // namespace babelgrad
