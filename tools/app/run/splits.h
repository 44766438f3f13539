// Ways to part pairs into groups: phenomena, lengths, word order, and what training may have kept
// out: long sources, unseen combinations, deep nesting.
#pragma once

#include <span>

#include "tools/app/run/analysis.h"

namespace babelgrad::analysis {

struct Band {
  int low, high;                                // both included, from 1; high 0: no end
  bool holds(int n) const { return n >= low && (high == 0 || n <= high); }
  std::string name() const;                     // "5", "6-10", "over 40"
};
std::span<const Band> length_bands();           // 1-5, 6-10, 11-15, 16-20, 21-30, 31-40, over 40

// Groups that are not empty. But for those of by_tag, every pair is in one of them and no more.
struct Grouping {
  std::string key, title;                       // "length", "source tokens"
  std::vector<Group> groups = {};
  std::string missing = {};                     // what these pairs do not tell, if so
  std::string note = {};                        // what to know when reading it
};

Group everything(const std::vector<Scored>& pairs);

// A pair with several phenomena is in the group of each.
Grouping by_tag(const std::vector<Scored>& pairs);
Grouping by_length(const std::vector<Scored>& pairs);

bool is_reordered(const Pair& pair);            // do two sure gold links cross?
Grouping by_order(const std::vector<Scored>& pairs);

// The groups of `inner` in each of those of `outer`: word order within bands of length, say, as
// pairs with moved words are the longer ones.
Grouping crossed(const Grouping& outer, const Grouping& inner);

// What training may not have seen, by which of its options: sources longer than `trained`, its
// --max-length; with --keep-out, adjectives before nouns as unseen_combination() has them, and
// genitives that nest deeper than one.
Grouping split_by_length(const std::vector<Scored>& pairs, int trained);
Grouping split_by_combination(const std::vector<Scored>& pairs);
Grouping split_by_depth(const std::vector<Scored>& pairs);

}  // namespace babelgrad::analysis
