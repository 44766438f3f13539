// What kind of letter a code point is, by tables of our own: no locale has a say.
#pragma once

namespace babelgrad {

bool is_blank(char32_t c);                      // Unicode's white space, U+00A0 and U+202F too
bool is_punctuation(char32_t c);                // a token by itself; no apostrophe or hyphen
char32_t lower(char32_t c);                     // one letter for one: Latin, Greek, Cyrillic

}  // namespace babelgrad
