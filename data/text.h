// Text: lower case and blanks as Unicode has them, the three tokenizers, and the inverse, from
// tokens to sentences.
#pragma once

#include <string>
#include <string_view>

#include "data/pair.h"
#include "data/utf8.h"

namespace babelgrad {

std::string lower(std::string_view s);          // malformed bytes stay as they are, here and below
std::string plain_blanks(std::string_view s);   // every blank becomes one space

Tokens split(std::string_view s);               // at blanks; no empty tokens
Tokens split_at_spaces(std::string_view s);     // at U+0020 only; no empty tokens
std::string join(const Tokens& tokens);         // with single spaces

// book:     lower case; a token begins at each of , . ! ?
// standard: splits punctuation of all scripts, and apostrophes as in  l' oiseau  and  he 's ; but
//           3.14, u.s., aujourd'hui, hyphens, 100%, a@b.c and https://a.b/c stay whole, and so does
//           text that is tokenised already.
// moses:    what the Moses scripts (normalize-punctuation, lowercase, tokenizer; Koehn et al. 2007)
//           make of English, French or German, for models of text like Multi30k: quotes and dashes
//           made plain, symbols apart, abbreviations and ordinals whole (mr. z.b. 3.), and &apos;
//           &quot; &amp; for ' " & . The rules are written anew and need no language: the words
//           before an apostrophe tell French from English.
// cased:    as standard, but capitals stay; the others make all letters small.
enum class Tokenizer { book, standard, moses, cased };

// Letters are composed, controls are blanks, and what nobody sees is passed over, but for U+200C
// and U+200D within a word of book or standard. Error: malformed UTF-8.
Tokens tokenize(std::string_view sentence, Tokenizer tokenizer);

std::string unescape_moses(std::string_view s);  // &apos; &#124; and the six others, once
Tokens unescape_moses(Tokens words);            // each of them

// For readers: "l'oiseau chante, il s'en va." Undoes the three tokenizers but for small letters and
// what moses made plain. French keeps the blank before ? ! : ; and within « », the others do not;
// punctuation of other scripts joins its word.
enum class Language { english, french, german };
std::string detokenize(const Tokens& tokens, Language language);

std::string capitalized(std::string_view sentence);  // its first letter, if no digit comes before

// To every tokenizer a sentence of a script without blanks between words is one word. What to say
// of sentences most of which are so, of a `side` of a corpus, say; "" if there is nothing to say.
std::string unspaced_note(const std::string& side, const std::vector<Tokens>& sentences);

}  // namespace babelgrad
