// Pairs of a file by which a model is judged.
#pragma once

#include "data/tsv.h"

namespace babelgrad {

// What was left out of the file, or passed over, is said in a note. Errors of read_tsv().
TsvCorpus read_test_pairs(const std::string& path, const TsvOptions& options);

// `note: PATH: 2 pairs of 4 lines (1 empty, ...)`; "" if every line was read whole.
std::string note_on_left_out(const std::string& path, const TsvCorpus& corpus);

}  // namespace babelgrad
