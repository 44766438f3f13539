// A walk over the characters that knows comments, strings, characters and raw strings.
#include "tools/checks/source_lines.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace babelgrad::checks {
namespace {

class LineReader {
 public:
  explicit LineReader(const std::string& text) : text_(text) {}
  std::vector<SourceLine> read() {
    while (at_ < text_.size()) step();
    if (!line_.text.empty()) end_line();
    return lines_;
  }

 private:
  enum Part { code, string, comment };

  bool next_is(const std::string& what) const { return text_.compare(at_, what.size(), what) == 0; }
  void step() {
    if (next_is("//")) put_comment(2, text_.find('\n', at_));
    else if (next_is("/*")) put_comment(2, text_.find("*/", at_ + 2));
    else if (text_[at_] == '"' || text_[at_] == '\'') put_quoted(text_[at_]);
    else if (is_name(text_[at_])) put_word();
    else put(code, 1);
  }
  void put_comment(std::size_t mark, std::size_t end) {
    bool block = text_[at_ + 1] == '*';
    line_.text += text_.substr(at_, mark);
    at_ += mark;
    put(comment, std::min(end, text_.size()) - at_);
    if (block && at_ < text_.size()) {
      line_.text += "*/";
      at_ += 2;
    }
  }
  void put_quoted(char quote) {                 // a line end ends it, too: #error don't
    put(code, 1);
    while (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != quote)
      put(string, text_[at_] == '\\' ? 2 : 1);
    if (at_ < text_.size() && text_[at_] == quote) put(code, 1);
  }
  void put_word() {                             // a name, or a number: 1'000 holds no character
    std::size_t end = at_;
    bool number = std::isdigit((unsigned char)text_[at_]);
    while (end < text_.size() && (is_name(text_[end]) || (number && text_[end] == '\''))) end++;
    const std::string word = text_.substr(at_, end - at_);
    put(code, word.size());
    const std::set<std::string> raw = {"R", "LR", "uR", "UR", "u8R"};
    if (next_is("\"") && raw.count(word)) put_raw_string();
  }
  void put_raw_string() {
    std::size_t open = std::min(text_.find('(', at_), text_.size());
    const std::string close = ")" + text_.substr(at_ + 1, open - at_ - 1) + '"';
    std::size_t end = std::min(text_.find(close, open), text_.size());
    put(code, 1);
    put(string, std::min(end + close.size(), text_.size()) - at_ - 1);
    put(code, 1);
  }
  void put(Part part, std::size_t count) {
    for (; count > 0 && at_ < text_.size(); count--, at_++) {
      char c = text_[at_];
      if (c == '\n') {
        end_line();
        continue;
      }
      line_.text += c;
      if (part == comment) line_.comment += c;
      else {
        line_.code += c;
        line_.plain += part == string ? ' ' : c;
      }
    }
  }
  void end_line() {
    line_.code = right_trimmed(line_.code);
    line_.plain = right_trimmed(line_.plain);
    line_.comment = trimmed(line_.comment);
    lines_.push_back(line_);
    line_ = {};
  }

  const std::string& text_;
  std::size_t at_ = 0;
  SourceLine line_;
  std::vector<SourceLine> lines_;
};

}  // namespace

bool is_name(char c) { return std::isalnum((unsigned char)c) || c == '_' || (c & 0x80); }

std::string right_trimmed(const std::string& s) {
  return s.substr(0, s.find_last_not_of(" \t\r") + 1);
}

std::string trimmed(const std::string& s) {
  std::size_t begin = s.find_first_not_of(" \t\r");
  return begin == std::string::npos ? "" : right_trimmed(s.substr(begin));
}

std::vector<SourceLine> read_lines(const std::string& text) { return LineReader(text).read(); }

}  // namespace babelgrad::checks
