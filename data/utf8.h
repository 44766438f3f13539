// Text that comes from outside: UTF-8 decoded, measured in terminal columns and made safe to print.
// A malformed byte is shown or refused, never trusted.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/shape.h"

namespace babelgrad {

struct CodePoint {
  int value, bytes;                             // a malformed byte: -1, 1
};
CodePoint first_code_point(std::string_view s);   // of nothing: -1, 0

// visit(value, its bytes) for every code point or malformed byte in turn.
template <class Visit>
void each_code_point(std::string_view s, Visit visit) {
  for (CodePoint c; !s.empty(); s.remove_prefix(c.bytes)) {
    c = first_code_point(s);
    visit(c.value, s.substr(0, c.bytes));
  }
}

Index invalid_utf8(std::string_view s);         // where the first malformed sequence begins, or -1
std::string encode_utf8(int code_point);        // error: surrogates, beyond U+10FFFF

int display_width(std::string_view s);          // terminal columns: marks and controls 0, CJK 2

// One line that cannot steer a terminal: controls, bidi controls, line separators and malformed
// bytes become \xNN. Past `limit` bytes of that it ends, between characters, in "...".
std::string printable(std::string_view s, std::size_t limit = std::string_view::npos);

// A table made by tools/dev/unicode.py, in rows of `width` numbers: in base 31, low digits first, a
// character for each, from '@' on, or from '_' on if others follow. Of width 1 it is a set of code
// points: where its ranges begin and end, in turn.
std::vector<int> unpack(std::string_view table, int width = 1);
bool within(int code_point, std::span<const int> ranges);

}  // namespace babelgrad
