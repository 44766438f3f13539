#include "tools/app/view/alignment_view.h"

#include <algorithm>

#include "data/alignment.h"

namespace babelgrad {
namespace {

// The word that each piece is of; <eos> is one more.
std::vector<int> word_of(const Tokens& words, Tokens Pair::* side, const Translator& model) {
  std::vector<int> all;
  for (int w = 0; w < int(words.size()); w++) {
    Pair word;
    word.*side = {words[std::size_t(w)]};
    all.insert(all.end(), (model.pieces(word).*side).size(), w);
  }
  all.push_back(int(words.size()));
  return all;
}

// As <bos> stands before them.
std::vector<int> after_bos(std::vector<int> words) {
  for (int& word : words) word++;
  words.insert(words.begin(), 0);
  words.pop_back();                             // what <eos> would be reads nothing more
  return words;
}

// (1, heads, pieces, pieces) -> (1, heads, words, words): what is looked at adds up, and those who
// look have the mean of their pieces (Clark et al. 2019, section 4.1).
Tensor by_words(const Tensor& weights, const std::vector<int>& rows,
                const std::vector<int>& columns) {
  const int heads = weights.dim(1), m = rows.back() + 1, n = columns.back() + 1;
  Tensor out({1, heads, m, n});
  for (int i = 0; i < int(rows.size()); i++) {
    const Real share = Real(1) / Real(std::ranges::count(rows, rows[i]));
    for (int h = 0; h < heads; h++)
      for (int j = 0; j < int(columns.size()); j++)
        out.data()[(Index(h) * m + rows[i]) * n + columns[j]] += share * weights.at({0, h, i, j});
  }
  return out;
}

std::vector<Tensor> by_words(const std::vector<Tensor>& layers, const std::vector<int>& rows,
                             const std::vector<int>& columns) {
  std::vector<Tensor> out;
  for (const Tensor& weights : layers) out.push_back(by_words(weights, rows, columns));
  return out;
}

// The weights of one pair, per layer (1, heads, T + 1, S + 1): with a row and a column for <eos>.
std::vector<Tensor> all_weights(Translator& model, const Tokens& src, const Tokens& tgt) {
  Batch batch = make_batch({model.pieces({src, tgt})}, {0}, model.src_vocab, model.tgt_vocab);
  return by_words(model.attention(batch.src, batch.lens.src, batch.tgt),
                  word_of(tgt, &Pair::tgt, model), word_of(src, &Pair::src, model));
}

Weights matrix(const std::vector<Tensor>& weights, const AttentionView& view, int rows,
               int columns) {
  int layers = int(weights.size()), heads = weights[0].dim(1);
  Weights out(rows, std::vector<double>(columns));
  double count = (view.layer < 0 ? layers : 1) * (view.head < 0 ? heads : 1);
  for (int l = 0; l < layers; l++) {
    for (int h = 0; h < heads; h++) {
      if ((view.layer >= 0 && l != view.layer) || (view.head >= 0 && h != view.head)) continue;
      for (int t = 0; t < rows; t++) {
        for (int s = 0; s < columns; s++)
          out[t][s] += double(weights[l].at({0, h, t + view.shift, s})) / count;
      }
    }
  }
  return out;
}

AttentionMaps maps_of(const std::string& kind, const std::vector<Tensor>& weights,
                      const Tokens& rows, const Tokens& columns) {
  AttentionMaps maps{kind, rows, columns, {}};
  for (int l = 0; l < int(weights.size()); l++) {
    auto& heads = maps.weights.emplace_back();
    for (int h = 0; h < weights[l].dim(1); h++)
      heads.push_back(matrix(weights, {l, h}, int(rows.size()), int(columns.size())));
  }
  return maps;
}

}  // namespace

std::string AttentionView::name() const {
  std::string which = layer < 0 ? "all layers" : join("layer ", layer + 1);
  return which + (head < 0 ? ", mean of heads" : join(", head ", head + 1));
}

int attention_layers(Translator& model) {
  const ModelConfig& config = model.config;
  if (config.model == "rnn" || config.lacks("attention")) return 0;
  return config.model == "attention" ? 1 : config.layers;
}

int attention_heads(Translator& model) {
  return model.config.model == "transformer" ? model.config.heads : 1;
}

Weights attention_matrix(Translator& model, const Tokens& src, const Tokens& tgt,
                         const AttentionView& view) {
  int layers = attention_layers(model), heads = attention_heads(model);
  check(layers > 0, "attention: this model has none; train --model attention or transformer");
  check(view.layer < layers, "attention: layer ", view.layer + 1, " of a model with ", layers);
  check(view.head < heads, "attention: head ", view.head + 1, " of a model with ", heads);
  return matrix(all_weights(model, src, tgt), view, int(tgt.size()), int(src.size()));
}

std::vector<AttentionMaps> attention_maps(Translator& model, const Tokens& src, const Tokens& tgt) {
  if (attention_layers(model) == 0) return {};
  Tokens source = src, written = tgt, read = tgt;
  source.emplace_back(eos_token);
  written.emplace_back(eos_token);
  read.insert(read.begin(), std::string(bos_token));
  std::vector<AttentionMaps> all{maps_of("cross", all_weights(model, src, tgt), written, source)};
  auto [of_source, of_target] = model.self_attention();    // of the same call
  if (!of_target.empty()) {
    const std::vector<int> src_words = word_of(src, &Pair::src, model),
                           tgt_words = word_of(tgt, &Pair::tgt, model);
    all.push_back(
        maps_of("encoder", by_words(of_source, src_words, src_words), source, source));
    all.push_back(maps_of("decoder", by_words(of_target, tgt_words, after_bos(tgt_words)), written,
                          read));
  }
  return all;
}

double alignment_error(Translator& model, const std::vector<Pair>& pairs,
                       const AttentionView& view) {
  AerCount count;
  for (const Pair& pair : pairs) {
    if (!pair.gold.empty())
      count.add(links_from_attention(attention_matrix(model, pair.src, pair.tgt, view)), pair.gold);
  }
  return count.aer();
}

AttentionView best_view(Translator& model, const std::vector<Pair>& pairs) {
  int layers = attention_layers(model), heads = attention_heads(model);
  check(layers > 0, "attention: this model has none");
  std::vector<AttentionView> views;
  for (int l = 0; l < layers; l++) {
    for (int h = heads > 1 ? -1 : 0; h < heads; h++) {
      for (int shift = 0; shift <= (heads > 1); shift++) views.push_back({l, h, shift});
    }
  }
  std::vector<AerCount> counts(views.size());
  for (const Pair& pair : pairs) {
    if (pair.gold.empty()) continue;
    auto weights = all_weights(model, pair.src, pair.tgt);
    for (std::size_t i = 0; i < views.size(); i++) {
      counts[i].add(links_from_attention(
                        matrix(weights, views[i], int(pair.tgt.size()), int(pair.src.size()))),
                    pair.gold);
    }
  }
  auto best = std::ranges::min_element(counts, {}, &AerCount::aer);
  return views[best - counts.begin()];
}

}  // namespace babelgrad
