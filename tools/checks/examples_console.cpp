// A chapter's commands, run by the shell as a reader would.
#include <stdlib.h>
#include <sys/wait.h>

#include <filesystem>

#include "data/file.h"
#include "data/utf8.h"
#include "tensor/check.h"
#include "tools/checks/examples.h"

namespace babelgrad::checks {
namespace {

struct Folder {                                 // of a chapter's commands, gone when they are done
  std::string path;
  Folder() : path((std::filesystem::temp_directory_path() / "chapter-XXXXXX").string()) {
    check(::mkdtemp(path.data()) != nullptr, "examples: cannot make ", path);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
};

std::string shell_word(const std::string& s) {
  std::string out = "'";
  for (char c : s) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// Exit status, or 128 and more for a signal; what it wrote is in .out and .err.
int run(const Folder& folder, const std::string& program, const std::string& command) {
  std::string there = "cd " + shell_word(folder.path);
  std::string us = "babelgrad() { " + shell_word(program) + " \"$@\"; }\n";
  write_file_atomically(folder.path + "/.command", us + command + "\n");
  int status = std::system((there + " && sh .command < /dev/null > .out 2> .err").c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

std::vector<std::string> console_differences(const Chapter& chapter, const std::string& program) {
  std::vector<std::string> all;
  Folder folder;
  std::string absolute = std::filesystem::absolute(program).string();
  for (const Example& example : chapter.examples) {
    if (example.kind != Example::console) continue;
    int status = run(folder, absolute, example.code[0].text);
    std::string found = difference(chapter, example, read_file(folder.path + "/.out"));
    if (status != 0) {
      std::string said = read_file(folder.path + "/.err");
      found = join(chapter.path, ":", example.line, ": exit status ", status, ": ",
                   printable(said.substr(0, said.find('\n')), 200));
    }
    if (!found.empty()) all.push_back(found);
  }
  return all;
}

}  // namespace babelgrad::checks
