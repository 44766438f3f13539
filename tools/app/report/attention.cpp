// Where the model looked while it wrote: maps of short translations. And the style of what is on
// this page only.
#include <algorithm>
#include <set>

#include "tensor/check.h"
#include "tools/app/report/report.h"
#include "tools/app/view/explorer.h"
#include "tools/app/view/heatmap.h"

namespace babelgrad::report {
namespace {

using analysis::Scored;

// Words right or wrong: whoever reads the maps should see both.
std::vector<std::size_t> short_ones(const std::vector<Scored>& pairs) {
  std::vector<std::size_t> found;
  std::set<Tokens> sources;
  for (std::size_t i = 0; i < pairs.size() && found.size() < most_maps; i++) {
    const std::size_t words = pairs[i].pair.src.size(), said = pairs[i].said.size();
    const bool fits = words >= shortest && words <= longest && said > 0 && said <= 2 * longest;
    if (fits && sources.insert(pairs[i].pair.src).second) found.push_back(i);
  }
  return found;
}

std::string map_html(Translator& model, const Scored& scored, std::size_t number) {
  AttentionMaps cross = attention_maps(model, scored.pair.src, scored.said).front();
  for (Tokens* words : {&cross.rows, &cross.columns}) *words = model.as_written(*words);
  const bool right = scored.said == scored.pair.tgt;
  return join("<figure class=\"scroll\">\n<figcaption>pair ", readable(double(number)), ": <bdi>",
              words_html(model.as_written(scored.pair.src)), "</bdi> → <bdi>",
              words_html(model.as_written(scored.said)), "</bdi></figcaption>\n",
              heatmap_element({mean_of_heads(cross.weights.back()), cross.rows, cross.columns, "",
                               right ? scored.pair.gold : std::vector<Link>{}}),
              "</figure>\n");
}

}  // namespace

std::string attention_html(Translator& model, const std::vector<Scored>& pairs) {
  std::string out;
  if (attention_layers(model) == 0) return out;
  for (std::size_t i : short_ones(pairs)) out += map_html(model, pairs[i], i + 1);
  if (out.empty()) return out;
  const bool gold = out.find("class=\"gold ") != std::string::npos;
  return "<div class=\"maps\">\n" + out + "</div>\n" +
         (gold ? "<p class=\"facts\">Outlined: gold links; dashed: possible ones.</p>\n" : "");
}

}  // namespace babelgrad::report
