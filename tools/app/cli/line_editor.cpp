#include "tools/app/cli/line_editor.h"

#include <algorithm>
#include <utility>

#include "data/utf8.h"
#include "tensor/check.h"
#include "tools/app/cli/terminal.h"

namespace babelgrad {
namespace {

constexpr char ctrl(char letter) { return letter & 0x1F; }

// What the cursor steps over at once: a code point and the marks above it.
std::vector<std::string_view> characters(std::string_view s) {
  std::vector<std::string_view> all;
  const char* at = s.data();
  each_code_point(s, [&](int, std::string_view bytes) {
    bool mark = display_width(bytes) == 0 && !all.empty();
    if (mark) all.back() = {all.back().data(), all.back().size() + bytes.size()};
    else all.push_back({at, bytes.size()});
    at += bytes.size();
  });
  return all;
}

std::string_view last_character(std::string_view s) {
  auto all = characters(s);
  return all.empty() ? std::string_view() : all.back();
}

std::string_view first_character(std::string_view s) {  // of a long line only what is needed
  std::size_t size = 0;
  for (CodePoint c; size < s.size(); size += c.bytes) {
    c = first_code_point(s.substr(size));
    if (size > 0 && display_width(s.substr(size, c.bytes)) > 0) break;
  }
  return s.substr(0, size);
}

std::string tail(std::string_view s, int width) {       // the last `width` columns, as shown
  auto all = characters(s);
  std::string out;
  while (!all.empty()) {
    std::string shown = printable(all.back());
    width -= display_width(shown);
    if (width < 0) break;
    out = shown + out;
    all.pop_back();
  }
  return out;
}

std::size_t last_code_point(std::string_view s) {       // where it begins
  std::size_t at = s.size() - 1;
  while (at > 0 && (s[at] & 0xC0) == 0x80) at--;
  return at;
}

bool blank(std::string_view s) {
  bool all = true;
  each_code_point(s, [&](int c, std::string_view) { all = all && is_blank(char32_t(c)); });
  return all;
}

}  // namespace

LineEditor::LineEditor(std::vector<std::string> history) {
  for (const std::string& line : history) remember(line);
  begin();
}

void LineEditor::begin() {
  before_.clear(), after_.clear(), partial_.clear(), sequence_.clear(), draft_.clear();
  at_ = history_.size();
  cleared_ = false;
}

void LineEditor::remember(const std::string& line) {
  if (blank(line) || (!history_.empty() && history_.back() == line)) return;
  history_.push_back(line);
  if (history_.size() > most_remembered) history_.erase(history_.begin());
}

Typed LineEditor::take(char byte) {
  unsigned char value = byte;
  bool control_code = value < ' ' || value == 0x7F;
  if (control_code) partial_.clear();
  if (control_code || value > 0x7F) sequence_.clear();  // broken off
  bool was_cleared = std::exchange(cleared_, false);
  if (byte == ctrl('C')) {
    if (was_cleared) return Typed::end;
    begin();
    cleared_ = true;
    return Typed::nothing;
  }
  if (control_code) return control(byte);
  if (sequence_.empty()) text(byte);
  else in_sequence(byte);
  return Typed::nothing;
}

Typed LineEditor::control(char byte) {
  switch (byte) {
    case '\r': case '\n': return Typed::line;
    case '\33': sequence_ = byte; break;
    case '\t': text(' '); break;
    case ctrl('Z'): return Typed::suspend;
    case ctrl('A'): home(); break;
    case ctrl('B'): left(); break;
    case ctrl('E'): end(); break;
    case ctrl('F'): right(); break;
    case ctrl('U'): before_.clear(); break;
    case ctrl('K'): after_.clear(); break;
    case ctrl('W'): erase_word(); break;
    case ctrl('P'): if (at_ > 0) recall(at_ - 1); break;
    case ctrl('N'): if (at_ < history_.size()) recall(at_ + 1); break;
    case ctrl('H'): case 0x7F: erase_before(); break;
    case ctrl('D'):
      if (before_.empty() && after_.empty()) return Typed::end;
      after_.erase(0, first_character(after_).size());
  }
  return Typed::nothing;
}

// ESC O x and ESC [ parameters x; ESC and any other key is a key with Alt.
void LineEditor::in_sequence(char byte) {
  if (sequence_.size() == 1) {
    if (byte == '[' || byte == 'O') sequence_ += byte;
    else sequence_.clear();
    return;
  }
  bool parameter = byte < '@' || (byte == '[' && sequence_ == "\33[");  // ESC [ [ A: a function key
  if (sequence_[1] == '[' && parameter) {
    if (sequence_.size() < 16) sequence_ += byte;
    return;
  }
  std::string parameters = std::exchange(sequence_, "").substr(2);
  sequence(parameters, byte);
}

void LineEditor::sequence(std::string_view parameters, char last) {
  if (parameters.starts_with('[')) return;
  if (last == '~') {
    std::string_view number = parameters.substr(0, parameters.find(';'));
    last = number == "1" || number == "7" ? 'H' : number == "4" || number == "8" ? 'F' : ' ';
    if (number == "3") after_.erase(0, first_character(after_).size());
  }
  switch (last) {
    case 'A': control(ctrl('P')); break;
    case 'B': control(ctrl('N')); break;
    case 'C': right(); break;
    case 'D': left(); break;
    case 'H': home(); break;
    case 'F': end(); break;
  }
}

void LineEditor::text(char byte) {
  if ((byte & 0xC0) != 0x80) partial_.clear();  // a character begins
  partial_ += byte;
  int code = first_code_point(partial_).value;
  bool hopeless = partial_.size() > 3 || (partial_[0] & 0xC0) == 0x80;
  if (code < 0 && !hopeless) return;
  bool fits = before_.size() + after_.size() + partial_.size() <= 1 << 20;
  bool shown = code >= ' ' && (code < 0x7F || code > 0x9F);  // C1 is for terminals, not for text
  if (shown && fits) before_ += partial_;
  partial_.clear();
}

void LineEditor::left() {
  std::string moved(last_character(before_));
  before_.resize(before_.size() - moved.size());
  after_ = moved + after_;
}

void LineEditor::right() {
  std::string moved(first_character(after_));
  after_.erase(0, moved.size());
  before_ += moved;
}

void LineEditor::home() { after_ = std::exchange(before_, "") + after_; }
void LineEditor::end() { before_ += std::exchange(after_, ""); }

void LineEditor::erase_before() {
  before_.resize(before_.size() - last_character(before_).size());
}

void LineEditor::erase_word() {
  for (bool blanks : {true, false})
    while (!before_.empty()) {
      std::size_t at = last_code_point(before_);
      if (blank(before_.substr(at)) != blanks) break;
      before_.resize(at);
    }
}

void LineEditor::recall(std::size_t at) {
  if (at_ == history_.size()) draft_ = line();
  at_ = at;
  before_ = at == history_.size() ? draft_ : history_[at];
  after_.clear();
}

std::string LineEditor::drawing(std::string_view mark, int width) const {
  int room = std::max(1, width - 1);
  std::string left = cut(printable(mark), room / 2);
  room -= display_width(left);
  int right_width = std::min(display_width(printable(after_)), room / 4);
  left += tail(before_, room - right_width);
  std::string right = cut(printable(after_), std::max(1, width - 1) - display_width(left));
  int column = display_width(left);
  return "\r" + left + right + "\33[K\r" + (column > 0 ? join("\33[", column, "C") : "");
}

}  // namespace babelgrad
