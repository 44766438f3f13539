// Where a model goes wrong: what it said of pairs with a known answer, counted by groups of pairs.
// Plain data in, plain data out; study.h makes the one, ../analyse_report.h shows the other.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "data/pair.h"
#include "tools/app/view/alignment_view.h"

namespace babelgrad::analysis {

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

}  // namespace babelgrad::analysis
