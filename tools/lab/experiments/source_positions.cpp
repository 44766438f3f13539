// Source words that go wrong, counted by their own place and by the place of their translation.
#include "tools/lab/experiments/source_positions.h"

#include <algorithm>
#include <set>

#include "tools/app/run/analysis.h"
#include "tools/lab/numbers.h"

namespace babelgrad::lab {
namespace {

struct Word {
  int position, length;                         // in the source
  int source_third, target_third;               // the latter of the first target word it leads to
  bool is_mark, wrong;
};

void add_words(std::vector<Word>& words, const Pair& pair, const Tokens& said) {
  static const std::set<std::string> marks{".", "?", "!"};
  const analysis::Edits edits = analysis::edits(pair.tgt, said);
  const int n = int(pair.src.size()), m = int(pair.tgt.size());
  for (int s = 0; s < n; s++) {
    int first = m;
    bool wrong = false;
    for (const Link& link : pair.gold) {
      if (link.src != s || !link.sure) continue;
      first = std::min(first, link.tgt);
      wrong |= edits.words[link.tgt] != analysis::Fate::right;
    }
    if (first < m)
      words.push_back({s, n, s * 3 / n, first * 3 / m, marks.contains(pair.src[s]), wrong});
  }
}

using Words = std::vector<std::vector<Word>>;   // by seed

Words words_of(const Said& said, const std::vector<Pair>& pairs) {
  Words words(said.size());
  for (std::size_t seed = 0; seed < said.size(); seed++)
    for (std::size_t i = 0; i < pairs.size(); i++)
      add_words(words[seed], pairs[i], said[seed][i]);
  return words;
}

// By seed; none if there are no such words.
template <class Which>
std::vector<double> wrong_percent(const Words& words, const Which& which) {
  std::vector<double> percent;
  for (const std::vector<Word>& of_seed : words) {
    int count = 0, wrong = 0;
    for (const Word& word : of_seed)
      if (which(word)) count++, wrong += word.wrong;
    if (count > 0) percent.push_back(100.0 * wrong / count);
  }
  return percent;
}

}  // namespace

PositionFigure position_figure(const std::string& title) {
  return {{.title = title, .x = {"position in the source", "tokens"}, .y = {"words wrong", "%"},
           .note = "The last is the final mark. Lines: means over the seeds; bands: one standard "
                   "deviation to each side."},
          {"Source words whose translation is wrong, %",
           {{"model", "source: first third", "second", "last", "last, no final mark",
             "target: first third", "second", "last"}}}};
}

void add_to(PositionFigure& figure, const std::string& name, const Said& said,
            const std::vector<Pair>& pairs, const analysis::Band& charted) {
  const Words words = words_of(said, pairs);
  Series line{name};
  for (int s = 0; s < charted.high; s++) {
    auto percent = wrong_percent(
        words, [&](const Word& w) { return w.position == s && charted.holds(w.length); });
    if (!percent.empty()) add_point(line, s + 1, percent, 0);
  }
  figure.chart.series.push_back(line);
  std::vector<std::string> row{name};
  auto add = [&](const auto& which) {
    auto percent = wrong_percent(words, which);
    row.push_back(percent.empty() ? "-" : with_spread(percent));
  };
  for (int third = 0; third < 3; third++)
    add([=](const Word& word) { return word.source_third == third; });
  add([](const Word& word) { return word.source_third == 2 && !word.is_mark; });
  for (int third = 0; third < 3; third++)
    add([=](const Word& word) { return word.target_third == third; });
  figure.table.rows.push_back(row);
}

double early_less_late(const Said& said, const std::vector<Pair>& pairs) {
  const Words words = words_of(said, pairs);
  auto mean = [&](int third) {
    return spread_of(wrong_percent(words, [=](const Word& w) { return w.source_third == third; }))
        .mean;
  };
  return mean(0) - mean(2);
}

}  // namespace babelgrad::lab
