// Where a model goes wrong: what it said of pairs with a known answer, counted by groups of pairs,
// by places in the sentence and by heads. ../analyse.h shows it.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <vector>

#include "data/pair.h"
#include "tools/app/run/alignment_view.h"

namespace babelgrad::analysis {

using babelgrad::links_of;

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr int few_pairs = 20;                   // fewer say little

struct Scored {
  Pair pair;
  Tokens said = {};                             // the model's translation
  Tokens word_by_word = {};                     // the lexicon's, if Study::lexicon
  std::vector<std::vector<Link>> looked = {};   // by Study::views; empty where no gold is known
};

struct Study {
  std::vector<Scored> pairs;
  bool lexicon = false;                         // is there a floor for translations?
  std::vector<AttentionView> views = {};        // empty: a model without attention
  std::vector<double> choosing = {};            // AER of each view on the pairs below
  bool validated = false;                       // those are validation pairs, not these here
  // The view of lowest error, the first of equals; -1 without attention.
  int chosen() const;
  // Of the views of one layer and head (-1: the mean of heads), which differ in their shift.
  int chosen(int layer, int head) const;
};

struct Group {
  std::string name;
  std::vector<int> members = {};                // of Study::pairs
};

struct Row {                                    // one group; `unknown` is what cannot be known
  std::string name;
  int pairs = 0, with_gold = 0;
  double length = unknown;                      // mean, of sources, in tokens
  double exact = unknown;                       // a share
  double bleu = unknown;                        // of tokens, 0 to 100; needs one target of four
  double aer = unknown;                         // of the chosen view, where gold links are known
  double floor_exact = unknown, floor_bleu = unknown, floor_aer = unknown;    // lexicon, diagonal
  bool few() const;                             // fewer than few_pairs, or with gold links
};

// Error if a pair lacks the links of some view.
Row row_of(const Study& study, const Group& group);
std::vector<Row> rows_of(const Study& study, const std::vector<Group>& groups);

struct HeadRow {
  std::string name;
  int pairs = 0;                                // with gold links
  std::vector<double> aer = {};                 // one of each view
  bool few() const { return pairs < few_pairs; }
};
// None without attention. Errors as above.
std::vector<HeadRow> heads_of(const Study& study, const std::vector<Group>& groups);

// --- ways to part pairs into groups: phenomena, lengths, word order, and what training may have
// kept out: long sources, unseen combinations, deep nesting

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

// --- which words of a translation are wrong, and where in the sentence they stand

enum class Fate { right, replaced, missing };

// Fewest edits (a word replaced, missing or extra); of those alignments one with the most words
// right, and of these the one where a word is missing rather than, before it, another is extra.
struct Edits {
  std::vector<Fate> words;                      // of the reference
  std::vector<bool> wrong;                      // of the words said: replaced others, or extra
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

// --- from a model and pairs it has not seen

// The model's translations (greedy) and where it looked when it wrote the reference. The view that
// stands for the model is chosen on the validation pairs; if none has gold links, on the test
// pairs themselves. The lexicon is learnt from gold links of the training pairs, if any has some.
Study study_of(Translator& model, const std::vector<Pair>& test,
               const std::vector<Pair>& validation, const std::vector<Pair>& train);

// The floors alone: word by word, and along the diagonal.
Row floors_of(const std::vector<Pair>& train, const std::vector<Pair>& test);

}  // namespace babelgrad::analysis
