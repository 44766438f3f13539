// The form of a file: blanks, its opening, its directives.
#include <set>

#include "tensor/check.h"
#include "tools/checks/source_lines.h"
#include "tools/checks/style_rules.h"

namespace babelgrad::checks {
namespace {

std::string directive(const SourceLine& line) {  // "pragma once"; "" if it is none
  const std::string code = trimmed(line.plain);
  return code.empty() || code[0] != '#' ? "" : trimmed(code.substr(1));
}

}  // namespace

Complaints blanks(const Files& files) {
  Complaints all;
  for (const File& file : files) {
    for (std::size_t i = 0; i < file.source.lines.size(); i++) {
      const std::string& line = file.source.lines[i].text;
      if (line != right_trimmed(line))
        all.push_back({file.path, int(i + 1), "blanks at the end, the line ends with its text"});
      if (line.find('\t') != std::string::npos && file.path != "Makefile")
        all.push_back({file.path, int(i + 1), "a tab, indent by spaces and write \\t"});
    }
    int last = int(file.source.lines.size());
    if (!file.text.ends_with('\n') || file.text.ends_with("\n\n"))
      all.push_back({file.path, last, "a file ends with one newline after its last line"});
  }
  return all;
}

// What a .cpp is may be said by its own header, if the reader meets that on the first line. A test
// is named by its file and its cases.
Complaints opening_comments(const Files& files) {
  std::set<std::string> paths;
  for (const File& file : files) paths.insert(file.path);
  Complaints all;
  for (const File& file : files) {
    if (!file.is_code() || file.source.lines.empty()) continue;
    const SourceLine& first = file.source.line(1);
    std::string own = file.path.substr(0, file.path.rfind('.')) + ".h";
    bool told = file.is(".cpp") && included(first) == '"' + own;
    bool test = file.is(".cpp") && file.folder() == "tests" && !directive(first).empty();
    bool says = first.code.empty() && !first.comment.empty();
    std::string right = "open with a comment saying what this is";
    if (file.is(".cpp") && paths.count(own)) right += join(", or with its header ", own);
    if (!says && !told && !test) all.push_back({file.path, 1, right});
  }
  return all;
}

Complaints pragma_once(const Files& files) {
  Complaints all;
  for (const File& file : files) {
    if (!file.is(".h")) continue;
    std::size_t i = 0, count = file.source.lines.size();
    while (i < count && file.source.lines[i].code.empty()) i++;
    if (i == count || directive(file.source.lines[i]) != "pragma once")
      all.push_back({file.path, int(i < count ? i + 1 : 1), "#pragma once comes before any code"});
  }
  return all;
}

Complaints macros(const Files& files) {
  Complaints all;
  for (const File& file : files)
    for (std::size_t i = 0; i < file.source.lines.size(); i++)
      if (has_word(directive(file.source.lines[i]), "define") && file.path != "tests/main.cpp")
        all.push_back({file.path, int(i + 1), "a #define, write a function or a constant"});
  return all;
}

Complaints braces(const Files& files) {
  Complaints all;
  for (const File& file : files)
    if (file.source.unbalanced)
      all.push_back({file.path, file.source.unbalanced, "a brace without its partner"});
  return all;
}

}  // namespace babelgrad::checks
