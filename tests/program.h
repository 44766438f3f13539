// The program as a user meets it: through the shell, in a folder of the test's own, or a command of
// it called as main() does.
#pragma once

#include <sys/wait.h>

#include <cstdlib>

#include "data/file.h"
#include "tests/close.h"
#include "tests/folder.h"

namespace babelgrad {

struct Said { int status; std::string out, err; };             // 128 + n: ended by signal n

template <class Command>
int called(const Command& command, const char* name, const std::vector<std::string>& words) {
  std::vector<const char*> pointers{name};
  for (const std::string& word : words) pointers.push_back(word.c_str());
  return command(int(pointers.size()), pointers.data());
}

inline std::string of_lines(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

inline std::string program_path() {
  const char* program = std::getenv("BABELGRAD");
  return std::filesystem::absolute(program ? program : "build/babelgrad").string();
}

// `FEED | babelgrad ARGUMENTS`, where the file `in` has the input; `before` stands before both.
inline Said said_by(const Folder& folder, const std::string& arguments,
                    const std::string& input = "", const std::string& feed = "cat in",
                    const std::string& before = "") {
  write_file_atomically(folder.path + "/in", input);
  const int status =
      std::system(join("cd '", folder.path, "' && rm -f out && ", before, "(", feed, ") | '",
                       program_path(), "' ", arguments, " > out 2> err").c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          read_file(folder.path + "/out"), read_file(folder.path + "/err")};
}

}  // namespace babelgrad
