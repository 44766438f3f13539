// One step of a walk as a block of text. Each line ends in a line end.
#pragma once

#include "tools/explain/walk.h"
#include "tools/terminal.h"

namespace babelgrad::explain {

std::string line(const std::string& words);
std::string heading(const std::string& words, const Screen& screen);     // an empty line, then bold

// What it is, its shape, what it is for, its equation, its place, its numbers.
std::string block(const Step& step, const Screen& screen);
// The same for the ends of the walk, which are about words: the likeliest ones are shown.
std::string logits_block(const Step& step, const Word& word, const Vocab& vocab,
                         const Screen& screen);
std::string probability_block(const Step& step, const Word& word, bool forced, const Vocab& vocab,
                              const Screen& screen);

}  // namespace babelgrad::explain
