// Enough of Python's lines: which begin a statement, which are comments or docstrings.
#include "tools/checks/book_definitions.h"

#include "tools/checks/book_facts.h"
#include "tools/checks/source_lines.h"

namespace babelgrad::checks {
namespace {

struct Line {
  std::string text;
  bool begins = true;                           // not inside a statement of the line before
  bool counts = false;                          // as a line of code
  bool statement() const { return begins && counts; }
  std::size_t indent() const { return text.find_first_not_of(' '); }
};

// Which string and how many brackets are open after the lines passed so far.
struct Scan {
  std::string quote = {};
  int depth = 0;

  void pass(const std::string& s) {
    for (std::size_t i = 0; i < s.size(); i++) {
      if (!quote.empty()) {
        if (s[i] == '\\') i++;
        else if (s.compare(i, quote.size(), quote) == 0) i += quote.size() - 1, quote.clear();
      } else if (s[i] == '#') {
        break;
      } else if (s[i] == '"' || s[i] == '\'') {
        quote = s.compare(i, 3, std::string(3, s[i])) == 0 ? s.substr(i, 3) : s.substr(i, 1);
        i += quote.size() - 1;
      } else {
        depth += std::string("([{").find(s[i]) != std::string::npos;
        depth -= std::string(")]}").find(s[i]) != std::string::npos;
      }
    }
    if (quote.size() == 1) quote.clear();       // such a string ends with its line
  }
  bool open(const std::string& s) const { return depth > 0 || !quote.empty() || s.ends_with('\\'); }
};

std::vector<Line> lines_of(const std::string& code) {
  std::vector<Line> lines;
  Scan scan;
  bool inside = false, docstring = false;
  for (const std::string& text : split(code, '\n')) {
    Line line{text};
    const std::string s = trimmed(text);
    line.begins = !inside;
    if (!inside) docstring = s.starts_with("\"\"\"") || s.starts_with("r\"\"\"");
    line.counts = !docstring && !s.empty() && (!scan.quote.empty() || !s.starts_with('#'));
    scan.pass(text);
    inside = scan.open(text);
    lines.push_back(line);
  }
  return lines;
}

std::string word_after(const std::string& s, const std::string& keyword) {
  std::size_t end = keyword.size();
  while (end < s.size() && is_name(s[end])) end++;
  return s.substr(keyword.size(), end - keyword.size());
}

// The first line after begin with a statement that is no further right.
std::size_t block_end(const std::vector<Line>& lines, std::size_t begin) {
  std::size_t end = begin + 1, left = lines[begin].indent();
  while (end < lines.size() && !(lines[end].statement() && lines[end].indent() <= left)) end++;
  return end;
}

int count(const std::vector<Line>& lines, std::size_t begin, std::size_t end) {
  int n = 0;
  for (std::size_t i = begin; i < end; i++) n += lines[i].counts;
  return n;
}

PythonFunction function_at(const std::vector<Line>& lines, std::size_t begin) {
  PythonFunction out{word_after(trimmed(lines[begin].text), "def "), "", int(begin)};
  for (std::size_t i = begin; i < block_end(lines, begin); i++) out.code += lines[i].text + "\n";
  return out;
}

std::vector<PythonFunction> methods(const std::vector<Line>& lines, std::size_t begin,
                                    std::size_t end) {
  std::vector<PythonFunction> out;
  for (std::size_t i = begin + 1; i < end; i++) {
    if (!lines[i].statement() || !trimmed(lines[i].text).starts_with("def ")) continue;
    out.push_back(function_at(lines, i));
    i = block_end(lines, i) - 1;
  }
  return out;
}

// @d2l.add_to_class(d2l.Trainer) -> Trainer
std::string class_of(const std::string& decorator) {
  std::size_t open = decorator.find('(') + 1;
  std::string name = decorator.substr(open, decorator.find(')') - open);
  return name.substr(name.find_last_of('.') + 1);
}

}  // namespace

std::vector<PythonDefinition> python_definitions(const std::string& code) {
  const auto lines = lines_of(code);
  std::vector<PythonDefinition> out;
  std::string owner;
  for (std::size_t i = 0; i < lines.size(); i++) {
    const std::string& text = lines[i].text;
    if (!lines[i].statement() || lines[i].indent() > 0) continue;
    if (text.find("add_to_class(") != std::string::npos && text[0] == '@') owner = class_of(text);
    if (text[0] == '@') continue;
    bool is_class = text.starts_with("class "), is_function = text.starts_with("def ");
    std::size_t end = block_end(lines, i);
    if (is_class) {
      out.push_back({word_after(text, "class "), "", true, count(lines, i, end),
                     methods(lines, i, end)});
    } else if (is_function) {
      PythonFunction function = function_at(lines, i);
      out.push_back({function.name, owner, false, count(lines, i, end), {function}});
    }
    owner.clear();
    i = end - 1;
  }
  return out;
}

}  // namespace babelgrad::checks
