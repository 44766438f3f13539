// Lines that explain points to: tools/anchors.tsv names each by a piece of its code, so that a line
// that moves is found again, and one that is gone is an error.
#pragma once

#include <string>
#include <vector>

#include "tools/checks/book_facts.h"
#include "tools/checks/book_marks.h"
#include "tools/checks/source.h"

namespace babelgrad::checks {

struct Anchor {
  int row;                                      // in the table
  std::string key, file, text;                  // text: stands in the code of one line of the file
  std::string within = {};                      // the definition meant, if others have it too
  int line = 0;                                 // in the file; 0: not found
  std::string section = {};                     // of the tag it stands under; "": under none
};

inline const char* const anchors_path = "tools/anchors.tsv";

// Error naming path and line if a row is none of ours.
std::vector<Anchor> read_anchors(const std::string& path, const std::string& text);

// Those whose line is found, with line and section. What is wrong with the others, or with the
// order of the keys, goes to marks.malformed.
std::vector<Anchor> find_anchors(const std::vector<Anchor>& anchors, const Facts& facts,
                                 const std::vector<Source>& sources, Marks& marks);

}  // namespace babelgrad::checks
