// The same lines at two places: what is said twice is changed once.
#include <map>

#include "tensor/check.h"
#include "tools/checks/source_lines.h"
#include "tools/checks/style_rules.h"

namespace babelgrad::checks {
namespace {

struct Row {                                    // a line with something to say
  const File* file;
  int line;
  std::string code;
};

// More than braces, no directive, and no declaration of a free function: ops.h and tensor/views.h
// have the same names because they are the same verbs, each of its own room.
bool says_something(const std::string& code) {
  bool declaration = is_name(code[0]) && code.ends_with(");");
  return code.find_first_not_of(" {}()[];,") != std::string::npos && code[0] != '#' && !declaration;
}

std::vector<Row> rows_of(const Files& files) {
  std::vector<Row> rows;
  for (const File& file : files) {
    for (std::size_t i = 0; file.is_code() && i < file.source.lines.size(); i++) {
      const std::string& code = file.source.lines[i].code;
      if (says_something(code)) rows.push_back({&file, int(i + 1), trimmed(code)});
    }
  }
  return rows;
}

constexpr std::size_t block = 6;                // rows that may not be repeated
constexpr std::size_t test_block = 11;          // nor these by two tests

// How many rows from a on are those from b on; a is before b, and they do not overlap.
std::size_t common(const std::vector<Row>& rows, std::size_t a, std::size_t b) {
  std::size_t n = 0;
  while (b + n < rows.size() && a + n < b && rows[a + n].code == rows[b + n].code &&
         rows[a + n].file == rows[a].file && rows[b + n].file == rows[b].file)
    n++;
  return n;
}

std::string window(const std::vector<Row>& rows, std::size_t at) {
  std::string text;
  for (std::size_t i = at; i < at + block; i++) text += rows[i].code + '\n';
  return text;
}

}  // namespace

Complaints repeats(const Files& files) {
  const std::vector<Row> rows = rows_of(files);
  std::map<std::string, std::vector<std::size_t>> places;
  Complaints all;
  std::size_t told = 0;                         // rows before this one are in a complaint already
  for (std::size_t at = 0; at + block <= rows.size(); at++) {
    std::size_t longest = 0, where = 0;
    auto& earlier = places[window(rows, at)];
    for (std::size_t first : earlier) {
      bool tests = rows[first].file->folder() == "tests" && rows[at].file->folder() == "tests";
      std::size_t n = common(rows, first, at);
      if (n >= (tests ? test_block : block) && n > longest) longest = n, where = first;
    }
    earlier.push_back(at);
    if (longest == 0 || at < told) continue;
    told = at + longest;
    all.push_back({rows[at].file->path, rows[at].line,
                   join(longest, " lines as at ", rows[where].file->path, ":", rows[where].line,
                        ", make them a function")});
  }
  return all;
}

}  // namespace babelgrad::checks
