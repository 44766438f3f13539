// Is this line of C++ the book's line of Python? Both are brought to one canonical form: a list of
// words in which what only one of the languages needs is gone (self, types, brackets, semicolons),
// X.f(a) stands as f X a, and a few names are translated. Equal lists are the same line.
#pragma once

#include <string>
#include <vector>

#include "tools/checks/source.h"

namespace babelgrad::checks {

struct CanonicalLine {
  int line;                                     // in its file
  std::string text;                             // the words, joined by blanks
};

// The statements of Python code that starts at first_line. Left out is what says nothing in C++:
// docstrings, comments, decorators, the def and class lines themselves, super().__init__(),
// save_hyperparameters(), else, pass.
std::vector<CanonicalLine> python_lines(const std::string& code, int first_line = 1);

// The statements of lines begin..end of a C++ file, an item of a constructor's initialiser list
// being one of them.
std::vector<CanonicalLine> cpp_lines(const Source& source, int begin, int end);

std::string line_hash(const std::string& canonical);    // 8 hexadecimal digits (FNV-1a)

// The table of names that are translated, as text for BOOK.md: {"torch.bmm", "matmul"}, ...
std::vector<std::pair<std::string, std::string>> translated_names();

}  // namespace babelgrad::checks
