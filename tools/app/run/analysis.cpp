#include "tools/app/run/analysis.h"

#include <algorithm>
#include <functional>

#include "data/alignment.h"
#include "data/bleu.h"
#include "data/text.h"
#include "tensor/check.h"

namespace babelgrad::analysis {
namespace {

const std::vector<Link>& looked(const Scored& scored, std::size_t view) {
  check(view < scored.looked.size(), "analysis: links of ", scored.looked.size(),
        " views, view ", view + 1, " is asked for; each pair with gold links needs all of them");
  return scored.looked[view];
}

// Of the pairs whose gold links are known; `unknown` if none are.
double error_rate(const Study& study, const Group& group,
                  const std::function<std::vector<Link>(const Scored&)>& links) {
  AerCount count;
  bool known = false;
  for (int i : group.members) {
    const Scored& scored = study.pairs[i];
    if (scored.pair.gold.empty()) continue;
    count.add(links(scored), scored.pair.gold);
    known = true;
  }
  return known ? count.aer() : unknown;
}

double view_error(const Study& study, const Group& group, std::size_t view) {
  return error_rate(study, group, [&](const Scored& s) { return looked(s, view); });
}

int count_gold(const Study& study, const Group& group) {
  return int(std::ranges::count_if(
      group.members, [&](int i) { return !study.pairs[i].pair.gold.empty(); }));
}

struct TokenScores { double exact, bleu; };

TokenScores token_scores(const Study& study, const Group& group, Tokens Scored::*translation) {
  std::vector<std::string> hyps, refs;
  for (int i : group.members) {
    hyps.push_back(join(study.pairs[i].*translation));
    refs.push_back(join(study.pairs[i].pair.tgt));
  }
  bool four = std::ranges::any_of(group.members, [&](int i) {
    return study.pairs[i].pair.tgt.size() >= 4;
  });
  double exact = exact_match(hyps, refs);
  return {exact, four ? corpus_bleu(hyps, refs, BleuTokens::none).score : unknown};
}

}  // namespace

int Study::chosen() const {
  return views.empty() ? -1 : int(std::ranges::min_element(choosing) - choosing.begin());
}

int Study::chosen(int layer, int head) const {
  int best = -1;
  for (int i = 0; i < int(views.size()); i++) {
    bool this_one = views[i].layer == layer && views[i].head == head;
    if (this_one && (best < 0 || choosing[i] < choosing[best])) best = i;
  }
  return best;
}

bool Row::few() const {
  return pairs < few_pairs || (with_gold > 0 && with_gold < few_pairs);
}

Row row_of(const Study& study, const Group& group) {
  Row row{group.name, int(group.members.size()), count_gold(study, group)};
  if (row.pairs == 0) return row;
  std::size_t tokens = 0;
  for (int i : group.members) tokens += study.pairs[i].pair.src.size();
  row.length = double(tokens) / row.pairs;
  auto [exact, bleu] = token_scores(study, group, &Scored::said);
  row.exact = exact, row.bleu = bleu;
  if (study.lexicon) {
    auto [floor_exact, floor_bleu] = token_scores(study, group, &Scored::word_by_word);
    row.floor_exact = floor_exact, row.floor_bleu = floor_bleu;
  }
  if (study.chosen() >= 0) row.aer = view_error(study, group, study.chosen());
  row.floor_aer = error_rate(study, group, [](const Scored& s) {
    return diagonal(int(s.pair.src.size()), int(s.pair.tgt.size()));
  });
  return row;
}

std::vector<Row> rows_of(const Study& study, const std::vector<Group>& groups) {
  std::vector<Row> rows;
  for (const Group& group : groups) rows.push_back(row_of(study, group));
  return rows;
}

std::vector<HeadRow> heads_of(const Study& study, const std::vector<Group>& groups) {
  std::vector<HeadRow> rows;
  if (study.views.empty()) return rows;
  for (const Group& group : groups) {
    HeadRow& row = rows.emplace_back(HeadRow{group.name, count_gold(study, group), {}});
    for (std::size_t v = 0; v < study.views.size(); v++)
      row.aer.push_back(view_error(study, group, v));
  }
  return rows;
}

}  // namespace babelgrad::analysis
