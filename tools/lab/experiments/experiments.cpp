// The experiments of the lab, in the order of the page: name, claims of tools/lab/claims.tsv,
// question, and the function that runs it.
#include "tools/lab/lab.h"

namespace babelgrad::lab {

using Run = Outcome(const LabOptions& options);
Run bottleneck, two_problems;                   // bottleneck.cpp
Run ladder, context, head_roles, hidden_words, pace;          // in files of their names
Run signal, scaling;                            // untrained.cpp
Run steps, cost;                                // cost.cpp
Run causal_mask, tied_values, feed_forward, word_order;        // parts.cpp
Run deep_stacks, typical_depth;                 // depth.cpp

const std::vector<Experiment>& experiments() {
  static const std::vector<Experiment> all{
      {"bottleneck", "P1", "What does one vector for a whole sentence lose?", bottleneck},
      {"ladder", "P2 P3 T2", "What does attention add, and where does it look?", ladder},
      {"two_problems", "P4", "Are the bottleneck and alignment two problems?", two_problems},
      {"context", "P5", "What does the encoder's self-attention add?", context},
      {"hidden_words", "P6", "Where is the alignment of a model without attention?", hidden_words},
      {"signal", "S1", "How much of a word k steps back reaches a layer's output?", signal},
      {"steps", "S2", "How many products have to wait for one another?", steps, true},
      {"cost", "S3", "What does a layer cost as sentences grow, and as it widens?", cost, true},
      {"word_order", "S4", "What does a model know of word order without positions?", word_order},
      {"scaling", "S5", "Why are scores divided by the square root of d?", scaling},
      {"causal_mask", "S6", "What does a model learn that sees the future?", causal_mask},
      {"head_roles", "S7", "Do heads do different things?", head_roles},
      {"tied_values", "Q3", "Why are keys and values two projections?", tied_values},
      {"feed_forward", "N1", "What is the feed-forward network for?", feed_forward},
      {"deep_stacks", "N2 N3", "What do residual connections and LayerNorm keep?", deep_stacks},
      {"typical_depth", "N4", "How deep should a model be?", typical_depth},
      {"pace", "T3", "Which model is the first to reach a quality?", pace, true}};
  return all;
}

const Experiment* find_experiment(const std::string& name) {
  for (const Experiment& it : experiments())
    if (name == it.name) return &it;
  return nullptr;
}

}  // namespace babelgrad::lab
