// What a file of pairs had that is not in the corpus made of it.
#pragma once

#include "data/tsv.h"

namespace babelgrad {

// "3 pairs with an empty side, 1 third columns are left out"; "" if nothing is. `longest`: the
// max_tokens that they were read with.
std::string left_out(const TsvCorpus& corpus, int longest = 0);
// Were more pairs left out than read?
bool mostly_left_out(const TsvCorpus& corpus);

}  // namespace babelgrad
