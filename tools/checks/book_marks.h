// What ties our sources to the book, in three forms of comment and no others:
//   a tag, first in its line, above a definition: the book's name, a section's number, its title;
//   then the line may end, or go on after a . or a :  One tag a line; two sections are two lines.
//   an equation, Eq. and its number in brackets, anywhere in a comment.
//   a departure, two words and the book's name, a colon, and what differs, to the end of that
//   comment; before the colon or in the text may stand ids of traps: (D4) or (D4, D10).
#pragma once

#include <string>
#include <vector>

#include "tools/checks/source.h"

namespace babelgrad::checks {

struct Tag {
  std::string file;
  int line;
  std::string section, rest;                    // rest: title and what follows it
};

struct EquationMark {
  std::string file;
  int line;
  std::string number, section;                  // section: of the nearest tag above, or of one in
};                                              // the same comment that fits; "" if there is none

struct Departure {
  std::string file;
  int line, end;                                // first and last line of the note
  std::vector<std::string> traps;
  std::string text, section;                    // section: of the nearest tag above; "" if none
};

struct Marks {
  std::vector<Tag> tags;                        // all in the order of files and lines
  std::vector<EquationMark> equations;
  std::vector<Departure> departures;
  std::vector<std::string> malformed;           // `file:line: what, and what would be right`
};

Marks read_marks(const std::vector<Source>& sources);

// The nearest tag of that file at the line or above it; null if there is none.
const Tag* tag_above(const Marks& marks, const std::string& file, int line);

}  // namespace babelgrad::checks
