// What Python writes with brackets behind a name, as the calls that C++ has for it.
#pragma once

#include <string>
#include <vector>

#include "tools/checks/book_words.h"

namespace babelgrad::checks {

bool contains(const Words& words, const std::string& word);
void erase_range(Words& words, std::size_t begin, std::size_t end);
std::vector<Words> parts(const Words& words);   // between top-level commas

// `super(Seq2Seq, self).loss(..)` -> `loss(..)`; C++'s `Classifier::loss(..)` becomes the same.
void without_super(Words& words);

// `X[~mask] = v` -> `X = X.masked_fill(~mask, v)`
void filled_where(Words& words);

// On one axis alone: X[:, 0] -> X.select(1, 0), X[:, :n] -> X.slice(1, 0, n), X[None, :] ->
// X.unsqueeze(0); and xs[1:] -> xs.drop(1). What else is in brackets stays.
void subscripts(Words& words);

}  // namespace babelgrad::checks
