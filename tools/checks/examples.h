// A chapter, read like a notebook: the fences of a README.md are statements of one program, in
// order, and what stands under a fence is what it prints.
//   ```cpp         statements; those that begin with #include, and ```cpp global, go before main();
//                  one with an int main() of its own is a whole program, the chapter's only one
//   ```text        right after a ```cpp fence: what it prints. Without it: its margin comments that
//                  begin with [, as in  print(y);  // [1 2], and if there are none, nothing
//   ```console     $ babelgrad ... and what that writes to stdout; $ make ... is for the reader
// Fences of other kinds, or of none, are drawings. Blanks at the end of lines do not count.
#pragma once

#include <string>
#include <vector>

namespace babelgrad::checks {

struct ChapterLine {
  int number;                                   // from 1, in the README
  std::string text;                             // without blanks at its end
};

struct Example {
  enum Kind { statements, global, program, console } kind;
  int line;                                     // of the fence, or of the $ of a command
  std::vector<ChapterLine> code;                // one line for console: the command without "$ "
  std::vector<ChapterLine> expected = {};
};

struct Chapter {
  std::string path;                             // as compilers and complaints name it
  std::vector<Example> examples;
};

// Error `path:line: what` for a fence without an end or in the wrong place, or an example without
// statements.
Chapter read_chapter(const std::string& path, const std::string& text);

// The chapter as C++, with #line wherever the README goes on; `headers` are included first.
std::string program_of(const Chapter& chapter, const std::vector<std::string>& headers);

// `README.md:42: expected "1", printed "2"`, at most one for each example, none if all is well.
// output: what the program of the chapter wrote.
std::vector<std::string> differences(const Chapter& chapter, const std::string& output);

// Runs the commands in a folder of their own, one after the other, and compares likewise. A command
// that fails is a difference.
std::vector<std::string> console_differences(const Chapter& chapter, const std::string& program);

// The first line of `printed` that is not as the example says, as above; "" if there is none.
std::string difference(const Chapter& chapter, const Example& example, const std::string& printed);

}  // namespace babelgrad::checks
