// Headings, equations and cells, line by line.
#include "tools/checks/book_markdown.h"

#include "tensor/check.h"
#include "tools/checks/source_lines.h"

namespace babelgrad::checks {
namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at))
    text.replace(at, from.size(), to), at += to.size();
}

// [**Training**] and Prediction -> Training and Prediction
std::string plain_title(std::string title) {
  for (const char* mark : {"[**", "**]", "(**", "**)", "~~", "**", "*", "`"})
    replace_all(title, mark, "");
  replace_all(title, "---", "—");
  replace_all(title, "--", "–");
  title = trimmed(title);
  while (title.ends_with('#')) title.pop_back();
  return trimmed(title);
}

class PageReader {
 public:
  PageReader(const std::string& path, const std::string& number) : path_(path), number_(number) {}

  Page read(const std::string& markdown) {
    for (const std::string& line : split(markdown, '\n')) {
      line_++;
      if (trimmed(line).starts_with("```")) fence(trimmed(line));
      else if (in_cell_) cell_.push_back(right_trimmed(line));
      else if (!in_fence_) prose(line);
    }
    require(!in_fence_ && !in_cell_, "a ``` is never closed");
    require(!in_equation_, "a $$ is never closed");
    require(!page_.sections.empty(), "there is no heading");
    return page_;
  }

 private:
  template <class... Parts>
  void require(bool condition, const Parts&... parts) const {
    check(condition, path_, ":", line_, ": ", parts...);
  }
  void fence(const std::string& line) {
    if (in_fence_ || in_cell_) {
      if (in_cell_) end_cell();
      in_fence_ = in_cell_ = false;
    } else {
      bool cell = line.find(".python .input") != std::string::npos;
      (cell ? in_cell_ : in_fence_) = true;
      cell_.clear();
    }
  }
  void end_cell() {
    int first = line_ - int(cell_.size());
    std::string code = pytorch_code(path_, first, cell_);
    if (!code.empty()) page_.cells.push_back({first, section(), code});
  }
  void prose(const std::string& line) {
    if (line.starts_with(":begin_tab:")) other_ = line.find("pytorch") == std::string::npos;
    else if (line.starts_with(":end_tab:")) other_ = false;
    else if (!other_ && line.starts_with("#")) heading(line);
    else if (!other_) equations(line);
  }
  void heading(const std::string& line) {
    std::size_t level = line.find_first_not_of('#');
    if (level == std::string::npos || line[level] != ' ') return;
    require(level == 1 ? counts_.empty() : level <= counts_.size() + 1 && !counts_.empty(),
            "a heading of level ", level, " cannot stand here");
    counts_.resize(level);
    counts_[level - 1]++;
    std::string number = number_;
    for (std::size_t i = 1; i < level; i++) number += "." + std::to_string(counts_[i]);
    page_.sections.push_back({number, plain_title(line.substr(level))});
  }
  void equations(const std::string& line) {
    for (std::size_t at = line.find("$$"); at != std::string::npos; at = line.find("$$", at + 2)) {
      in_equation_ = !in_equation_;
      if (!in_equation_) continue;
      std::string equation = number_ + "." + std::to_string(page_.equations.size() + 1);
      page_.equations.push_back({equation, section()});
    }
  }
  std::string section() const {
    return page_.sections.empty() ? number_ : page_.sections.back().number;
  }

  std::string path_, number_;
  int line_ = 0;
  bool in_fence_ = false, in_cell_ = false, in_equation_ = false, other_ = false;
  std::vector<int> counts_;                     // of headings, by level
  std::vector<std::string> cell_;
  Page page_;
};

}  // namespace

Page read_page(const std::string& path, const std::string& markdown, const std::string& number) {
  return PageReader(path, number).read(markdown);
}

}  // namespace babelgrad::checks
