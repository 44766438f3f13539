// The attention explorer: one HTML page that needs nothing else. What it says stands in the page
// itself, as text and SVG; its one script adds the looking around. Every text is escaped, and the
// Content-Security-Policy admits that script and that style by their hashes and nothing else.
#pragma once

#include <string>
#include <vector>

#include "data/json.h"
#include "data/text.h"
#include "tools/app/run/alignment_view.h"

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
Weights mean_of_heads(const std::vector<Weights>& heads);
Json explorer_data(const Exploration& shown);
std::string script_json(const Json& json);      // no < > & U+2028 U+2029: safe inside <script>
std::string hypotheses_html(const Exploration& shown);

}  // namespace babelgrad
