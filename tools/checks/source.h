// A C++ file as a reader sees it: each line's code apart from its comment, and where its types and
// functions begin and end. Enough of the language for this house's style, not a parser of C++.
#pragma once

#include <string>
#include <vector>

namespace babelgrad::checks {

struct SourceLine {
  std::string text;                             // as it stands, without the line end
  std::string code;                             // without comment and blanks at the end
  std::string comment;                          // after "// ", trimmed; "" if there is none
  std::string plain;                            // code with spaces for what its strings say
  bool bare() const { return code.empty() && comment.empty(); }
};

// Lines count from 1, as in an editor. `scope` is the path of the types around it: "Attention", or
// "Seq2SeqDecoder::State"; "" at the level of the namespace.
struct Definition {
  enum Kind { type, function } kind;
  std::string name;                             // "AddNorm"; "operator()"; a constructor has its
  std::string scope;                            // type's name
  int begin = 0, body = 0, end = 0;             // first line, line of the {, line of the matching }
  int comment = 0;                              // first line of the comment right above; 0: none
};

struct Source {
  std::string path;                             // from the root of the repository
  std::vector<SourceLine> lines;
  std::vector<Definition> definitions;          // in order of begin; functions with a body only
  int unbalanced = 0;                           // line of a brace without its partner; 0: none
  const SourceLine& line(int number) const { return lines[number - 1]; }
};

Source read_source(const std::string& path, const std::string& text);
// All .h and .cpp files of the house below root, sorted by path; build/ and hidden folders are not
// read. Error if root is no folder.
std::vector<Source> read_sources(const std::string& root);

int code_lines(const Source& source, int begin, int end);      // neither blank nor comment only

}  // namespace babelgrad::checks
