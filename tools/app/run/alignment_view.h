// What a model's attention says about alignment: which source word each target word looked at.
#pragma once

#include <string>
#include <vector>

#include "data/pair.h"
#include "tools/app/run/model.h"

namespace babelgrad {

struct AttentionView {                          // one of the model's matrices; -1: a mean
  int layer = -1, head = -1;
  // Row t of the weights was there when word t was written. A Transformer's block may rather look
  // at what the word it has just read means: with 1, row t+1 counts for word t.
  int shift = 0;
  std::string name() const;                     // "layer 2, head 3"
  std::string name_in(const Translator& model) const;   // "layer 2 of 2, mean of 4 heads"
};

using Weights = std::vector<std::vector<double>>;                        // (words of tgt, of src)

// D2L 11.4.3 Training
// Error if there is no such layer or head, or no attention.
// Departs from D2L (D13): <eos>, which gathers weight, has neither row nor column.
Weights attention_matrix(Translator& model, const Tokens& src, const Tokens& tgt,
                         const AttentionView& view);
int attention_layers(const Translator& model);  // 0: a model without attention
int attention_heads(const Translator& model);

// One kind of attention, whole: every layer and head, <bos> and <eos> included, so that each row
// sums to 1.
struct AttentionMaps {
  std::string kind;                             // cross, encoder, decoder
  Tokens rows, columns;                         // the words that look, those looked at
  std::vector<std::vector<Weights>> weights;    // [layer][head], each (rows, columns)
};

// The target's words look at the source; for the Transformer also source words at one another, and
// target words at those read before them. Its row t is the word being written, its column t the
// word read last. Empty for a model without attention.
std::vector<AttentionMaps> attention_maps(Translator& model, const Tokens& src, const Tokens& tgt);

// Each layer with each head and, of several, their mean; both shifts for the Transformer.
std::vector<AttentionView> every_view(Translator& model);

// What each view links, target word by target word, of one kind of attention with its <eos>.
std::vector<std::vector<Link>> links_of(const AttentionMaps& cross,
                                        const std::vector<AttentionView>& views);

// By occlusion, which needs no attention: what the log-probability of each word of tgt, those
// before it given, loses (in nats) when <unk> stands in the place of a word of src. The sentence
// and its variants are one batch; only a long one has several.
Weights occlusion(Translator& model, const Tokens& src, const Tokens& tgt);
// For pictures: the share of its probability that a word loses, from 0 (or it gains) to 1.
Weights shares_lost(Weights nats);
double occlusion_error(Translator& model, const std::vector<Pair>& pairs);     // its AER

// The alignment error rate on pairs with gold links, of each view; Error without attention. And the
// view that has the lowest: choose it on validation pairs, measure on others.
std::vector<double> alignment_errors(Translator& model, const std::vector<Pair>& pairs,
                                     const std::vector<AttentionView>& views);
double alignment_error(Translator& model, const std::vector<Pair>& pairs,
                       const AttentionView& view);
AttentionView best_view(Translator& model, const std::vector<Pair>& pairs);

}  // namespace babelgrad
