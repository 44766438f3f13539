// Each definition of the book beside ours: where it is, which of the book's lines have a twin.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tools/checks/book_facts.h"
#include "tools/checks/book_lines.h"
#include "tools/checks/book_marks.h"
#include "tools/checks/source.h"

namespace babelgrad::checks {

struct OurLine {
  std::string file;
  CanonicalLine canonical;
  bool twin = false;                            // it is the twin of one of the book's lines
};

struct Match {
  const BookDefinition* book = nullptr;
  const Source* source = nullptr;               // null: we have no such definition
  const Definition* ours = nullptr;
  std::string section = {};                     // of the tag it stands under
  int our_count = 0;                            // lines of code, without lone brackets
  bool departs = false;                         // inside it, or in the comment above it
  std::set<std::string> added = {};             // words those notes name in backticks
  std::vector<bool> twins = {};                 // of the book's lines: has it a twin?
  std::vector<OurLine> lines = {};              // ours, where twins are looked for
  std::string elsewhere = {};                   // `file:line` of one under another section's tag
  int matched() const;

  const Source* form_source = nullptr;          // where the tests keep the book's own form; or null
  const Definition* form = nullptr;
  std::vector<bool> form_twins = {};            // lines that have a twin there and none in ours
  std::vector<OurLine> form_lines = {};
  int matched_in_form() const;
};

// Twins are looked for in a type with all its methods and in the types of the same file it derives
// from; for a function, in it, its overloads, and the type it is a method of. Each of our lines is
// the twin of one of the book's at most. An argument that we add is named in backticks in a note:
// a line that is the book's without it is its twin.
std::vector<Match> match_book(const Facts& facts, const std::vector<Source>& sources,
                              const Marks& marks);

// What departs from the book may stand in the tests as the book has it, an oracle for ours. `forms`
// is match_book of those headers; of the definitions we have, lines without a twin are looked up.
void add_forms(std::vector<Match>& matches, const std::vector<Match>& forms);

// The tag a definition stands under: in the comment above it, else above a type around it, else the
// nearest above in the file.
std::vector<const Tag*> tags_of(const Marks& marks, const Source& source,
                                const Definition& definition);

std::string path_of(const Definition& definition);             // Seq2SeqDecoder::State

}  // namespace babelgrad::checks
