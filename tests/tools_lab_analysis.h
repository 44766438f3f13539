// What tools_lab_*.cpp of the error analysis share: a study made by hand.
#pragma once

#include <initializer_list>

#include "data/alignment.h"
#include "data/text.h"
#include "tests/close.h"
#include "tools/app/run/analysis.h"

namespace babelgrad {

// gold as "0-0 1-1", tags as "clitic negation".
inline analysis::Scored scored(const char* src, const char* tgt, const char* said,
                               const char* gold = "", const char* tags = "") {
  Pair pair{split(src), split(tgt)};
  pair.gold = parse_pharaoh(gold, int(pair.src.size()), int(pair.tgt.size()));
  pair.tags = split(tags);
  return {pair, split(said)};
}

// Where one view of the model looked, and the lexicon's translation.
inline analysis::Scored with(analysis::Scored s, const char* looked, const char* floor) {
  s.looked = {parse_pharaoh(looked, int(s.pair.src.size()), int(s.pair.tgt.size()))};
  s.word_by_word = split(floor);
  return s;
}

// Four pairs, two of them right; two with a clitic, two with negation, one with neither.
inline analysis::Study four_pairs() {
  analysis::Study study;
  study.lexicon = true;
  study.views = {{0, 0, 0}};
  study.choosing = {0.25};
  study.pairs = {
      with(scored("he sees her .", "il la voit .", "il la voit .", "0-0 1-2 2-1 3-3", "clitic"),
           "0-0 1-2 2-1 3-3", "il voit la ."),
      with(scored("he does not see her .", "il ne la voit pas .", "il ne voit pas .",
                  "0-0 1?1 2-1 2-4 3-3 4-2 5-5", "clitic negation"),
           "0-0 2-1 3-2 3-3 2-4 5-5", "il ne pas voit la ."),
      with(scored("he does not sleep .", "il ne dort pas .", "", "0-0 1?1 2-1 2-3 3-2 4-4",
                  "negation"),
           "0-0 0-1 0-2 0-3 0-4", "il ne pas dort ."),
      with(scored("he sleeps", "il dort", "il dort"), "0-0 1-1", "il dort")};
  return study;
}

}  // namespace babelgrad
