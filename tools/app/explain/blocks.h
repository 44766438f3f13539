// One step of a walk as a block of text. Each line ends in a line end.
#pragma once

#include "tools/app/cli/terminal.h"
#include "tools/app/explain/walk.h"

namespace babelgrad::explain {

std::string line(const std::string& words);
std::string heading(const std::string& words, const Screen& screen);     // an empty line, then bold

// As models/bahdanau.h:60, and the section of the book.
std::string place_text(const Place& at);

// full: what it is, its shape, its equation, what it is for, its places, its numbers. outline: of
// rows of units only the first and the last. brief: a name, its line, and these numbers.
enum class Detail { full, outline, brief };

std::string block(const Step& step, Detail detail, const Screen& screen);
// The same for the ends of the walk, which are about words: the likeliest ones are shown.
std::string logits_block(const Step& step, const Word& word, const Vocab& vocab,
                         const Screen& screen);
std::string probability_block(const Step& step, const Word& word, bool forced, const Vocab& vocab,
                              const Screen& screen);

}  // namespace babelgrad::explain
