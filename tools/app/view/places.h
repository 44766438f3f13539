// Where in the sources each definition and equation of the book is that explain names, "AddNorm" or
// "11.3.6", and each line of tools/dev/anchors.tsv, "gru.reset". It is made from the sources.
#pragma once

#include <string_view>

namespace babelgrad {

struct Place {
  std::string_view file;                        // from the root of the repository
  int line;                                     // from 1
  std::string_view section, title;              // the book's, 11.7.3 and its title; "": none
};

// By the book's name of a class or function, an equation's number, or an anchor's key; else null.
const Place* place(std::string_view key);

}  // namespace babelgrad
