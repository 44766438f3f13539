// Text that comes from outside: UTF-8 decoded, measured in terminal columns and made safe to print,
// and what kind of character each is. A malformed byte is shown or refused, never trusted.
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
std::string encode_utf8(std::u32string_view s);        // error: as above
std::u32string decode_utf8(std::string_view s);        // error: malformed, with the byte's position

int display_width(std::string_view s);          // terminal columns: marks and controls 0, CJK 2

// One line that cannot steer a terminal: controls, bidi controls, line separators and malformed
// bytes become \xNN. Past `limit` bytes of that it ends, between characters, in "...".
std::string printable(std::string_view s, std::size_t limit = std::string_view::npos);

// A table made by tools/dev/unicode.py, in rows of `width` numbers: in base 31, low digits first, a
// character for each, from '@' on, or from '_' on if others follow. Of width 1 it is a set of code
// points: where its ranges begin and end, in turn.
std::vector<int> unpack(std::string_view table, int width = 1);
bool within(int code_point, std::span<const int> ranges);

// --- what kind of character a code point is, by Unicode's tables: no locale has a say
bool is_blank(char32_t c);                      // Unicode's white space, U+00A0 and U+202F too
bool is_punctuation(char32_t c);                // a token by itself: of all scripts, but for ...
bool is_symbol(char32_t c);                     // # $ % & * + / @ _ ` and their like, arrows, emoji
bool is_hyphen(char32_t c);                     // of all scripts; dashes are punctuation
bool is_letter(char32_t c);                     // none of these, no digit, apostrophe or hyphen
inline bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_invisible(char32_t c);                  // soft hyphen, joiners, variants, byte order mark
bool is_joiner(char32_t c);                     // of these the two that have a meaning in a word
bool is_opening(char32_t c);                    // a bracket or quote to the left of its word
char32_t lower(char32_t c);                     // one letter for one
char32_t upper(char32_t c);                     // at a beginning; what has no capital, as ß, stays

// Canonical composition (Unicode's normal form C): e and U+0301 become é.
std::u32string composed(std::u32string_view s);
// Lower case, composed before and after: H and U+0331 have no capital of their own, but ẖ is one.
std::u32string small_letters(std::u32string_view s);

}  // namespace babelgrad
