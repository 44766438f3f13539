// All that is held together: the book's facts, our sources and what they say of the book, the
// tests, and the maps made from them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tools/checks/book_anchors.h"
#include "tools/checks/book_facts.h"
#include "tools/checks/book_marks.h"
#include "tools/checks/book_match.h"
#include "tools/checks/source.h"

namespace babelgrad::checks {

struct TestCase {
  std::string file;
  int line;
  std::string name;
};

struct House {
  Facts facts;
  std::vector<LeftOut> left_out;
  std::vector<Source> sources;                  // of tensor, autograd, nn, models, data and tools
  std::vector<TestCase> tests;                  // of tests
  std::vector<Source> forms;                    // tests/models_book*.h: the book's own forms
  Marks marks = {}, form_marks = {};
  std::vector<Anchor> anchors = {};             // those that are found
  std::vector<Match> matches = {};              // one for each definition of facts, in their order
  std::map<std::string, std::string> maps = {}; // path -> what the file holds; "" if it is missing

  House() = default;
  House(const House&) = delete;                 // matches point into facts and sources
  House(House&&) = default;
};

inline const char* const facts_path = "tools/book.tsv";
inline const char* const left_out_path = "tools/left_out.tsv";

// sources: of all folders; those of other folders than the six above are not compared.
House make_house(Facts facts, std::vector<LeftOut> left_out, std::vector<Source> sources,
                 const std::vector<Anchor>& anchors = {});
House read_house(const std::string& root, Facts facts);

// One line for each breach, `file:line: what, and what would be right`; none: all is well.
std::vector<std::string> breaches(const House& house);

// The generated files: path -> text. The same house gives the same bytes.
std::map<std::string, std::string> maps_of(const House& house);

// What stands in a line's totals.
struct Totals {
  int definitions = 0, lines = 0, matched = 0;  // of the book, those we have; lines of their bodies
  int in_forms = 0;                             // lines matched in the tests' forms alone
  int book_count = 0, our_count = 0;            // lines of code
};
Totals totals(const House& house, const std::string& folder = "");     // below the folder

// Of the tests of its room (tests/models_*.cpp), the first that names the definition and, with the
// book's name before it, its section; else the first that names one of the two; null: none.
const TestCase* test_of(const House& house, const Match& match);
const TestCase* test_of_trap(const House& house, const std::string& id);

// The innermost definition in which, or in the comment above which, a line stands; null: in none.
const Definition* definition_at(const Source& source, int line);

}  // namespace babelgrad::checks
