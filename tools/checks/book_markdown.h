// A section of the book as its source has it: Markdown with headings, $$ equations and cells of
// code for four frameworks. What a reader of the PyTorch edition sees is kept.
#pragma once

#include <string>
#include <vector>

#include "tools/checks/book_facts.h"

namespace babelgrad::checks {

struct Cell {
  int line;                                     // of its first line of code, in the file
  std::string section, code;
};

struct Page {
  std::vector<Section> sections;                // 11.7, then 11.7.1, 11.7.1.1, ..
  std::vector<Equation> equations;              // numbered as they come: 11.7.1, 11.7.2, ..
  std::vector<Cell> cells;
};

// number: the section's, 11.7. Error, `path:line: what`, if fences, equations, tabs or headings do
// not make sense.
Page read_page(const std::string& path, const std::string& markdown, const std::string& number);

// The part of a cell that PyTorch runs: its branches of `if tab.selected(..)`, moved to the left.
// "" if the cell is another framework's.
std::string pytorch_code(const std::string& path, int line, const std::vector<std::string>& cell);

}  // namespace babelgrad::checks
