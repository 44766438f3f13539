// Which words of a translation are wrong, and where in the sentence they stand.
#pragma once

#include "tensor/shape.h"
#include "tools/app/run/analysis.h"

namespace babelgrad::analysis {

enum class Fate { right, replaced, missing };

// Fewest edits (a word replaced, missing or extra); of those alignments one with the most words
// right, and of these the one where a word is missing rather than, before it, another is extra.
struct Edits {
  std::vector<Fate> words;                      // of the reference
  int extra = 0;                                // words said that it does not have
};
Edits edits(const Tokens& reference, const Tokens& said);

// The first place where the two differ, from 0: the reference's length if only too much was said;
// -1 if they are equal.
int first_wrong(const Tokens& reference, const Tokens& said);

struct PositionRow {
  std::string name;
  int pairs = 0;                                // that have such a position
  Index words = 0, wrong = 0, floor_wrong = 0;  // wrong by edits()
  int reached = 0, first = 0;                   // pairs right before it; first wrong in it
  bool few() const { return pairs < few_pairs; }
};

// By position in the target, from 1, and by fifths of it. The last row is the end: nothing was
// wrong, but more was said. By position in the source: of the words with a sure gold link, one is
// wrong if any word it translates to is; these rows have no `reached` and `first`.
struct Positions {
  std::vector<PositionRow> target, target_fifths, source, source_fifths;
  Index extra = 0;                              // words said that no reference has
  int wrong_pairs = 0;
};
Positions positions_of(const Study& study);     // rows without a pair are left out

}  // namespace babelgrad::analysis
