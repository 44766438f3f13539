// The house rules that a machine can hold. A rule is a function from the files to its complaints;
// the table of them is in style_rules.cpp, and there is no list of exceptions.
#pragma once

#include <string>
#include <vector>

#include "tools/checks/source.h"

namespace babelgrad::checks {

struct File {                                   // .h, .cpp, .py, .md or the Makefile
  std::string path, text;
  Source source;                                // of the others: the text of the lines alone

  bool is(const std::string& suffix) const { return path.ends_with(suffix); }
  bool is_code() const { return is(".h") || is(".cpp"); }
  std::string folder() const;                   // "tools" of tools/checks/source.h; "" in the root
  bool is_core() const;                         // tensor, autograd, nn, models
};
using Files = std::vector<File>;                // sorted by path

struct Complaint {
  std::string path;
  int line;                                     // 0: about a whole file or folder
  std::string right;                            // what is there, and what would be right
};
using Complaints = std::vector<Complaint>;

struct Rule {
  const char* name;
  Complaints (*complaints)(const Files&);
};
const std::vector<Rule>& rules();
const Rule& rule(const std::string& name);      // Error if there is none of that name

File house_file(const std::string& path, const std::string& text);
Files read_files(const std::string& root);      // build/ and hidden folders are not read
// `file:line: rule, what would be right`, rule by rule.
std::vector<std::string> complaints(const Files& files);

// Where the word stands, not as a part of a longer one; npos: nowhere.
std::size_t find_word(const std::string& line, const std::string& word, std::size_t from = 0);
bool has_word(const std::string& line, const std::string& word);
// The literals of a line, one after the other: `f("a", "b")` has a and b.
std::vector<std::string> literals(const SourceLine& line);
// The path in an #include of this line, "" if it is none; `<` or `"` stays before it.
std::string included(const SourceLine& line);

// style_size.cpp
struct Figures {
  int files = 0, core_code = 0;                 // lines of code of the core
  int median_file = 0, median_function = 0;     // lines, of the core
  double core_comments = 0;                     // comment lines / lines of code
  std::vector<std::pair<std::string, double>> comments;      // by folder that has code
};
Figures figures(const Files& files);
Complaints long_files(const Files& files);
Complaints long_functions(const Files& files);
Complaints long_lines(const Files& files);
Complaints core_size(const Files& files);
Complaints comment_share(const Files& files);

// style_text.cpp
Complaints blanks(const Files& files);
Complaints opening_comments(const Files& files);
Complaints pragma_once(const Files& files);
Complaints macros(const Files& files);
Complaints braces(const Files& files);

// style_words.cpp
Complaints unfinished_work(const Files& files);
Complaints using_namespace(const Files& files);
Complaints machine_paths(const Files& files);
Complaints float_suffixes(const Files& files);
Complaints chance_and_time(const Files& files);
Complaints compiler_flags(const Files& files);

// style_layers.cpp
Complaints layers(const Files& files);
Complaints missing_includes(const Files& files);
Complaints heavy_headers(const Files& files);
Complaints intrinsics(const Files& files);
Complaints raw_verbs(const Files& files);
bool is_room(const std::string& name);          // one that tests/ROOM_subject.cpp may name

// style_modules.cpp
Complaints field_names(const Files& files);
Complaints unnamed_members(const Files& files);
std::vector<std::string> module_types(const Files& files);   // all that derive from Module

// style_tests.cpp
Complaints gradient_tests(const Files& files);
Complaints model_tests(const Files& files);
Complaints test_files(const Files& files);
Complaints test_names(const Files& files);

// style_repeats.cpp
Complaints repeats(const Files& files);

}  // namespace babelgrad::checks
