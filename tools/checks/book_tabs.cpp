// Which lines of a cell PyTorch runs.
#include <algorithm>

#include "tensor/check.h"
#include "tools/checks/book_markdown.h"
#include "tools/checks/source_lines.h"

namespace babelgrad::checks {
namespace {

using Lines = std::vector<std::string>;

std::size_t indent_of(const std::string& line) { return line.find_first_not_of(' '); }
bool is_blank(const std::string& line) { return indent_of(line) == std::string::npos; }

std::string moved(const std::string& line, std::size_t left) {
  return is_blank(line) ? "" : line.substr(std::min(left, indent_of(line)));
}

bool names(const std::string& list, const std::string& framework) {
  return list.find(framework) != std::string::npos;
}

class Branches {
 public:
  Branches(const std::string& path, int line, const Lines& lines)
      : path_(path), first_(line), lines_(lines) {}

  Lines all() { return block(0, lines_.size(), 0); }

 private:
  // Lines begin .. end, `left` columns further left.
  Lines block(std::size_t begin, std::size_t end, std::size_t left) {
    Lines out;
    bool taken = false;                         // one of the branches of this `if`, for its else
    for (std::size_t i = begin; i < end; i++) {
      const std::string code = trimmed(lines_[i]);
      bool branch = code.find("tab.selected(") != std::string::npos;
      bool other = code == "else:" && i > begin && after_branch_ == indent_of(lines_[i]);
      if (!branch && !other) {
        out.push_back(moved(lines_[i], left));
        if (!is_blank(lines_[i])) after_branch_ = std::string::npos;
        continue;
      }
      bool chosen = other ? !taken : selected(i, code, taken);
      taken = code.starts_with("if") ? chosen : taken || chosen;
      std::size_t indent = indent_of(lines_[i]), last = branch_end(i, end, indent);
      if (chosen) {
        std::size_t inner = first_indent(i + 1, last);
        for (const std::string& line : block(i + 1, last, left + inner - indent))
          out.push_back(line);
      }
      after_branch_ = indent;
      i = last - 1;
    }
    return out;
  }
  bool selected(std::size_t i, const std::string& code, bool taken) const {
    bool plain = code.starts_with("if tab.selected(") || code.starts_with("elif tab.selected(");
    check(plain && code.ends_with("):") && !names(code, " and ") && !names(code, " or "),
          path_, ":", first_ + int(i), ": a condition on tabs that is not understood");
    return names(code, "'pytorch'") && !(code.starts_with("elif") && taken);
  }
  std::size_t branch_end(std::size_t i, std::size_t end, std::size_t indent) const {
    std::size_t last = i + 1;
    for (std::size_t k = i + 1; k < end; k++) {
      if (is_blank(lines_[k])) continue;
      if (indent_of(lines_[k]) <= indent) break;
      last = k + 1;
    }
    check(last > i + 1, path_, ":", first_ + int(i), ": a branch without lines");
    return last;
  }
  std::size_t first_indent(std::size_t begin, std::size_t end) const {
    while (begin < end && is_blank(lines_[begin])) begin++;
    return indent_of(lines_[begin]);
  }

  const std::string& path_;
  int first_;
  const Lines& lines_;
  std::size_t after_branch_ = std::string::npos;       // indent of the branch just read
};

bool defines(const Lines& cell) {
  for (const std::string& line : cell)
    if (trimmed(line).starts_with("def ") || line.starts_with("class ")) return true;
  return false;
}

}  // namespace

std::string pytorch_code(const std::string& path, int line, const Lines& cell) {
  Lines rest = cell;
  std::size_t at = 0;
  while (at < rest.size() && is_blank(rest[at])) at++;
  std::string tabs = at < rest.size() ? rest[at] : "";
  bool marked = tabs.starts_with("%%tab ") || tabs.starts_with("#@tab ");
  check(marked || !defines(cell), path, ":", line, ": a definition in a cell without %%tab");
  if (!marked || (!names(tabs, "pytorch") && !names(tabs, "all"))) return "";
  rest[at].clear();
  std::string code;
  for (const std::string& text : Branches(path, line, rest).all()) code += text + "\n";
  return code;
}

}  // namespace babelgrad::checks
