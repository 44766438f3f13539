// Where words part at an apostrophe: in French it ends the first one, l' oiseau, in English it
// begins the second, he 's. All letters are small.
#pragma once

#include <string_view>

namespace babelgrad {

bool elides(std::u32string_view stem);          // l, qu, jusqu: words whose last vowel falls
bool leans_left(std::u32string_view tail);      // 's, 't, 'll: what English hangs on a word

// The length of such a tail at word[at], up to the word's end or the next apostrophe; 0: none.
std::size_t tail_at(std::u32string_view word, std::size_t at);

}  // namespace babelgrad
