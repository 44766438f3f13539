// Text: UTF-8 checked and decoded, lower case without locales, width in terminal columns, text that
// is safe to print, and the two tokenizers. A malformed byte is refused or shown, never trusted.
#pragma once

#include <string>
#include <string_view>

#include "data/pair.h"
#include "tensor/shape.h"

namespace babelgrad {

Index invalid_utf8(std::string_view s);         // where the first malformed sequence begins, or -1
std::u32string decode_utf8(std::string_view s);       // error: malformed, with the byte's position
std::string encode_utf8(std::u32string_view s);       // error: surrogates, beyond U+10FFFF

bool is_blank(char32_t c);                      // Unicode's white space, U+00A0 and U+202F too
char32_t lower(char32_t c);                     // one letter for one: Latin, Greek, Cyrillic
std::string lower(std::string_view s);          // malformed bytes stay as they are, here and below
std::string plain_blanks(std::string_view s);   // every blank becomes one space

int display_width(std::string_view s);          // terminal columns: marks and controls 0, CJK 2
// One line that cannot drive a terminal: controls, bidi controls and malformed bytes become \xNN;
// what is longer than `limit` characters ends in an ellipsis.
std::string printable(std::string_view s, int limit = 200);

Tokens split(std::string_view s);               // at blanks; no empty tokens
std::string join(const Tokens& tokens);         // with single spaces

// book:     D2L 10.5: lower case; a token begins at each of , . ! ?
// standard: splits all punctuation, and apostrophes as in  l' oiseau  and  he 's ; but 3.14, u.s.,
//           aujourd'hui and hyphens stay whole, and so does text that is tokenised already.
enum class Tokenizer { book, standard };

Tokens tokenize(std::string_view sentence, Tokenizer tokenizer);  // error: malformed UTF-8
std::string detokenize(const Tokens& tokens);   // for readers: "l'oiseau chante, il s'en va."

}  // namespace babelgrad
