// What was printed, beside what a chapter says is printed.
#include <map>

#include "data/utf8.h"
#include "tensor/check.h"
#include "tools/checks/examples.h"
#include "tools/checks/examples_prelude.h"

namespace babelgrad::checks {
namespace {

// Lines without blanks at their ends, and without bare lines at the end of all.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0, end; begin < text.size(); begin = end + 1) {
    end = std::min(text.find('\n', begin), text.size());
    std::string line = text.substr(begin, end - begin);
    line.erase(line.find_last_not_of(" \t\r") + 1);
    lines.push_back(line);
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

std::string in_quotes(const std::string& line) { return "\"" + printable(line, 200) + "\""; }

// What each example printed, by its line in the README.
std::map<int, std::string> pages_of(const std::string& output) {
  std::map<int, std::string> pages;
  std::size_t begin = output.find(examples::mark);
  while (begin != std::string::npos) {
    std::size_t next = output.find(examples::mark, begin + 1);
    std::string page = output.substr(begin + 1, next - begin - 1);
    std::size_t end = std::min(page.find('\n'), page.size());
    pages[std::atoi(page.c_str())] = page.substr(std::min(end + 1, page.size()));
    begin = next;
  }
  return pages;
}

}  // namespace

std::string difference(const Chapter& chapter, const Example& example, const std::string& printed) {
  std::vector<std::string> is = lines_of(printed);
  std::vector<ChapterLine> should = example.expected;
  while (!should.empty() && should.back().text.empty()) should.pop_back();
  std::size_t i = 0;
  while (i < is.size() && i < should.size() && is[i] == should[i].text) i++;
  if (i == is.size() && i == should.size()) return "";
  int line = i < should.size() ? should[i].number : should.empty() ? example.line
                                                                   : should.back().number;
  return join(chapter.path, ":", line, ": expected ",
              i < should.size() ? in_quotes(should[i].text) : "nothing more", ", printed ",
              i < is.size() ? in_quotes(is[i]) : "nothing more");
}

std::vector<std::string> differences(const Chapter& chapter, const std::string& output) {
  std::vector<std::string> all;
  std::map<int, std::string> pages = pages_of(output);
  for (const Example& example : chapter.examples) {
    if (example.kind == Example::global || example.kind == Example::console) continue;
    std::string found;
    if (example.kind == Example::program) found = difference(chapter, example, output);
    else if (pages.contains(example.line)) {
      found = difference(chapter, example, pages[example.line]);
    } else {
      found = join(chapter.path, ":", example.line, ": this example did not run");
    }
    if (!found.empty()) all.push_back(found);
  }
  return all;
}

}  // namespace babelgrad::checks
