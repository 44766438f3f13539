#include "tools/page/paint.h"

#include <algorithm>
#include <cctype>

#include "tools/app/view/heatmap.h"
#include "tools/checks/source_lines.h"

namespace babelgrad::page {
namespace {

using checks::is_name;

const std::set<std::string> keywords = {
    "alignas", "auto", "bool", "break", "case", "catch", "char", "class", "concept", "const",
    "const_cast", "constexpr", "continue", "decltype", "default", "delete", "do", "double",
    "else", "enum", "explicit", "extern", "false", "float", "for", "friend", "if", "inline",
    "int", "long", "mutable", "namespace", "new", "noexcept", "nullptr", "operator", "override",
    "private", "protected", "public", "reinterpret_cast", "requires", "return", "short",
    "signed", "sizeof", "static", "static_assert", "static_cast", "struct", "switch",
    "template", "this", "thread_local", "throw", "true", "try", "typedef", "typename", "union",
    "unsigned", "using", "virtual", "void", "volatile", "while"};

std::string span(const std::string& kind, const std::string& text) {
  return "<span class=\"" + kind + "\">" + escape_markup(text) + "</span>";
}

std::size_t name_end(const std::string& s, std::size_t at) {
  while (at < s.size() && is_name(s[at])) at++;
  return at;
}

bool is_digit(char c) { return std::isdigit((unsigned char)c); }

// plain has blanks where strings say something; where the quotes stand is how strings are found.
class Painter {
 public:
  Painter(const SourceLine& line, const Linker& linker)
      : s_(line.code), plain_(line.plain), linker_(linker) {
    plain_.resize(s_.size(), ' ');
  }
  std::string html() {
    std::size_t first = s_.find_first_not_of(' ');
    if (first != s_.npos && plain_[first] == '#') directive(first);
    while (at_ < s_.size()) step();
    return out_;
  }

 private:
  void put(const std::string& kind, std::size_t end) {
    const std::string text = s_.substr(at_, end - at_);
    out_ += kind.empty() ? escape_markup(text) : span(kind, text);
    at_ = end;
  }
  void directive(std::size_t first) {
    put("", first);
    put("p", name_end(s_, first + 1));
    std::size_t open = s_.find('"', at_), close = open == s_.npos ? open : s_.find('"', open + 1);
    if (close == s_.npos || s_.compare(first, 8, "#include") != 0) return;
    put("", open);
    const std::string path = s_.substr(open + 1, close - open - 1);
    const bool ours = linker_.atlas().house.source(path) != nullptr;
    out_ += link_html(ours ? linker_.place({path}) : "", span("s", "\"" + path + "\""));
    at_ = close + 1;
  }
  void step() {
    char c = plain_[at_];
    if (c == '"' || c == '\'') {
      std::size_t close = plain_.find(c, at_ + 1);
      put("s", close == plain_.npos ? s_.size() : close + 1);
    } else if (c == ' ' && s_[at_] != ' ') {    // within a string that began on a line above
      std::size_t end = at_;
      while (end < s_.size() && plain_[end] == ' ') end++;
      put("s", end);
    } else if (is_digit(c)) {
      number();
    } else if (is_name(c)) {
      word();
    } else {
      std::size_t end = at_ + 1;
      while (end < s_.size() && plain_[end] == s_[end] && !is_name(s_[end]) && s_[end] != '"' &&
             s_[end] != '\'')
        end++;
      put("", end);
    }
  }
  void number() {
    std::size_t end = at_;
    while (end < s_.size() &&
           (is_name(s_[end]) || s_[end] == '.' || s_[end] == '\'' ||
            ((s_[end] == '-' || s_[end] == '+') && std::tolower(s_[end - 1]) == 'e')))
      end++;
    put("m", end);
  }
  std::string qualifier() const {               // A of A::name; "." for a member of a value
    if (at_ >= 1 && (s_[at_ - 1] == '.' || (at_ >= 2 && s_.compare(at_ - 2, 2, "->") == 0)))
      return ".";
    if (at_ < 3 || s_.compare(at_ - 2, 2, "::") != 0) return "";
    std::size_t begin = at_ - 2;
    while (begin > 0 && is_name(s_[begin - 1])) begin--;
    const std::string name = s_.substr(begin, at_ - 2 - begin);
    return name.empty() ? "." : name;
  }
  void word() {
    std::size_t end = name_end(s_, at_);
    const std::string name = s_.substr(at_, end - at_);
    if (keywords.count(name)) return put("k", end);
    const bool call =
        end < s_.size() &&
        (s_[end] == '(' || (s_[end] == '<' && end + 1 < s_.size() && s_[end + 1] != ' '));
    const std::string address = linker_.name(name, qualifier(), call);
    out_ += link_html(address, escape_markup(name), "d");
    at_ = end;
  }

