// Within a paragraph. What looks like a mark but finds no partner is text. A partner is looked for
// only so far, and marks nest only so deep, so that no file takes long.
#include <algorithm>
#include <cctype>

#include "tools/app/view/heatmap.h"
#include "tools/page/markdown.h"

namespace babelgrad::page {
namespace {

constexpr std::size_t far = 4000;               // characters from a mark to its partner
constexpr int deep = 12;

class InlineReader {
 public:
  InlineReader(const std::string& text, int line, const MarkdownHooks& hooks, int depth,
               bool linked)
      : s_(text), line_(line), hooks_(hooks), depth_(depth), linked_(linked) {}

  std::string html() {
    while (at_ < s_.size()) step();
    flush();
    return out_;
  }

 private:
  bool is(std::size_t at, char c) const { return at < s_.size() && s_[at] == c; }
  bool is_space(std::size_t at) const {
    return at >= s_.size() || std::isspace((unsigned char)s_[at]);
  }
  bool is_word(std::size_t at) const {
    return at < s_.size() && std::isalnum((unsigned char)s_[at]);
  }
  std::size_t run(std::size_t at) const {       // how many of the same character
    std::size_t end = at;
    while (is(end, s_[at])) end++;
    return end - at;
  }

  void step() {
    char c = s_[at_];
    if (c == '\\' && at_ + 1 < s_.size() && std::ispunct((unsigned char)s_[at_ + 1])) {
      plain_ += s_[at_ + 1];
      at_ += 2;
    } else if (c == '\n') {
      line_end();
    } else if (!(c == '`' && code()) && !((c == '*' || c == '_') && (emphasis(2) || emphasis(1))) &&
               !(c == '!' && is(at_ + 1, '[') && link(true)) && !(c == '[' && link(false)) &&
               !(c == '<' && address())) {
      std::size_t count = c == '`' || c == '*' || c == '_' ? run(at_) : 1;
      plain_ += s_.substr(at_, count);
      at_ += count;
    }
  }
  void flush() {
    out_ += escape_markup(plain_);
    plain_.clear();
  }
  void line_end() {                             // two spaces before it, or a backslash, break
    bool wide = plain_.ends_with("  "), slash = plain_.ends_with("\\");
    plain_.erase(slash ? plain_.size() - 1 : plain_.find_last_not_of(' ') + 1);
    flush();
    out_ += wide || slash ? "<br>\n" : "\n";
    line_++;
    at_++;
  }
  std::string inner(std::size_t begin, std::size_t end, bool linked) const {
    return InlineReader(s_.substr(begin, end - begin), line_, hooks_, depth_ + 1, linked).html();
  }
  void go_on_at(std::size_t at) {
    for (; at_ < at; at_++) line_ += s_[at_] == '\n';
  }

  std::size_t code_end(std::size_t at) const {  // past the partner of the backticks here; or 0
    std::size_t count = run(at);
    for (std::size_t i = at + count; i < s_.size() && i < at + far; i++)
      if (s_[i] == '`') {
        if (run(i) == count) return i + count;
        i += run(i) - 1;
      }
    return 0;
  }
  bool code() {
    std::size_t count = run(at_), end = code_end(at_);
    if (!end) return false;
    flush();
    std::string text = s_.substr(at_ + count, end - at_ - 2 * count);
    for (char& c : text)
      if (c == '\n') c = ' ';
    if (text.size() > 2 && text[0] == ' ' && text.back() == ' ')
      text = text.substr(1, text.size() - 2);
    out_ +=
        "<code>" + (hooks_.code && !linked_ ? hooks_.code(text) : escape_markup(text)) + "</code>";
    go_on_at(end);
    return true;
  }

  // The next place from `at` where `found` holds, outside code and escapes; or 0.
  template <class Found>
  std::size_t seek(std::size_t at, Found found) const {
    for (std::size_t stop = std::min(s_.size(), at + far); at < stop; at++) {
      if (found(at)) return at;
      if (s_[at] == '\\') at++;
      else if (s_[at] == '`') at = std::max(code_end(at), at + run(at)) - 1;
    }
    return 0;
  }
  bool emphasis(std::size_t count) {
    const char c = s_[at_];
    const bool word = c == '_';
    std::size_t begin = at_ + count, runs = run(at_);
    if (depth_ > deep || runs < count || runs > 3 || is_space(begin)) return false;
    if (word && at_ > 0 && is_word(at_ - 1)) return false;
    std::size_t end = seek(begin, [&](std::size_t at) {
      if (!is(at, c) || (at > begin && is(at - 1, c)) || at == begin || is_space(at - 1))
        return false;
      std::size_t here = run(at);
      return (count == 2 ? here >= 2 : here != 2) && !(word && is_word(at + here));
    });
    if (!end) return false;
    if (count == 2) end += std::min<std::size_t>(run(end), 3) - 2;
    flush();
    const char* tag = count == 2 ? "strong" : "em";
    out_ += std::string("<") + tag + ">" + inner(begin, end, linked_) + "</" + tag + ">";
    go_on_at(end + count);
    return true;
  }

  // [text](target "title") or ![text](target)
  bool link(bool image) {
    std::size_t text = at_ + 1 + image;
    int nested = 0;
    std::size_t close = seek(text, [&](std::size_t at) {
      nested += is(at, '[') ? 1 : is(at, ']') ? -1 : 0;
      return nested < 0;
    });
    if (depth_ > deep || !close || !is(close + 1, '(') || (linked_ && !image)) return false;
    int parentheses = 0;
    std::size_t end = seek(close + 2, [&](std::size_t at) {
      parentheses += is(at, '(') ? 1 : is(at, ')') ? -1 : 0;
      return parentheses < 0;
    });
    if (!end) return false;
    std::string target = s_.substr(close + 2, end - close - 2);
    target = target.substr(0, target.find_first_of(" \n\"", target.find_first_not_of(" \n\"")));
    flush();
    write_link(target, text, close, image);
    go_on_at(end + 1);
    return true;
  }
  void write_link(const std::string& target, std::size_t begin, std::size_t end, bool image) {
    const std::string url = hooks_.link ? hooks_.link(target, line_) : target;
    const std::string words = s_.substr(begin, end - begin);
    if (url.empty()) out_ += inner(begin, end, linked_);
    else if (image)
      out_ += "<img src=\"" + escape_markup(url) + "\" alt=\"" + escape_markup(words) + "\">";
    else out_ += "<a href=\"" + escape_markup(url) + "\">" + inner(begin, end, true) + "</a>";
  }
  bool address() {                              // <https://...>
    std::size_t end = s_.find_first_of("> \n", at_);
    const std::string url = s_.substr(at_ + 1, end - at_ - 1);
    if (!is(end, '>') || linked_ || !(url.starts_with("https://") || url.starts_with("http://")))
      return false;
    flush();
    out_ += "<a href=\"" + escape_markup(url) + "\">" + escape_markup(url) + "</a>";
    at_ = end + 1;
    return true;
  }

  const std::string s_;
  int line_;
  const MarkdownHooks& hooks_;
  int depth_;
  bool linked_;                                 // inside a link, where no other may begin
  std::size_t at_ = 0;
  std::string plain_, out_;
};

}  // namespace

std::string inline_html(const std::string& text, int line, const MarkdownHooks& hooks) {
  return InlineReader(text, line, hooks, 0, false).html();
}

}  // namespace babelgrad::page
