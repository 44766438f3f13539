// What kind of character a code point is, by Unicode's own tables: no locale has a say.
#pragma once

#include <string>
#include <string_view>

namespace babelgrad {

bool is_blank(char32_t c);                      // Unicode's white space, U+00A0 and U+202F too
bool is_punctuation(char32_t c);                // a token by itself: of all scripts, but for ...
bool is_symbol(char32_t c);                     // # $ % & * + / @ _ ` and their like, arrows, emoji
bool is_hyphen(char32_t c);                     // of all scripts; dashes are punctuation
bool is_letter(char32_t c);                     // none of these, no digit, apostrophe or hyphen
inline bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_invisible(char32_t c);                  // soft hyphen, joiners, variants, byte order mark
bool is_joiner(char32_t c);                     // of these the two that have a meaning in a word
bool is_opening(char32_t c);                    // a bracket or quote to the left of what it is of
char32_t lower(char32_t c);                     // one letter for one
char32_t upper(char32_t c);                     // at a beginning; what has no capital, as ß, stays

// Canonical composition (Unicode's normal form C): e and U+0301 become é.
std::u32string composed(std::u32string_view s);
// Lower case, composed before and after: H and U+0331 have no capital of their own, but ẖ is one.
std::u32string small_letters(std::u32string_view s);

}  // namespace babelgrad