  const std::string& s_;
  std::string plain_;
  const Linker& linker_;
  std::size_t at_ = 0;
  std::string out_;
};

// The text of a comment: tags, equations, departures, files and names lead somewhere.
class CommentPainter {
 public:
  CommentPainter(const std::string& text, int line, const Linker& linker)
      : s_(text), line_(line), linker_(linker) {}
  std::string html() {
    while (at_ < s_.size()) step();
    return out_;
  }

 private:
  void put(const std::string& address, std::size_t end) {
    out_ += link_html(address, escape_markup(s_.substr(at_, end - at_)));
    at_ = end;
  }
  bool is(const std::string& words) const { return s_.compare(at_, words.size(), words) == 0; }
  void step() {
    if (is("`")) return code();
    if (is("Departs from D2L")) return put(linker_.departure(line_), at_ + 16);
    if (is("Eq. (")) return tag(5, 1);
    if (is("D2L ")) return tag(4, 0);
    if (!is_name(s_[at_])) return put("", at_ + 1);
    word();
  }
  void tag(std::size_t before, std::size_t after) {
    const std::string number = section_number(s_, at_ + before);
    if (number.empty()) return put("", at_ + before);
    const std::string to = after ? linker_.equation(number, line_) : linker_.section(number, line_);
    put(to, std::min(s_.size(), at_ + before + number.size() + after));
  }
  void code() {
    std::size_t end = s_.find('`', at_ + 1);
    if (end == s_.npos) return put("", at_ + 1);
    out_ += "<code>" + code_span_html(s_.substr(at_ + 1, end - at_ - 1), linker_) + "</code>";
    at_ = end + 1;
  }
  void word() {
    std::size_t end = name_end(s_, at_), file = end;
    while (file < s_.size() && (is_name(s_[file]) || s_[file] == '.' || s_[file] == '/')) file++;
    while (file > end && s_[file - 1] == '.') file--;
    const std::string path = s_.substr(at_, file - at_), name = s_.substr(at_, end - at_);
    if (path.ends_with(".h") || path.ends_with(".cpp") || path.ends_with(".md"))
      if (const std::string to = linker_.file(path); !to.empty()) return put(to, file);
    const bool call = end < s_.size() && s_[end] == '(';
    bool camel = std::isupper((unsigned char)name[0]) &&
                 std::any_of(name.begin() + 1, name.end(),
                             [](char c) { return std::isupper((unsigned char)c); });
    put(call || camel ? linker_.name(name, "", call) : "", end);
  }

  const std::string& s_;
  int line_;
  const Linker& linker_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string link_html(const std::string& address, const std::string& html,
                      const std::string& kind) {
  if (address.empty()) return html;
  const std::string style = kind.empty() ? "" : " class=\"" + kind + "\"";
  return "<a" + style + " href=\"" + escape_markup(address) + "\">" + html + "</a>";
}

std::string painted_line(const SourceLine& line, int number, const Linker& linker) {
  if (!line.text.starts_with(line.code)) return escape_markup(line.text);   // a comment inside it
  std::size_t comment = line.text.find("//", line.code.size());
  std::string out = Painter(line, linker).html();
  if (comment == std::string::npos)
    return out + escape_markup(checks::trimmed(line.text.substr(line.code.size())));
  out += std::string(comment - line.code.size(), ' ') + "<span class=\"c\">// ";
  return out + comment_html(line.comment, number, linker) + "</span>";
}

std::string painted_code(const std::string& code, const Linker& linker) {
  std::string out;
  for (const SourceLine& line : checks::read_source(linker.from(), code).lines)
    out += painted_line(line, 0, linker) + "\n";
  return out;
}

std::string comment_html(const std::string& text, int line, const Linker& linker) {
  return CommentPainter(text, line, linker).html();
}

std::string code_span_html(const std::string& code, const Linker& linker) {
  std::string address = linker.file(code);
  std::size_t end = name_end(code, 0);
  const bool whole = end == code.size() || code.substr(end, 1) == "(";
  if (address.empty() && whole && end > 2) address = linker.name(code.substr(0, end), "", true);
  return link_html(address, escape_markup(code));
}

}  // namespace babelgrad::page
