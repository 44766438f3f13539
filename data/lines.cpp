#include "data/lines.h"

#include <algorithm>
#include <utility>

#include "data/utf8.h"
#include "tensor/check.h"

namespace babelgrad {
namespace {

constexpr std::size_t longest_line = 1 << 20;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

void check_utf8(std::string_view line, std::string_view name, Index number) {
  const Index bad = invalid_utf8(line);
  check(bad < 0, name, ":", number, ":", bad + 1, ": this byte is not UTF-8; ",
        "save the file as UTF-8");
}

void check_text(std::string_view line, std::string_view name, Index number) {
  check_utf8(line, name, number);
  const auto nul = line.find('\0');
  check(nul == line.npos, name, ":", number, ":", nul + 1, ": a NUL byte; text has none");
}

Lines::Lines(std::string name, Bytes bytes, Check check)
    : name_(std::move(name)), bytes_(std::move(bytes)), check_(check), buffer_(1 << 16) {}

Lines Lines::of_text(std::string_view text, const std::string& name, Check check, bool cr,
                     bool marks) {
  Lines lines(printable(name), [text](char* to, Index most) mutable {
    const std::string_view part = text.substr(0, std::size_t(most));
    std::ranges::copy(part, to);
    text.remove_prefix(part.size());
    return Index(part.size());
  }, check);
  lines.cr_ = cr, lines.marks_ = marks;
  return lines;
}

int Lines::get() {
  if (at_ == end_) {
    const Index came = bytes_(buffer_.data(), Index(buffer_.size()));
    check(came >= 0, name_, ": reading fails after line ", number_);
    at_ = 0, end_ = std::size_t(came);
    if (came == 0) return -1;
  }
  return static_cast<unsigned char>(buffer_[at_++]);
}

// Whether LF follows a CR is asked when the next line is: what was typed need not wait for it.
bool Lines::next(std::string& line) {
  line.clear();
  int c = get();
  if (std::exchange(after_cr_, false) && c == '\n') c = get();
  if (c < 0) return false;
  number_++;
  for (; c >= 0 && c != '\n' && !(cr_ && c == '\r'); c = get()) {
    check(line.size() < longest_line, where(), "a line of more than ", longest_line, " bytes");
    line.push_back(char(c));
  }
  after_cr_ = c == '\r';
  check_(line, name_, number_);
  const bool marked = line.starts_with(byte_order_mark) && (marks_ || number_ == 1);
  if (marked) line.erase(0, byte_order_mark.size());
  return true;
}

std::string Lines::where() const { return join(name_, ":", number_, ": "); }

}  // namespace babelgrad
