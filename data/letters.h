// What kind of letter a code point is, by tables of our own: no locale has a say.
#pragma once

namespace babelgrad {

bool is_blank(char32_t c);                      // Unicode's white space, U+00A0 and U+202F too
bool is_punctuation(char32_t c);                // a token by itself; no apostrophe or hyphen
bool is_symbol(char32_t c);                     // # $ % & * + / @ _ ` and their like, arrows, emoji
bool is_letter(char32_t c);                     // none of these, no digit, apostrophe or hyphen
bool is_invisible(char32_t c);                  // soft hyphen, joiners, variants, byte order mark
char32_t lower(char32_t c);                     // one letter for one: Latin, Greek, Cyrillic
char32_t upper(char32_t c);                     // its reverse; what has no capital, as ß, stays

}  // namespace babelgrad
