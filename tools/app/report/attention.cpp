// Where the model looked while it wrote: maps of short translations. And the style of what is on
// this page only.
#include <algorithm>
#include <set>

#include "tensor/check.h"
#include "tools/app/report/report.h"
#include "tools/app/view/explorer.h"
#include "tools/app/view/scale.h"

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
              large_map_svg(cross, mean_of_heads(cross.weights.back()),
                            right ? scored.pair.gold : std::vector<Link>{}),
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

std::string report_style() {
  return R"css(
.exhibits td:first-child { width: 2.4rem; }
.data .left + .left { overflow-wrap: anywhere; min-width: 6rem; }
h3 { font-size: 1.05rem; font-weight: 400; margin: 1.8rem 0 0; }
.sample { border-top: 1px solid var(--line); padding: .6rem 0; overflow-wrap: anywhere; }
.sample p + .line { margin-top: .3rem; }
.sample .line { border-bottom: 0; padding: .1rem 0; }
.sample em { color: var(--soft); }
del { color: var(--accent); text-decoration: line-through; text-decoration-thickness: 1.5px; }
ins { color: var(--accent); text-decoration: underline; text-decoration-thickness: 2px; }
ins { text-underline-offset: 3px; }
.maps { display: flex; flex-wrap: wrap; gap: 1.5rem 2rem; margin-top: 1.2rem; }
.maps figure { max-width: 100%; }
@media screen and (max-width: 40rem) { .maps .map { max-width: none; } }
@media print { .sample { break-inside: avoid; } }
)css";
}

}  // namespace babelgrad::report
