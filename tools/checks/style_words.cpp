// Words that have no place here, wherever they are not merely quoted.
#include <cctype>
#include <functional>

#include "tensor/check.h"
#include "tools/checks/source_lines.h"
#include "tools/checks/style_rules.h"

namespace babelgrad::checks {
namespace {

// A complaint for each line of the files in question of which `what` says what would be right.
Complaints lines_where(const Files& files, bool (*in_question)(const File&),
                       const std::function<std::string(const SourceLine&)>& what) {
  Complaints all;
  for (const File& file : files) {
    for (std::size_t i = 0; in_question(file) && i < file.source.lines.size(); i++) {
      const std::string right = what(file.source.lines[i]);
      if (!right.empty()) all.push_back({file.path, int(i + 1), right});
    }
  }
  return all;
}

bool is_code(const File& file) { return file.is_code(); }

// From a digit to the end of a number in C++: 1e-5, 0xFF, 1'000, 0x1p-3.
std::size_t number_end(const std::string& s, std::size_t at) {
  bool hex = s.compare(at, 2, "0x") == 0 || s.compare(at, 2, "0X") == 0;
  auto signs = [&](char e) { return std::tolower((unsigned char)e) == (hex ? 'p' : 'e'); };
  while (at < s.size() && (is_name(s[at]) || s[at] == '.' || s[at] == '\'' ||
                           ((s[at] == '-' || s[at] == '+') && signs(s[at - 1]))))
    at++;
  return at;
}

std::string float_literal(const std::string& s) {              // "" if there is none
  for (std::size_t at = 0; at < s.size(); at++) {
    if (!std::isdigit((unsigned char)s[at])) continue;
    std::size_t begin = at > 0 && s[at - 1] == '.' ? at - 1 : at, end = number_end(s, at);
    const std::string number = s.substr(begin, end - begin);
    bool of_a_name = at > 0 && is_name(s[at - 1]);
    bool hex = number.starts_with("0x") || number.starts_with("0X");
    bool whole = hex && number.find_first_of("pP") == std::string::npos;   // f is a digit of it
    if (!of_a_name && !whole && (number.back() == 'f' || number.back() == 'F')) return number;
    at = end;
  }
  return "";
}

bool calls(const std::string& code, const std::string& name) {
  std::size_t at = find_word(code, name);
  return at != std::string::npos && code.compare(at + name.size(), 1, "(") == 0;
}

}  // namespace

Complaints unfinished_work(const Files& files) {
  auto in_question = [](const File& file) { return !file.is(".md"); };
  return lines_where(files, in_question, [](const SourceLine& line) -> std::string {
    const std::string words = line.plain.empty() && line.comment.empty()
                                  ? line.text : line.plain + " " + line.comment;
    for (const char* word : {"TODO", "FIXME", "XXX", "HACK"})
      if (has_word(words, word)) return join(word, ", do it, or say how it is");
    return "";
  });
}

Complaints using_namespace(const Files& files) {
  auto in_question = [](const File& file) { return file.is(".h"); };
  return lines_where(files, in_question, [](const SourceLine& line) -> std::string {
    return has_word(line.plain, "using namespace") ? "in a header, name what is used" : "";
  });
}

Complaints machine_paths(const Files& files) {
  auto in_question = [](const File& file) { return !file.is(".md") && file.folder() != "tests"; };
  return lines_where(files, in_question, [](const SourceLine& line) -> std::string {
    for (const char* name : {"home", "work", "tmp"})
      if (line.text.find(join("/", name, "/")) != std::string::npos)
        return join("/", name, "/, a path comes from the user or the system");
    return "";
  });
}

Complaints float_suffixes(const Files& files) {
  return lines_where(files, is_code, [](const SourceLine& line) -> std::string {
    const std::string number = float_literal(line.plain);
    const std::string bare = number.substr(0, number.empty() ? 0 : number.size() - 1);
    return number.empty() ? "" : join(number, ", write Real(", bare, ") or float(", bare, ")");
  });
}

Complaints chance_and_time(const Files& files) {
  return lines_where(files, is_code, [](const SourceLine& line) -> std::string {
    bool chance = calls(line.plain, "rand") || calls(line.plain, "srand") ||
                  has_word(line.plain, "random_device");
    return chance || has_word(line.plain, "time(nullptr)")
               ? "a number nobody can have again, draw it from Random" : "";
  });
}

Complaints compiler_flags(const Files& files) {
  auto in_question = [](const File& file) { return file.path == "Makefile"; };
  return lines_where(files, in_question, [](const SourceLine& line) -> std::string {
    const std::string rule = line.text.substr(0, line.text.find('#'));
    for (const char* flag : {"-ffast-math", "-Ofast"})
      if (has_word(rule, flag)) return join(flag, ", which makes isnan() false and reorders sums");
    return "";
  });
}

}  // namespace babelgrad::checks
