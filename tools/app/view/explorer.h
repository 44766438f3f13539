// The attention explorer: one HTML page that needs nothing else. What it says stands in the page
// itself, as text and SVG; its one script adds the looking around. Every text is escaped, and the
// Content-Security-Policy admits that script and that style by their hashes and nothing else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/json.h"
#include "data/text.h"
#include "tools/app/view/alignment_view.h"

namespace babelgrad {

struct ShownHypothesis {
  Tokens words;
  double log_prob = 0, score = 0;               // score: log_prob / length^alpha
  bool finished = false;                        // false: cut at the longest allowed length
};

struct Exploration {
  std::string facts;                            // "Transformer, 2 layers of 4 heads"
  Tokens src, tgt;
  bool given = false;                           // the target is the reader's, not the model's
  std::vector<AttentionMaps> maps = {};         // none: a model without attention
  int layer = 0, head = -1;                     // shown first; head -1: the mean of the layer's
  std::vector<Link> gold = {};                  // of src and tgt
  int beam = 1;
  double alpha = 0.75;
  std::vector<ShownHypothesis> hypotheses = {}; // best first
  Language src_language = Language::english, tgt_language = Language::french;
};

// Error if weights do not fit their words, a link points outside, there is no such layer or head,
// or there are more weights than a page can carry.
std::string explorer_page(const Exploration& shown);

// --- its parts, each for itself to be tested
constexpr int shades = 32;                      // CSS classes w0 .. w32, weights from 0 to 1
int shade_of(double weight);                    // NaN counts as 0
Weights mean_of_heads(const std::vector<Weights>& heads);

std::string explorer_style();
std::string_view explorer_script();
Json explorer_data(const Exploration& shown);
std::string script_json(const Json& json);      // no < > & U+2028 U+2029: safe inside <script>

// The labelled map with its numbers, and one of a few pixels for each weight.
std::string large_map_svg(const AttentionMaps& maps, const Weights& weights,
                          const std::vector<Link>& gold);
std::string small_map_svg(const Weights& weights);
std::string panel_title(const std::string& kind);              // "Cross-attention"
std::string panel_html(const Exploration& shown, const AttentionMaps& maps);
std::string hypotheses_html(const Exploration& shown);

}  // namespace babelgrad
