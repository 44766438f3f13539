// Text as the Moses scripts leave it: normalize-punctuation, lowercase, tokenizer -l en, fr or de,
// escapes included (Koehn et al., ACL 2007). The rules are written anew and need no language: the
// words before an apostrophe tell French from English.
#pragma once

#include <string>
#include <string_view>

#include "data/pair.h"

namespace babelgrad {

// Sentence: valid UTF-8, composed. A line that holds such an escape as a token, or &apos; at the
// edge of one, is tokenised already, and only made small and split at its blanks.
// Unlike Moses, in a word no full stop stays at the end because a small letter follows: of
// lower-cased text Moses makes  he walks. he sleeps .
Tokens moses_tokens(std::string_view sentence);

std::string unescape_moses(std::string_view s);  // &apos; &#124; and the six others, once
Tokens unescape_moses(Tokens words);            // each of them

}  // namespace babelgrad
