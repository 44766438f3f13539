// Parallel text from a file: one pair per line, source TAB target, and if it likes a third column,
// which is gold links ("0-0 1-2 2?1") or, when it is not wholly links between these tokens, an
// attribution that is passed over.
#pragma once

#include <string>
#include <vector>

#include "data/lines.h"
#include "data/pair.h"
#include "data/text.h"

namespace babelgrad {

// D2L 10.5.1 Downloading and Preprocessing the Dataset
// Departs from D2L (D5, D6): a limit of n reads n pairs, not n + 1, and today's files with a third
// column are read, not passed over in silence.

struct TsvOptions {
  int limit = 0;                                // read no more pairs than this; 0: all
  Tokenizer tokenizer = Tokenizer::standard;
  int max_tokens = 0;                           // drop pairs with a longer side; 0: none
  bool swap = false;                            // the second column is the source
};

struct TsvCorpus {
  std::vector<Pair> pairs;
  Index lines = 0;                              // read, blank ones too
  Index dropped_empty = 0, dropped_long = 0;    // pairs with an empty side; longer than max_tokens
  Index passed_over = 0;                        // third columns, of pairs, that are no links

  // "2 pairs of 4 lines (1 empty, 0 too long, 1 third column passed over)"
  std::string counts() const;
};

// Blank lines are skipped. Error "path:line: ..." for a line without two or three columns, and what
// Lines has; "path: ..." for a file that gives no pair.
TsvCorpus read_tsv(const std::string& path, const TsvOptions& options = {});

}  // namespace babelgrad
