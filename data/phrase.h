// Synchronous rules: one rule rewrites both languages at once, so that their alignment is known by
// construction. A phrase is a little Pair, whose links count from its own first words.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "data/pair.h"

namespace babelgrad {

// An English expression and its French one, each of one or more words, all linked to each other.
// Here and below, `tag` names the phenomenon that the phrase shows, if any.
Pair word(std::string_view english, std::string_view french, const char* tag = "");

struct Slot { char name; const Pair& phrase; };

// One rule, with both its sides: rule("O 's N", "le?'s N de='s O", {{'O', owner}, {'N', horse}}).
// A capital is a part; another item is a word. On the French side `de='s` adds a sure link to the
// English item `'s`, and `le?'s` a possible one; a part's own links come with it. Parts not given
// are empty. Error if the English side lacks an item that the French side names.
Pair rule(std::string_view english, std::string_view french, std::initializer_list<Slot> parts,
          const char* tag = "");

bool starts_with_vowel(std::string_view word);  // é, œ and the like are vowels; h is not
bool elides_before(std::string_view french);    // a vowel or h, which is always mute here

// Spelling, once the words stand side by side: an apple; l'oiseau, s'il; du, aux; de for de + des.
// A word made of two has the links of both. Links and tags come out sorted, each once.
Pair spell(Pair sentence);

}  // namespace babelgrad
