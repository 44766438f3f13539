// Where in the sources a definition or an equation of the book is: "AddNorm", "11.3.6". The table
// is made from the tags in the sources.
#pragma once

#include <string_view>

namespace babelgrad {

struct Place {
  std::string_view file;                        // from the root of the repository
  int line;                                     // from 1
  std::string_view section, title;              // the book's, 11.7.3 and its title
};

// By the book's name of a class or function, or an equation's number; null if it is unknown.
const Place* place(std::string_view key);

}  // namespace babelgrad
