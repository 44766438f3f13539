// Scripts that put no blanks between words: a sentence is then one word to every tokenizer here.
#pragma once

#include <string>
#include <vector>

#include "data/pair.h"

namespace babelgrad {

// Is most of this text so written, and not parted into words? Then the name of its script, such as
// "Thai"; "" if it is not.
std::string unspaced_script(const std::vector<Tokens>& sentences);

// What to say of such a text, that of a `side` of a corpus, say; "" if there is nothing to say.
std::string unspaced_note(const std::string& side, const std::vector<Tokens>& sentences);

}  // namespace babelgrad
