#include "tools/app/run/study.h"

#include <algorithm>

#include "data/alignment.h"
#include "tools/app/run/splits.h"

namespace babelgrad::analysis {
namespace {

bool has_gold(const Pair& pair) { return !pair.gold.empty(); }

// The view's own rows and columns, without those of <eos>; a mean is summed as attention_matrix()
// sums it, to the same bits.
Weights weights_of(const AttentionMaps& cross, const AttentionView& view) {
  const std::size_t rows = cross.rows.size() - 1, columns = cross.columns.size() - 1;
  Weights out(rows, std::vector<double>(columns));
  const auto& heads = cross.weights.at(view.layer);
  for (int h = 0; h < int(heads.size()); h++) {
    if (view.head >= 0 && h != view.head) continue;
    const double count = view.head < 0 ? double(heads.size()) : 1;
    for (std::size_t t = 0; t < rows; t++)
      for (std::size_t s = 0; s < columns; s++)
        out[t][s] += heads[h][t + view.shift][s] / count;
  }
  return out;
}

std::vector<std::vector<Link>> links_looked_at(Translator& model, const Pair& pair,
                                      const std::vector<AttentionView>& views) {
  if (views.empty() || !has_gold(pair)) return {};
  return links_of(attention_maps(model, pair.src, pair.tgt).front(), views);
}

void add_lexicon(Study& study, const std::vector<Pair>& train) {
  LexiconFloor lexicon;
  study.lexicon = std::ranges::any_of(train, has_gold);
  if (!study.lexicon) return;
  for (const Pair& pair : train) lexicon.learn(pair);
  for (Scored& scored : study.pairs) scored.word_by_word = lexicon.translate(scored.pair.src);
}

void choose_view(Study& study, Translator& model, const std::vector<Pair>& validation) {
  study.validated = std::ranges::any_of(validation, has_gold);
  std::vector<AerCount> counts(study.views.size());
  auto add = [&](const Pair& pair, const std::vector<std::vector<Link>>& links) {
    for (std::size_t v = 0; v < links.size(); v++) counts[v].add(links[v], pair.gold);
  };
  if (study.validated)
    for (const Pair& pair : validation) add(pair, links_looked_at(model, pair, study.views));
  else
    for (const Scored& scored : study.pairs) add(scored.pair, scored.looked);
  for (const AerCount& count : counts) study.choosing.push_back(count.aer());
}

}  // namespace

std::vector<AttentionView> every_view(Translator& model) {
  const int heads = attention_heads(model);
  std::vector<AttentionView> views;
  for (int layer = 0; layer < attention_layers(model); layer++)
    for (int head = heads > 1 ? -1 : 0; head < heads; head++)
      for (int shift = 0; shift <= (model.config.model == "transformer"); shift++)
        views.push_back({layer, head, shift});
  return views;
}

std::vector<std::vector<Link>> links_of(const AttentionMaps& cross,
                                        const std::vector<AttentionView>& views) {
  std::vector<std::vector<Link>> links;
  for (const AttentionView& view : views)
    links.push_back(links_from_attention(weights_of(cross, view)));
  return links;
}

Study study_of(Translator& model, const std::vector<Pair>& test,
               const std::vector<Pair>& validation, const std::vector<Pair>& train) {
  Study study;
  std::vector<Tokens> sources;
  for (const Pair& pair : test) sources.push_back(pair.src);
  const std::vector<Tokens> said = model.translate(sources);
  study.views = every_view(model);
  for (std::size_t i = 0; i < test.size(); i++)
    study.pairs.push_back({test[i], said[i], {}, links_looked_at(model, test[i], study.views)});
  add_lexicon(study, train);
  choose_view(study, model, validation);
  return study;
}

Row floors_of(const std::vector<Pair>& train, const std::vector<Pair>& test) {
  Study study;
  for (const Pair& pair : test) study.pairs.push_back({pair});
  add_lexicon(study, train);
  return row_of(study, everything(study.pairs));
}

}  // namespace babelgrad::analysis
