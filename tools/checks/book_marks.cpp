// Tags, equations and departures, found in comments.
#include "tools/checks/book_marks.h"

#include <algorithm>
#include <cctype>

#include "tensor/check.h"
#include "tools/checks/book_facts.h"
#include "tools/checks/source_lines.h"

namespace babelgrad::checks {
namespace {

const std::string book = "D2L ", equation = "Eq. (", departs = "Departs from D2L";

bool is_digit(char c) { return std::isdigit((unsigned char)c); }

std::size_t column(const SourceLine& line) { return line.text.rfind("//"); }

class MarkReader {
 public:
  explicit MarkReader(Marks& marks) : marks_(marks) {}

  void read(const Source& source) {
    source_ = &source;
    for (line_ = 1; line_ <= int(source.lines.size()); line_++) {
      const std::string& comment = source.line(line_).comment;
      tag(comment);
      equations(comment);
      for (std::size_t at = comment.find(departs); at != std::string::npos;
           at = comment.find(departs, at + 1))
        departure(at + departs.size());
      for (const char* half : {"Departs", "Departs from", "Eq."})
        if (comment.ends_with(half)) malformed("\"", half, "\" and what follows it go in one line");
    }
  }

 private:
  template <class... Parts>
  void malformed(const Parts&... parts) {
    marks_.malformed.push_back(join(source_->path, ":", line_, ": ", parts...));
  }
  void tag(const std::string& comment) {
    for (std::size_t at = comment.find(book); at != std::string::npos;
         at = comment.find(book, at + 1)) {
      std::size_t begin = at + book.size();
      if (begin >= comment.size() || !is_digit(comment[begin])) continue;
      if (at > 0) {
        malformed("a section within a comment; a tag begins its line, as // ", book,
                  "11.7.4 Encoder");
        continue;
      }
      std::size_t end = std::min(comment.find_first_not_of("0123456789.", begin), comment.size());
      while (comment[end - 1] == '.') end--;
      std::string section = comment.substr(begin, end - begin);
      marks_.tags.push_back({source_->path, line_, section, trimmed(comment.substr(end))});
    }
  }
  void equations(const std::string& comment) {
    for (std::size_t at = comment.find(equation); at != std::string::npos;
         at = comment.find(equation, at + 1)) {
      std::size_t begin = at + equation.size(), end = comment.find(')', begin);
      std::string number = comment.substr(begin, end == std::string::npos ? end : end - begin);
      if (end == std::string::npos || !is_number(number))
        malformed(equation, number, " is no equation; would be ", equation, "11.3.6)");
      else marks_.equations.push_back({source_->path, line_, number, section_of(number)});
    }
  }
  std::string section_here() const {
    const Tag* tag = tag_above(marks_, source_->path, line_);
    return tag ? tag->section : "";
  }
  // Of several tags in one comment, the one of the equation's section.
  std::string section_of(const std::string& equation_number) const {
    const Tag* tag = tag_above(marks_, source_->path, line_);
    for (int n = tag ? tag->line : 0; n > 0 && source_->line(n).code.empty(); n--) {
      const Tag* other = tag_above(marks_, source_->path, n);
      if (source_->line(n).comment.empty() || !other) break;
      if (cut(other->section, 2) == cut(equation_number, 2)) return other->section;
    }
    return tag ? tag->section : "";
  }
  // `at`: in the comment of line_, behind the words.
  void departure(std::size_t at) {
    Departure out{source_->path, line_, line_, {}, "", section_here()};
    const std::string text = source_->line(line_).comment.substr(at);
    std::size_t colon = std::min(text.find(':'), text.size());
    const std::string head = trimmed(text.substr(0, colon));
    out.text = trimmed(text.substr(std::min(colon + 1, text.size())));
    while (!cut_at_next(out) && continues(out.end)) {
      out.end++;
      out.text += " " + source_->line(out.end).comment;
    }
    out.text = trimmed(out.text);
    bool headed = head.empty() || head == trap_list(head);
    if (colon == text.size() || !headed || out.text.empty())
      return malformed("a departure says what differs: // ", departs, ": .., or ", departs,
                       " (D4): ..");
    if (!head.empty()) out.text = head + " " + out.text;
    find_traps(out);
    marks_.departures.push_back(out);
  }
  // The "(D4)" or "(D4, D10)" that `text` begins with; "": it does not.
  static std::string trap_list(const std::string& text) {
    std::size_t close = text.find(')');
    if (!text.starts_with("(D") || close == std::string::npos) return "";
    for (const std::string& id : split(text.substr(1, close - 1), ',')) {
      const std::string trap = trimmed(id);
      bool digits = trap.find_first_not_of("0123456789", 1) == std::string::npos;
      if (trap.size() < 2 || trap[0] != 'D' || !digits) return "";
    }
    return text.substr(0, close + 1);
  }
  static void find_traps(Departure& out) {
    for (std::size_t at = out.text.find("(D"); at != std::string::npos;
         at = out.text.find("(D", at + 1)) {
      const std::string list = trap_list(out.text.substr(at));
      if (list.empty()) continue;
      for (const std::string& id : split(list.substr(1, list.size() - 2), ','))
        out.traps.push_back(trimmed(id));
    }
  }
  static bool cut_at_next(Departure& out) {     // a second note within the same comment
    std::size_t next = out.text.find(departs);
    if (next != std::string::npos) out.text.resize(next);
    return next != std::string::npos;
  }
  // Does the comment of line n go on below? In the same column, without a blank line or a tag.
  bool continues(int n) const {
    if (n >= int(source_->lines.size())) return false;
    const SourceLine &here = source_->line(n), &next = source_->line(n + 1);
    bool is_tag = next.comment.starts_with(book) && is_digit(next.comment[book.size()]);
    return next.code.empty() && !next.comment.empty() && !is_tag && column(next) == column(here);
  }

  Marks& marks_;
  const Source* source_ = nullptr;
  int line_ = 0;
};

}  // namespace

Marks read_marks(const std::vector<Source>& sources) {
  Marks marks;
  MarkReader reader(marks);
  for (const Source& source : sources) reader.read(source);
  return marks;
}

const Tag* tag_above(const Marks& marks, const std::string& file, int line) {
  const Tag* nearest = nullptr;
  for (const Tag& tag : marks.tags)
    if (tag.file == file && tag.line <= line) nearest = &tag;
  return nearest;
}

}  // namespace babelgrad::checks
