// What babelgrad subwords does, with the lines of any text: no process is needed to try it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "data/lines.h"
#include "tools/app/run/model.h"

namespace babelgrad {

using PutLine = std::function<void(std::string_view)>;
using Splitter = std::function<Tokens(std::string_view)>;      // of a sentence into words

// standard, book or moses, as data/text.h has them; none: at blanks.
Splitter splitter_of(const std::string& tokenizer);

// In each a sentence to a line. Errors are those of Lines.
// Merges of all the sentences. Error also if they have no words.
Subwords learn_from_lines(Lines& lines, const Splitter& words, int merges, int min_freq);
// A line for a line. With dropout p in 0 to 1 the pieces are drawn from `seed`.
void apply_to_lines(const Subwords& subwords, Lines& lines, const Splitter& words, double p,
                    std::uint64_t seed, const PutLine& put);
void join_lines(Lines& lines, const PutLine& put);

// The merges that a model carries, of one language, as a file without its last line end. Error if
// it reads whole words; `name` is what the Error calls it.
std::string merges_of(const Translator& model, bool target, const std::string& name);

}  // namespace babelgrad
