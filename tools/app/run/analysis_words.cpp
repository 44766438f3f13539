#include "tools/app/run/analysis_words.h"

#include <algorithm>

#include "tensor/check.h"
#include "tools/app/run/splits.h"

namespace babelgrad::analysis {
namespace {

// The cost of turning what is left of the reference, from i, into what is left of said, from j: an
// edit costs more than all words together, a word that is right earns one.
class EditCosts {
 public:
  EditCosts(const Tokens& reference, const Tokens& said)
      : edit(Index(reference.size()) + 1),
        columns_(said.size() + 1),
        cost_((reference.size() + 1) * columns_) {
    for (std::size_t i = reference.size() + 1; i-- > 0;) {
      for (std::size_t j = columns_; j-- > 0;) {
        bool more = i < reference.size(), said_more = j < said.size();
        Index best = more || said_more ? edit * Index(cost_.size()) : 0;
        if (more && said_more) best = at(i + 1, j + 1) + (reference[i] == said[j] ? -1 : edit);
        if (more) best = std::min(best, at(i + 1, j) + edit);
        if (said_more) best = std::min(best, at(i, j + 1) + edit);
        cost_[i * columns_ + j] = best;
      }
    }
  }
  Index at(std::size_t i, std::size_t j) const { return cost_[i * columns_ + j]; }
  const Index edit;

 private:
  std::size_t columns_;
  std::vector<Index> cost_;
};

// Where positions are counted: the row of a position in a sentence of some length.
struct Rows {
  std::vector<PositionRow> rows;
  int (*row_of)(int position, int length);
};

constexpr int single = 5;                       // the first positions have a row each

int row_in_bands(int position, int) {
  if (position < single) return position;
  auto holds = [=](const Band& b) { return b.holds(position + 1); };
  auto bands = length_bands();
  return single - 1 + int(std::ranges::find_if(bands, holds) - bands.begin());
}

int row_in_fifths(int position, int length) { return int(Index(position) * 5 / length); }

Rows banded() {
  Rows out{{}, row_in_bands};
  for (int i = 1; i <= single; i++) out.rows.push_back({text(i)});
  for (const Band& band : length_bands().subspan(1)) out.rows.push_back({band.name()});
  out.rows.push_back({"the end"});
  return out;
}

Rows fifths() {
  Rows out{{}, row_in_fifths};
  for (const char* name : {"first fifth", "second", "third", "fourth", "last fifth", "the end"})
    out.rows.push_back({name});
  return out;
}

struct Word { int position, length; bool wrong, floor_wrong; };

void add_pair(Rows& table, const std::vector<Word>& words, int first) {
  PositionRow* last = nullptr;
  for (const Word& word : words) {
    PositionRow& row = table.rows[table.row_of(word.position, word.length)];
    if (&row != last) {
      row.pairs++;
      row.reached += first < 0 || first >= word.position;
    }
    last = &row;
    row.words++;
    row.wrong += word.wrong;
    row.floor_wrong += word.floor_wrong;
    row.first += first == word.position;
  }
}

void add_end(Rows& table, int length, int first) {
  PositionRow& end = table.rows.back();
  end.pairs++;
  end.reached += first < 0 || first == length;
  end.first += first == length;
}

std::vector<Word> target_words(const Edits& said, const Edits& floor) {
  std::vector<Word> words;
  const int length = int(said.words.size());
  for (int t = 0; t < length; t++)
    words.push_back({t, length, said.words[t] != Fate::right, floor.words[t] != Fate::right});
  return words;
}

std::vector<Word> source_words(const Pair& pair, const std::vector<Word>& target) {
  std::vector<Word> words;
  const int length = int(pair.src.size());
  for (int s = 0; s < length; s++) {
    Word word{s, length, false, false};
    bool linked = false;
    for (const Link& link : pair.gold) {
      if (link.src != s || !link.sure) continue;
      linked = true;
      word.wrong |= target.at(link.tgt).wrong;
      word.floor_wrong |= target.at(link.tgt).floor_wrong;
    }
    if (linked) words.push_back(word);
  }
  return words;
}

std::vector<PositionRow> filled(Rows table, bool order) {
  std::erase_if(table.rows, [](const PositionRow& row) { return row.pairs == 0; });
  for (PositionRow& row : table.rows)
    if (!order) row.reached = row.first = 0;
  return table.rows;
}

}  // namespace

Edits edits(const Tokens& reference, const Tokens& said) {
  EditCosts cost(reference, said);
  Edits out;
  std::size_t i = 0, j = 0;
  while (i < reference.size() || j < said.size()) {
    bool more = i < reference.size(), said_more = j < said.size();
    bool same = more && said_more && reference[i] == said[j];
    Index here = cost.at(i, j);
    if (more && said_more && here == cost.at(i + 1, j + 1) + (same ? -1 : cost.edit)) {
      out.words.push_back(same ? Fate::right : Fate::replaced);
      i++, j++;
    } else if (more && here == cost.at(i + 1, j) + cost.edit) {
      out.words.push_back(Fate::missing);
      i++;
    } else {
      out.extra++;
      j++;
    }
  }
  return out;
}

int first_wrong(const Tokens& reference, const Tokens& said) {
  if (reference == said) return -1;
  return int(std::ranges::mismatch(reference, said).in1 - reference.begin());
}

Positions positions_of(const Study& study) {
  Positions out;
  Rows target = banded(), target_fifths = fifths(), source = banded(), source_fifths = fifths();
  for (const Scored& scored : study.pairs) {
    const Pair& pair = scored.pair;
    const int first = first_wrong(pair.tgt, scored.said), length = int(pair.tgt.size());
    const Edits said = edits(pair.tgt, scored.said);
    const Tokens& floor = study.lexicon ? scored.word_by_word : pair.tgt;
    const std::vector<Word> words = target_words(said, edits(pair.tgt, floor));
    const std::vector<Word> sources = source_words(pair, words);
    out.wrong_pairs += first >= 0;
    out.extra += said.extra;
    for (Rows* table : {&target, &target_fifths})
      add_pair(*table, words, first), add_end(*table, length, first);
    for (Rows* table : {&source, &source_fifths}) add_pair(*table, sources, first);
  }
  out.target = filled(target, true), out.target_fifths = filled(target_fifths, true);
  out.source = filled(source, false), out.source_fifths = filled(source_fifths, false);
  return out;
}

}  // namespace babelgrad::analysis
