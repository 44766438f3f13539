// Classes, methods and functions of a cell of Python, and how many lines of code they have.
#pragma once

#include <string>
#include <vector>

namespace babelgrad::checks {

struct PythonFunction {
  std::string name, code;                       // code: with its def line
  int line;                                     // of the def, in the cell, from 0
};

struct PythonDefinition {
  std::string name;
  std::string owner;                            // of a method added by @d2l.add_to_class(owner)
  bool is_class = false;
  int count = 0;                                // lines: no blanks, comments, docstrings and no
  std::vector<PythonFunction> functions;        // add_to_class; a function has itself as the only
};

// What the code defines at its left margin.
std::vector<PythonDefinition> python_definitions(const std::string& code);

}  // namespace babelgrad::checks
